//! What a question is about: the assets of one class, all assets with what they have in common, or
//! the work that falls due on them.

use std::sync::Arc;

use jiff::civil::Date;
use terrier_model::{Class, Classes, Field, Scope, core_fields};

use crate::due::due_fields;

/// The name of the collection that holds the assets of every class.
pub const ASSETS: &str = "assets";

/// The name of the collection of the work that falls due.
pub const DUE: &str = "due";

/// A collection of assets, or of what falls due on them.
#[derive(Clone, Debug)]
pub enum Collection {
    /// Every asset, with the fields of the core.
    Assets,
    /// The assets of one class, with all its fields.
    Class(Arc<Class>),
    /// The work that falls due on the assets of every class: one feature for each asset and kind of
    /// work, with the fields of the core and those of the work. Nothing of it is kept; it is told as
    /// of this day, which is today, unless a question names another.
    Due(Date),
}

impl Collection {
    /// The collection of assets of that name; `None` when there is none.
    pub fn find(name: &str, classes: &Classes) -> Option<Self> {
        if name == ASSETS {
            return Some(Self::Assets);
        }
        classes.get(name).map(|class| Self::Class(Arc::clone(class)))
    }

    /// The name, as in addresses.
    pub fn name(&self) -> &str {
        match self {
            Self::Assets => ASSETS,
            Self::Class(class) => class.name(),
            Self::Due(_) => DUE,
        }
    }

    /// The class, unless it is about all of them.
    pub fn class(&self) -> Option<&Arc<Class>> {
        match self {
            Self::Assets | Self::Due(_) => None,
            Self::Class(class) => Some(class),
        }
    }

    /// Whether assets of the class, or the work on them, belong to it.
    pub fn covers(&self, class: &Class) -> bool {
        match self {
            Self::Assets | Self::Due(_) => true,
            Self::Class(own) => own.name() == class.name(),
        }
    }

    /// Its fields, seen or not. A field's place here is its place in [`Class::fields`] of each
    /// class that the collection covers, but for the fields of work that falls due, which come after
    /// those of the core.
    pub fn fields(&self) -> &[Field] {
        match self {
            Self::Assets => core_fields(),
            Self::Class(class) => class.fields(),
            Self::Due(_) => due_fields(),
        }
    }

    /// The place of a field that exists for the caller.
    pub fn position(&self, name: &str, scope: Scope) -> Option<usize> {
        self.fields().iter().position(|field| &*field.name == name && scope.sees(field))
    }
}
