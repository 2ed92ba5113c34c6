//! The question for assets, or for what falls due on them: read from the pairs of an address or a
//! command line, once, into a form that everything behind trusts.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::civil::Date;
use terrier_model::{
    Asset, AssetView, DueItem, DueState, Expression, ExpressionError, Interval, Kind, Known, Scope,
    Truth, Value, ValueRef, WorkKind, core_fields,
};
use terrier_spatial::{Crs, Window, touches};

use crate::cql2::{self, Language};
use crate::crs::{published_crs, window};
use crate::near::{NEAR, NEAREST};
use crate::order::SORT_BY;
use crate::parameter::{parse_datetime, parse_language, parse_limit, parse_offset};
use crate::search::SEARCH;
use crate::{Collection, Cursor, DueField, Near, Order, Search};

/// How many features a page holds when nobody says.
pub const LIMIT_DEFAULT: usize = 100;

/// The most features that a page holds; who asks for more gets this many.
// OGC API - Features shows 10 000 as its example maximum for `limit`; clients read it from the API
// document and page by it.
pub const LIMIT_MAX: usize = 10_000;

/// The longest value of a parameter that is repeated to its sender, in characters.
const SHOWN_CHARS: usize = 80;

/// Parameters that choose the form and the language of the answer and not its assets.
const FORM_PARAMETERS: [&str; 2] = ["f", "lang"];

/// Parameters that every list of assets takes, in addition to its fields.
const PARAMETERS: [&str; 13] = [
    "bbox",
    "bbox-crs",
    "datetime",
    "filter",
    "filter-crs",
    "filter-lang",
    NEAREST,
    "limit",
    NEAR,
    "offset",
    SEARCH,
    SORT_BY,
    "token",
];

/// The parameter that names the day of a question for what falls due.
const ON: &str = "on";

/// Which assets are asked for. All conditions must hold.
#[derive(Clone, Debug)]
pub struct FeatureQuery {
    collection: Collection,
    scope: Scope,
    window: Option<Window>,
    interval: Option<Interval>,
    equals: Vec<(usize, Value)>,
    filter: Option<Expression>,
    search: Option<Search>,
    due: Option<DueDay>,
    /// The day on which the question is asked, where its answer depends on it and nothing else says
    /// a day.
    asked_on: Option<Date>,
    order: Order,
    near: Option<Near>,
}

/// As of which day it is asked what falls due.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DueDay {
    /// The day.
    pub on: Date,
    /// The day on which it is asked.
    pub today: Date,
}

impl DueDay {
    /// Whether the day is over, so that what is known since counts for nothing.
    pub fn is_past(self) -> bool {
        self.on < self.today
    }
}

/// Which part of the answer is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// The most features wanted, from 1 to [`LIMIT_MAX`].
    pub limit: usize,
    /// Where to begin.
    pub start: Start,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// After so many features.
    Offset(u64),
    /// Beside a page that was given before: behind its last feature, or before its first.
    Beside(Cursor),
}

/// A parameter that cannot be honoured.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("parameter `{parameter}`: {detail}")]
pub struct QueryError {
    /// The name of the parameter.
    pub parameter: String,
    /// What is wrong with it and what was expected.
    pub detail: String,
}

impl QueryError {
    pub(crate) fn new(parameter: &str, detail: impl Into<String>) -> Self {
        Self { parameter: shorten(parameter), detail: detail.into() }
    }
}

pub(crate) fn shorten(text: &str) -> String {
    text.chars().take(SHOWN_CHARS).collect()
}

impl FeatureQuery {
    /// The question for everything in a collection that the scope shows.
    pub fn all(collection: Collection, scope: &Scope) -> Self {
        let due = match &collection {
            Collection::Due(today, _) => Some(DueDay { on: *today, today: *today }),
            Collection::Assets | Collection::Class(_) => None,
        };
        Self {
            collection,
            scope: scope.clone(),
            window: None,
            interval: None,
            equals: Vec::new(),
            filter: None,
            search: None,
            due,
            order: Order::default(),
            asked_on: None,
            near: None,
        }
    }

