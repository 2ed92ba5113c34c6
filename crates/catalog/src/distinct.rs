//! The question for the different values of a field and how often each comes, and its answer.

use std::collections::HashMap;

use jiff::civil::Date;
use serde_json::{Value as Json, json};
use terrier_model::{Field, Scope, Text, Value, ValueRef};

use crate::fold::{fold_into, folded};
use crate::near::{NEAR, NEAREST};
use crate::order::SORT_BY;
use crate::parameter::parse_limit;
use crate::query::{QueryError, shorten};
use crate::{Collection, FeatureQuery, LIMIT_DEFAULT};

/// The most different values that are told apart; a question that has more is refused.
// Codes of assets differ all: a hundred thousand of them take some ten megabytes.
pub const MAX_DISTINCT_VALUES: usize = 100_000;

/// The parameter that names how a value shall begin.
pub const BEGINS_WITH: &str = "begins-with";

/// The parameter that bounds how many values are listed.
const LIMIT: &str = "limit";

/// Parameters of a list of features that have no meaning here.
const PAGE_PARAMETERS: [&str; 5] = [NEAREST, NEAR, "offset", SORT_BY, "token"];

/// Which features are looked at, and which of the values of a field are listed.
#[derive(Clone, Debug)]
pub struct ValueQuery {
    features: FeatureQuery,
    field: usize,
    /// As it is compared.
    begins_with: Option<Box<str>>,
    limit: usize,
}

impl ValueQuery {
    /// Reads a question about the field at a place in [`Collection::fields`] from decoded pairs of names and
    /// values, asked on a day: `begins-with` is the beginning of the values wanted, whether in capitals or not, `limit` is how
    /// many are listed, everything else is a condition of [`FeatureQuery`].
    ///
    /// # Errors
    /// The first parameter that is unknown, repeated or not understood.
    pub fn parse<'a>(
        collection: Collection,
        scope: &Scope,
        today: Date,
        field: usize,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, QueryError> {
        let (mut begins_with, mut limit) = (None, None);
        let mut conditions = Vec::new();
        for (name, text) in pairs {
            let own = match name {
                BEGINS_WITH => &mut begins_with,
                LIMIT => &mut limit,
                _ if PAGE_PARAMETERS.contains(&name) => {
                    return Err(QueryError::new(name, "a list of values has no pages"));
                }
                _ => {
                    conditions.push((name, text));
                    continue;
                }
            };
            if own.replace(text).is_some() {
                return Err(QueryError::new(name, "given more than once"));
            }
        }
        let limit = limit.map_or(Ok(LIMIT_DEFAULT), parse_limit)?;
        let begins_with = begins_with.filter(|text| !text.is_empty());
        let begins_with = begins_with.map(|text| folded(text).into());
        let (features, _) = FeatureQuery::parse(collection, scope, today, conditions)?;
        Ok(Self { features, field, begins_with, limit })
    }

    /// Which features are looked at.
    pub fn features(&self) -> &FeatureQuery {
        &self.features
    }

    /// The place of the field.
    pub fn position(&self) -> usize {
        self.field
    }

    /// The field whose values are listed.
    pub fn field(&self) -> &Field {
        &self.features.collection().fields()[self.field]
    }
}

/// The different values of a field, those that come most often first, and of the same count by what they
/// are.
#[derive(Clone, Debug, PartialEq)]
pub struct DistinctValues {
    /// How many features were looked at.
    pub matched: u64,
    /// How many of them have no value.
    pub missing: u64,
    /// How many different values begin as it is asked for.
    pub distinct: u64,
    /// As many of them as are asked for, each with how many features have it.
    pub values: Vec<(Value, u64)>,
}

/// Counts the values of features, one after another.
#[derive(Debug)]
pub struct ValueTally<'q> {
    query: &'q ValueQuery,
    matched: u64,
    missing: u64,
    texts: HashMap<Box<str>, u64>,
    /// By a number that is another for another value.
    others: HashMap<i128, (Value, u64)>,
    memory: String,
}

impl<'q> ValueTally<'q> {
    /// A count of nothing.
    pub fn new(query: &'q ValueQuery) -> Self {
        Self {
            query,
            matched: 0,
            missing: 0,
            texts: HashMap::new(),
            others: HashMap::new(),
            memory: String::new(),
        }
    }

    /// Adds features that have the same value, or none. Each value of a list counts by itself.
    ///
    /// # Errors
    /// When there are more than [`MAX_DISTINCT_VALUES`]. What comes after it need not be added.
    pub fn add(&mut self, value: Option<ValueRef<'_>>, features: u64) -> Result<(), QueryError> {
        self.matched += features;
        let Some(value) = value else {
            self.missing += features;
            return Ok(());
        };
        if let ValueRef::List(list) = value {
            return list.iter().try_for_each(|text| self.count(ValueRef::Text(text), features));
        }
        self.count(value, features)
    }

