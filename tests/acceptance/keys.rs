//! Who asks over HTTP: keys, what is shown without one, and what is said of wrong ones.

use std::path::Path;

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use terrier_api::limits::MAX_FAILED_KEYS;
use terrier_catalog::{SECRET_BYTES, Secret};

use crate::program::{Answer, Server, encoded, folder, terrier, text, wait_until};

const CHALLENGE: &str = "Bearer realm=\"terrier\", Basic realm=\"terrier\"";

const CHALLENGE_AGAIN: &str =
    "Bearer realm=\"terrier\", error=\"invalid_token\", Basic realm=\"terrier\"";

/// A small district that is shown to nobody, with its server.
struct Private {
    parent: TempDir,
    server: Server,
}

impl Private {
    fn new(public: &str) -> Self {
        let parent = folder();
        let folder = parent.path().join("district");
        terrier(&folder, &["demo", "--assets", "500", "--seed", "7"]).expect_done();
        terrier(&folder, &["settings", "set", "public_collections", public]).expect_done();
        let server = Server::start_as_is(&folder, &["--today", "2026-07-01"]);
        Self { parent, server }
    }

    fn folder(&self) -> std::path::PathBuf {
        self.parent.path().join("district")
    }

    fn get(&self, path: &str, authorization: &str) -> Answer {
        self.server.ask("GET", path, &[("Authorization", authorization)])
    }

    /// Makes a key, and waits until the server knows it.
    fn key(&self, more: &[&str]) -> String {
        let key = key(&self.folder(), more);
        wait_until("the key works", || self.get("/", &format!("Bearer {key}")).status == 200);
        key
    }
}

fn key(folder: &Path, more: &[&str]) -> String {
    let words = ["key", "create", "--person", "administrator"];
    let made = terrier(folder, &[&words, more].concat()).expect_done();
    made.stdout.trim_end().to_owned()
}

#[test]
fn without_a_key_nothing_is_shown_but_what_the_server_is() {
    let private = Private::new("none");
    let check = |path: &str, expected: u16| {
        let answer = private.server.get(path);
        assert_eq!(answer.status, expected, "{path}: {}", answer.text());
        if expected == 401 {
            assert_eq!(answer.header("www-authenticate"), Some(CHALLENGE), "{path}");
            assert!(answer.problem().starts_with("a key is wanted"), "{path}");
        }
    };
    for path in ["/", "/conformance", "/api", "/health/live", "/health/ready", "/style.css"] {
        check(path, 200);
    }
    let pipes = "/collections/gas_pipes";
    for path in
        ["/collections", "/functions", pipes, "/collections/no_such", "/metrics", "/imports"]
    {
        check(path, 401);
    }
    for part in
        ["items", "schema", "queryables", "sortables", "summary", "items/a", "items/a/history"]
    {
        check(&format!("{pipes}/{part}"), 401);
    }
    let api = private.server.json("/api");
    let paths = api["paths"].as_object().expect("paths");
    assert!(!paths.keys().any(|path| path.contains("gas_pipes")), "{:?}", paths.keys());
    assert!(!private.server.get("/").text().contains("gas_pipes"));
}

#[test]
fn what_is_public_is_shown_without_a_key_and_the_rest_is_not_there() {
    let private = Private::new("gas_pipes");
    assert_eq!(private.server.get("/collections/gas_pipes/items").status, 200);
    assert_eq!(private.server.get("/collections/light_poles/items").status, 404);
    let all = private.server.json("/collections/assets/items?limit=1")["numberMatched"].clone();
    let pipes =
        private.server.json("/collections/gas_pipes/items?limit=1")["numberMatched"].clone();
    assert_eq!(all, pipes);
    assert_eq!(private.server.ask("DELETE", "/collections/gas_pipes/items/a", &[]).status, 401);
    terrier(&private.folder(), &["settings", "set", "public_collections", "none"]).expect_done();
    let is_gone = || private.server.get("/collections/gas_pipes/items").status == 401;
    wait_until("nothing is public", is_gone);
}

