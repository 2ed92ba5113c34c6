//! The people and the roles that stand, for those who say who they are in another way than by a key.

use std::collections::HashMap;
use std::sync::Arc;

use terrier_model::{Role, Scope};

/// The people and the roles that stand, by name.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(super) people: HashMap<Box<str>, HeldPerson>,
    pub(super) roles: HashMap<Box<str>, HeldRole>,
}

impl Held {
    /// People with their organisations, and roles.
    pub(crate) fn new<'n>(
        people: impl Iterator<Item = (&'n str, &'n str)>,
        roles: impl Iterator<Item = Role>,
    ) -> Self {
        let person = |(name, organisation): (&str, &str)| {
            let (name, organisation): (Arc<str>, Box<str>) = (name.into(), organisation.into());
            (Box::from(&*name), HeldPerson { name, organisation })
        };
        let role = |role: Role| {
            let scope = Scope::of(&role);
            (role.name.clone(), HeldRole { role: Arc::new(role), scope })
        };
        Self { people: people.map(person).collect(), roles: roles.map(role).collect() }
    }
}

/// A person who is of an organisation that stands.
#[derive(Debug)]
pub struct HeldPerson {
    name: Arc<str>,
    organisation: Box<str>,
}

impl HeldPerson {
    /// By which name they make changes.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The organisation that they are of.
    pub fn organisation(&self) -> &str {
        &self.organisation
    }
}

/// A role that stands.
#[derive(Debug)]
pub struct HeldRole {
    role: Arc<Role>,
    scope: Scope,
}

impl HeldRole {
    /// What it allows.
    pub fn role(&self) -> &Arc<Role> {
        &self.role
    }

    /// What it allows, made ready for questions.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
}
