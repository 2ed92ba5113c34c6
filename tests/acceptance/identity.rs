//! Who asks, when an issuer of OpenID Connect says it: which tokens are taken, and which are not.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::hmac;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use terrier_api::limits::MAX_FAILED_KEYS;
use terrier_identity::limits::{MAX_KEY_SET_BYTES, MAX_TOKEN_BYTES};

use crate::issuer::{LocalIssuer, SigningKey, Way, name, now_s, unsigned};
use crate::program::{Answer, Server, fixture, folder, terrier, wait_until};

const CHALLENGE: &str =
    "Bearer realm=\"terrier\", error=\"invalid_token\", Basic realm=\"terrier\"";

const PATH: &str = "/collections/gas_pipes/items?limit=1";

/// A small district that is shown to nobody, in which `wang.li` is a person.
struct District(TempDir);

impl District {
    fn new() -> Self {
        let district = Self(folder());
        let folder = district.folder();
        terrier(&folder, &["demo", "--assets", "500", "--seed", "7"]).expect_done();
        terrier(&folder, &["settings", "set", "public_collections", "none"]).expect_done();
        district.run(&["person", "add", "wang.li", "--organisation", "operator"]);
        district
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("district")
    }

    fn run(&self, arguments: &[&str]) {
        terrier(&self.folder(), arguments).expect_done();
    }

    /// The file of an issuer, with these lines more.
    fn file(&self, issuer: &str, more: &str) -> String {
        let text = format!(
            "issuer = \"{issuer}\"\naudience = \"terrier\"\nroles = \"realm_access.roles\"\n{more}\n\
             [[role]]\nvalue = \"gis-editors\"\ngives = \"editor\"\n\
             [[role]]\nvalue = \"gis-readers\"\ngives = \"viewer\"\n\
             [[role]]\nvalue = \"gis-ghosts\"\ngives = \"ghost\"\n"
        );
        let path = self.0.path().join("login.toml");
        std::fs::write(&path, text).expect("the file is written");
        path.to_str().expect("a plain path").into()
    }

    fn serve(&self, issuer: &str, more: &str) -> Server {
        let file = self.file(issuer, more);
        Server::start_as_is(&self.folder(), &["--today", "2026-07-01", "--identity", &file])
    }
}

fn ask(server: &Server, token: &str) -> Answer {
    server.ask("GET", PATH, &[("Authorization", &format!("Bearer {token}"))])
}

/// The claims with some members in the place of their own; those that are null are left out.
fn with(mut claims: Json, more: Json) -> Json {
    let (Some(members), Json::Object(more)) = (claims.as_object_mut(), more) else {
        panic!("claims are an object")
    };
    members.extend(more);
    members.retain(|_, value| !value.is_null());
    claims
}

#[test]
fn a_token_reads_and_writes_as_its_role_allows_and_names_the_actor() {
    let keys = [SigningKey::rsa(), SigningKey::p256(), SigningKey::ed25519()];
    let public = keys.iter().enumerate().map(|(at, key)| key.public(&at.to_string()));
    let issuer = LocalIssuer::start(public.collect());
    let district = District::new();
    let server = district.serve(&issuer.name(), "");
    for (at, key) in keys.iter().enumerate() {
        let token = key.token(&at.to_string(), &issuer.claims("wang.li", "gis-readers"));
        // The second is not verified again.
        for _ in 0..2 {
            let answer = ask(&server, &token);
            assert_eq!(answer.status, 200, "{}: {}", key.algorithm(), answer.text());
            assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
        }
    }
    let way =
        |role: &str| format!("Bearer {}", keys[1].token("1", &issuer.claims("wang.li", role)));
    let fields = |role: &str| {
        server.ask("GET", "/collections/gas_pipes/schema", &[("Authorization", &way(role))]).text()
    };
    assert!(!fields("gis-readers").contains("pressure_mpa"));
    assert!(fields("gis-editors").contains("pressure_mpa"));
    let light = json!({
        "type": "Feature", "properties": { "lamp_kind": "led" },
        "geometry": { "type": "Point", "coordinates": [117.21, 39.07] },
    });
    let post = |role: &str| {
        let headers = [("Authorization", &*way(role)), ("Content-Type", "application/geo+json")];
        server.send("POST", "/collections/light_poles/items", &headers, light.to_string())
    };
    assert_eq!(post("gis-readers").status, 403);
    let made = post("gis-editors");
    assert_eq!(made.status, 201, "{}", made.text());
    let place = made.header("location").expect("a place").to_owned();
    let history = format!("{place}/history");
    let history = server.ask("GET", &history, &[("Authorization", &way("gis-editors"))]);
    assert!(history.text().contains("\"wang.li\""), "{}", history.text());
}

