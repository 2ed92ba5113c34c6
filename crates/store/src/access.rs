//! Who may see and do what, as a server holds it in memory.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use terrier_catalog::{KeyHash, KeyId, Secret};
use terrier_model::{Names, Role, Scope};

mod standing;

pub(crate) use standing::Held;
pub use standing::{HeldPerson, HeldRole};

/// How often it is kept that a key is used.
pub const KEY_USE_EVERY: Duration = Duration::from_mins(1);

/// The keys that work, the people and roles that stand, and what is shown to who brings no key.
#[derive(Debug)]
pub struct Access {
    version: u64,
    public: Names,
    strict: Names,
    restricted: Option<Names>,
    anybody: Scope,
    keys: HashMap<KeyId, Arc<HeldKey>>,
    held: Held,
}

impl Default for Access {
    fn default() -> Self {
        Self::new(0, [Names::none(), Names::none()], None, Vec::new(), Held::default())
    }
}

impl Access {
    /// The classes are those that are public, those that are strict, and those that are restricted, where
    /// somebody has said so.
    pub(crate) fn new(
        version: u64,
        [public, strict]: [Names; 2],
        restricted: Option<Names>,
        keys: Vec<HeldKey>,
        held: Held,
    ) -> Self {
        let keys = keys.into_iter().map(|key| (key.id, Arc::new(key))).collect();
        let anybody = Scope::public(public.clone());
        Self { version, public, strict, restricted, anybody, keys, held }
    }

    /// The last change of who may do what, or of the classes that this is about.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The classes of asset that are shown to who brings no key.
    pub fn public(&self) -> &Names {
        &self.public
    }

    /// The classes that are edited only by who has seen the newest version.
    pub fn strict(&self) -> &Names {
        &self.strict
    }

    /// The classes of which it is written down who reads them; `None`: those that are not public.
    pub fn restricted(&self) -> Option<&Names> {
        self.restricted.as_ref()
    }

    /// What is shown to who brings no key.
    pub fn anybody(&self) -> &Scope {
        &self.anybody
    }

    /// The person of that name, when they stand and so does their organisation.
    pub fn person(&self, name: &str) -> Option<&HeldPerson> {
        self.held.people.get(name)
    }

    /// The role of that name, when it stands.
    pub fn role(&self, name: &str) -> Option<&HeldRole> {
        self.held.roles.get(name)
    }

    /// Whether there is no key, so that nobody but the command line may change anything.
    pub fn has_no_key(&self) -> bool {
        self.keys.is_empty()
    }

    /// The key that somebody has brought, when it is one that works at that moment. A key that there is
    /// not takes as long as one that is not right.
    pub fn find(&self, secret: &Secret, now: Timestamp) -> Option<&Arc<HeldKey>> {
        let found = self.keys.get(&secret.id());
        let is_right = found.map_or(NOBODYS, |key| key.hash).is_of(secret);
        found.filter(|key| is_right && key.until.is_none_or(|until| now < until))
    }
}

/// The hash of no secret that anybody has.
const NOBODYS: KeyHash = KeyHash([0; 32]);

/// A key that works, until its time is over.
#[derive(Debug)]
pub struct HeldKey {
    number: u32,
    hash: KeyHash,
    id: KeyId,
    person: Arc<str>,
    organisation: Box<str>,
    role: Arc<Role>,
    scope: Scope,
    until: Option<Timestamp>,
    /// In microseconds since 1970; the least number when it was never used.
    last_used: AtomicI64,
    given: Option<(Date, u64)>,
}

impl HeldKey {
    #[expect(clippy::too_many_arguments, reason = "one a column of the ledger, in one place")]
    pub(crate) fn new(
        number: u32,
        hash: KeyHash,
        id: KeyId,
        person: &str,
        organisation: &str,
        role: Role,
        until: Option<Timestamp>,
        last_used: Option<Timestamp>,
        given: Option<(Date, u64)>,
    ) -> Self {
        let last_used = last_used.map_or(i64::MIN, Timestamp::as_microsecond);
        Self {
            number,
            hash,
            id,
            person: person.into(),
            organisation: organisation.into(),
            scope: Scope::of(&role),
            role: Arc::new(role),
            until,
            last_used: last_used.into(),
            given,
        }
    }

    /// The number that the ledger gave it.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// By which it is known.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Whose it is.
    pub fn person(&self) -> &Arc<str> {
        &self.person
    }

    /// The organisation that they are of.
    pub fn organisation(&self) -> &str {
        &self.organisation
    }

    /// What it allows.
    pub fn role(&self) -> &Arc<Role> {
        &self.role
    }

    /// What it allows, made ready for questions.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The last day for which features are counted, and how many those were, when the key was read.
    pub fn given(&self) -> Option<(Date, u64)> {
        self.given
    }

    /// Whether this use has to be kept: the last that was lies [`KEY_USE_EVERY`] back. Of several who ask
    /// at once one is told so.
    pub fn is_use_to_be_kept(&self, now: Timestamp) -> bool {
        let now = now.as_microsecond();
        let last = self.last_used.load(Ordering::Relaxed);
        let is_due = now.saturating_sub(last) >= KEY_USE_EVERY.as_micros() as i64;
        let swap =
            || self.last_used.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed);
        is_due && swap().is_ok()
    }
}
