//! The adding up: rows come one by one, from wherever they are kept, and are forgotten.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use terrier_model::{Kind, Known, ValueRef};

use super::sum::Sum;
use super::{GROUP_BY, MAX_DISTINCT, MAX_GROUP_FIELDS, MAX_GROUPS, MEASURE, Measure, SummaryQuery};
use crate::query::QueryError;

/// The answer to a [`SummaryQuery`].
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The groups, in the order of their labels: codes as in their list, texts by their characters,
    /// false before true, what is not known last. Empty when the question has no group fields.
    pub groups: Vec<Group>,
    /// The figures of all assets together.
    pub total: Vec<Figure>,
}

/// Assets that are alike in the fields by which they are grouped.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What each of [`SummaryQuery::group_fields`] says of them.
    pub labels: Vec<Label>,
    /// What each of [`SummaryQuery::measures`] is.
    pub figures: Vec<Figure>,
}

/// A value that assets of a group share.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Label {
    /// A text or code.
    Text(Arc<str>),
    /// True or false.
    Truth(bool),
    /// They have no value.
    Unknown,
}

/// What is known of a measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// `None` when there are assets and none of them has a value.
    pub amount: Option<Amount>,
    /// How many assets have no value, so that the amount leaves them out.
    pub missing: u64,
}

/// A number of a measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// Of what is counted.
    Whole(i64),
    /// Of what is measured; rounded to a thousandth of its unit.
    Decimal(f64),
}

/// Numbers for the labels of a group, see [`Labels`].
type Key = [u32; MAX_GROUP_FIELDS];

/// A [`Summary`] in the making.
#[derive(Debug)]
pub struct Tally<'a> {
    query: &'a SummaryQuery,
    labels: Labels,
    places: HashMap<Key, usize>,
    bins: Vec<Bin>,
    /// The place of the bin of the row before.
    last: usize,
    distinct: usize,
    /// The text of a label in the making.
    made: String,
}

#[derive(Debug)]
struct Bin {
    key: Key,
    rows: u64,
    parts: Vec<Part>,
}

/// What a measure has come to.
#[derive(Clone, Debug)]
enum Part {
    Rows,
    Whole { sum: i128, known: u64 },
    Decimal { sum: Sum, known: u64 },
    Distinct { names: HashSet<u32>, known: u64 },
}

impl SummaryQuery {
    /// Begins to add up.
    pub fn tally(&self) -> Tally<'_> {
        Tally {
            query: self,
            labels: Labels::new(self.groups.len() + self.measures.len()),
            places: HashMap::new(),
            bins: Vec::new(),
            last: 0,
            distinct: 0,
            made: String::new(),
        }
    }

    /// A measure of the part of an asset's geometry that lies within what is cut at; `None` where
    /// nothing is cut.
    fn cut<'v>(&self, measure: Measure, asset: &impl Known<'v>) -> Option<f64> {
        let figure = self.clip.as_ref()?;
        match measure {
            Measure::GeomLengthM => Some(figure.length_within_m(&asset.shape()?)),
            Measure::GeomAreaM2 => Some(figure.area_within_m2(&asset.shape()?)),
            _ => None,
        }
    }

    fn parts(&self) -> Vec<Part> {
        let fields = self.features.collection().fields();
        let part = |(measure, position): &(Measure, Option<usize>)| match position {
            None => Part::Rows,
            Some(_) if measure.is_distinct() => Part::Distinct { names: HashSet::new(), known: 0 },
            Some(at) if fields[*at].kind == Kind::Integer => Part::Whole { sum: 0, known: 0 },
            Some(_) => Part::Decimal { sum: Sum::default(), known: 0 },
        };
        self.measures.iter().map(part).collect()
    }
}