#[test]
fn the_api_document_says_where_one_logs_in() {
    let issuer = LocalIssuer::start(Vec::new());
    let district = District::new();
    let scheme = |more: &str| {
        let api = district.serve(&issuer.name(), more).json("/api");
        let ways = api["security"].as_array().map_or(0, Vec::len);
        assert_eq!(ways, 4, "{}", api["security"]);
        let of_list = &api["paths"]["/collections"];
        assert!(of_list["get"]["responses"]["403"].is_object() && of_list.get("put").is_none());
        api["components"]["securitySchemes"]["login"].clone()
    };
    let discovery = format!("{}/.well-known/openid-configuration", issuer.name());
    let found = scheme("");
    assert_eq!(
        (&found["type"], &found["openIdConnectUrl"]),
        (&json!("openIdConnect"), &json!(discovery))
    );
    let found = scheme(&format!("keys = \"{}/certs\"", issuer.name()));
    assert_eq!((&found["type"], &found["bearerFormat"]), (&json!("http"), &json!("JWT")));
}

#[test]
fn every_token_that_is_not_good_is_refused_with_the_same_words() {
    let (rsa, p256, p384, other) =
        (SigningKey::rsa(), SigningKey::p256(), SigningKey::p384(), SigningKey::p256());
    let issuer = LocalIssuer::start(vec![rsa.public("r"), p256.public("e"), p384.public("e3")]);
    let good = issuer.claims("wang.li", "gis-readers");
    let claims = |more: Json| p256.token("e", &with(good.clone(), more));
    let head = |head: Json| p256.sign(&head, &good);
    let now = now_s();
    let modulus = rsa.public("r")["n"].as_str().map(str::to_owned).unwrap_or_default();
    let by_secret = |secret: &[u8]| {
        let text = unsigned(&json!({ "alg": "HS256", "kid": "r", "typ": "JWT" }), &good);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    let none = |name: &str| unsigned(&json!({ "alg": name, "kid": "e" }), &good) + ".";
    let whole = p256.token("e", &good);
    let (signed, signature) = whole.rsplit_once('.').expect("three parts");
    let elsewhere = issuer.claims("administrator", "gis-editors");
    let (_, stolen) = elsewhere_signed(&p256, &elsewhere);
    let twice = twice(&good);
    let long = with(good.clone(), json!({ "more": "x".repeat(MAX_TOKEN_BYTES) }));
    let bad = [
        ("another issuer", claims(json!({ "iss": format!("{}/", issuer.name()) }))),
        ("no issuer", claims(json!({ "iss": null }))),
        ("another audience", claims(json!({ "aud": "account" }))),
        ("a list of other audiences", claims(json!({ "aud": ["account", "terrier2"] }))),
        ("no audience", claims(json!({ "aud": null }))),
        ("over", claims(json!({ "exp": now - 61 }))),
        ("no end", claims(json!({ "exp": null }))),
        ("not yet", claims(json!({ "nbf": now + 3600 }))),
        ("made in a time to come", claims(json!({ "iat": now + 3600 }))),
        ("nobody's", claims(json!({ "preferred_username": null, "sub": null }))),
        ("bound to a key of its sender", claims(json!({ "cnf": { "jkt": "a" } }))),
        ("not signed", none("none")),
        ("not signed, written otherwise", none("nOnE")),
        ("algorithm of a key, no signature", none("ES256")),
        ("signed with the public key as the secret", by_secret(modulus.as_bytes())),
        ("signed with the bytes of the public key", {
            by_secret(&URL_SAFE_NO_PAD.decode(&modulus).expect("a modulus"))
        }),
        ("an algorithm that is not taken", p384.token("e3", &good)),
        ("a key used for another algorithm", {
            rsa.sign(&json!({ "alg": "PS256", "kid": "r" }), &good)
        }),
        ("the algorithm of another key", head(json!({ "alg": "RS256", "kid": "e" }))),
        ("the name of another key", head(json!({ "alg": "ES256", "kid": "r" }))),
        ("a key that is not known", other.token("f", &good)),
        ("the name of a key by another", other.token("e", &good)),
        ("its own key", {
            let head = json!({ "alg": "ES256", "kid": "e", "jwk": other.public("e") });
            other.sign(&head, &good)
        }),
        ("no name of a key", head(json!({ "alg": "ES256" }))),
        ("of another kind", head(json!({ "alg": "ES256", "kid": "e", "typ": "logout+jwt" }))),
        ("something critical", head(json!({ "alg": "ES256", "kid": "e", "crit": ["b64"] }))),
        ("another's signature", format!("{signed}.{stolen}")),
        ("half a signature", format!("{signed}.{}", &signature[..signature.len() / 2])),
        ("a claim twice", {
            let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","kid":"e"}"#);
            format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode(twice))
        }),
        ("too long", p256.token("e", &long)),
        ("only the shape of one", "ey.ey.ey".into()),
    ];
    let district = District::new();
    // Ten that do not work are looked at from one address by one server.
    for some in bad.chunks(MAX_FAILED_KEYS as usize) {
        let server = district.serve(&issuer.name(), "");
        wait_until("the keys are read", || ask(&server, &whole).status == 200);
        for (what, token) in some {
            let answer = ask(&server, token);
            assert_eq!(answer.status, 401, "{what}: {}", answer.text());
            assert_eq!(answer.header("www-authenticate"), Some(CHALLENGE), "{what}");
            let expected = "the key is none that works here: it is wrong, over or revoked";
            assert_eq!(answer.problem(), expected, "{what}");
        }
        if some.len() == MAX_FAILED_KEYS as usize {
            assert_eq!(ask(&server, &some[0].1).status, 429);
        }
        assert_eq!(ask(&server, &whole).status, 200, "a good one works all the same");
    }
}

