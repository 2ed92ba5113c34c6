//! What the claims of a token have to say, and what they say of whose it is.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::limits::MAX_CLAIMED_ROLES;
use crate::refusal::Refusal;
use crate::settings::IdentitySettings;

/// Whose a token is, and which role it gives them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Login {
    /// The name that the issuer gives the person.
    pub person: Box<str>,
    /// The role of the registry; `None` when the settings give none for what the token says.
    pub role: Option<Box<str>>,
}

/// When a token holds, in seconds since 1970, the leeway included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Period {
    from: f64,
    until: f64,
}

impl Period {
    /// Checks a moment.
    pub(crate) fn check(self, now: Timestamp) -> Result<(), Refusal> {
        let now = now.as_duration().as_secs_f64();
        match () {
            () if now >= self.until => Err(Refusal::Over),
            () if now < self.from => Err(Refusal::NotYet),
            () => Ok(()),
        }
    }
}

/// When the claims hold, and whose they are, when they are of the issuer and for this server.
pub(crate) fn read(
    claims: &Map<String, Value>,
    settings: &IdentitySettings,
) -> Result<(Login, Period), Refusal> {
    if claims.get("iss").and_then(Value::as_str) != Some(&settings.issuer) {
        return Err(Refusal::Issuer);
    }
    let is_meant = |audience: &Value| audience.as_str() == Some(&settings.audience);
    let is_for_us = match claims.get("aud") {
        Some(Value::Array(all)) => all.iter().any(is_meant),
        Some(one) => is_meant(one),
        None => false,
    };
    if !is_for_us {
        return Err(Refusal::Audience);
    }
    let period = period(claims, settings.leeway_s)?;
    let person = settings.person.iter().find_map(|path| at(claims, path)).and_then(Value::as_str);
    let person = person.filter(|name| !name.is_empty()).ok_or(Refusal::Person)?.into();
    Ok((Login { person, role: role(claims, settings) }, period))
}

fn period(claims: &Map<String, Value>, leeway_s: u32) -> Result<Period, Refusal> {
    // A claim that is there and no number must not be taken for one that is missing.
    let second = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => value.as_f64().map(Some).ok_or(Refusal::Unreadable),
    };
    let leeway = f64::from(leeway_s);
    let until = second("exp")?.ok_or(Refusal::NoEnd)? + leeway;
    let begins = [second("nbf")?, second("iat")?].into_iter().flatten();
    let from = begins.fold(f64::NEG_INFINITY, f64::max) - leeway;
    Ok(Period { from, until })
}

