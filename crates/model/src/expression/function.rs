//! The functions that a condition may call, beside the operators of CQL2.

/// A function: its name, what it takes and what it gives.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// The name; any case is taken.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub description: &'static str,
    /// What it takes.
    pub arguments: &'static [Argument],
    /// What it gives.
    pub returns: ValueType,
    pub(super) known: Known,
}

/// What a function takes at one place.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// What it is called.
    pub title: &'static str,
    /// What it is, with its unit.
    pub description: &'static str,
    /// Which values it may have.
    pub types: &'static [ValueType],
}

/// What a value is, by the names of OGC API - Features, part 3.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ValueType {
    Text,
    Number,
    Integer,
    Datetime,
    Geometry,
    Boolean,
}

impl ValueType {
    /// The name in the list of functions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Datetime => "datetime",
            Self::Geometry => "geometry",
            Self::Boolean => "boolean",
        }
    }
}

/// Which of the functions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Known {
    WithinDistance,
    Age,
    DueState,
}

impl Function {
    /// All of them.
    pub const ALL: [Self; 3] = [
        Self {
            name: "S_DWITHIN",
            description: "Whether two geometries lie within a distance of each other, measured \
                          along the ground on the WGS 84 ellipsoid.",
            arguments: &[
                Argument {
                    title: "first",
                    description: "The geometry of the asset, or one that is given.",
                    types: &[ValueType::Geometry],
                },
                Argument {
                    title: "second",
                    description: "The geometry of the asset, or one that is given.",
                    types: &[ValueType::Geometry],
                },
                Argument {
                    title: "metres",
                    description: "The distance in metres; the bound belongs to it.",
                    types: &[ValueType::Number],
                },
            ],
            returns: ValueType::Boolean,
            known: Known::WithinDistance,
        },
        Self {
            name: "age",
            description: "How many full years have gone by from one day to another, below zero \
                          when the second is the earlier.",
            arguments: &[
                Argument {
                    title: "since",
                    description: "The day from which years are counted, such as `installed_on`.",
                    types: &[ValueType::Datetime],
                },
                Argument {
                    title: "on",
                    description: "The day on which the age is asked for.",
                    types: &[ValueType::Datetime],
                },
            ],
            returns: ValueType::Integer,
            known: Known::Age,
        },
        Self {
            name: "due_state",
            description: "How it stands today with work of a kind: `not_due`, `upcoming`, \
                          `unknown`, `due` or `overdue`; nothing when no rule wants such work.",
            arguments: &[Argument {
                title: "kind",
                description: "The code of a kind of work, such as `renew`.",
                types: &[ValueType::Text],
            }],
            returns: ValueType::Text,
            known: Known::DueState,
        },
    ];

    /// The function of that name, in any case.
    pub fn find(name: &str) -> Option<&'static Self> {
        const ALL: &[Function] = &Function::ALL;
        ALL.iter().find(|function| function.name.eq_ignore_ascii_case(name))
    }

    /// How it is called, in words.
    pub fn signature(&self) -> String {
        let titles: Vec<&str> = self.arguments.iter().map(|argument| argument.title).collect();
        format!("{}({})", self.name, titles.join(", "))
    }
}
