//! The text form in which the ledger keeps what a version says: a JSON object of the fields that
//! have a value, by name.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};
use terrier_catalog::write_value;
use terrier_model::{
    Class, Content, Core, CoreField, DateSpan, Field, Kind, TextList, Value, ValueRef,
};
use terrier_spatial::Shape;

/// Writes and reads the contents of one class.
#[derive(Clone, Debug)]
pub(super) struct ContentForm {
    class: Arc<Class>,
    positions: HashMap<Box<str>, usize>,
}

impl ContentForm {
    pub(super) fn new(class: Arc<Class>) -> Self {
        let fields = class.fields().iter().enumerate();
        let positions = fields
            .filter(|(_, field)| is_kept(field))
            .map(|(position, field)| (field.name.clone(), position))
            .collect();
        Self { class, positions }
    }

    pub(super) fn class(&self) -> &Arc<Class> {
        &self.class
    }

    pub(super) fn write(&self, content: &Content) -> String {
        let own_start = self.class.fields().len() - self.class.own_fields().len();
        let mut out = b"{".to_vec();
        for (position, field) in self.class.fields().iter().enumerate() {
            if !is_kept(field) {
                continue;
            }
            let span = content.core.installed.map(|span| span.to_string());
            let value = match field.core {
                Some(CoreField::InstalledOn) => span.as_deref().map(ValueRef::Text),
                Some(core) => content.core.get(core),
                None => content.own[position - own_start].as_ref().map(Value::as_ref),
            };
            if value.is_none() {
                continue;
            }
            if out.len() > 1 {
                out.push(b',');
            }
            out.push(b'"');
            out.extend(field.name.as_bytes());
            out.extend(b"\":");
            write_value(&mut out, value);
        }
        out.push(b'}');
        String::from_utf8(out).expect("JSON is text")
    }

    pub(super) fn read(
        &self,
        text: &str,
        shape: Shape,
        geom_length_m: f64,
        geom_area_m2: f64,
    ) -> Result<Content, serde_json::Error> {
        let (core, own) = self.fields(text)?;
        Ok(Content { core, own, shape, geom_length_m, geom_area_m2 })
    }

    /// The fields of a content: those of the core, and the class's own in their order.
    pub(super) fn fields(
        &self,
        text: &str,
    ) -> Result<(Core, Vec<Option<Value>>), serde_json::Error> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let fields = reader.deserialize_map(Fields { form: self })?;
        reader.end()?;
        Ok(fields)
    }
}

/// Whether the ledger keeps the field, rather than computing it. The latest day of installation is
/// kept with the first, as one span.
fn is_kept(field: &Field) -> bool {
    !field.is_read_only() && field.core != Some(CoreField::InstalledLatestOn)
}

struct Fields<'a> {
    form: &'a ContentForm,
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = (Core, Vec<Option<Value>>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let class = &self.form.class;
        let own_start = class.fields().len() - class.own_fields().len();
        let (mut core, mut own) = (Core::default(), vec![None; class.own_fields().len()]);
        // Names and dates are written without escapes, so they can be borrowed.
        while let Some(name) = map.next_key::<&'de str>()? {
            let Some(position) = self.form.positions.get(name).copied() else {
                return Err(A::Error::custom(format!("`{name}` is no field of the class")));
            };
            let field = &class.fields()[position];
            if field.core == Some(CoreField::InstalledOn) {
                let text = map.next_value::<&'de str>()?;
                let span: Result<DateSpan, _> = text.parse();
                core.installed =
                    Some(span.map_err(|_| A::Error::custom(format!("`{text}` is no date")))?);
                continue;
            }
            let value = Some(map.next_value_seed(OneValue { field })?);
            match field.core {
                Some(place) => core.set(place, value),
                None => own[position - own_start] = value,
            }
        }
        Ok((core, own))
    }
}

struct OneValue<'a> {
    field: &'a Field,
}

impl<'de> DeserializeSeed<'de> for OneValue<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for OneValue<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in `{}`", self.field.kind.words(), self.field.name)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Boolean(truth))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(match self.field.kind {
            Kind::Number => Value::Number(number as f64),
            _ => Value::Integer(number),
        })
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        match i64::try_from(number) {
            Ok(number) => self.visit_i64(number),
            Err(_) => self.visit_f64(number as f64),
        }
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        match self.field.kind {
            Kind::Text | Kind::Code(_) => Ok(Value::Text(text.into())),
            Kind::List(_) => Err(E::invalid_type(Unexpected::Str(text), &self)),
            _ => Value::parse(&self.field.kind, text).map_err(E::custom),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        if !self.field.kind.is_list() {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        }
        let mut texts = Vec::new();
        while let Some(text) = sequence.next_element::<String>()? {
            texts.push(text);
        }
        let list = TextList::try_new(texts.iter().map(|text| &**text));
        list.map(Value::List).map_err(A::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use terrier_catalog::class_from_toml;

    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let class = class_from_toml(
            "name = \"benches\"\ngeometry = \"point\"\n\
             title = { en = \"Benches\", zh = \"座椅\" }\n\
             description = { en = \"Seats\", zh = \"座椅\" }\n\
             [[field]]\nname = \"parts\"\nkind = \"list\"\n\
             title = { en = \"Parts\", zh = \"部件\" }\n",
        );
        let form = ContentForm::new(Arc::new(class.expect("a class")));
        let content = form.read(text, Shape::Point([0.0, 0.0]), 0.0, 0.0);
        match content {
            Ok(content) => {
                let list = content.own[0].as_ref().map(|list| list.as_ref().to_string());
                assert_eq!(list.as_deref(), expected.ok(), "{text}");
                assert_eq!(form.write(&content), text);
            }
            Err(error) => {
                let told = error.to_string();
                assert!(told.starts_with(expected.expect_err(text)), "{told}");
            }
        }
    }

    #[test]
    fn a_list_is_kept_as_an_array() {
        check(r#"{"parts":["b","a, c"]}"#, Ok("b, a, c"));
        check(r#"{"parts":["路灯"]}"#, Ok("路灯"));
        check(r#"{"parts":[]}"#, Err("at least one value"));
        check(r#"{"parts":["a","a"]}"#, Err("each value once, and `a` comes again"));
        check(r#"{"parts":"a"}"#, Err("invalid type: string \"a\", expected a list of texts in"));
        check(r#"{"code":["a"]}"#, Err("invalid type: sequence, expected text in `code`"));
    }
}
