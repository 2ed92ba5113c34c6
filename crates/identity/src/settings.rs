//! Whose tokens are taken, and what they are to the registry: a document in TOML.

use std::time::Duration;

use serde::Deserialize;

use crate::address::{self, AddressError};
use crate::algorithm::Algorithm;
use crate::limits::{
    MAX_CLAIM_DEPTH, MAX_IDENTITY_BYTES, MAX_KEPT_S, MAX_LEEWAY_S, MAX_MAPPED_ROLES,
    MAX_SETTING_CHARS,
};

/// Which claims name the person where the settings do not say.
const PERSON_CLAIMS: [&str; 2] = ["preferred_username", "sub"];

/// By how many seconds the clocks may differ where the settings do not say.
const LEEWAY_S: u32 = 60;

/// After how many seconds the keys are read anew because of a key that is not among them.
const REFETCH_S: u32 = 30;

/// After how many seconds the keys are read anew in any case.
const KEEP_S: u32 = 900;

/// Whose tokens are taken, and what they are to the registry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IdentitySettings {
    pub(crate) issuer: Box<str>,
    pub(crate) audience: Box<str>,
    /// The address of the keys; `None` when the issuer says it.
    pub(crate) keys: Option<Box<str>>,
    /// A file of the certificates that sign those of the issuer; `None` for the usual ones.
    pub(crate) certificates: Option<Box<str>>,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) leeway_s: u32,
    pub(crate) refetch: Duration,
    pub(crate) keep: Duration,
    /// The claims that may name the person, the first that there is.
    pub(crate) person: Vec<Vec<Box<str>>>,
    /// The claim that has the roles.
    pub(crate) roles: Vec<Box<str>>,
    /// What is given for which of its values, the first before the others.
    pub(crate) given: Vec<Given>,
}

/// A role of the registry for a value of a claim.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Given {
    pub(crate) value: Box<str>,
    pub(crate) role: Box<str>,
}

/// A document that is none of such settings.
#[derive(Debug, thiserror::Error)]
pub enum IdentitySettingsError {
    /// It is too long.
    #[error("it has more than {MAX_IDENTITY_BYTES} bytes")]
    TooLong,
    /// It is no TOML, or has a member that is not known, or none that is wanted.
    #[error("it cannot be read")]
    Toml(#[source] toml::de::Error),
    /// An address is none that may be asked.
    #[error("`{member}`: found `{found}`")]
    Address {
        /// Which.
        member: &'static str,
        /// What stands there, or its beginning.
        found: Box<str>,
        /// What is expected.
        source: AddressError,
    },
    /// An algorithm is none that is taken.
    #[error("`algorithms`: found `{0}`, expected some of {names}", names = names())]
    Algorithm(Box<str>),
    /// A value lies beyond its bounds.
    #[error("`{member}`: expected {expected}")]
    Bounds {
        /// Which.
        member: &'static str,
        /// What is expected.
        expected: String,
    },
}

/// The document as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    issuer: String,
    audience: String,
    keys: Option<String>,
    certificates: Option<String>,
    algorithms: Option<Vec<String>>,
    leeway_seconds: Option<u32>,
    refetch_seconds: Option<u32>,
    keep_seconds: Option<u32>,
    person: Option<Path>,
    roles: Path,
    role: Vec<RoleEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleEntry {
    value: String,
    gives: String,
}

/// Where a claim lies: names with points between, or one after the other where they hold points themselves.
#[derive(Deserialize)]
#[serde(untagged)]
enum Path {
    Text(String),
    Names(Vec<String>),
}

impl IdentitySettings {
    /// The settings that a document holds.
    ///
    /// # Errors
    /// When it has a member that is not known, lacks one, or one lies beyond its bounds.
    pub fn parse(text: &str) -> Result<Self, IdentitySettingsError> {
        if text.len() > MAX_IDENTITY_BYTES {
            return Err(IdentitySettingsError::TooLong);
        }
        let document: Document = toml::from_str(text).map_err(IdentitySettingsError::Toml)?;
        let Document {
            issuer,
            audience,
            keys,
            certificates,
            algorithms,
            leeway_seconds,
            refetch_seconds,
            keep_seconds,
            person,
            roles,
            role,
        } = document;
        let keys = keys.map(|keys| checked_address("keys", &keys)).transpose()?;
        let certificates = certificates.map(|file| plain("certificates", file)).transpose()?;
        let leeway_s = bounded("leeway_seconds", leeway_seconds, LEEWAY_S, 0, MAX_LEEWAY_S)?;
        let refetch_s = bounded("refetch_seconds", refetch_seconds, REFETCH_S, 1, MAX_KEPT_S)?;
        let keep_s = bounded("keep_seconds", keep_seconds, KEEP_S, 1, MAX_KEPT_S)?;
        let person = match person {
            Some(path) => vec![claim("person", path)?],
            None => PERSON_CLAIMS.iter().map(|name| vec![(*name).into()]).collect(),
        };
        Ok(Self {
            issuer: checked_address("issuer", &issuer)?,
            audience: plain("audience", audience)?,
            keys,
            certificates,
            algorithms: taken(algorithms)?,
            leeway_s,
            refetch: Duration::from_secs(refetch_s.into()),
            keep: Duration::from_secs(keep_s.into()),
            person,
            roles: claim("roles", roles)?,
            given: given(role)?,
        })
    }

