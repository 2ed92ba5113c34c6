//! Classes of assets as data: their fields, code lists, titles and sensitivities.

use std::collections::BTreeMap;
use std::sync::Arc;

use terrier_spatial::GeometryKind;

use crate::core_fields::core_fields;
use crate::{CoreField, EventPart, Kind, Network, NetworkRole};

/// The most fields a class may add to the core.
pub const MAX_OWN_FIELDS: usize = 128;

/// The most codes that a list may have, retired ones included.
pub const MAX_CODES: usize = 1_000;

/// The longest name of a class or field, in bytes.
const MAX_CLASS_NAME_BYTES: usize = 40;

/// Names that a question uses for itself, so that no field may have them.
const RESERVED_NAMES: [&str; 24] = [
    "id",
    "bbox",
    "bbox_crs",
    "crs",
    "cursor",
    "datetime",
    "f",
    "filter",
    "filter_crs",
    "filter_lang",
    "geometry",
    "group_by",
    "k",
    "lang",
    "limit",
    "measure",
    "near",
    "offset",
    "properties",
    "q",
    "skip_geometry",
    "sortby",
    "token",
    "type",
];

/// Names of collections that are no class.
const RESERVED_CLASS_NAMES: [&str; 5] = ["assets", "due", "due_points", "due_lines", "due_areas"];

/// A text in the two languages of the register.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Text {
    /// English.
    pub en: Box<str>,
    /// Simplified Chinese.
    pub zh: Box<str>,
}

impl Text {
    /// A text from its two forms.
    pub fn new(en: impl Into<Box<str>>, zh: impl Into<Box<str>>) -> Self {
        Self { en: en.into(), zh: zh.into() }
    }
}

/// A code of a list, with what it means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Code {
    /// The code as it is stored and served.
    pub code: Box<str>,
    /// What it means.
    pub title: Text,
    /// Whether no asset is given it any more; one that has it keeps it.
    pub retired: bool,
}

/// Who may see a field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sensitivity {
    /// Anybody.
    Public,
    /// Only those with a right to it; for others it does not exist.
    Restricted,
}

/// A field that assets have.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The name in GeoJSON, filters, columns and files: lower case with underscores.
    pub name: Box<str>,
    /// What values it takes.
    pub kind: Kind,
    /// The unit of its numbers, such as `mm`; it also closes the name.
    pub unit: Option<Box<str>>,
    /// What people call it.
    pub title: Text,
    /// What it means, where the title does not say it all.
    pub description: Option<Text>,
    /// Who may see it.
    pub sensitivity: Sensitivity,
    /// Least and greatest number, both allowed.
    pub range: Option<(f64, f64)>,
    /// The part of the core that holds it; `None` for a field of the class.
    pub core: Option<CoreField>,
    /// What it shows of the events of an asset; `None` for a field that holds a value of its own.
    pub event: Option<EventPart>,
    /// Whether nobody gives or asks for it any more; what it held is still read in histories.
    pub retired: bool,
}

impl Field {
    /// Whether the register computes the field, so that no value of it is kept.
    pub fn is_read_only(&self) -> bool {
        self.event.is_some() || self.core.is_some_and(CoreField::is_read_only)
    }

    /// Whether somebody may say something in it: its value or, where it shows a part of an event,
    /// what makes an event.
    pub fn is_given(&self) -> bool {
        let is_taken = match self.event {
            Some(part) => !matches!(part, EventPart::OpenHazards | EventPart::OpenSince),
            None => !self.is_read_only(),
        };
        is_taken && !self.retired
    }

    /// Whether its list has a code that is retired.
    pub fn retires_codes(&self) -> bool {
        self.kind.codes().is_some_and(|codes| codes.iter().any(|code| code.retired))
    }
}

/// A class of assets.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    name: Box<str>,
    title: Text,
    description: Text,
    geometry: GeometryKind,
    network: Option<Network>,
    /// The core first, then the class's own.
    fields: Vec<Field>,
    retired: bool,
    /// Whether any list has a retired code.
    retires_codes: bool,
}

