//! The rules of a registry, checked against its classes.

use jiff::civil::Date;
use terrier_model::{Class, Judge, Rule};

/// The rules that are kept, in force on a day or not.
#[derive(Debug, Default)]
pub struct Rules {
    /// The last change of rules, or of the classes that they are about.
    pub(crate) version: u64,
    pub(crate) all: Vec<Rule>,
}

impl Rules {
    /// The last change of rules, or of the classes that they are about.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// All of them, pack by pack.
    pub fn all(&self) -> &[Rule] {
        &self.all
    }

    /// Those for a class that are in force on a day.
    pub fn judge<'r>(&'r self, class: &'r Class, day: Date) -> Judge<'r> {
        Judge::new(class, &self.all, day)
    }
}