    /// Who gives the tokens: their claim `iss`, to the letter.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where the issuer describes itself; `None` when the settings say where its keys are.
    pub fn discovery(&self) -> Option<String> {
        self.keys.is_none().then(|| self.discovery_address())
    }

    pub(crate) fn discovery_address(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'))
    }

    /// The file of the certificates that sign those of the issuer, as the document names it; `None` for the
    /// usual ones.
    pub fn certificates(&self) -> Option<&str> {
        self.certificates.as_deref()
    }

    /// The roles that are given.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.given.iter().map(|given| &*given.role)
    }
}

fn names() -> String {
    Algorithm::ALL.map(Algorithm::name).join(", ")
}

fn checked_address(member: &'static str, text: &str) -> Result<Box<str>, IdentitySettingsError> {
    let checked = address::checked(text).map(Into::into);
    checked.map_err(|source| {
        let found = text.chars().take(MAX_SETTING_CHARS).collect::<String>().into();
        IdentitySettingsError::Address { member, found, source }
    })
}

fn plain(member: &'static str, text: String) -> Result<Box<str>, IdentitySettingsError> {
    let is_plain = (1..=MAX_SETTING_CHARS).contains(&text.chars().count())
        && !text.chars().any(char::is_control);
    if is_plain {
        return Ok(text.into());
    }
    let expected = format!("a text of 1 to {MAX_SETTING_CHARS} characters");
    Err(IdentitySettingsError::Bounds { member, expected })
}

fn bounded(
    member: &'static str,
    found: Option<u32>,
    usual: u32,
    min: u32,
    max: u32,
) -> Result<u32, IdentitySettingsError> {
    let value = found.unwrap_or(usual);
    if (min..=max).contains(&value) {
        return Ok(value);
    }
    let expected = format!("{min} to {max} seconds");
    Err(IdentitySettingsError::Bounds { member, expected })
}

fn taken(names: Option<Vec<String>>) -> Result<Vec<Algorithm>, IdentitySettingsError> {
    let Some(names) = names else { return Ok(Algorithm::USUAL.into()) };
    if names.is_empty() {
        let expected = format!("some of {}", self::names());
        return Err(IdentitySettingsError::Bounds { member: "algorithms", expected });
    }
    let algorithm = |name: String| {
        let shown = || name.chars().take(MAX_SETTING_CHARS).collect::<String>();
        Algorithm::named(&name).ok_or_else(|| IdentitySettingsError::Algorithm(shown().into()))
    };
    names.into_iter().map(algorithm).collect()
}

fn claim(member: &'static str, path: Path) -> Result<Vec<Box<str>>, IdentitySettingsError> {
    let names = match path {
        Path::Text(text) => text.split('.').map(str::to_owned).collect(),
        Path::Names(names) => names,
    };
    if !(1..=MAX_CLAIM_DEPTH).contains(&names.len()) {
        let expected = format!("1 to {MAX_CLAIM_DEPTH} names of claims, one within the other");
        return Err(IdentitySettingsError::Bounds { member, expected });
    }
    names.into_iter().map(|name| plain(member, name)).collect()
}