/// Why a description is no class.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ClassError {
    /// A name that is not lower case ASCII with underscores, or too long.
    #[error(
        "`{0}` is no name, expected 1 to {MAX_CLASS_NAME_BYTES} of a-z, 0-9 and _, starting with a letter"
    )]
    Name(String),
    /// A name that the core, a question or the register uses.
    #[error("`{0}`: this name is taken by the register itself or by a query parameter")]
    Taken(String),
    /// Two fields of one name.
    #[error("field `{0}` appears twice")]
    FieldTwice(String),
    /// Two codes alike in one list.
    #[error("field `{field}`: code `{code}` appears twice")]
    CodeTwice {
        /// The field.
        field: String,
        /// The code.
        code: String,
    },
    /// A code list without codes, or a code without text.
    #[error("field `{0}`: expected at least one code, each with text")]
    NoCodes(String),
    /// A code list that is too long.
    #[error("field `{field}`: {count} codes, expected at most {MAX_CODES}")]
    TooManyCodes {
        /// The field.
        field: String,
        /// How many codes it has.
        count: usize,
    },
    /// A range on a field without numbers, or upside down.
    #[error("field `{0}`: a range needs a number field and its least number first")]
    Range(String),
    /// A kind of field that cannot show what it shall show of events.
    #[error("field `{0}`: its kind cannot show what `event` names")]
    Event(String),
    /// An end of an edge without a field that can hold the code of what stands there.
    #[error("network: `{0}` is no text field of the class that can hold the code of a node")]
    End(String),
    /// Edges whose two ends stand in one field, or whose assets are no lines.
    #[error("network: an edge is a line, with one field for its start and another for its end")]
    Edge,
    /// Too many fields.
    #[error("{0} fields, expected at most {MAX_OWN_FIELDS}")]
    TooMany(usize),
}

impl Class {
    /// A class from its description and the fields that it adds to the core.
    ///
    /// # Errors
    /// When a name, code list or range is not as it must be.
    pub fn try_new(
        name: &str,
        title: Text,
        description: Text,
        geometry: GeometryKind,
        own: Vec<Field>,
    ) -> Result<Self, ClassError> {
        check_name(name)?;
        if RESERVED_CLASS_NAMES.contains(&name) {
            return Err(ClassError::Taken(name.into()));
        }
        if own.len() > MAX_OWN_FIELDS {
            return Err(ClassError::TooMany(own.len()));
        }
        let mut fields = core_fields().to_vec();
        for field in own {
            check_field(&field)?;
            let taken = RESERVED_NAMES.contains(&&*field.name);
            if taken || core_fields().iter().any(|core| core.name == field.name) {
                return Err(ClassError::Taken(field.name.into()));
            }
            if fields.iter().any(|other| other.name == field.name) {
                return Err(ClassError::FieldTwice(field.name.into()));
            }
            fields.push(Field { core: None, ..field });
        }
        let retires_codes = fields.iter().any(Field::retires_codes);
        let (name, network, retired) = (name.into(), None, false);
        Ok(Self { name, title, description, geometry, network, fields, retired, retires_codes })
    }

    /// The class with a part in a network.
    ///
    /// # Errors
    /// When the network's name is no name; and for edges when the class is not of lines, or its
    /// ends are not two text fields of its own.
    pub fn with_network(mut self, network: Network) -> Result<Self, ClassError> {
        check_name(&network.kind)?;
        if let NetworkRole::Edge { from, to } = &network.role {
            if from == to || self.geometry != GeometryKind::Line {
                return Err(ClassError::Edge);
            }
            for end in [from, to] {
                let named = self.own_fields().iter().find(|field| field.name == *end);
                let holds_codes = |field: &Field| {
                    field.kind == Kind::Text && field.is_given() && !field.is_read_only()
                };
                if !named.is_some_and(holds_codes) {
                    return Err(ClassError::End(end.to_string()));
                }
            }
        }
        self.network = Some(network);
        Ok(self)
    }

    /// The same class, retired or not.
    #[must_use]
    pub fn retired(self, retired: bool) -> Self {
        Self { retired, ..self }
    }