#[test]
fn a_key_is_taken_as_bearer_or_as_the_password_of_basic() {
    let private = Private::new("none");
    let key = private.key(&["--role", "viewer"]);
    let basic = |user: &str| {
        use base64::Engine as _;
        let pair = format!("{user}:{key}");
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
    };
    for way in [format!("Bearer {key}"), format!("bearer {key}"), basic("qgis"), basic("")] {
        let answer = private.get("/collections/gas_pipes/items?limit=1", &way);
        assert_eq!(answer.status, 200, "{way}: {}", answer.text());
        assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
        assert!(answer.header("vary").is_some_and(|vary| vary.contains("Authorization")));
    }
    // A viewer sees no restricted field; a planner does.
    let planner = private.key(&["--role", "planner"]);
    let fields =
        |key: &str| private.get("/collections/gas_pipes/schema", &format!("Bearer {key}")).text();
    assert!(!fields(&key).contains("pressure_mpa"));
    assert!(fields(&planner).contains("pressure_mpa"));
    let listed = || terrier(&private.folder(), &["key", "list", "--json"]).expect_done().json();
    wait_until("its use is kept", || listed()[0]["last_used"].is_string());
}

#[test]
fn the_first_page_leads_to_what_a_role_may_look_at() {
    let private = Private::new("gas_pipes");
    let check = |authorization: &str, expected: &[&str]| {
        let document = private.get("/", authorization).json();
        let page = private.get("/?f=html", authorization).text();
        for (path, title) in
            [("/change-sets", "Changes"), ("/imports", "Imports"), ("/audit", "Audit")]
        {
            let address = format!("{}{path}", private.server.url());
            let links = document["links"].as_array().expect("links");
            let told = links.iter().any(|link| link["href"] == address && link["title"] == title);
            assert_eq!(told, expected.contains(&title), "{title} {authorization}");
            assert_eq!(
                page.contains(&format!("{address}?f=html")),
                told,
                "{title} {authorization}"
            );
        }
    };
    let bearer = |role: &str| format!("Bearer {}", private.key(&["--role", role]));
    check(&bearer("viewer"), &[]);
    check(&bearer("planner"), &["Changes"]);
    check(&bearer("auditor"), &["Changes", "Audit"]);
    check(&bearer("editor"), &["Changes", "Imports"]);
    check(&bearer("administrator"), &["Changes", "Imports", "Audit"]);
}

#[test]
fn a_key_is_narrowed_over_http_to_its_collections() {
    let private = Private::new("none");
    let key = private.key(&["--role", "viewer", "--collections", "light_poles"]);
    let status = |name: &str| {
        private.get(&format!("/collections/{name}/items"), &format!("Bearer {key}")).status
    };
    assert_eq!((status("light_poles"), status("gas_pipes")), (200, 404));
}

#[test]
fn every_key_that_does_not_work_is_refused_with_the_same_words() {
    let private = Private::new("*");
    let revoked = private.key(&["--role", "viewer"]);
    let secret = Secret::parse(&revoked).expect("a key");
    let id = secret.id().to_string();
    terrier(&private.folder(), &["key", "revoke", &id]).expect_done();
    let path = "/collections/gas_pipes/items?limit=1";
    let refused = || private.get(path, &format!("Bearer {revoked}")).status == 401;
    wait_until("the key is revoked", refused);
    let unknown = Secret::of_random([1; SECRET_BYTES]).text();
    let expected = "the key is none that works here: it is wrong, over or revoked";
    for way in [
        format!("Bearer {revoked}"),
        format!("Bearer {unknown}"),
        "Bearer x".into(),
        "Basic x".into(),
        "Digest a".into(),
    ] {
        let answer = private.get(path, &way);
        if answer.status == 429 {
            // The waiting above may have used them up.
            continue;
        }
        assert_eq!(answer.status, 401, "{way}");
        assert_eq!(answer.header("www-authenticate"), Some(CHALLENGE_AGAIN));
        assert_eq!(answer.problem(), expected);
    }
}

#[test]
fn after_ten_wrong_keys_an_address_has_to_wait_and_a_right_one_still_works() {
    let private = Private::new("none");
    let key = private.key(&["--role", "viewer"]);
    let wrong = |nth: u32| {
        let secret = Secret::of_random([nth as u8 + 1; SECRET_BYTES]).text();
        private.get("/collections", &format!("Bearer {secret}"))
    };
    // The server did not know the key at once, which counts too.
    let statuses: Vec<u16> = (0..=MAX_FAILED_KEYS).map(|nth| wrong(nth).status).collect();
    assert_eq!((statuses[0], statuses[statuses.len() - 1]), (401, 429), "{statuses:?}");
    let wait = wrong(99).header("retry-after").and_then(|wait| wait.parse().ok());
    assert!(wait.is_some_and(|wait: u64| (1..=61).contains(&wait)), "{wait:?}");
    assert_eq!(private.get("/collections", &format!("Bearer {key}")).status, 200);
    assert_eq!(private.server.get("/").status, 200);
}

