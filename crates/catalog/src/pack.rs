//! Class packs: the TOML document that describes a class.
//!
//! Knows nothing of where a document is kept.

use serde::{Deserialize, Serialize};
use terrier_model::{
    Class, ClassError, Code, EventPart, Field, Kind, Network, NetworkRole, Sensitivity, Text,
};
use terrier_spatial::GeometryKind;

use crate::MAX_CLASS_BYTES;

/// Why a document describes no class.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PackError {
    /// It is too long to be looked at.
    #[error("the document is longer than {MAX_CLASS_BYTES} bytes")]
    TooLong,
    /// It is no TOML, or holds a key or value that no class has.
    #[error("line {line}: {what}")]
    Line {
        /// The line of the document, counted from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// The parts of a field do not go together.
    #[error("field `{field}`: expected {expected}")]
    Field {
        /// The field.
        field: String,
        /// What would have been right.
        expected: &'static str,
    },
    /// The keys of the network do not go together.
    #[error("network: expected {expected}")]
    Network {
        /// What would have been right.
        expected: &'static str,
    },
    /// A title or description has no text in one of the languages.
    #[error("{of}: expected text in `en` and in `zh`")]
    NoText {
        /// What the text is of.
        of: String,
    },
    /// Each part is right, and they are no class together.
    #[error("the document describes no class")]
    Class(#[from] ClassError),
}

/// The class that a TOML document describes.
///
/// # Errors
/// The first thing that is wrong, with its line or field.
pub fn class_from_toml(text: &str) -> Result<Class, PackError> {
    let document: ClassDocument = toml::from_str(text).map_err(|error| PackError::Line {
        line: line_at(text, error.span().map_or(0, |span| span.start)),
        what: error.message().replace('\n', ", "),
    })?;
    let ClassDocument { name, geometry, title, description, network, retired, field: fields } =
        document;
    let title = title.checked(|| "title".into())?;
    let description = description.checked(|| "description".into())?;
    let own = fields.into_iter().map(FieldDocument::into_field).collect::<Result<_, _>>()?;
    let class = Class::try_new(&name, title, description, geometry.into(), own)?.retired(retired);
    match network {
        None => Ok(class),
        Some(network) => Ok(class.with_network(network.into_network()?)?),
    }
}

pub(crate) fn line_at(text: &str, byte: usize) -> usize {
    let before = text.get(..byte).unwrap_or_default();
    1 + before.matches('\n').count()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassDocument {
    name: String,
    geometry: GeometryName,
    title: TextDocument,
    description: TextDocument,
    network: Option<NetworkDocument>,
    #[serde(default)]
    retired: bool,
    #[serde(default)]
    field: Vec<FieldDocument>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum GeometryName {
    Point,
    Line,
    MultiLine,
    MultiPolygon,
}

impl From<GeometryName> for GeometryKind {
    fn from(name: GeometryName) -> Self {
        match name {
            GeometryName::Point => Self::Point,
            GeometryName::Line => Self::Line,
            GeometryName::MultiLine => Self::MultiLine,
            GeometryName::MultiPolygon => Self::MultiPolygon,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkDocument {
    kind: String,
    role: RoleName,
    from: Option<String>,
    to: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RoleName {
    Edge,
    Node,
    Device,
}

impl NetworkDocument {
    fn into_network(self) -> Result<Network, PackError> {
        let Self { kind, role, from, to } = self;
        let wrong = |expected| Err(PackError::Network { expected });
        let role = match (role, from, to) {
            (RoleName::Edge, Some(from), Some(to)) => {
                NetworkRole::Edge { from: from.into(), to: to.into() }
            }
            (RoleName::Edge, ..) => return wrong("`from` and `to`, for its role is `edge`"),
            (RoleName::Node, None, None) => NetworkRole::Node,
            (RoleName::Device, None, None) => NetworkRole::Device,
            _ => return wrong("no `from` or `to`, for its role is not `edge`"),
        };
        Ok(Network { kind: kind.into(), role })
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextDocument {
    pub(crate) en: String,
    pub(crate) zh: String,
}

impl TextDocument {
    pub(crate) fn checked(self, of: impl Fn() -> String) -> Result<Text, PackError> {
        if self.en.trim().is_empty() || self.zh.trim().is_empty() {
            return Err(PackError::NoText { of: of() });
        }
        Ok(Text::new(self.en, self.zh))
    }

    /// The same, where whoever reads the document says what is missing.
    pub(crate) fn into_text(self) -> Option<Text> {
        self.checked(String::new).ok()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldDocument {
    name: String,
    kind: KindName,
    title: TextDocument,
    description: Option<TextDocument>,
    unit: Option<String>,
    #[serde(default)]
    sensitivity: SensitivityName,
    range: Option<Vec<f64>>,
    codes: Option<Vec<CodeDocument>>,
    event: Option<String>,
    #[serde(default)]
    retired: bool,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindName {
    Text,
    Code,
    Integer,
    Number,
    Boolean,
    Date,
    Instant,
    List,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SensitivityName {
    #[default]
    Public,
    Restricted,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeDocument {
    code: String,
    en: String,
    zh: String,
    #[serde(default)]
    retired: bool,
}

impl FieldDocument {
    fn into_field(self) -> Result<Field, PackError> {
        let Self {
            name,
            kind,
            title,
            description,
            unit,
            sensitivity,
            range,
            codes,
            event,
            retired,
        } = self;
        let wrong = |expected| PackError::Field { field: name.clone(), expected };
        let kind = match (kind, codes) {
            (KindName::Code, Some(codes)) => Kind::Code(checked_codes(&name, codes)?),
            (KindName::Code, None) => return Err(wrong("`codes`, for its kind is `code`")),
            (KindName::List, codes) => {
                Kind::List(codes.map(|codes| checked_codes(&name, codes)).transpose()?)
            }
            (_, Some(_)) => {
                return Err(wrong("no `codes`, for its kind is neither `code` nor `list`"));
            }
            (KindName::Text, None) => Kind::Text,
            (KindName::Integer, None) => Kind::Integer,
            (KindName::Number, None) => Kind::Number,
            (KindName::Boolean, None) => Kind::Boolean,
            (KindName::Date, None) => Kind::Date,
            (KindName::Instant, None) => Kind::Instant,
        };
        let range = match range.as_deref() {
            None => None,
            Some(&[least]) => Some((least, f64::MAX)),
            Some(&[least, greatest]) => Some((least, greatest)),
            Some(_) => {
                return Err(wrong("a `range` of one number, the least, or of two"));
            }
        };
        let event = match event {
            None => None,
            Some(event) => Some(EventPart::from_name(&event).ok_or_else(|| {
                wrong("an `event` such as `cleaned.on`, `assessed.result` or `hazard.open`")
            })?),
        };
        Ok(Field {
            title: title.checked(|| format!("title of field `{name}`"))?,
            description: description
                .map(|text| text.checked(|| format!("description of field `{name}`")))
                .transpose()?,
            kind,
            unit: unit.map(Into::into),
            sensitivity: match sensitivity {
                SensitivityName::Public => Sensitivity::Public,
                SensitivityName::Restricted => Sensitivity::Restricted,
            },
            range,
            core: None,
            event,
            retired,
            name: name.into(),
        })
    }
}

fn checked_codes(field: &str, codes: Vec<CodeDocument>) -> Result<Box<[Code]>, PackError> {
    let code = |CodeDocument { code, en, zh, retired }| {
        let title =
            TextDocument { en, zh }.checked(|| format!("code `{code}` of field `{field}`"))?;
        Ok(Code { code: code.into(), title, retired })
    };
    codes.into_iter().map(code).collect()
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    const HEAD: &str = "\
name = \"benches\"
geometry = \"point\"
title = { en = \"Benches\", zh = \"座椅\" }
description = { en = \"Where one sits.\", zh = \"供人休息的座椅。\" }
";

    /// Parses a class whose fields are given, and compares what is said of it.
    fn check(fields: &str, expected: &str) {
        let answer = match class_from_toml(&format!("{HEAD}{fields}")) {
            Ok(class) => format!("{:?}", class.own_fields()),
            Err(error) => match error.source() {
                Some(source) => format!("{error}: {source}"),
                None => error.to_string(),
            },
        };
        assert!(answer.contains(expected), "{fields}\nfound    {answer}\nexpected {expected}");
    }

    #[test]
    fn a_class_may_have_no_field_of_its_own() {
        check("", "[]");
    }

    #[test]
    fn a_field_is_public_and_without_bounds_unless_it_says_otherwise() {
        let plain = "title = { en = \"Seats\", zh = \"座位\" }";
        check(&format!("[[field]]\nname = \"seats\"\nkind = \"integer\"\n{plain}"), "Public");
        check(&format!("[[field]]\nname = \"seats\"\nkind = \"integer\"\n{plain}"), "range: None");
        check(
            &format!("[[field]]\nname = \"seats\"\nkind = \"integer\"\nrange = [1]\n{plain}"),
            "range: Some((1.0, 1.7976931348623157e308))",
        );
        check(
            &format!(
                "[[field]]\nname = \"cost\"\nkind = \"number\"\nrange = [0, 2.5]\n\
                 sensitivity = \"restricted\"\n{plain}"
            ),
            "sensitivity: Restricted, range: Some((0.0, 2.5))",
        );
    }

    #[test]
    fn a_list_has_codes_or_any_texts() {
        let list = "[[field]]\nname = \"parts\"\nkind = \"list\"\n\
                    title = { en = \"Parts\", zh = \"部件\" }\n";
        check(list, "kind: List(None)");
        check(
            &format!("{list}codes = [{{ code = \"arm\", en = \"Arm\", zh = \"扶手\" }}]"),
            "kind: List(Some([Code { code: \"arm\"",
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line_or_field() {
        let title = "title = { en = \"Wood\", zh = \"木材\" }";
        let field = |lines: &str| format!("[[field]]\nname = \"wood\"\n{title}\n{lines}\n");
        check("colour = \"red\"", "line 5: unknown field `colour`");
        check("a = [", "line 5: ");
        check(&field("kind = \"txt\""), "line 8: unknown variant `txt`, expected one of `text`");
        check(&field("kind = \"text\"\nsensitive = true"), "line 9: unknown field `sensitive`");
        check(&field(""), "line 5: missing field `kind`");
        check(&field("kind = \"code\""), "field `wood`: expected `codes`, for its kind is `code`");
        check(&field("kind = \"code\"\ncodes = []"), "no class: field `wood`: expected at least");
        check(
            &field("kind = \"text\"\ncodes = []"),
            "field `wood`: expected no `codes`, for its kind is neither `code` nor `list`",
        );
        check(
            &field("kind = \"number\"\nrange = []"),
            "field `wood`: expected a `range` of one number, the least, or of two",
        );
        check(
            &field("kind = \"text\"\nrange = [1]"),
            "no class: field `wood`: a range needs a number field and its least number first",
        );
        check(
            &field("kind = \"code\"\ncodes = [{ code = \"oak\", en = \"Oak\", zh = \" \" }]"),
            "code `oak` of field `wood`: expected text in `en` and in `zh`",
        );
        check(&field("kind = \"list\"\ncodes = []"), "no class: field `wood`: expected at least");
        check(
            &field("kind = \"list\"\nrange = [1]"),
            "no class: field `wood`: a range needs a number field and its least number first",
        );
        check(
            &field("kind = \"list\"\nevent = \"graded.grade\""),
            "no class: field `wood`: its kind cannot show what `event` names",
        );
        check(&[field("kind = \"text\""), field("kind = \"date\"")].concat(), "appears twice");
        check(&field("kind = \"text\"").replace("wood", "owner"), "taken by the register");
    }

    #[test]
    fn a_network_names_its_kind_and_role_and_an_edge_the_fields_of_its_ends() {
        let field = "[[field]]\nkind = \"text\"\ntitle = { en = \"Post\", zh = \"杆\" }\nname = ";
        let fields = format!(
            "{field}\"start\"\n{field}\"end\"\n{field}\"old\"\nretired = true\n\
             {field}\"grade\"\nevent = \"graded.grade\"\n"
        );
        let check = |keys: &str, geometry: &str, expected: &str| {
            let head = HEAD.replace("point", geometry);
            let found = match class_from_toml(&format!("{head}[network]\n{keys}\n{fields}")) {
                Ok(class) => format!("{:?}", class.network()),
                Err(error) => match error.source() {
                    Some(source) => source.to_string(),
                    None => error.to_string(),
                },
            };
            assert!(found.contains(expected), "{keys}\nfound    {found}\nexpected {expected}");
        };
        check("kind = \"fence\"\nrole = \"node\"", "point", "kind: \"fence\", role: Node");
        check("kind = \"fence\"\nrole = \"device\"", "point", "role: Device");
        let edge = |ends: &str| format!("kind = \"fence\"\nrole = \"edge\"\n{ends}");
        let both = "from = \"start\"\nto = \"end\"";
        check(&edge(both), "line", "role: Edge { from: \"start\", to: \"end\" }");
        check(&edge(both), "multi_line", "an edge is a line");
        check(&edge("from = \"end\"\nto = \"end\""), "line", "an edge is a line, with one field");
        check(&edge("from = \"start\""), "line", "expected `from` and `to`, for its role is");
        check(
            &edge("from = \"code\"\nto = \"end\""),
            "line",
            "`code` is no text field of the class",
        );
        for end in ["gate", "old", "grade"] {
            let ends = format!("from = \"start\"\nto = \"{end}\"");
            check(&edge(&ends), "line", &format!("`{end}` is no text field"));
        }
        check("kind = \"fence\"\nrole = \"node\"\nto = \"end\"", "point", "expected no `from` or");
        check("kind = \"Fence\"\nrole = \"node\"", "point", "`Fence` is no name");
        check("role = \"node\"", "point", "missing field `kind`");
        check("kind = \"fence\"\nrole = \"post\"", "point", "unknown variant `post`");
    }

    #[test]
    fn an_empty_document_is_no_class() {
        let error = class_from_toml("").expect_err("no name");
        assert_eq!(error.to_string(), "line 1: missing field `name`");
    }
}