    /// Reads a question from decoded pairs of names and values, which is asked on a day.
    ///
    /// # Errors
    /// The first parameter that is unknown, repeated or not understood. A field that the scope does
    /// not show is unknown.
    pub fn parse<'a>(
        collection: Collection,
        scope: &Scope,
        today: Date,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<(Self, Slice), QueryError> {
        let mut query = Self::all(collection, scope);
        let (mut limit, mut offset, mut token) = (LIMIT_DEFAULT, None, None);
        let (mut bbox, mut bbox_crs) = (None, None);
        let (mut filter, mut filter_crs, mut language) = (None, None, Language::default());
        let (mut near, mut nearest) = (None, None);
        let mut seen: Vec<&str> = Vec::new();
        for (name, text) in pairs {
            if seen.contains(&name) {
                return Err(QueryError::new(name, "given more than once"));
            }
            seen.push(name);
            match name {
                "bbox" => bbox = Some(text),
                "bbox-crs" => bbox_crs = Some(published_crs(name, text)?),
                "datetime" => query.interval = Some(parse_datetime(text)?),
                ON if query.due.is_some() => query.set_day(text)?,
                "filter" => filter = Some(text),
                "filter-lang" => language = parse_language(name, text)?,
                "filter-crs" => filter_crs = Some(published_crs(name, text)?),
                SEARCH => query.search = Some(Search::parse(text, &query.collection, scope)?),
                SORT_BY => query.order = Order::parse(text, &query.collection, scope)?,
                "limit" => limit = parse_limit(text)?,
                "offset" => offset = Some(parse_offset(text)?),
                "token" => token = Some(text),
                NEAR => near = Some(text),
                NEAREST => nearest = Some(text),
                _ if FORM_PARAMETERS.contains(&name) => {}
                _ => query.equals.push(query.parse_equality(name, text)?),
            }
        }
        let filter = filter.map(|text| query.parse_filter(text, language, filter_crs));
        query.filter = filter.transpose()?;
        query.asked_on = query.reads_due_state().then_some(today);
        query.window = bbox.map(|text| window(text, bbox_crs)).transpose()?;
        if query.search.is_some() && query.order.is_by_place() {
            query.order = Order::by_rank();
        }
        query.near = Near::parse(near, nearest, &seen)?;
        // The same conditions in another order are the same question.
        let fields = query.collection.fields();
        let place = |at: usize| (at >= core_fields().len(), &fields[at].name);
        query.equals.sort_by(|(a, _), (b, _)| place(*a).cmp(&place(*b)));
        let start = match (offset, token) {
            (Some(_), Some(_)) => {
                return Err(QueryError::new("offset", "not together with `token`"));
            }
            (offset, None) => {
                let offset = offset.unwrap_or(0);
                query.order.check_offset(offset)?;
                Start::Offset(offset)
            }
            (None, Some(text)) => {
                let cursor = Cursor::decode(text, query.hash());
                let fits = |cursor: &Cursor| query.order.fits(&query.collection, &cursor.values);
                Start::Beside(cursor.filter(fits).ok_or_else(|| {
                    QueryError::new(
                        "token",
                        "not a token that this question's `next` or `prev` link gave",
                    )
                })?)
            }
        };
        Ok((query, Slice { limit, start }))
    }

