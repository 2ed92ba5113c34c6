//! The order of an answer: by fields where somebody asks for that, and by place behind them, so that it
//! is always total.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use terrier_model::{Field, Kind, Scope, Value, ValueRef, WorkKind};

use crate::query::{QueryError, shorten};
use crate::{Collection, OrderKey, Rank, unknown_name};

/// The most fields by which features are sorted.
pub const MAX_SORT_FIELDS: usize = 4;

/// So many bytes of a text are compared, up to the end of a character.
// The token of a page holds the values of its last feature, and has to fit into an address.
pub const MAX_SORT_TEXT_BYTES: usize = 256;

/// The most features that are passed over where they are sorted by fields.
// All of them have to be kept while the answer is sought, at two dozen bytes each.
pub const MAX_SORTED_OFFSET: u64 = 100_000;

/// The parameter that names the fields.
pub(crate) const SORT_BY: &str = "sortby";

/// What the identifier of a feature is called, which is no field.
pub const ID: &str = "id";

/// By what features are sorted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SortBy {
    /// By their ids; these begin with the time at which they were given.
    Id,
    /// By the field at a place in [`Collection::fields`].
    Field(usize),
    /// By the [`Rank`] of what is searched for, a number that grows from the best.
    Rank,
}

/// One of the things by which features are sorted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SortKey {
    /// What is compared.
    pub by: SortBy,
    /// Whether the greatest come first. Features without a value come last either way.
    pub descending: bool,
}

/// By what features are sorted, the first thing first; where nothing is left to tell two apart, by
/// [`OrderKey`].
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Order(Vec<SortKey>);

impl Order {
    /// Reads names with commas between, each with `-` before it where the greatest shall come first. A
    /// `+` may stand there, and may have become a space on its way.
    pub(crate) fn parse(
        text: &str,
        collection: &Collection,
        scope: &Scope,
    ) -> Result<Self, QueryError> {
        let fault = |detail: String| QueryError::new(SORT_BY, detail);
        let mut keys: Vec<SortKey> = Vec::new();
        for part in text.split(',') {
            let part = part.trim();
            let (descending, name) = match part.strip_prefix('-') {
                Some(name) => (true, name),
                None => (false, part.strip_prefix('+').unwrap_or(part)),
            };
            let field = || collection.position(name, scope).map(SortBy::Field);
            let by = if name == ID { Some(SortBy::Id) } else { field() };
            let by = by.ok_or_else(|| {
                let seen = collection.seen_fields(scope);
                let sorts = seen.filter(|(_, field)| !field.kind.is_list());
                let known = std::iter::once(ID).chain(sorts.map(|(_, field)| &*field.name));
                fault(format!("field `{}` is {}", shorten(name), unknown_name(name, known)))
            })?;
            if let SortBy::Field(at) = by
                && collection.fields()[at].kind.is_list()
            {
                let kind = collection.fields()[at].kind.words();
                return Err(fault(format!("field `{name}` holds {kind}, which has no order")));
            }
            if keys.iter().any(|key| key.by == by) {
                return Err(fault(format!("field `{name}` comes twice")));
            }
            if keys.len() == MAX_SORT_FIELDS {
                return Err(fault(format!("more than {MAX_SORT_FIELDS} fields")));
            }
            keys.push(SortKey { by, descending });
        }
        Ok(Self(keys))
    }

    /// By how well features have what is searched for.
    pub(crate) fn by_rank() -> Self {
        Self(vec![SortKey { by: SortBy::Rank, descending: false }])
    }

    /// Whether features are sorted by nothing but their places.
    pub fn is_by_place(&self) -> bool {
        self.0.is_empty()
    }

    /// What is compared, the first thing first.
    pub fn keys(&self) -> &[SortKey] {
        &self.0
    }

    /// Refuses to pass over more features than can be sorted.
    pub(crate) fn check_offset(&self, offset: u64) -> Result<(), QueryError> {
        if self.is_by_place() || offset <= MAX_SORTED_OFFSET {
            return Ok(());
        }
        let detail = format!(
            "found {offset}, expected at most {MAX_SORTED_OFFSET} where features are sorted; the `next` \
             links go further"
        );
        Err(QueryError::new("offset", detail))
    }

    /// Whether a feature of the collection can have these values.
    pub(crate) fn fits(&self, collection: &Collection, values: &[Option<Value>]) -> bool {
        let fits = |(key, value): (&SortKey, &Option<Value>)| match (key.by, value) {
            (SortBy::Id, value) => value.is_none(),
            (SortBy::Rank, value) => {
                Rank::ALL.into_iter().any(|rank| *value == Some(rank.value().to_value()))
            }
            (SortBy::Field(_), None) => true,
            (SortBy::Field(at), Some(value)) => is_of(&collection.fields()[at], value),
        };
        self.0.len() == values.len() && self.0.iter().zip(values).all(fits)
    }

