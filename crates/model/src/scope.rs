//! How much of the register a caller may see.

use crate::{Field, Sensitivity};

/// The caller's scope. Every question carries one.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Scope {
    /// Anybody: restricted fields do not exist.
    Public,
    /// The operator of the register: every field.
    Everything,
}

impl Scope {
    /// Whether the field exists for the caller; a retired one exists for nobody.
    pub fn sees(self, field: &Field) -> bool {
        let is_allowed = match self {
            Self::Everything => true,
            Self::Public => field.sensitivity == Sensitivity::Public,
        };
        is_allowed && !field.retired
    }
}
