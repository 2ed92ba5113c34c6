//! JSON in which every name is there once. Of two members of one name each reader takes another, so a
//! document that has such says nothing that can be relied on.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The object that a document is.
///
/// # Errors
/// When it is no sound JSON, is none but an object, or has two members of one name, wherever they lie.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, serde_json::Error> {
    match serde_json::from_slice(bytes)? {
        Once(Value::Object(members)) => Ok(members),
        Once(_) => Err(serde_json::Error::custom("expected an object")),
    }
}

/// A value whose members are there once.
struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OnceVisitor).map(Once)
    }
}

struct OnceVisitor;

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number without end"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Once(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, Once(value))) = map.next_entry::<String, Once>()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member comes twice"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, is_sound: bool) {
        assert_eq!(object(text.as_bytes()).is_ok(), is_sound, "{text}");
    }

    #[test]
    fn a_document_is_an_object_whose_members_are_there_once() {
        check("{}", true);
        check(r#"{"a":[1,-1,1.5,true,null,"x",{"a":1}],"b":{"a":1}}"#, true);
        check(r#"{"a":1,"a":1}"#, false);
        // The same name, written in another way.
        check("{\"a\":1,\"\\u0061\":1}", false);
        check(r#"{"a":[{"b":1,"b":2}]}"#, false);
        check("[]", false);
        check("", false);
        check("{} x", false);
        check("{\"a\":1e999}", false);
        check(&format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000)), false);
    }
}