    /// Adds a feature that has several values, each of which counts.
    ///
    /// # Errors
    /// See [`ValueTally::add`].
    pub fn add_each<'v>(
        &mut self,
        values: impl Iterator<Item = ValueRef<'v>>,
    ) -> Result<(), QueryError> {
        self.matched += 1;
        let mut values = values.peekable();
        if values.peek().is_none() {
            self.missing += 1;
        }
        values.try_for_each(|value| self.count(value, 1))
    }

    fn count(&mut self, value: ValueRef<'_>, features: u64) -> Result<(), QueryError> {
        let known = match value {
            ValueRef::Text(text) => self.texts.get_mut(text),
            other => self.others.get_mut(&number_of(other)).map(|(_, count)| count),
        };
        if let Some(count) = known {
            *count += features;
            return Ok(());
        }
        if !self.is_wanted(value) {
            return Ok(());
        }
        if self.texts.len() + self.others.len() == MAX_DISTINCT_VALUES {
            let detail = format!(
                "more than {MAX_DISTINCT_VALUES} different values; ask for fewer features, or for values \
                 with a longer beginning"
            );
            return Err(QueryError::new(BEGINS_WITH, detail));
        }
        match value {
            ValueRef::Text(text) => {
                self.texts.insert(text.into(), features);
            }
            other => {
                self.others.insert(number_of(other), (other.to_value(), features));
            }
        }
        Ok(())
    }

    fn is_wanted(&mut self, value: ValueRef<'_>) -> bool {
        let Some(begins_with) = &self.query.begins_with else { return true };
        match value {
            ValueRef::Text(text) => fold_into(text, &mut self.memory),
            other => fold_into(&other.to_string(), &mut self.memory),
        }
        self.memory.starts_with(&**begins_with)
    }

    /// The answer.
    pub fn finish(self) -> DistinctValues {
        let texts = self.texts.into_iter().map(|(text, count)| (Value::Text(text), count));
        let mut values: Vec<(Value, u64)> = texts.chain(self.others.into_values()).collect();
        let distinct = values.len() as u64;
        values.sort_unstable_by(|(a, of_a), (b, of_b)| {
            let by_value = a.as_ref().compare(b.as_ref()).unwrap_or(std::cmp::Ordering::Equal);
            of_b.cmp(of_a).then(by_value)
        });
        values.truncate(self.query.limit);
        DistinctValues { matched: self.matched, missing: self.missing, distinct, values }
    }
}

/// A number for a value that is neither text nor list: another one for another value of the field.
fn number_of(value: ValueRef<'_>) -> i128 {
    match value {
        ValueRef::Text(_) | ValueRef::List(_) => 0,
        ValueRef::Integer(number) => number.into(),
        // Zero has two forms, which are the same value.
        ValueRef::Number(number) => (number + 0.0).to_bits().into(),
        ValueRef::Boolean(truth) => truth.into(),
        ValueRef::Date(date) => {
            let (year, month, day) = (date.year(), date.month(), date.day());
            i128::from(year) * 10_000 + i128::from(month) * 100 + i128::from(day)
        }
        ValueRef::Instant(time) => time.as_nanosecond(),
    }
}

/// The answer as JSON. `class_title` tells what people call a class.
pub fn values_json(
    query: &ValueQuery,
    found: &DistinctValues,
    class_title: impl Fn(&str) -> Option<Text>,
) -> Json {
    let field = query.field();
    let values = found.values.iter().map(|(value, count)| {
        let mut told = json!({ "value": json_of(value.as_ref()), "count": count });
        if let Some(title) = title_of(field, value.as_ref(), &class_title) {
            told["title"] = json!({ "en": title.en, "zh": title.zh });
        }
        told
    });
    let values: Vec<Json> = values.collect();
    json!({
        "collection": query.features.collection().name(),
        "name": field.name,
        "title": { "en": field.title.en, "zh": field.title.zh },
        "numberMatched": found.matched,
        "missing": found.missing,
        "distinct": found.distinct,
        "values": values,
    })
}

fn json_of(value: ValueRef<'_>) -> Json {
    match value {
        ValueRef::Integer(number) => number.into(),
        ValueRef::Number(number) => (number + 0.0).into(),
        ValueRef::Boolean(truth) => truth.into(),
        text => text.to_string().into(),
    }
}

/// What people call a code, or a class.
pub fn title_of(
    field: &Field,
    value: ValueRef<'_>,
    class_title: impl Fn(&str) -> Option<Text>,
) -> Option<Text> {
    let ValueRef::Text(text) = value else { return None };
    match field.kind.codes() {
        Some(codes) => codes.iter().find(|code| *code.code == *text).map(|code| code.title.clone()),
        None if field.core == Some(terrier_model::CoreField::Class) => class_title(text),
        None => None,
    }
}