/// What is signed of a token of these claims, and the signature.
fn elsewhere_signed(key: &SigningKey, claims: &Json) -> (String, String) {
    let token = key.token("e", claims);
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    (signed.into(), signature.into())
}

/// The claims, with another person before them.
fn twice(claims: &Json) -> String {
    claims.to_string().replacen('{', "{\"preferred_username\":\"administrator\",", 1)
}

#[test]
fn a_claim_that_comes_twice_is_refused_though_the_signature_is_right() {
    let key = SigningKey::ed25519();
    let issuer = LocalIssuer::start(vec![key.public("a")]);
    let good = issuer.claims("wang.li", "gis-readers");
    let SigningKey::Ed25519(pair) = &key else { panic!("another key") };
    let token = |claims: &str| {
        let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA","kid":"a"}"#);
        let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(pair.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    };
    let district = District::new();
    let server = district.serve(&issuer.name(), "");
    assert_eq!(ask(&server, &token(&good.to_string())).status, 200);
    assert_eq!(ask(&server, &token(&twice(&good))).status, 401);
}

#[test]
fn algorithms_and_audiences_are_those_of_the_settings() {
    let (rsa, p384) = (SigningKey::rsa(), SigningKey::p384());
    let mut public = rsa.public("r");
    public["alg"] = json!("PS256");
    let issuer = LocalIssuer::start(vec![public, p384.public("e")]);
    let district = District::new();
    let server = district.serve(&issuer.name(), "algorithms = [\"PS256\", \"ES384\"]");
    let good = issuer.claims("wang.li", "gis-readers");
    let listed = with(good.clone(), json!({ "aud": ["account", "terrier"] }));
    assert_eq!(ask(&server, &p384.token("e", &listed)).status, 200);
    let sign = |name: &str| rsa.sign(&json!({ "alg": name, "kid": "r" }), &good);
    assert_eq!(ask(&server, &sign("PS256")).status, 200);
    assert_eq!(ask(&server, &sign("RS256")).status, 401);
}

#[test]
fn who_has_logged_in_and_is_nobody_here_is_told_so() {
    let key = SigningKey::p256();
    let issuer = LocalIssuer::start(vec![key.public("a")]);
    let district = District::new();
    district.run(&["person", "add", "zhao.min", "--organisation", "operator"]);
    let server = district.serve(&issuer.name(), "");
    let token = |person: &str, role: &str| key.token("a", &issuer.claims(person, role));
    let check = |person: &str, role: &str, expected: &str| {
        let answer = ask(&server, &token(person, role));
        assert_eq!(answer.status, 403, "{}", answer.text());
        let challenge = "Bearer realm=\"terrier\", error=\"insufficient_scope\"";
        assert_eq!(answer.header("www-authenticate"), Some(challenge));
        assert_eq!(answer.problem(), expected);
    };
    let nobody = "you have logged in as `li.na`, who is nobody of this registry";
    check("li.na", "gis-editors", nobody);
    let no_role = "you have logged in as `wang.li`, and your login has no role here";
    check("wang.li", "cooks", no_role);
    check("wang.li", "gis-ghosts", no_role);
    // A name is the same to the letter.
    let other = "you have logged in as `Wang.Li`, who is nobody of this registry";
    check("Wang.Li", "gis-editors", other);
    let gone = token("zhao.min", "gis-readers");
    assert_eq!(ask(&server, &gone).status, 200);
    district.run(&["person", "retire", "zhao.min"]);
    wait_until("zhao.min is nobody", || ask(&server, &gone).status == 403);
    district.run(&["role", "retire", "viewer"]);
    let viewer = token("wang.li", "gis-readers");
    wait_until("nobody is a viewer", || ask(&server, &viewer).status == 403);
}

#[test]
fn who_has_logged_in_is_in_the_audit_and_kept_to_the_limits_of_their_role() {
    let key = SigningKey::p256();
    let issuer = LocalIssuer::start(vec![key.public("a")]);
    let district = District::new();
    let role = "role = \"ghost\"\ntitle = { en = \"Ghost\", zh = \"灵\" }\n\
                [limits]\nrequests_per_minute = 3\n\
                [[grant]]\ncollections = [\"*\"]\npermissions = [\"read\"]\n";
    let file = district.0.path().join("ghost.toml");
    std::fs::write(&file, role).expect("the file is written");
    district.run(&["role", "put", file.to_str().expect("a plain path")]);
    let made = terrier(&district.folder(), &["key", "create", "--administrator"]).expect_done();
    let server = district.serve(&issuer.name(), "");
    let token = |nth: usize| {
        let claims = with(issuer.claims("wang.li", "gis-ghosts"), json!({ "jti": nth }));
        key.token("a", &claims)
    };
    let statuses: Vec<u16> = (0..4).map(|nth| ask(&server, &token(nth)).status).collect();
    assert_eq!(statuses, [200, 200, 200, 429], "each token is that of one person");
    let reader = key.token("a", &issuer.claims("wang.li", "gis-readers"));
    assert_eq!(ask(&server, &reader).status, 200, "another role has other limits");
    let way = format!("Bearer {}", made.stdout.trim_end());
    let reads = || {
        let answer = server.ask("GET", "/audit?kind=reads", &[("Authorization", &way)]);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["records"].as_array().cloned().unwrap_or_default()
    };
    wait_until("the reads are written down", || reads().len() == 4);
    let read = &reads()[3]["read"];
    let found = ["actor", "organisation", "key", "role"].map(|name| &read[name]);
    assert_eq!(found, [&json!("wang.li"), &json!("operator"), &Json::Null, &json!("ghost")]);
}

#[test]
fn keys_turn_over_without_a_restart_and_old_ones_are_refused() {
    let (old, new) = (SigningKey::p256(), SigningKey::p256());
    let issuer = LocalIssuer::start(vec![old.public("old")]);
    let district = District::new();
    let server = district.serve(&issuer.name(), "refetch_seconds = 1");
    let claims = issuer.claims("wang.li", "gis-readers");
    let (by_old, by_new) = (old.token("old", &claims), new.token("new", &claims));
    assert_eq!(ask(&server, &by_old).status, 200);
    issuer.turn_to(vec![new.public("new")]);
    // Nobody has seen the new key yet.
    assert_eq!(ask(&server, &by_old).status, 200);
    wait_until("the new key is known", || ask(&server, &by_new).status == 200);
    assert!(matches!(ask(&server, &by_old).status, 401 | 429));
    // Another key under a name that was there.
    issuer.turn_to(vec![old.public("new")]);
    let again = old.token("new", &claims);
    let asks_anew = old.token("no such key", &claims);
    wait_until("the other key is known", || {
        ask(&server, &asks_anew);
        ask(&server, &again).status == 200
    });
    assert!(matches!(ask(&server, &by_new).status, 401 | 429));
}

#[test]
fn keys_are_read_anew_when_they_are_old() {
    let (old, new) = (SigningKey::p256(), SigningKey::p256());
    let issuer = LocalIssuer::start(vec![old.public("old")]);
    let district = District::new();
    let more = format!("refetch_seconds = 1\nkeep_seconds = 1\nkeys = \"{}/certs\"", issuer.name());
    let server = district.serve(&issuer.name(), &more);
    let by_old = old.token("old", &issuer.claims("wang.li", "gis-readers"));
    assert_eq!(ask(&server, &by_old).status, 200);
    issuer.turn_to(vec![new.public("new")]);
    wait_until("the old key is gone", || ask(&server, &by_old).status == 401);
    // Where the keys are is configured, so nothing else was asked for.
    assert!(issuer.asked().iter().all(|path| path == "/realms/city/certs"));
}

#[test]
fn strangers_do_not_make_the_server_ask_the_issuer_again_and_again() {
    let (key, other) = (SigningKey::p256(), SigningKey::p256());
    let issuer = LocalIssuer::start(vec![key.public("a")]);
    let district = District::new();
    let server = district.serve(&issuer.name(), "refetch_seconds = 3600");
    let claims = issuer.claims("wang.li", "gis-readers");
    assert_eq!(ask(&server, &key.token("a", &claims)).status, 200);
    let asked = issuer.asked();
    assert_eq!(asked, ["/realms/city/.well-known/openid-configuration", "/realms/city/certs"]);
    for nth in 0..100 {
        let status = ask(&server, &other.token(&format!("k{nth}"), &claims)).status;
        assert!(matches!(status, 401 | 429), "{status}");
    }
    assert_eq!(issuer.asked(), asked);
    assert_eq!(ask(&server, &key.token("a", &claims)).status, 200);
}

#[test]
fn an_issuer_that_is_away_when_the_server_starts_is_waited_for() {
    let address = LocalAddress::free();
    let key = SigningKey::p256();
    let district = District::new();
    let server = district.serve(&name(address.0), "refetch_seconds = 1");
    let now = now_s();
    let claims = json!({
        "iss": name(address.0), "aud": "terrier", "exp": now + 300,
        "preferred_username": "wang.li", "realm_access": { "roles": "gis-readers" },
    });
    let token = key.token("a", &claims);
    let answer = ask(&server, &token);
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.header("retry-after").is_some());
    assert_eq!(answer.problem(), "the keys of the issuer cannot be had at the moment");
    // What is not even claimed to be good is refused all the same, and keys work.
    assert_eq!(ask(&server, &key.token("a", &json!({}))).status, 401);
    let made = terrier(&district.folder(), &["key", "create", "--administrator"]).expect_done();
    wait_until("the key works", || ask(&server, made.stdout.trim_end()).status == 200);
    let _issuer = LocalIssuer::start_at(address.0, vec![key.public("a")]);
    wait_until("the issuer is there", || ask(&server, &token).status == 200);
}

