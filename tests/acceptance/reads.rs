//! Who saw what: what is read of restricted collections is written into the audit.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use terrier_catalog::Secret;

use crate::program::{Answer, Server, folder, list, terrier, text, wait_until};

const PIPES: &str = "/collections/gas_pipes/items";

/// A small district that is shown to nobody, with its server and a planner's key.
struct Watched {
    parent: TempDir,
    server: Server,
    planner: String,
    auditor: String,
}

impl Watched {
    fn new() -> Self {
        let parent = folder();
        let folder = parent.path().join("district");
        let run = |words: &[&str]| terrier(&folder, words).expect_done().stdout;
        run(&["demo", "--assets", "500", "--seed", "7"]);
        run(&["settings", "set", "public_collections", "light_poles"]);
        run(&["organisation", "add", "Hexi Gas"]);
        run(&["person", "add", "wang.li", "--organisation", "Hexi Gas"]);
        let key = |role: &str| {
            let made = run(&["key", "create", "--person", "wang.li", "--role", role]);
            made.trim_end().to_owned()
        };
        let (planner, auditor) = (key("planner"), key("auditor"));
        let server = Server::start_as_is(&folder, &["--today", "2026-07-01"]);
        Self { parent, server, planner, auditor }
    }

    fn folder(&self) -> PathBuf {
        self.parent.path().join("district")
    }

    fn ask(&self, key: &str, path: &str) -> Answer {
        self.server.ask("GET", path, &[("Authorization", &format!("Bearer {key}"))])
    }

    fn get(&self, path: &str) -> Answer {
        let answer = self.ask(&self.planner, path);
        assert!(answer.status < 300, "{path}: {}", answer.text());
        answer
    }

    /// The reads that are written down, the newest first.
    fn reads(&self) -> Vec<Json> {
        self.records("kind=reads&limit=1000").into_iter().map(|one| one["read"].clone()).collect()
    }

    fn records(&self, query: &str) -> Vec<Json> {
        let answer = self.ask(&self.auditor, &format!("/audit?{query}"));
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        list(&answer.json()["records"]).to_vec()
    }

    /// The reads, once there are so many.
    fn wait_for(&self, count: usize) -> Vec<Json> {
        wait_until(&format!("{count} reads are written down"), || self.reads().len() >= count);
        let reads = self.reads();
        assert_eq!(reads.len(), count, "{reads:?}");
        reads
    }

    fn first_id(&self, collection: &str) -> String {
        let path = format!("/collections/{collection}/items?limit=1");
        let page = self.get(&path).json();
        text(&page["features"][0]["id"]).to_owned()
    }
}

#[test]
fn what_is_read_is_written_down_with_who_and_how_and_how_much() {
    let watched = Watched::new();
    let page = watched.get(&format!("{PIPES}?bbox=117,38,118,40&material=steel&limit=3&f=json"));
    let returned = list(&page.json()["features"]).len();
    let read = watched.wait_for(1).remove(0);
    let key = Secret::parse(&watched.planner).expect("a key").id().to_string();
    let expected = json!({
        "read_at": read["read_at"], "actor": "wang.li", "organisation": "Hexi Gas", "key": key,
        "role": "planner", "route": "/collections/{collection}/items", "collection": "gas_pipes",
        "window": "bbox=117,38,118,40", "conditions": "material=steel", "as_of": null,
        "features": returned,
    });
    assert_eq!(read, expected);
    let record = watched.records("kind=reads").remove(0);
    let head = format!("{}:", record["entry"]);
    assert!(text(&record["head"]).starts_with(&head) && record["position"] == 1, "{record}");
    let html =
        [("Authorization", &*format!("Bearer {}", watched.auditor)), ("Accept", "text/html")];
    let page = watched.server.ask("GET", "/audit", &html);
    assert!(page.status == 200 && page.text().contains("bbox=117,38,118,40"), "{}", page.text());
}

