//! The parts of a condition, each in the form in which a leaf is asked.

use terrier_model::{Clause, Comparison, Field, Kind, Operand, TextListRef, Truth, ValueRef};
use terrier_spatial::Bounds;

use super::super::column::{TextColumn, Values};
use super::super::due::LeafDue;
use super::super::leaf::Leaf;
use super::column::{decided, rows_by_table, rows_in, rows_without};
use super::number::rows_compared;
use super::place::Place;
use super::range::{Ranges, truth_of};
use super::rows::Rows;
use super::state::StateTest;

/// What a test of one row costs, counted in looks at one value of a column.
pub(super) const COST_OF_A_ROW: u64 = 16;

/// A part of a condition. There is no part for the opposite of another: the opposite of several
/// together is made of their opposites, and a test is told what it shall come to. So what is not known
/// is left out at once.
#[derive(Debug)]
pub(super) enum Node<'q> {
    Always(bool),
    /// All hold; the cheapest comes first.
    All(Vec<Self>),
    /// At least one holds.
    Any(Vec<Self>),
    /// The value of a field lies in ranges.
    Ranges {
        position: usize,
        ranges: Ranges,
    },
    /// A field has a value, or has none.
    Known {
        position: usize,
        is_known: bool,
    },
    /// A list has a value.
    Has {
        position: usize,
        text: &'q str,
    },
    /// A test of one text or list, which each different one of a leaf is put to once.
    Texts {
        position: usize,
        clause: &'q Clause<usize>,
        wanted: Truth,
    },
    /// Comparisons of numbers or days, some of them computed. All hold, or the opposite of one does.
    Numbers {
        comparisons: Vec<(&'q Operand<usize>, Comparison, &'q Operand<usize>)>,
        clause: &'q Clause<usize>,
        wanted: Truth,
    },
    /// The place of the asset.
    Place {
        place: Place<'q>,
        is_opposite: bool,
    },
    /// How an asset stands with work of one kind, and nothing else of it.
    State(StateTest),
    /// Anything else, asked row by row.
    Row {
        clause: &'q Clause<usize>,
        wanted: Truth,
    },
}

/// What is asked: a leaf, and what falls due on its assets where that is asked for.
#[derive(Clone, Copy)]
pub(super) struct Asked<'l> {
    pub(super) leaf: &'l Leaf,
    pub(super) due: Option<&'l LeafDue>,
}

