//! A JSON document as it is, before it is known what it means: each member once, and numbers whole
//! where they are written so.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use terrier_model::Value;

use super::super::lexer::{fault, shown};
use super::super::reader::SHOWN_CHARS;
use super::super::{Cql2Error, MAX_FILTER_DEPTH, MAX_FILTER_JSON_BYTES, MAX_FILTER_NODES};

/// The most members of one object; CQL2 JSON knows none with more than three.
// A name is looked for among all others of its object.
const MAX_MEMBERS: usize = 8;

/// The most lists and objects within each other.
// An operator is an object and the list of what it is given. A sum may have as many terms as a condition
// has nodes, and the first two of them stand within all others. What is not counted as a node, such as
// the positions of a geometry, is nested less than a condition may be.
const MAX_LEVELS: usize = 2 * (MAX_FILTER_NODES + MAX_FILTER_DEPTH);

/// A value.
pub(super) enum Json {
    Null,
    Boolean(bool),
    /// An integer or a number.
    Number(Value),
    Text(Box<str>),
    List(Vec<Self>),
    Object(Vec<(Box<str>, Self)>),
}

/// The members of an object.
#[derive(Clone, Copy)]
pub(super) struct Members<'j>(pub(super) &'j [(Box<str>, Json)]);

impl<'j> Members<'j> {
    pub(super) fn get(&self, name: &str) -> Option<&'j Json> {
        self.0.iter().find(|(known, _)| &**known == name).map(|(_, value)| value)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'j str> {
        self.0.iter().map(|(name, _)| &**name)
    }
}

impl Json {
    /// Reads a document, which is nested no deeper than a condition can be.
    pub(super) fn read(text: &str) -> Result<Self, Cql2Error> {
        if text.len() > MAX_FILTER_JSON_BYTES {
            let found = format!("a text of {} bytes", text.len());
            let expected = format!("at most {MAX_FILTER_JSON_BYTES}");
            return Err(fault(MAX_FILTER_JSON_BYTES, found, expected));
        }
        let mut reader = serde_json::Deserializer::from_str(text);
        // Its own is 128 levels; ours is counted below.
        reader.disable_recursion_limit();
        let document = Reader { levels: MAX_LEVELS }.deserialize(&mut reader);
        document.and_then(|json| reader.end().map(|()| json)).map_err(|error| {
            let at = place(text, &error);
            let found = match text[at..].chars().next() {
                Some(_) => shown(&text[at..], SHOWN_CHARS),
                None => "the end".into(),
            };
            let message = error.to_string();
            // The place is told already.
            let reason = message.split(" at line ").next().unwrap_or_default();
            fault(at, found, format!("sound JSON ({reason})"))
        })
    }
}

/// Where in the text the reader stopped, in bytes.
fn place(text: &str, error: &serde_json::Error) -> usize {
    if error.is_eof() {
        return text.len();
    }
    let lines = text.split_inclusive('\n');
    let before: usize = lines.take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = (before + error.column().saturating_sub(1)).min(text.len());
    text.floor_char_boundary(at)
}

/// Reads a value in which lists and objects stand within each other in so many levels.
#[derive(Clone, Copy)]
struct Reader {
    levels: usize,
}

impl Reader {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let Some(levels) = self.levels.checked_sub(1) else {
            let message = format!("lists and objects lie more than {MAX_LEVELS} deep");
            return Err(E::custom(message));
        };
        Ok(Self { levels })
    }
}

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(Value::Integer(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        // A whole number beyond 64 bits is taken as the nearest other one, as in text.
        let whole = i64::try_from(value).map(Value::Integer);
        Ok(Json::Number(whole.unwrap_or(Value::Number(value as f64))))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(Value::Number(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(value) = seq.next_element_seed(inner)? {
            list.push(value);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut members: Vec<(Box<str>, Json)> = Vec::new();
        while let Some(name) = map.next_key::<Box<str>>()? {
            if members.iter().any(|(known, _)| *known == name) {
                let name = shown(&name, SHOWN_CHARS);
                return Err(A::Error::custom(format!("{name} comes twice in an object")));
            }
            if members.len() == MAX_MEMBERS {
                let message = format!("an object has more than {MAX_MEMBERS} members");
                return Err(A::Error::custom(message));
            }
            members.push((name, map.next_value_seed(inner)?));
        }
        Ok(Json::Object(members))
    }
}