/// The name of a field that is asked about as a problem repeats it.
pub fn shown_name(name: &str) -> String {
    shorten(name)
}

#[cfg(test)]
mod tests {
    use terrier_model::Names;
    use terrier_model::TextList;

    use super::*;

    fn query(field: &str, pairs: &[(&str, &str)]) -> Result<ValueQuery, QueryError> {
        let collection = Collection::Assets;
        let position = collection.position(field, &Scope::public(Names::All)).expect("a field");
        let pairs = pairs.iter().copied();
        ValueQuery::parse(collection, &Scope::public(Names::All), Date::MIN, position, pairs)
    }

    fn check(pairs: &[(&str, &str)], texts: &[Option<&str>], expected: &str) {
        let query = query("road", pairs).expect("a question");
        let mut tally = ValueTally::new(&query);
        for text in texts {
            tally.add(text.map(ValueRef::Text), 1).expect("few");
        }
        let found = tally.finish();
        let values = found.values.iter();
        let values = values.map(|(value, count)| format!("{}={count}", value.as_ref()));
        let told = format!(
            "{} {} {} {}",
            found.matched,
            found.missing,
            found.distinct,
            values.collect::<Vec<_>>().join(" ")
        );
        assert_eq!(told.trim_end(), expected, "{pairs:?}");
    }

    #[test]
    fn what_comes_most_often_comes_first_and_of_the_same_count_the_lesser() {
        let roads = [Some("b"), None, Some("a"), Some("c"), Some("c"), Some("路"), None];
        check(&[], &[], "0 0 0");
        check(&[], &[None], "1 1 0");
        check(&[], &roads, "7 2 4 c=2 a=1 b=1 路=1");
        check(&[("limit", "2")], &roads, "7 2 4 c=2 a=1");
    }

    #[test]
    fn a_beginning_is_compared_whatever_its_letters_are_like() {
        let roads = [Some("Ab"), Some("ＡＢ"), Some("ba"), Some("ab"), None, Some("友谊路")];
        check(&[("begins-with", "aB")], &roads, "6 1 3 Ab=1 ab=1 ＡＢ=1");
        check(&[("begins-with", "友谊")], &roads, "6 1 1 友谊路=1");
        check(&[("begins-with", "谊")], &roads, "6 1 0");
        check(&[("begins-with", ""), ("limit", "1")], &roads, "6 1 5 Ab=1");
    }

    #[test]
    fn each_value_of_a_list_counts_by_itself() {
        let query = query("road", &[("begins-with", "c")]).expect("a question");
        let mut tally = ValueTally::new(&query);
        for (texts, count) in [(&["camera", "sign"][..], 2), (&["clock", "camera"], 1)] {
            let list = TextList::try_new(texts.iter().copied()).expect("a list");
            tally.add(Some(ValueRef::List(list.as_ref())), count).expect("few");
        }
        tally.add(None, 4).expect("no value");
        let found = tally.finish();
        assert_eq!((found.matched, found.missing, found.distinct), (7, 4, 2));
        let text = |text: &str| Value::Text(text.into());
        assert_eq!(found.values, [(text("camera"), 3), (text("clock"), 1)]);
    }

    #[test]
    fn there_may_be_as_many_different_values_as_the_bound_and_no_more() {
        let query = query("code", &[]).expect("a question");
        let mut tally = ValueTally::new(&query);
        for number in 0..MAX_DISTINCT_VALUES {
            tally.add(Some(ValueRef::Text(&number.to_string())), 1).expect("within the bound");
        }
        tally.add(Some(ValueRef::Text("7")), 1).expect("a value that is known");
        tally.add(None, 1).expect("no value");
        let error = tally.add(Some(ValueRef::Text("x")), 1).expect_err("one more");
        assert!(error.to_string().starts_with("parameter `begins-with`: more than 100000"));
    }

    #[test]
    fn parameters_are_those_of_a_list_but_for_its_pages() {
        let refused = |name: &str, text: &str, expected: &str| {
            let error = query("road", &[(name, text)]).expect_err("refused");
            assert_eq!(error.to_string(), expected);
        };
        for name in ["k", "near", "offset", "token", "sortby"] {
            refused(name, "1", &format!("parameter `{name}`: a list of values has no pages"));
        }
        refused(
            "limit",
            "0",
            "parameter `limit`: found `0`, expected a whole number from 1 to 10000",
        );
        refused("rode", "x", "parameter `rode`: not known here; did you mean `code`?");
        let twice = query("road", &[("begins-with", "a"), ("begins-with", "a")]);
        let error = twice.expect_err("twice").to_string();
        assert_eq!(error, "parameter `begins-with`: given more than once");
        assert!(query("road", &[("bbox", "1,2,3,4"), ("code", "A"), ("f", "csv")]).is_ok());
    }
}