impl<'q> Node<'q> {
    /// The part of which the clause comes to that, for the fields of a collection.
    pub(super) fn new(clause: &'q Clause<usize>, wanted: Truth, fields: &[Field]) -> Self {
        let parts = |parts: &'q [Clause<usize>], wanted| {
            parts.iter().map(|part| Self::new(part, wanted, fields)).collect()
        };
        match (clause, wanted) {
            (Clause::Constant(holds), _) => Self::Always(Truth::from(*holds) == wanted),
            (Clause::Not(part), _) => Self::new(part, wanted.negated(), fields),
            (Clause::And(all), Truth::Yes) | (Clause::Or(all), Truth::No) => {
                Self::all(parts(all, wanted))
            }
            (Clause::And(any) | Clause::Or(any), _) => Self::any(parts(any, wanted)),
            _ => Self::of_test(clause, wanted, fields),
        }
    }

    /// All of some parts.
    pub(super) fn all(parts: Vec<Self>) -> Self {
        let mut all: Vec<Self> = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::Always(true) => {}
                Self::Always(false) => return part,
                Self::All(parts) => all.extend(parts),
                _ => all.push(part),
            }
        }
        all.sort_by_key(Self::cost);
        match all.len() {
            0 => Self::Always(true),
            1 => all.remove(0),
            _ => Self::All(all),
        }
    }

    fn any(parts: Vec<Self>) -> Self {
        let mut any: Vec<Self> = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::Always(false) => {}
                Self::Always(true) => return part,
                Self::Any(parts) => any.extend(parts),
                _ => any.push(part),
            }
        }
        any.sort_by_key(Self::cost);
        match any.len() {
            0 => Self::Always(false),
            1 => any.remove(0),
            _ => Self::Any(any),
        }
    }

    fn of_test(clause: &'q Clause<usize>, wanted: Truth, fields: &[Field]) -> Self {
        if let Some((place, is_disjoint)) = Place::of(clause) {
            let is_opposite = is_disjoint != (wanted == Truth::No);
            return match place.region() {
                None => Self::Always(is_opposite),
                Some(_) => Self::Place { place, is_opposite },
            };
        }
        if let Clause::IsNull(Operand::Field(position)) = clause {
            return Self::Known { position: *position, is_known: wanted == Truth::No };
        }
        let is_plain = reads_fields_alone(clause);
        match &clause.fields()[..] {
            [] if is_plain => return Self::Always(truth_of(clause, None) == wanted),
            [position] if is_plain => {
                let (position, kind) = (*position, &fields[*position].kind);
                if let Some(ranges) = Ranges::of(clause, kind, wanted) {
                    return Self::Ranges { position, ranges };
                }
                if matches!(kind, Kind::Text | Kind::Code(_) | Kind::List(_)) {
                    return Self::Texts { position, clause, wanted };
                }
            }
            _ => {}
        }
        if let Some(test) = StateTest::of(clause, wanted) {
            return Self::State(test);
        }
        let comparisons = match clause {
            Clause::Compare { left, comparison, right } => vec![(left, *comparison, right)],
            Clause::Between { value, least, greatest } => vec![
                (value, Comparison::GreaterOrEqual, least),
                (value, Comparison::LessOrEqual, greatest),
            ],
            _ => return Self::Row { clause, wanted },
        };
        Self::Numbers { comparisons, clause, wanted }
    }

    /// What it costs to ask one row, counted in looks at one value of a column.
    pub(super) fn cost(&self) -> u64 {
        match self {
            Self::Always(_) => 0,
            Self::Ranges { .. } | Self::Known { .. } => 1,
            Self::Texts { .. } | Self::Has { .. } | Self::State(_) => 4,
            Self::Numbers { .. } => 6,
            Self::Row { .. } => COST_OF_A_ROW,
            Self::Place { place, .. } => place.cost,
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::cost).sum(),
        }
    }

    /// The smallest box around all assets for which it holds; `None` where they may be anywhere.
    pub(super) fn region(&self) -> Option<Bounds> {
        match self {
            Self::Place { place, is_opposite: false } => place.region(),
            // A shape may meet two boxes and not what they have in common.
            Self::All(parts) => {
                let regions = parts.iter().filter_map(Self::region);
                let area = |b: &Bounds| (b.east - b.west) * (b.north - b.south);
                regions.min_by(|a, b| area(a).total_cmp(&area(b)))
            }
            Self::Any(parts) => {
                let regions: Option<Vec<Bounds>> = parts.iter().map(Self::region).collect();
                regions?.into_iter().reduce(Bounds::union)
            }
            _ => None,
        }
    }

    /// Whether it holds for all assets of a leaf, or for none, where the ends of its columns and its
    /// box tell.
    pub(super) fn decided(&self, leaf: &Leaf) -> Option<bool> {
        match self {
            Self::Always(holds) => Some(*holds),
            Self::All(parts) => {
                let mut all = Some(true);
                for part in parts {
                    match part.decided(leaf) {
                        Some(true) => {}
                        Some(false) => return Some(false),
                        None => all = None,
                    }
                }
                all
            }
            Self::Any(parts) => {
                let mut any = Some(false);
                for part in parts {
                    match part.decided(leaf) {
                        Some(false) => {}
                        Some(true) => return Some(true),
                        None => any = None,
                    }
                }
                any
            }
            Self::Ranges { position, ranges } => decided(&leaf.columns()[*position], ranges),
            Self::Known { position, is_known } => {
                let column = &leaf.columns()[*position];
                match column.values() {
                    Values::Absent => Some(!is_known),
                    _ => (!column.has_gaps()).then_some(*is_known),
                }
            }
            Self::Place { place, is_opposite } => {
                place.decided(leaf).map(|holds| holds != *is_opposite)
            }
            Self::Texts { position, clause, wanted } => {
                let is_absent = matches!(leaf.columns()[*position].values(), Values::Absent);
                is_absent.then(|| truth_of(clause, None) == *wanted)
            }
            Self::Has { position, .. } => {
                matches!(leaf.columns()[*position].values(), Values::Absent).then_some(false)
            }
            Self::Numbers { .. } | Self::State(_) | Self::Row { .. } => None,
        }
    }

    /// The rows for which it holds, among those that are asked about.
    pub(super) fn rows(&self, asked: Asked<'_>, among: &Rows) -> Rows {
        let mut rows = match self {
            Self::Always(true) => return among.clone(),
            Self::Always(false) => return Rows::none(),
            Self::All(parts) => return all_of(parts, asked, among),
            Self::Any(parts) => {
                let (mut rows, mut rest) = (Rows::none(), among.clone());
                for part in parts {
                    if rest.is_empty() {
                        break;
                    }
                    let found = part.rows(asked, &rest);
                    rest.remove(&found);
                    rows.add(&found);
                }
                return rows;
            }
            Self::Ranges { position, ranges } => {
                rows_in(&asked.leaf.columns()[*position], asked.leaf.len(), ranges)
            }
            Self::Known { position, is_known } => {
                let without = rows_without(&asked.leaf.columns()[*position], asked.leaf.len());
                if *is_known {
                    let mut rows = among.clone();
                    rows.remove(&without);
                    return rows;
                }
                without
            }
            Self::Has { position, text } => {
                let Values::Lists(lists) = asked.leaf.columns()[*position].values() else {
                    return Rows::none();
                };
                rows_of_texts(lists, asked.leaf.len(), among, |joined| {
                    joined.is_some_and(|joined| TextListRef::from_joined(joined).has(text))
                })
            }
            Self::Texts { position, clause, wanted } => {
                let column = asked.leaf.columns()[*position].values();
                match rows_of_test(column, asked.leaf.len(), among, clause, *wanted) {
                    Some(rows) => rows,
                    None => return row_by_row(clause, *wanted, asked, among),
                }
            }
            Self::Numbers { comparisons, clause, wanted } => {
                match rows_of_numbers(comparisons, *wanted, asked.leaf) {
                    Some(rows) => rows,
                    None => return row_by_row(clause, *wanted, asked, among),
                }
            }
            Self::State(test) => return test.rows(asked.due, among),
            Self::Place { place, is_opposite } => {
                let found = place.rows(asked.leaf, among);
                if *is_opposite {
                    let mut rows = among.clone();
                    rows.remove(&found);
                    return rows;
                }
                return found;
            }
            Self::Row { clause, wanted } => return row_by_row(clause, *wanted, asked, among),
        };
        rows.keep(among);
        rows
    }
}