impl Tally<'_> {
    /// Adds a row, whose fields are asked for by their places in [`crate::Collection::fields`].
    ///
    /// # Errors
    /// When there are more groups, or more different names, than an answer may have. The rows after
    /// it need not be added.
    pub fn add<'v>(&mut self, asset: &impl Known<'v>) -> Result<(), QueryError> {
        let query = self.query;
        let mut key = [UNKNOWN; MAX_GROUP_FIELDS];
        for (column, group) in query.groups.iter().enumerate() {
            let value = group.value(asset, &mut self.made);
            key[column] = self.labels.number(column, value);
        }
        let place = self.place(key)?;
        let bin = &mut self.bins[place];
        bin.rows += 1;
        for (column, (part, (measure, position))) in
            bin.parts.iter_mut().zip(&query.measures).enumerate()
        {
            let Some(value) = position.and_then(|position| asset.value(position)) else { continue };
            match (part, value) {
                (Part::Whole { sum, known }, ValueRef::Integer(number)) => {
                    *sum += i128::from(number);
                    *known += 1;
                }
                (Part::Decimal { sum, known }, ValueRef::Number(number)) => {
                    sum.add(query.cut(*measure, asset).unwrap_or(number));
                    *known += 1;
                }
                (Part::Distinct { names, known }, text) => {
                    let number = self.labels.number(query.groups.len() + column, Some(text));
                    self.distinct += usize::from(names.insert(number));
                    *known += 1;
                }
                // A measure is of a field of its own kind.
                (Part::Rows | Part::Whole { .. } | Part::Decimal { .. }, _) => {}
            }
        }
        if self.distinct > MAX_DISTINCT {
            let detail = format!(
                "more than {MAX_DISTINCT} different communities and streets in all groups; \
                 ask for fewer groups or leave them out"
            );
            return Err(QueryError::new(MEASURE, detail));
        }
        Ok(())
    }

    /// The place of the bin of the labels, a new one when there is none yet.
    fn place(&mut self, key: Key) -> Result<usize, QueryError> {
        // Neighbours are often alike.
        if self.bins.get(self.last).is_some_and(|bin| bin.key == key) {
            return Ok(self.last);
        }
        if let Some(place) = self.places.get(&key) {
            self.last = *place;
            return Ok(self.last);
        }
        if self.bins.len() == MAX_GROUPS {
            let detail = format!("more than {MAX_GROUPS} groups; ask for fewer assets or fields");
            return Err(QueryError::new(GROUP_BY, detail));
        }
        self.last = self.bins.len();
        self.places.insert(key, self.last);
        self.bins.push(Bin { key, rows: 0, parts: self.query.parts() });
        Ok(self.last)
    }

    /// The answer.
    ///
    /// # Errors
    /// When a sum is beyond what a number can hold.
    pub fn finish(mut self) -> Result<Summary, QueryError> {
        let mut total =
            Bin { key: [UNKNOWN; MAX_GROUP_FIELDS], rows: 0, parts: self.query.parts() };
        for bin in &self.bins {
            total.rows += bin.rows;
            total.parts.iter_mut().zip(&bin.parts).for_each(|(all, part)| all.merge(part));
        }
        let total = total.figures(self.query)?;
        let mut groups = Vec::new();
        if !self.query.groups.is_empty() {
            self.sort();
            for bin in &self.bins {
                let keys = &bin.key[..self.query.groups.len()];
                let labels = keys.iter().map(|number| self.labels.label(*number)).collect();
                groups.push(Group { labels, figures: bin.figures(self.query)? });
            }
        }
        Ok(Summary { groups, total })
    }

    fn sort(&mut self) {
        let (query, labels) = (self.query, &self.labels);
        self.bins.sort_by_cached_key(|bin| {
            let rank = |(number, field): (&u32, &terrier_model::Field)| {
                let label = labels.label(*number);
                let place = match (&label, &field.kind) {
                    (Label::Unknown, _) => usize::MAX,
                    (Label::Text(text), Kind::Code(codes)) => codes
                        .iter()
                        .position(|code| *code.code == **text)
                        // A code of an older list comes behind those of today's.
                        .unwrap_or(codes.len()),
                    (Label::Truth(truth), _) => usize::from(*truth),
                    (Label::Text(_), _) => 0,
                };
                (place, if let Label::Text(text) = label { Some(text) } else { None })
            };
            bin.key.iter().zip(query.group_fields()).map(rank).collect::<Vec<_>>()
        });
    }
}