#[test]
fn a_key_in_an_address_is_refused_and_never_repeated() {
    let private = Private::new("*");
    let key = Secret::of_random([5; SECRET_BYTES]).text();
    for name in ["key", "access_token", "q"] {
        let odd = key.replacen('t', "%74", 1);
        for value in [&key, &encoded(&key), &odd] {
            let answer =
                private.server.get(&format!("/collections/gas_pipes/items?{name}={value}"));
            assert_eq!(answer.status, 400, "{name}={value}");
            assert!(answer.problem().contains("not taken from an address"), "{}", answer.text());
            assert!(!answer.text().contains(&key));
        }
    }
}

#[test]
fn who_retires_loses_access_and_gets_it_back() {
    let private = Private::new("none");
    let folder = private.folder();
    terrier(&folder, &["person", "add", "li", "--organisation", "operator"]).expect_done();
    let words = ["key", "create", "--person", "li", "--role", "editor", "--json"];
    let made: Json = terrier(&folder, &words).expect_done().json();
    let way = format!("Bearer {}", text(&made["key"]));
    let status = || private.get("/collections", &way).status;
    wait_until("the key works", || status() == 200);
    terrier(&folder, &["person", "retire", "li"]).expect_done();
    wait_until("the key is refused", || status() != 200);
    terrier(&folder, &["person", "add", "li", "--organisation", "operator"]).expect_done();
    wait_until("the key works again", || status() == 200);
    let light = json!({
        "type": "Feature", "properties": { "lamp_kind": "led" },
        "geometry": { "type": "Point", "coordinates": [117.21, 39.07] },
    });
    let headers = [("Authorization", &*way), ("Content-Type", "application/geo+json")];
    let path = "/collections/light_poles/items";
    let answer = private.server.send("POST", path, &headers, light.to_string());
    assert_eq!(answer.status, 201, "{}", answer.text());
    // The change is that person's.
    let place = answer.header("location").expect("a place").to_owned();
    let history = private.get(&format!("{place}/history"), &way);
    assert!(history.text().contains("\"li\""), "{}", history.text());
}

#[test]
fn a_page_says_who_reads_it_and_to_who_has_no_key_how_to_bring_one() {
    let private = Private::new("none");
    terrier(&private.folder(), &["person", "add", "<li>", "--organisation", "operator"])
        .expect_done();
    let words = ["key", "create", "--person", "<li>", "--role", "viewer"];
    let key = terrier(&private.folder(), &words).expect_done().stdout.trim_end().to_owned();
    let way = format!("Bearer {key}");
    wait_until("the key works", || private.get("/", &way).status == 200);
    let page = |path: &str, language: &str, way: Option<&str>| {
        let mut headers = vec![("Accept", "text/html"), ("Accept-Language", language)];
        headers.extend(way.map(|way| ("Authorization", way)));
        private.server.ask("GET", path, &headers)
    };
    for (path, language, who) in [
        ("/collections", "en", "&lt;li&gt; · Viewer<"),
        ("/collections/gas_pipes/items", "zh", "&lt;li&gt; · 查看人员<"),
        ("/", "en", "&lt;li&gt; · Viewer<"),
    ] {
        let answer = page(path, language, Some(&way));
        let told = answer.text();
        assert!(answer.status == 200 && told.contains(who), "{path}: {told}");
    }
    assert!(!page("/", "en", None).text().contains("class=\"who\""));
    for (language, title) in [("en", "A key is wanted"), ("zh", "需要密钥")] {
        let path = "/collections/gas_pipes/items?material=steel&limit=5";
        let answer = page(path, language, None);
        let told = answer.text();
        assert_eq!(answer.status, 401);
        // Some browsers look at the first scheme alone, and none knows `Bearer`.
        let asks = "Basic realm=\"terrier\", charset=\"UTF-8\"";
        assert_eq!(answer.header("www-authenticate"), Some(asks));
        assert!(told.contains(&format!("<h1>{title}</h1>")), "{told}");
        assert!(told.contains("key as the password") && told.contains("密码处填写密钥"), "{told}");
        assert!(told.contains("?material=steel&amp;limit=5\""), "{told}");
    }
}
