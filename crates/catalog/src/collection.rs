//! What a question is about: the assets of one class, or all assets with what they have in common.

use std::sync::Arc;

use terrier_model::{Class, Classes, Field, Scope, core_fields};

/// The name of the collection that holds the assets of every class.
pub const ASSETS: &str = "assets";

/// A collection of assets.
#[derive(Clone, Debug)]
pub enum Collection {
    /// Every asset, with the fields of the core.
    Assets,
    /// The assets of one class, with all its fields.
    Class(Arc<Class>),
}

impl Collection {
    /// The collection of that name; `None` when there is none.
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
        }
    }

    /// The class, unless it is all of them.
    pub fn class(&self) -> Option<&Arc<Class>> {
        match self {
            Self::Assets => None,
            Self::Class(class) => Some(class),
        }
    }

    /// Whether assets of the class belong to it.
    pub fn covers(&self, class: &Class) -> bool {
        match self {
            Self::Assets => true,
            Self::Class(own) => own.name() == class.name(),
        }
    }

    /// Its fields, seen or not. A field's place here is its place in [`Class::fields`] of each
    /// class that the collection covers.
    pub fn fields(&self) -> &[Field] {
        match self {
            Self::Assets => core_fields(),
            Self::Class(class) => class.fields(),
        }
    }

    /// The place of a field that exists for the caller.
    pub fn position(&self, name: &str, scope: Scope) -> Option<usize> {
        self.fields().iter().position(|field| &*field.name == name && scope.sees(field))
    }
}