/// An address on which nothing listens. It is of the machine, and nothing else uses it.
struct LocalAddress(std::net::SocketAddr);

impl LocalAddress {
    fn free() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.3:0");
        Self(free.and_then(|listener| listener.local_addr()).expect("a free port"))
    }
}

#[test]
fn an_issuer_that_does_not_answer_as_it_should_is_not_believed() {
    let key = SigningKey::p256();
    let district = District::new();
    let check = |way: Way| {
        let issuer = LocalIssuer::start(vec![key.public("a")]);
        issuer.answer(way.clone());
        let server = district.serve(&issuer.name(), "refetch_seconds = 1");
        let token = key.token("a", &issuer.claims("wang.li", "gis-editors"));
        let answer = ask(&server, &token);
        assert_eq!(answer.status, 503, "{way:?}: {}", answer.text());
        let asked = issuer.asked();
        assert!(!asked.iter().any(|path| path.ends_with("elsewhere")), "{asked:?}");
        issuer.answer(Way::Well);
        wait_until("the issuer answers well", || ask(&server, &token).status == 200);
    };
    let room = MAX_KEY_SET_BYTES as usize;
    for way in [
        Way::Elsewhere,
        Way::AsAnother,
        Way::Long(room + 1),
        Way::Words("<html>"),
        Way::Words("{}"),
        Way::Words(r#"{"issuer":"a","issuer":"b","jwks_uri":"http://127.0.0.1/"}"#),
        Way::Never,
    ] {
        check(way);
    }
}

#[test]
fn the_documents_of_an_issuer_may_be_long_up_to_the_bound() {
    let key = SigningKey::p256();
    let issuer = LocalIssuer::start(vec![key.public("a")]);
    issuer.answer(Way::Long(MAX_KEY_SET_BYTES as usize));
    let district = District::new();
    let server = district.serve(&issuer.name(), "refetch_seconds = 1");
    let token = key.token("a", &issuer.claims("wang.li", "gis-readers"));
    let answer = ask(&server, &token);
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn an_issuer_over_https_is_asked_when_a_trusted_authority_has_signed_for_it() {
    let key = SigningKey::p256();
    let issuer = LocalIssuer::start_encrypted(vec![key.public("a")]);
    let district = District::new();
    let authority = district.0.path().join("authority.pem");
    std::fs::copy(fixture("identity/authority.pem"), authority).expect("the file is copied");
    let token = key.token("a", &issuer.claims("wang.li", "gis-readers"));
    let check = |more: &str, status: u16, asked: usize| {
        let server = district.serve(&issuer.name(), more);
        let answer = ask(&server, &token);
        assert_eq!(answer.status, status, "{more}: {}", answer.text());
        assert_eq!(issuer.asked().len(), asked, "{more}");
    };
    // Browsers do not trust that authority, so nothing is said to the issuer.
    check("", 503, 0);
    check("certificates = \"authority.pem\"", 200, 2);
}

#[test]
fn a_token_in_an_address_or_as_a_password_is_not_taken() {
    let key = SigningKey::p256();
    let issuer = LocalIssuer::start(vec![key.public("a")]);
    let district = District::new();
    let server = district.serve(&issuer.name(), "");
    let token = key.token("a", &issuer.claims("wang.li", "gis-readers"));
    let answer = server.get(&format!("/collections?access_token={token}"));
    assert_eq!(answer.status, 400);
    assert!(answer.problem().contains("not taken from an address"), "{}", answer.text());
    assert!(!answer.text().contains(&token));
    let basic = format!("Basic {}", STANDARD.encode(format!("wang.li:{token}")));
    assert_eq!(server.ask("GET", PATH, &[("Authorization", &basic)]).status, 401);
}

#[test]
fn without_an_issuer_every_token_is_refused() {
    let key = SigningKey::p256();
    let issuer = LocalIssuer::start(vec![key.public("a")]);
    let district = District::new();
    let server = Server::start_as_is(&district.folder(), &[]);
    let answer = ask(&server, &key.token("a", &issuer.claims("wang.li", "gis-readers")));
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some(CHALLENGE)));
    assert_eq!(issuer.asked(), Vec::<String>::new());
}