#[test]
fn every_route_that_tells_of_assets_is_written_down() {
    let watched = Watched::new();
    let pipe = watched.first_id("gas_pipes");
    let work = watched.first_id("due");
    let mut paths: Vec<String> = Vec::new();
    let api = watched.get("/api").json();
    let of_classes = [
        "/collections/gas_pipes",
        "/collections/due/",
        "/change-sets",
        "/collections/assets/items",
    ];
    for path in api["paths"].as_object().expect("paths").keys() {
        if of_classes.iter().any(|start| path.starts_with(start)) && !path.ends_with("/revert") {
            paths.push(path.clone());
        }
    }
    // What tells of a collection as a whole, and nothing of its assets but how many there are.
    let silent = ["schema", "feature-schema", "queryables", "sortables"];
    let before = watched.wait_for(2).len();
    let mut expected: BTreeMap<String, bool> = BTreeMap::new();
    for path in paths {
        let asked = path
            .replace("{featureId}", &pipe)
            .replace("{workId}", &work)
            .replace("{queryableId}", "class")
            .replace("{change}", "2");
        let end = asked.rsplit('/').next().unwrap_or_default();
        let is_description = asked == "/collections/gas_pipes" || silent.contains(&end);
        let answer = watched.ask(&watched.planner, &asked);
        assert!(answer.status == 200, "{asked}: {}", answer.text());
        expected.insert(path, !is_description);
    }
    let told = expected.values().filter(|is_told| **is_told).count();
    assert!(told >= 9, "{expected:?}");
    let routes = || -> Vec<String> {
        watched.reads().iter().map(|read| text(&read["route"]).to_owned()).collect()
    };
    let is_like = |template: &str, route: &str| {
        let parts = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
        let (template, route) = (parts(template), parts(route));
        let same = |(one, other): (&String, &String)| one == other || other.starts_with('{');
        template.len() == route.len() && template.iter().zip(&route).all(same)
    };
    wait_until("the reads are written down", || routes().len() >= before + told);
    let routes = routes();
    for (path, is_told) in expected {
        let is_there = routes.iter().any(|route| is_like(&path, route));
        assert_eq!(is_there, is_told, "{path} among {routes:?}");
    }
}