impl Bin {
    fn figures(&self, query: &SummaryQuery) -> Result<Vec<Figure>, QueryError> {
        let figure = |(part, measure): (&Part, Measure)| {
            let beyond = || {
                let detail = format!("the sum of `{}` is beyond all numbers", measure.name());
                QueryError::new(MEASURE, detail)
            };
            let whole = |number: i128| i64::try_from(number).map(Amount::Whole);
            let (amount, known) = match part {
                Part::Rows => (whole(self.rows.into()).map_err(|_| beyond())?, self.rows),
                Part::Whole { sum, known } => (whole(*sum).map_err(|_| beyond())?, *known),
                Part::Decimal { sum, known } => {
                    (sum.total().map(Amount::Decimal).ok_or_else(beyond)?, *known)
                }
                Part::Distinct { names, known } => {
                    (whole(names.len() as i128).map_err(|_| beyond())?, *known)
                }
            };
            let is_known = known > 0 || self.rows == 0;
            Ok(Figure { amount: is_known.then_some(amount), missing: self.rows - known })
        };
        self.parts.iter().zip(query.measures()).map(figure).collect()
    }
}

impl Part {
    /// Adds what another part for the same measure has come to.
    fn merge(&mut self, other: &Self) {
        match (self, other) {
            (Self::Whole { sum, known }, Self::Whole { sum: more, known: others }) => {
                *sum += more;
                *known += others;
            }
            (Self::Decimal { sum, known }, Self::Decimal { sum: more, known: others }) => {
                sum.add_all(*more);
                *known += others;
            }
            (Self::Distinct { names, known }, Self::Distinct { names: more, known: others }) => {
                names.extend(more);
                *known += others;
            }
            (Self::Rows | Self::Whole { .. } | Self::Decimal { .. } | Self::Distinct { .. }, _) => {
            }
        }
    }
}

const UNKNOWN: u32 = 0;
const FALSE: u32 = 1;
const TRUE: u32 = 2;
const FIRST_TEXT: u32 = 3;

/// Numbers for values, so that a group is found by numbers and a name is held once.
#[derive(Debug)]
struct Labels {
    numbers: HashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
    /// The number of the row before, column by column.
    last: Vec<u32>,
}

impl Labels {
    fn new(columns: usize) -> Self {
        Self { numbers: HashMap::new(), texts: Vec::new(), last: vec![UNKNOWN; columns] }
    }

    fn number(&mut self, column: usize, value: Option<ValueRef<'_>>) -> u32 {
        let text = match value {
            Some(ValueRef::Text(text)) => text,
            Some(ValueRef::Boolean(false)) => return FALSE,
            Some(ValueRef::Boolean(true)) => return TRUE,
            // Fields of other kinds are refused.
            _ => return UNKNOWN,
        };
        let last = self.last[column].checked_sub(FIRST_TEXT);
        if last.is_some_and(|place| *self.texts[place as usize] == *text) {
            return self.last[column];
        }
        let number = self.numbers.get(text).copied().unwrap_or_else(|| {
            // There are at most as many texts as groups and different names may have.
            let number = FIRST_TEXT + self.texts.len() as u32;
            let text: Arc<str> = text.into();
            self.texts.push(Arc::clone(&text));
            self.numbers.insert(text, number);
            number
        });
        self.last[column] = number;
        number
    }

    fn label(&self, number: u32) -> Label {
        match number {
            UNKNOWN => Label::Unknown,
            FALSE | TRUE => Label::Truth(number == TRUE),
            text => Label::Text(Arc::clone(&self.texts[(text - FIRST_TEXT) as usize])),
        }
    }
}