#[test]
fn a_file_that_makes_no_sense_is_told_before_anything_is_served() {
    let parent = folder();
    let check = |text: &str, expected: &str| {
        let file = parent.path().join("login.toml");
        std::fs::write(&file, text).expect("the file is written");
        let words = ["serve", "--listen", "127.0.0.1:0", "--identity"];
        let file = file.to_str().expect("a plain path");
        let done = terrier(&parent.path().join("registry"), &[&words[..], &[file]].concat());
        assert_eq!(done.code, Some(1), "{done:?}");
        assert!(done.stderr.contains(expected), "{}", done.stderr);
        assert!(!parent.path().join("registry").exists());
    };
    let good = "issuer = \"https://a\"\naudience = \"t\"\nroles = \"r\"\n";
    let role = "[[role]]\nvalue = \"a\"\ngives = \"viewer\"\n";
    check("", "missing field `issuer`");
    check(good, "missing field `role`");
    check(&format!("{good}secret = \"x\"\n{role}"), "unknown field `secret`");
    check(&format!("{good}algorithms = [\"none\"]\n{role}"), "`algorithms`: found `none`");
    let bare = good.replace("https", "http");
    check(&format!("{bare}{role}"), "`issuer`: found `http://a`: expected an address of https");
    check(&format!("{good}certificates = \"ca.pem\"\n{role}"), "ca.pem");
}
