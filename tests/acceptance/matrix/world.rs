//! The registry that the matrix asks, its servers, and what there is in it.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use terrier_catalog::{RolePack, SECRET_BYTES, Secret, shipped_roles};

use super::caller::{Caller, Who};
use super::sample::Sample;
use crate::program::{Answer, Server, folder, import, terrier, text, wait_until};

/// A collection and things in it that are asked for.
pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) collection: &'static str,
    /// What the code of its asset is, which nothing else has.
    pub(super) code: &'static str,
    longitude: f64,
    pub(super) is_in_area: bool,
    pub(super) item: String,
    /// The change by which the asset came.
    pub(super) change: String,
    pub(super) import: String,
    /// Whether whoever asks has sent that import.
    pub(super) is_own_import: bool,
}

impl Target {
    fn new(
        name: &'static str,
        collection: &'static str,
        code: &'static str,
        longitude: f64,
    ) -> Self {
        let is_in_area = longitude < 117.3;
        Self {
            name,
            collection,
            code,
            longitude,
            is_in_area,
            item: String::new(),
            change: String::new(),
            import: String::new(),
            is_own_import: name == "own",
        }
    }

    /// A feature of the collection at the place of the asset, by another code.
    pub(super) fn feature(&self, code: &str) -> Json {
        let place = [self.longitude, 39.1];
        let geometry = match self.collection {
            "gas_pipes" => json!({
                "type": "LineString",
                "coordinates": [place, [self.longitude + 0.001, 39.1]],
            }),
            _ => json!({ "type": "Point", "coordinates": place }),
        };
        let properties = json!({ "code": code });
        json!({ "type": "Feature", "id": code, "geometry": geometry, "properties": properties })
    }
}

/// The registry with all who ask.
pub(super) struct World {
    _parent: TempDir,
    /// Shows nothing to who brings no key.
    private: Server,
    /// Shows the collection of the target `own`.
    public: Server,
    callers: Vec<Caller>,
    targets: Vec<Target>,
    administrator: String,
}

const OWN: &str = "light_poles";

impl World {
    pub(super) fn new() -> Self {
        let parent = folder();
        let registry = parent.path().join("registry");
        let mut targets = vec![
            Target::new("own", OWN, "LIGHT-WITHIN", 117.2),
            Target::new("beyond", OWN, "LIGHT-BEYOND", 117.4),
            Target::new("foreign", "gas_pipes", "PIPE-WITHIN", 117.2),
        ];
        for target in &mut targets {
            let done = import(&registry, target.collection, &[target.feature(target.code)], &[]);
            target.change = done.expect_done().json()["change"].to_string();
        }
        terrier(&registry, &["person", "add", "li", "--organisation", "operator"]).expect_done();
        let callers = callers(parent.path(), &registry);
        let key = |person: &str, role: &str| key(&registry, person, &["--role", role]);
        let (li, administrator) =
            (key("li", "administrator"), key("administrator", "administrator"));
        let private = Server::start_as_is(&registry, &[]);
        let public = Server::start_as_is(&registry, &["--public-collections", OWN]);
        let mut world = Self { _parent: parent, private, public, callers, targets, administrator };
        world.find(&li);
        world
    }