    /// Whether the class has no collection any more; what it held is still read in histories.
    pub fn is_retired(&self) -> bool {
        self.retired
    }

    /// Whether the class has a code that is retired.
    pub fn retires_codes(&self) -> bool {
        self.retires_codes
    }

    /// The class, as it was once, with fields as sensitive as they are today.
    #[must_use]
    pub fn as_sensitive_as(mut self, today: &Self) -> Self {
        for field in &mut self.fields {
            if let Some(position) = today.position(&field.name) {
                field.sensitivity = today.fields[position].sensitivity;
            }
        }
        self
    }

    /// The name, which is that of its collection: plural.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What people call it.
    pub fn title(&self) -> &Text {
        &self.title
    }

    /// What belongs to it.
    pub fn description(&self) -> &Text {
        &self.description
    }

    /// The geometry of its assets.
    pub fn geometry(&self) -> GeometryKind {
        self.geometry
    }

    /// Its part in a network; `None` for what belongs to none.
    pub fn network(&self) -> Option<&Network> {
        self.network.as_ref()
    }

    /// All fields: first those of [`core_fields`], in that order, then the class's own.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The class's own fields, without the core.
    pub fn own_fields(&self) -> &[Field] {
        &self.fields[core_fields().len()..]
    }

    /// The place of a field in [`Class::fields`].
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| &*field.name == name)
    }
}

fn check_name(name: &str) -> Result<(), ClassError> {
    let mut bytes = name.bytes();
    let good = name.len() <= MAX_CLASS_NAME_BYTES
        && bytes.next().is_some_and(|byte| byte.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if good { Ok(()) } else { Err(ClassError::Name(name.chars().take(80).collect())) }
}

fn check_field(field: &Field) -> Result<(), ClassError> {
    check_name(&field.name)?;
    let name = || field.name.to_string();
    if let Some(codes) = field.kind.codes() {
        if codes.is_empty() || codes.iter().any(|code| code.code.trim().is_empty()) {
            return Err(ClassError::NoCodes(name()));
        }
        if codes.len() > MAX_CODES {
            return Err(ClassError::TooManyCodes { field: name(), count: codes.len() });
        }
        for (at, code) in codes.iter().enumerate() {
            if codes[..at].iter().any(|other| other.code == code.code) {
                let code = code.code.to_string();
                return Err(ClassError::CodeTwice { field: name(), code });
            }
        }
    }
    if field.event.is_some_and(|part| !part.suits(&field.kind)) {
        return Err(ClassError::Event(name()));
    }
    let numeric = matches!(field.kind, Kind::Integer | Kind::Number);
    match field.range {
        None => Ok(()),
        // A range with NaN at either end holds nothing, not even its own end.
        Some((least, greatest)) if numeric && (least..=greatest).contains(&least) => Ok(()),
        Some(_) => Err(ClassError::Range(name())),
    }
}

/// A set of fields of one class, by their places in [`Class::fields`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct FieldSet([u64; 3]);

impl FieldSet {
    /// Adds a field; says whether it was new.
    pub fn insert(&mut self, position: usize) -> bool {
        let (word, bit) = (position / 64, 1 << (position % 64));
        let new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        new
    }

    /// Whether the field is in the set.
    pub fn contains(&self, position: usize) -> bool {
        self.0[position / 64] & (1 << (position % 64)) != 0
    }
}

/// The classes of a register, by name.
#[derive(Clone, Debug, Default)]
pub struct Classes(BTreeMap<Box<str>, Arc<Class>>);

impl Classes {
    /// The class of that name.
    pub fn get(&self, name: &str) -> Option<&Arc<Class>> {
        self.0.get(name)
    }

    /// All classes in the order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<Class>> {
        self.0.values()
    }
}

impl FromIterator<Class> for Classes {
    fn from_iter<I: IntoIterator<Item = Class>>(classes: I) -> Self {
        Self(classes.into_iter().map(|class| (class.name.clone(), Arc::new(class))).collect())
    }
}