    /// Adds to a number that differs where the order does.
    pub(crate) fn hash(&self, collection: &Collection, hasher: &mut impl Hasher) {
        for key in &self.0 {
            let name = match key.by {
                SortBy::Id => ID,
                SortBy::Rank => "",
                SortBy::Field(at) => &collection.fields()[at].name,
            };
            (name, key.descending).hash(hasher);
        }
    }
}

fn is_of(field: &Field, value: &Value) -> bool {
    match (&field.kind, value) {
        (Kind::Text | Kind::Code(_), Value::Text(text)) => text.len() <= MAX_SORT_TEXT_BYTES,
        (Kind::Number, Value::Number(number)) => number.is_finite(),
        (Kind::Integer, Value::Integer(_))
        | (Kind::Boolean, Value::Boolean(_))
        | (Kind::Date, Value::Date(_))
        | (Kind::Instant, Value::Instant(_)) => true,
        _ => false,
    }
}

impl SortKey {
    /// How two values of the field stand to each other: texts by their code points, as far as they are
    /// looked at; what is missing behind everything else, whichever way features are sorted.
    pub fn compare(self, a: Option<ValueRef<'_>>, b: Option<ValueRef<'_>>) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) => {
                let order = compared_part(a).compare(compared_part(b));
                self.turned(order.unwrap_or(Ordering::Equal))
            }
            (a, b) => a.is_none().cmp(&b.is_none()),
        }
    }

    /// How the ids of two features stand to each other.
    pub fn compare_ids(self, a: OrderKey, b: OrderKey) -> Ordering {
        // The id of work is that of its asset, a point, and the code of its kind.
        let kind = |key: OrderKey| WorkKind::ALL.get(usize::from(key.part)).map(|kind| kind.code());
        self.turned(a.id.cmp(&b.id).then_with(|| kind(a).cmp(&kind(b))))
    }

    fn turned(self, order: Ordering) -> Ordering {
        if self.descending { order.reverse() } else { order }
    }
}

/// The value as far as it is compared.
pub fn compared_part(value: ValueRef<'_>) -> ValueRef<'_> {
    match value {
        ValueRef::Text(text) => {
            ValueRef::Text(&text[..text.floor_char_boundary(MAX_SORT_TEXT_BYTES)])
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use terrier_model::Names;

    fn check(text: &str, expected: &str) {
        let collection = Collection::Assets;
        let told = match Order::parse(text, &collection, &Scope::public(Names::All)) {
            Err(error) => error.to_string(),
            Ok(order) => {
                let name = |key: &SortKey| match key.by {
                    SortBy::Id => ID.to_owned(),
                    SortBy::Rank => "rank".to_owned(),
                    SortBy::Field(at) => collection.fields()[at].name.to_string(),
                };
                let sign = |key: &SortKey| if key.descending { "-" } else { "+" };
                let keys: Vec<String> =
                    order.keys().iter().map(|key| format!("{}{}", sign(key), name(key))).collect();
                keys.join(" ")
            }
        };
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn an_order_is_a_list_of_fields_with_signs() {
        check("code", "+code");
        check("+code,-length_m", "+code -length_m");
        check(" code, -length_m", "+code -length_m");
        check("-id", "-id");
        check("class,-installed_on,code,id", "+class -installed_on +code +id");
    }

    #[test]
    fn what_is_no_order_is_refused_by_the_name_of_the_field() {
        check("", "parameter `sortby`: field `` is not known here");
        check("cod", "parameter `sortby`: field `cod` is not known here; did you mean `code`?");
        check("code,,id", "parameter `sortby`: field `` is not known here");
        check(
            "--code",
            "parameter `sortby`: field `-code` is not known here; did you mean `code`?",
        );
        check("code,-code", "parameter `sortby`: field `code` comes twice");
        check("class,code,road,street,owner", "parameter `sortby`: more than 4 fields");
        check("geometry", "parameter `sortby`: field `geometry` is not known here");
        // The public does not see it.
        check("households", "parameter `sortby`: field `households` is not known here");
    }

    #[test]
    fn what_is_missing_comes_last_either_way() {
        let check = |a: Option<&str>, b: Option<&str>, up, down| {
            let (a, b) = (a.map(ValueRef::Text), b.map(ValueRef::Text));
            for (descending, expected) in [(false, up), (true, down)] {
                let key = SortKey { by: SortBy::Field(0), descending };
                assert_eq!(key.compare(a, b), expected, "{a:?} {b:?}");
                assert_eq!(key.compare(b, a), expected.reverse(), "{b:?} {a:?}");
            }
        };
        check(Some("a"), Some("b"), Ordering::Less, Ordering::Greater);
        check(Some("a"), None, Ordering::Less, Ordering::Less);
        check(None, None, Ordering::Equal, Ordering::Equal);
        let long = "钢".repeat(85);
        let (same, other) = (format!("{long}a"), format!("{long}b"));
        // 255 bytes and a letter are the bound; one more character lies behind it.
        check(Some(&same), Some(&other), Ordering::Less, Ordering::Greater);
        check(Some(&format!("{same}1")), Some(&same), Ordering::Equal, Ordering::Equal);
    }
}