    /// The names of all parameters that say which features a list of a collection has, and in what order.
    pub fn parameter_names<'a>(
        collection: &'a Collection,
        scope: &'a Scope,
    ) -> impl Iterator<Item = &'a str> + Clone {
        let seen = collection.seen_fields(scope).map(|(_, field)| &*field.name);
        seen.chain(parameters(collection))
    }

    fn set_day(&mut self, text: &str) -> Result<(), QueryError> {
        let Ok(Value::Date(on)) = Value::parse(&Kind::Date, text) else {
            let detail = format!("found `{}`, expected a day such as 2026-07-01", shorten(text));
            return Err(QueryError::new(ON, detail));
        };
        self.due = self.due.map(|due| DueDay { on, ..due });
        Ok(())
    }

    fn seen_names(&self) -> impl Iterator<Item = &str> {
        self.collection.seen_fields(&self.scope).map(|(_, field)| &*field.name)
    }

    fn parse_filter(
        &self,
        text: &str,
        language: Language,
        crs: Option<&Crs>,
    ) -> Result<Expression, QueryError> {
        let fault = |detail: String| QueryError::new("filter", detail);
        let clause = language.parse(text).map_err(|error| fault(error.to_string()))?;
        let fields = self.collection.fields();
        let sight = self.collection.sight(&self.scope);
        let expression = match crs {
            None => Expression::try_new(&clause, fields, sight),
            Some(crs) => Expression::try_new_in(&clause, fields, sight, crs),
        };
        expression.map_err(|error| {
            fault(match &error {
                ExpressionError::Unknown(name) => {
                    format!("property `{name}` is {}", unknown_name(name, self.seen_names()))
                }
                ExpressionError::Geometry(fault) => format!("{error}: {fault}"),
                ExpressionError::Kind { .. } | ExpressionError::Function(_) => error.to_string(),
            })
        })
    }

    fn parse_equality(&self, name: &str, text: &str) -> Result<(usize, Value), QueryError> {
        let position = self.collection.position(name, &self.scope).ok_or_else(|| {
            let known = Self::parameter_names(&self.collection, &self.scope);
            QueryError::new(name, unknown_name(name, known))
        })?;
        let kind = &self.collection.fields()[position].kind;
        let value = Value::parse(kind, text).map_err(|expected| {
            QueryError::new(name, format!("found `{}`, expected {expected}", shorten(text)))
        })?;
        Ok((position, value))
    }

    /// What is asked about.
    pub fn collection(&self) -> &Collection {
        &self.collection
    }

    /// How much the caller may see.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The window that the geometry must meet.
    pub fn window(&self) -> Option<&Window> {
        self.window.as_ref()
    }

    /// The period that the validity must meet.
    pub fn interval(&self) -> Option<&Interval> {
        self.interval.as_ref()
    }

    /// The fields, by their places in [`Collection::fields`], and the values that they must have, a
    /// list among others; those of the core come first.
    pub fn equals(&self) -> &[(usize, Value)] {
        &self.equals
    }

    /// The condition that must hold; where a value that it needs is missing, it does not.
    pub fn filter(&self) -> Option<&Expression> {
        self.filter.as_ref()
    }

    /// The day as of which it is asked what falls due; `None` when assets are asked for.
    pub fn due(&self) -> Option<DueDay> {
        self.due
    }

    /// What is searched for in the texts of features.
    pub fn search(&self) -> Option<&Search> {
        self.search.as_ref()
    }

    /// By what the features are sorted.
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// The day as of which it is judged what falls due, for the answer itself or for its filter;
    /// `None` when nothing is.
    pub fn judged_on(&self) -> Option<DueDay> {
        self.due.or(self.asked_on.map(|today| DueDay { on: today, today }))
    }

    /// Says that it is also asked how it stands with work, on a day.
    pub(crate) fn ask_due_states(&mut self, today: Date) {
        self.asked_on = Some(today);
    }

    /// The position to which the nearest features are asked for, instead of all in order.
    pub fn near(&self) -> Option<Near> {
        self.near
    }

    /// Whether the asset, as [`Scope::given_asset`] gives it, is one that is asked for, given how it stands with work of a kind on the day
    /// of [`FeatureQuery::judged_on`], which is asked only where [`FeatureQuery::reads_due_state`] says so.
    pub fn matches(&self, asset: &Asset, due_state: impl Fn(WorkKind) -> Option<DueState>) -> bool {
        let value = |position: usize| asset.value(position);
        let view = AssetView { value, shape: || Some(asset.content.shape.clone()), due_state };
        self.due.is_none()
            && self.reaches(asset)
            && self
                .equals
                .iter()
                .all(|(at, wanted)| value(*at).is_some_and(|held| held.is_or_has(wanted.as_ref())))
            && self.filter.as_ref().is_none_or(|filter| filter.evaluate(&view) == Truth::Yes)
    }

    /// Whether its filter asks how it stands with work.
    pub fn reads_due_state(&self) -> bool {
        self.filter.as_ref().is_some_and(Expression::reads_due_state)
    }

    /// Whether the work on the asset, as [`Scope::given_asset`] gives it, is asked for, given the name of the rule that the item names, and
    /// those of all rules that want the work, told one after another.
    pub fn matches_due<'v>(
        &'v self,
        asset: &'v Asset,
        item: &DueItem,
        rule: &'v str,
        rules: impl Fn(usize) -> Option<&'v str>,
        due_state: impl Fn(WorkKind) -> Option<DueState>,
    ) -> bool {
        let value = |position: usize| match DueField::at(position) {
            Some(field) => field.value(item, rule),
            None => asset.value(position),
        };
        let view = AssetView { value, shape: || Some(asset.content.shape.clone()), due_state };
        self.due.is_some() && self.reaches(asset) && self.wants_work(&view, rules)
    }

    /// Whether the fields of work are as they are asked for. It is wanted by several rules, told one
    /// after another, and a test of its rule holds when it holds for one of them.
    fn wants_work<'v>(
        &'v self,
        work: &impl Known<'v>,
        rules: impl Fn(usize) -> Option<&'v str>,
    ) -> bool {
        let rule = DueField::Rule.position();
        let several = |nth: usize| rules(nth).map(ValueRef::Text);
        let is_equal = |(at, wanted): &(usize, Value)| {
            let wanted = wanted.as_ref();
            if *at == rule {
                return (0..).map_while(several).any(|found| found == wanted);
            }
            work.value(*at) == Some(wanted)
        };
        let holds = |filter: &'v Expression| filter.evaluate_any(work, rule, several);
        self.equals.iter().all(is_equal)
            && self.filter.as_ref().is_none_or(|filter| holds(filter) == Truth::Yes)
    }

    fn reaches(&self, asset: &Asset) -> bool {
        self.collection.covers(&asset.class)
            && self.scope.sees_collection(asset.class.name())
            && self.window.as_ref().is_none_or(|window| touches(&asset.content.shape, window))
            && self.interval.is_none_or(|i| i.meets(asset.valid_from, asset.valid_to))
            && self.search.as_ref().is_none_or(|search| {
                let text = |position: usize| match asset.value(position) {
                    Some(ValueRef::Text(text)) => Some(text),
                    _ => None,
                };
                search.rank_of(text).is_some()
            })
    }

    /// A number that differs when the question differs; the same in every process of one build, and
    /// whatever else becomes of the class whose fields are asked for.
    pub fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.collection.name().hash(&mut hasher);
        self.scope.mark().hash(&mut hasher);
        let window = self.window.as_ref();
        window.map(|window| window.edges().map(f64::to_bits)).hash(&mut hasher);
        window.and_then(Window::crs).map(Crs::code).hash(&mut hasher);
        self.interval.hash(&mut hasher);
        for (position, value) in &self.equals {
            self.collection.fields()[*position].name.hash(&mut hasher);
            match value.as_ref() {
                ValueRef::Number(number) => number.to_bits().hash(&mut hasher),
                other => other.to_string().hash(&mut hasher),
            }
        }
        let name = |position: &usize| &*self.collection.fields()[*position].name;
        let filter = self.filter.as_ref().map(|filter| cql2::write_text(filter.clause(), name));
        filter.hash(&mut hasher);
        // Of what falls due on another day the count is another.
        self.due.map(|due| due.on).hash(&mut hasher);
        self.order.hash(&self.collection, &mut hasher);
        if let Some(search) = &self.search {
            search.hash(&mut hasher);
        }
        hasher.finish()
    }
}

/// The parameters that a list of a collection takes, in addition to its fields.
pub(crate) fn parameters<'a>(
    collection: &Collection,
) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
    let of_due = matches!(collection, Collection::Due(..)).then_some(ON);
    PARAMETERS.into_iter().chain(FORM_PARAMETERS).chain(of_due)
}

/// What is said of a parameter that is not among the known ones: perhaps another was meant.
pub fn unknown_name<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let name = shorten(name);
    let near = known
        .map(|known| (strsim::normalized_damerau_levenshtein(known, &name), known))
        // Less alike than this, the guess would only puzzle.
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    match near {
        Some((_, near)) => format!("not known here; did you mean `{near}`?"),
        None => "not known here".to_owned(),
    }
}