#[test]
fn the_past_and_what_an_editor_is_shown_are_written_down_too() {
    let watched = Watched::new();
    let made = terrier(
        &watched.folder(),
        &["key", "create", "--person", "administrator", "--role", "administrator"],
    );
    let key = format!("Bearer {}", made.expect_done().stdout.trim_end());
    let is_known = || watched.server.ask("GET", "/", &[("Authorization", &key)]).status == 200;
    wait_until("the key works", is_known);
    watched.get(&format!("{PIPES}?as-of=2026-01-01&limit=2"));
    let pipe = watched.first_id("gas_pipes");
    let path = format!("{PIPES}/{pipe}");
    watched.get(&format!("{path}?known-at=2"));
    let change = |more: &[(&str, &str)]| {
        let own = [
            ("Authorization", &*key),
            ("Content-Type", "application/merge-patch+json"),
            ("Prefer", "return=representation"),
        ];
        let body = r#"{"properties":{"code":"P1"}}"#;
        watched.server.send("PATCH", &path, &[&own[..], more].concat(), body)
    };
    assert_eq!(change(&[]).status, 200);
    assert_eq!(change(&[("If-Match", "\"1-0\"")]).status, 412);
    let reads = watched.wait_for(5);
    let told: Vec<String> = reads
        .iter()
        .rev()
        .map(|read| {
            let asked = ["as_of", "conditions"].map(|name| read[name].as_str().unwrap_or("-"));
            format!("{} {} {}", text(&read["actor"]), asked.join(" "), read["features"])
        })
        .collect();
    let id = format!("id={pipe}");
    let expected = [
        "wang.li as-of=2026-01-01 - 2".to_owned(),
        "wang.li - - 1".to_owned(),
        format!("wang.li known-at=2 {id} 1"),
        format!("administrator - {id} 1"),
        format!("administrator - {id} 1"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_is_public_is_not_written_down_unless_a_setting_says_so() {
    let watched = Watched::new();
    watched.get("/collections/light_poles/items?limit=1");
    watched.server.json("/collections/light_poles/items?limit=1");
    watched.get(&format!("{PIPES}?limit=1"));
    assert_eq!(watched.wait_for(1)[0]["collection"], "gas_pipes");
    let set = |value: &str| {
        let words = ["settings", "set", "restricted_collections", value];
        terrier(&watched.folder(), &words).expect_done().stdout
    };
    assert!(set("light_poles").starts_with("restricted_collections: what is not public -> light"));
    let count = || watched.reads().len();
    wait_until("the setting is followed", || {
        watched.server.json("/collections/light_poles/items?limit=1");
        count() > 1
    });
    assert_eq!(watched.reads()[0]["actor"], Json::Null);
    set("none");
    // Reads that came before the setting was followed may be written yet.
    wait_until("nothing is restricted", || {
        let before = count();
        watched.get(&format!("{PIPES}?limit=1"));
        std::thread::sleep(std::time::Duration::from_secs(1));
        count() == before
    });
}

#[test]
fn reads_are_no_change_and_move_no_tag() {
    let watched = Watched::new();
    let first = watched.get(&format!("{PIPES}?limit=1"));
    watched.wait_for(1);
    let second = watched.get(&format!("{PIPES}?limit=1"));
    assert_eq!(first.header("etag"), second.header("etag"));
    let changes = watched.server.stop();
    assert_eq!(changes, Some(0));
    let registry = watched.parent.path().join("district");
    let check = terrier(&registry, &["check", "--json"]).expect_done().json();
    let head = text(&check["audit"]["head"]).split(':').next().map(str::to_owned);
    let sequence = check["sequence"].as_u64().expect("a number");
    // Two entries of reads: that which was waited for, and what the server wrote in the end.
    assert_eq!(head, Some((sequence + 2).to_string()), "{check}");
}

#[test]
fn the_audit_is_for_who_may_see_it() {
    let watched = Watched::new();
    let key = |words: &[&str]| {
        let words = [&["key", "create", "--person", "wang.li"], words].concat();
        let key = terrier(&watched.folder(), &words).expect_done().stdout.trim_end().to_owned();
        wait_until("the key works", || watched.ask(&key, "/").status == 200);
        key
    };
    let answer = watched.ask(&watched.planner, "/audit");
    assert_eq!(answer.status, 403);
    assert!(answer.problem().contains("`audit`"), "{}", answer.problem());
    watched.get(&format!("{PIPES}?limit=1"));
    watched.get("/collections/assets/items?limit=1");
    watched.get("/collections/manholes/items?limit=1");
    watched.wait_for(3);
    let narrow = key(&["--role", "auditor", "--collections", "manholes"]);
    let told = watched.ask(&narrow, "/audit").json();
    let told: Vec<&str> =
        list(&told["records"]).iter().map(|one| text(&one["read"]["collection"])).collect();
    assert_eq!(told, ["manholes"]);
    let refused = watched.ask(&narrow, "/audit?collection=gas_pipes");
    let missing = watched.ask(&narrow, "/audit?collection=gas_pipez");
    assert_eq!((refused.status, missing.status), (400, 400));
    assert_eq!(refused.problem().replace("gas_pipes", "gas_pipez"), missing.problem());
}

#[test]
fn the_audit_is_asked_for_by_who_when_and_what_page_by_page() {
    let watched = Watched::new();
    for limit in 1..4 {
        watched.get(&format!("{PIPES}?limit={limit}"));
    }
    watched.wait_for(3);
    let count = |query: &str| watched.records(query).len();
    let changes = count("kind=change");
    assert_eq!(count("kind=reads"), 3);
    assert_eq!(count("collection=gas_pipes&kind=reads"), 3);
    assert_eq!(count("collection=gas_pipes&kind=change"), 1);
    assert_eq!(count("actor=wang.li"), 3);
    assert_eq!(count("actor=nobody"), 0);
    assert_eq!((count("since=2100-01-01"), count("until=2000-01-01")), (0, 0));
    let check = |query: &str, expected: &str| {
        let answer = watched.ask(&watched.auditor, &format!("/audit?{query}"));
        assert!(answer.status == 400 && answer.problem().contains(expected), "{}", answer.text());
    };
    check("kind=x", "expected one of `change`, `adopted`, `reads`");
    check("before=x", "expected the number of an entry");
    check("until=x", "expected a time");
    check("who=x", "who");
    let mut all = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let answer = watched.ask(&watched.auditor, &format!("/audit?{query}")).json();
        all.extend(list(&answer["records"]).to_vec());
        let next = list(&answer["links"]).iter().find(|link| link["rel"] == "next");
        let Some(next) = next else { break };
        query = text(&next["href"]).split_once('?').expect("a query").1.to_owned();
    }
    assert_eq!(all.len(), changes + 3);
    assert_eq!(all, watched.records("limit=1000"));
}

#[test]
fn a_read_that_was_altered_is_found_and_what_commands_read_is_written_down() {
    let watched = Watched::new();
    watched.get(&format!("{PIPES}?limit=2"));
    // The end of the server does not wait for a second to be over.
    let Watched { parent, server, .. } = watched;
    assert_eq!(server.stop(), Some(0));
    let registry = parent.path().join("district");
    terrier(&registry, &["export", "gas_pipes", "--bbox=117,38,118,40"]).expect_done();
    terrier(&registry, &["export", "light_poles"]).expect_done();
    terrier(&registry, &["due"]).expect_done();
    let told = terrier(&registry, &["audit", "--reads", "--json"]).expect_done().json();
    let told: Vec<String> = list(&told)
        .iter()
        .map(|one| {
            let read = &one["read"];
            let [actor, route, of] = ["actor", "route", "collection"].map(|name| text(&read[name]));
            format!("{actor} {route} {of} {}", read["window"])
        })
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(told[0], "tester due due null");
    assert_eq!(told[1], "tester export gas_pipes \"bbox=117,38,118,40\"");
    assert_eq!(told[2], "wang.li /collections/{collection}/items gas_pipes null");
    let table = terrier(&registry, &["audit", "--by", "wang.li"]).expect_done().stdout;
    assert!(table.contains("read gas_pipes by /collections/{collection}/items"), "{table}");
    let alter = "drop trigger reads_are_not_rewritten; \
                 update reads set features = 1 where actor = 'wang.li'";
    let file = registry.join("terrier.sqlite");
    let done = Command::new("sqlite3").arg(file).arg(alter).output().expect("sqlite3 starts");
    assert!(done.status.success(), "{done:?}");
    let checked = terrier(&registry, &["check"]);
    assert_eq!(checked.code, Some(4));
    assert!(checked.stdout.contains("are not what the audit says"), "{}", checked.stdout);
}