/// The rows for which all parts hold, among those that are asked about.
pub(super) fn all_of(parts: &[Node<'_>], asked: Asked<'_>, among: &Rows) -> Rows {
    let mut rows = among.clone();
    for part in parts {
        if rows.is_empty() {
            break;
        }
        rows = part.rows(asked, &rows);
    }
    rows
}

fn row_by_row(clause: &Clause<usize>, wanted: Truth, asked: Asked<'_>, among: &Rows) -> Rows {
    let mut rows = among.clone();
    rows.retain(|row| clause.evaluate(&asked.leaf.view(row, asked.due)) == wanted);
    rows
}

/// The rows for whose text or list a test comes to that, some of those that are not asked about perhaps
/// among them; `None` where the column has none.
fn rows_of_test(
    column: &Values,
    rows: usize,
    among: &Rows,
    clause: &Clause<usize>,
    wanted: Truth,
) -> Option<Rows> {
    let (texts, is_list) = match column {
        Values::Text(texts) => (texts, false),
        Values::Lists(texts) => (texts, true),
        _ => return None,
    };
    if let Clause::Like { value: Operand::Field(_), pattern, .. } = clause {
        let is_like = wanted == Truth::Yes;
        return Some(rows_of_texts(texts, rows, among, |text| {
            text.is_some_and(|text| pattern.matches(text) == is_like)
        }));
    }
    Some(rows_of_texts(texts, rows, among, |text| {
        let value = text.map(|text| {
            if is_list {
                ValueRef::List(TextListRef::from_joined(text))
            } else {
                ValueRef::Text(text)
            }
        });
        truth_of(clause, value) == wanted
    }))
}

/// The rows whose text passes a test, some of those that are not asked about perhaps among them.
fn rows_of_texts(
    texts: &TextColumn,
    rows: usize,
    among: &Rows,
    test: impl Fn(Option<&str>) -> bool,
) -> Rows {
    if among.count() < texts.len() {
        let mut found = among.clone();
        found.retain(|row| match texts.keys().get(row) {
            0 => test(None),
            key => test(Some(texts.text(usize::from(key) - 1))),
        });
        return found;
    }
    let each = texts.all().map(|text| test(Some(text)));
    let table: Vec<bool> = std::iter::once(test(None)).chain(each).collect();
    rows_by_table(texts.keys(), rows, &table)
}

/// `None` when it has to be asked row by row.
fn rows_of_numbers(
    comparisons: &[(&Operand<usize>, Comparison, &Operand<usize>)],
    wanted: Truth,
    leaf: &Leaf,
) -> Option<Rows> {
    let mut rows: Option<Rows> = None;
    for (left, comparison, right) in comparisons {
        let comparison = if wanted == Truth::Yes { *comparison } else { opposite(*comparison) };
        let found = rows_compared(leaf.columns(), leaf.len(), left, comparison, right)?;
        match &mut rows {
            None => rows = Some(found),
            Some(rows) if wanted == Truth::Yes => rows.keep(&found),
            Some(rows) => rows.add(&found),
        }
    }
    rows
}

/// Whether a clause reads nothing of an asset but its fields.
pub(super) fn reads_fields_alone(clause: &Clause<usize>) -> bool {
    let mut alone = true;
    clause.walk(&mut |operand| {
        alone &= !matches!(operand, Operand::Shape | Operand::DueState(_));
    });
    alone
}

/// The comparison that holds where another does not.
fn opposite(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::Less => Comparison::GreaterOrEqual,
        Comparison::LessOrEqual => Comparison::Greater,
        Comparison::Greater => Comparison::LessOrEqual,
        Comparison::GreaterOrEqual => Comparison::Less,
    }
}