fn given(entries: Vec<RoleEntry>) -> Result<Vec<Given>, IdentitySettingsError> {
    if !(1..=MAX_MAPPED_ROLES).contains(&entries.len()) {
        let expected =
            format!("1 to {MAX_MAPPED_ROLES} tables of a `value` and the role that it `gives`");
        return Err(IdentitySettingsError::Bounds { member: "role", expected });
    }
    let given = |RoleEntry { value, gives }| {
        Ok(Given { value: plain("role.value", value)?, role: plain("role.gives", gives)? })
    };
    entries.into_iter().map(given).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error;

    const ROLE: &str = "[[role]]\nvalue = \"a\"\ngives = \"viewer\"\n";

    fn read(head: &str, roles: &str) -> Result<IdentitySettings, IdentitySettingsError> {
        IdentitySettings::parse(&format!(
            "issuer = \"https://a/b/\"\naudience = \"terrier\"\nroles = \"roles\"\n{head}\n{roles}"
        ))
    }

    /// Checks what is said of a document with this line.
    fn check(line: &str, expected: Option<&str>) {
        let found = read(line, ROLE).err().map(|error| {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            format!("{error}{cause}")
        });
        match (&found, expected) {
            (Some(found), Some(expected)) => assert!(found.contains(expected), "{found}"),
            _ => assert_eq!(found.as_deref(), expected, "{line}"),
        }
    }

    #[test]
    fn what_is_left_out_is_as_is_usual() {
        let settings = read("", ROLE).expect("settings");
        assert_eq!(settings.algorithms, Algorithm::USUAL);
        assert_eq!((settings.leeway_s, settings.keep.as_secs()), (60, 900));
        assert_eq!(settings.person.len(), 2);
        let discovery = settings.discovery();
        assert_eq!(discovery.as_deref(), Some("https://a/b/.well-known/openid-configuration"));
        let settings = read("keys = \"https://a/keys\"", ROLE).expect("settings");
        assert_eq!(settings.discovery(), None);
    }

    #[test]
    fn a_member_that_is_not_known_or_beyond_its_bounds_is_named() {
        check("keys = \"https://a/keys\"", None);
        check("key = \"https://a/keys\"", Some("unknown field `key`"));
        check(
            "keys = \"http://a/keys\"",
            Some("`keys`: found `http://a/keys`: expected an address"),
        );
        check("leeway_seconds = 0", None);
        check("leeway_seconds = 300", None);
        check("leeway_seconds = 301", Some("`leeway_seconds`: expected 0 to 300 seconds"));
        check("leeway_seconds = -1", Some("cannot be read"));
        check("refetch_seconds = 0", Some("`refetch_seconds`: expected 1 to 86400 seconds"));
        check("keep_seconds = 86400", None);
        check("keep_seconds = 86401", Some("`keep_seconds`: expected 1 to 86400 seconds"));
        check("person = \"a.b.c.d.e.f.g.h\"", None);
        check("person = \"a.b.c.d.e.f.g.h.i\"", Some("`person`: expected 1 to 8 names"));
        check("person = []", Some("`person`: expected 1 to 8 names"));
        check("person = \"a..b\"", Some("`person`: expected a text of 1 to 500"));
        check("person = 1", Some("cannot be read"));
        check("certificates = \"\"", Some("`certificates`: expected a text"));
    }

    #[test]
    fn only_algorithms_with_a_public_key_are_taken() {
        check("algorithms = [\"PS512\", \"ES384\"]", None);
        check("algorithms = []", Some("`algorithms`: expected some of RS256"));
        for name in ["none", "HS256", "rs256", ""] {
            let line = format!("algorithms = [\"RS256\", \"{name}\"]");
            check(&line, Some(&format!("`algorithms`: found `{name}`, expected some of RS256")));
        }
    }

    #[test]
    fn roles_and_the_document_have_bounds() {
        let said = |roles: &str| read("", roles).err().map(|error| error.to_string());
        assert_eq!(said(&ROLE.repeat(MAX_MAPPED_ROLES)), None);
        let many = said(&ROLE.repeat(MAX_MAPPED_ROLES + 1));
        assert!(many.is_some_and(|many| many.starts_with("`role`: expected 1 to 200 tables")));
        assert!(said("role = []").is_some());
        assert!(said("").is_some());
        let empty = ROLE.replace("\"a\"", "\"\"");
        assert!(said(&empty).is_some_and(|said| said.starts_with("`role.value`")));
        let base = read(&format!("# {}", "a".repeat(1000)), ROLE).is_ok();
        assert!(base);
        let long = said(&format!("{ROLE}# {}", "a".repeat(MAX_IDENTITY_BYTES)));
        assert_eq!(long.as_deref(), Some("it has more than 65536 bytes"));
    }
}