    /// Finds the assets, and sends a file for each target.
    fn find(&mut self, li: &str) {
        for target in &mut self.targets {
            let server = &self.private;
            let bearer = |key: &str| format!("Bearer {key}");
            let path = format!("/collections/{}/items?code={}", target.collection, target.code);
            let of_all = bearer(&self.administrator);
            let page = server.ask("GET", &path, &[("Authorization", &of_all)]).json();
            text(&page["features"][0]["id"]).clone_into(&mut target.item);
            let sender = bearer(if target.is_own_import { li } else { &self.administrator });
            let headers = [("Authorization", &*sender), ("Prefer", "wait=60")];
            let name = target.collection;
            let path = format!("/imports?as={name}&source=a&name=a.geojson&dry-run=true");
            // A row that is refused, so that it has refused rows.
            let answer = server.send("POST", &path, &headers, r#"{"type":"Feature"}"#);
            assert_eq!(answer.status, 200, "{}", answer.text());
            text(&answer.json()["id"]).clone_into(&mut target.import);
            let faults = format!("/imports/{}/faults", target.import);
            wait_until("the refused rows are there", || {
                server.ask("GET", &faults, &[("Authorization", &of_all)]).status == 200
            });
        }
    }

    pub(super) fn callers(&self) -> &[Caller] {
        &self.callers
    }

    pub(super) fn targets(&self) -> &[Target] {
        &self.targets
    }

    pub(super) fn send(&self, caller: &Caller, sample: &Sample) -> Answer {
        self.send_with(caller, sample, ("Accept", "*/*"))
    }

    pub(super) fn send_with(
        &self,
        caller: &Caller,
        sample: &Sample,
        header: (&str, &str),
    ) -> Answer {
        let server = match caller.who {
            Who::Nobody { public: Some(_) } => &self.public,
            _ => &self.private,
        };
        let way = caller.key.as_ref().map(|key| format!("Bearer {key}"));
        let mut headers = vec![header];
        headers.extend(way.as_deref().map(|way| ("Authorization", way)));
        headers.extend(&sample.headers);
        server.send(&sample.method, &sample.path, &headers, &sample.body)
    }

    /// The asset of a target as somebody sees it, or as they would make it up.
    pub(super) fn feature(&self, caller: &Caller, target: &Target) -> Json {
        let is_seen = matches!(caller.who, Who::Role(_)) && caller.sees(target.collection);
        if !is_seen {
            return target.feature(target.code);
        }
        let sample = Sample {
            method: "GET".into(),
            path: format!("/collections/{}/items/{}", target.collection, target.item),
            headers: Vec::new(),
            body: String::new(),
        };
        let answer = self.send(caller, &sample);
        if answer.status == 200 { answer.json() } else { target.feature(target.code) }
    }
}

fn key(registry: &Path, person: &str, more: &[&str]) -> String {
    let words = ["key", "create", "--person", person];
    let made = terrier(registry, &[&words, more].concat()).expect_done();
    made.stdout.trim_end().to_owned()
}

/// All who ask: each shipped role whole, for one collection, and for the area; a role that allows nothing,
/// nobody, and keys that do not work.
fn callers(folder: &Path, registry: &Path) -> Vec<Caller> {
    let area = folder.join("area.geojson");
    let ring = "[[[117.1,39],[117.3,39],[117.3,39.2],[117.1,39.2],[117.1,39]]]";
    fs::write(&area, format!("{{\"type\":\"Polygon\",\"coordinates\":{ring}}}")).expect("a file");
    let area = area.to_str().expect("a plain path");
    let mut callers = Vec::new();
    for (name, document) in shipped_roles() {
        let role = RolePack::parse(document).expect("a shipped role").role().clone();
        for (part, words) in [
            ("", vec![]),
            (" for one", vec!["--collections", OWN]),
            (" here", vec!["--area", area]),
        ] {
            callers.push(Caller {
                name: format!("{name}{part}"),
                key: Some(key(registry, "li", &[&["--role", name][..], &words].concat())),
                who: Who::Role(role.clone()),
                collections: words.contains(&"--collections").then_some(OWN),
                has_area: words.contains(&"--area"),
            });
        }
    }
    let idle = "role = \"idle\"\ntitle = { en = \"Idle\", zh = \"闲\" }\n";
    let file = folder.join("idle.toml");
    fs::write(&file, idle).expect("a file");
    terrier(registry, &["role", "put", file.to_str().expect("a plain path")]).expect_done();
    let role = RolePack::parse(idle).expect("a role").role().clone();
    let plain = |name: &str, key: Option<String>, who: Who| Caller {
        name: name.into(),
        key,
        who,
        collections: None,
        has_area: false,
    };
    let made = || key(registry, "li", &["--role", "administrator"]);
    let id = |key: &str| Secret::parse(key).expect("a key").id().to_string();
    let (over, revoked, left) = (made(), made(), made());
    terrier(registry, &["key", "revoke", &id(&revoked)]).expect_done();
    let file = registry.join(terrier_store::FILE_NAME);
    let statement = format!("update keys set until = 1 where key_id = '{}'", id(&over));
    let done = Command::new("sqlite3").arg(file).arg(statement).output().expect("sqlite3 starts");
    assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
    let wrong = Secret::of_random([3; SECRET_BYTES]).text();
    let cut = left[..left.len() - 1].to_owned();
    callers.extend([
        plain("idle", Some(key(registry, "li", &["--role", "idle"])), Who::Role(role)),
        plain("nobody", None, Who::Nobody { public: None }),
        plain("anybody", None, Who::Nobody { public: Some(OWN) }),
        plain("wrong", Some(wrong), Who::Refused),
        plain("cut off", Some(cut), Who::Refused),
        plain("over", Some(over), Who::Refused),
        plain("revoked", Some(revoked), Who::Refused),
    ]);
    callers
}
