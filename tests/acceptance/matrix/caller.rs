//! Those who ask: nobody, who has a key that does not work, and each shipped role, whole and narrowed.

use terrier_model::{Permission, Role};

/// Somebody who asks.
pub(super) struct Caller {
    pub(super) name: String,
    pub(super) key: Option<String>,
    pub(super) who: Who,
    /// The one collection to which the key is narrowed.
    pub(super) collections: Option<&'static str>,
    /// Whether the key is narrowed to the area.
    pub(super) has_area: bool,
}

/// What the registry knows of them.
pub(super) enum Who {
    /// They show no key, to a server that shows this collection to anybody.
    Nobody {
        public: Option<&'static str>,
    },
    /// Their key does not work.
    Refused,
    Role(Role),
}

impl Caller {
    /// Whether a collection exists for them.
    pub(super) fn sees(&self, collection: &str) -> bool {
        self.holds(Permission::Read, collection)
    }

    /// Whether they may do something in a collection.
    pub(super) fn holds(&self, permission: Permission, collection: &str) -> bool {
        let is_within = self.collections.is_none_or(|own| own == collection);
        match &self.who {
            Who::Nobody { public } => {
                let is_of_anybody = matches!(permission, Permission::Read | Permission::History);
                is_of_anybody && *public == Some(collection)
            }
            Who::Refused => false,
            Who::Role(role) => {
                let grant = role.grant(collection);
                is_within && grant.is_some_and(|grant| grant.permissions.contains(&permission))
            }
        }
    }

    /// Whether they may do something in some collection.
    pub(super) fn holds_somewhere(&self, permission: Permission) -> bool {
        let Who::Role(role) = &self.who else { return false };
        role.grants.iter().any(|grant| grant.permissions.contains(&permission))
    }
}