/// The first role of the settings of which the token has the value.
fn role(claims: &Map<String, Value>, settings: &IdentitySettings) -> Option<Box<str>> {
    let values: Vec<&str> = match at(claims, &settings.roles)? {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().take(MAX_CLAIMED_ROLES).filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let given = settings.given.iter().find(|given| values.contains(&&*given.value));
    given.map(|given| given.role.clone())
}

/// The claim at the end of a path.
fn at<'c>(claims: &'c Map<String, Value>, path: &[Box<str>]) -> Option<&'c Value> {
    let (last, before) = path.split_last()?;
    let members = before.iter().try_fold(claims, |members, name| members.get(&**name)?.as_object());
    members?.get(&**last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SETTINGS: &str = "issuer = \"https://a\"\naudience = \"terrier\"\n\
        roles = \"realm_access.roles\"\nrole = [\
        { value = \"boss\", gives = \"editor\" }, { value = \"staff\", gives = \"viewer\" }]\n";

    fn settings(more: &str) -> IdentitySettings {
        IdentitySettings::parse(&format!("{more}\n{SETTINGS}")).expect("settings")
    }

    /// The claims of a good token with these in the place of its own; one that is null is left out.
    fn claims(more: Value) -> Map<String, Value> {
        let good = json!({
            "iss": "https://a", "aud": "terrier", "exp": 1000, "iat": 100, "sub": "u1",
            "preferred_username": "wang.li", "realm_access": { "roles": ["staff"] },
        });
        let both = [good, more].into_iter().flat_map(|value| match value {
            Value::Object(members) => members,
            _ => Map::new(),
        });
        both.collect::<Map<_, _>>().into_iter().filter(|(_, value)| !value.is_null()).collect()
    }

    fn check(more: Value, expected: Result<&str, Refusal>) {
        check_with("", more, expected);
    }

    fn check_with(settings_text: &str, more: Value, expected: Result<&str, Refusal>) {
        let claims = claims(more);
        let found = read(&claims, &settings(settings_text))
            .map(|(login, _)| format!("{} {}", login.person, login.role.as_deref().unwrap_or("-")));
        assert_eq!(found.as_deref().map_err(|refusal| *refusal), expected, "{claims:?}");
    }

    #[test]
    fn claims_are_of_the_issuer_and_for_this_server() {
        check(json!({}), Ok("wang.li viewer"));
        check(json!({ "iss": "https://a/" }), Err(Refusal::Issuer));
        check(json!({ "iss": ["https://a"] }), Err(Refusal::Issuer));
        check(json!({ "iss": null }), Err(Refusal::Issuer));
        check(json!({ "aud": ["account", "terrier"] }), Ok("wang.li viewer"));
        check(json!({ "aud": ["account"] }), Err(Refusal::Audience));
        check(json!({ "aud": [] }), Err(Refusal::Audience));
        check(json!({ "aud": "Terrier" }), Err(Refusal::Audience));
        check(json!({ "aud": { "terrier": true } }), Err(Refusal::Audience));
        check(json!({ "aud": null }), Err(Refusal::Audience));
    }

    #[test]
    fn the_first_role_of_the_settings_that_the_token_has_is_given() {
        let roles = |value: Value| json!({ "realm_access": { "roles": value } });
        check(roles(json!(["staff", "boss"])), Ok("wang.li editor"));
        check(roles(json!("boss")), Ok("wang.li editor"));
        // A value may hold a space, so a text is one value.
        check(roles(json!("boss staff")), Ok("wang.li -"));
        check(roles(json!(["other", 1, null])), Ok("wang.li -"));
        check(roles(json!([])), Ok("wang.li -"));
        check(roles(json!({ "boss": true })), Ok("wang.li -"));
        check(json!({ "realm_access": "boss" }), Ok("wang.li -"));
        check(json!({ "realm_access": null, "realm_access.roles": "boss" }), Ok("wang.li -"));
        let many = |count: usize| {
            let others = (1..count).map(|at| json!(at.to_string()));
            roles(others.chain([json!("boss")]).collect())
        };
        check(many(MAX_CLAIMED_ROLES), Ok("wang.li editor"));
        check(many(MAX_CLAIMED_ROLES + 1), Ok("wang.li -"));
    }

    #[test]
    fn the_person_is_named_by_the_claim_of_the_settings() {
        check(json!({ "preferred_username": null }), Ok("u1 viewer"));
        check(json!({ "preferred_username": "" }), Err(Refusal::Person));
        check(json!({ "preferred_username": ["wang.li"] }), Err(Refusal::Person));
        check(json!({ "preferred_username": null, "sub": null }), Err(Refusal::Person));
        let name = r#"person = ["https://a.example/name"]"#;
        check_with(name, json!({ "https://a.example/name": "li" }), Ok("li viewer"));
        check_with(name, json!({}), Err(Refusal::Person));
        check_with(r#"person = "user.name""#, json!({ "user": { "name": "li" } }), Ok("li viewer"));
    }

    #[test]
    fn claims_hold_from_their_begin_to_their_end_with_some_leeway() {
        let check = |more: Value, now_s: i64, expected: Result<(), Refusal>| {
            let claims = claims(more);
            let period = read(&claims, &settings("leeway_seconds = 10")).map(|(_, period)| period);
            let now = Timestamp::from_second(now_s).expect("a time");
            let found = period.and_then(|period| period.check(now));
            assert_eq!(found, expected, "{claims:?} at {now_s}");
        };
        check(json!({}), 500, Ok(()));
        check(json!({}), 1009, Ok(()));
        check(json!({}), 1010, Err(Refusal::Over));
        check(json!({ "exp": 1000.5 }), 1010, Ok(()));
        check(json!({ "exp": null }), 500, Err(Refusal::NoEnd));
        check(json!({ "exp": "1000" }), 500, Err(Refusal::Unreadable));
        check(json!({ "exp": -1e300 }), 500, Err(Refusal::Over));
        check(json!({}), 90, Ok(()));
        check(json!({}), 89, Err(Refusal::NotYet));
        check(json!({ "iat": null }), 0, Ok(()));
        check(json!({ "nbf": 600 }), 590, Ok(()));
        check(json!({ "nbf": 600 }), 589, Err(Refusal::NotYet));
        check(json!({ "nbf": "600" }), 700, Err(Refusal::Unreadable));
    }
}
