//! The limits of keys: requests a minute, features a day, and the area of one answer.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use terrier_spatial::Bounds;

use crate::program::{Answer, Server, folder, list, terrier, text};

const PIPES: &str = "/collections/gas_pipes/items";

/// A small district of which the lights are public, before its server starts.
struct Limited {
    parent: TempDir,
}

impl Limited {
    fn new() -> Self {
        let limited = Self { parent: folder() };
        limited.run(&["demo", "--assets", "500", "--seed", "7"]);
        limited.run(&["settings", "set", "public_collections", "light_poles"]);
        limited
    }

    fn folder(&self) -> PathBuf {
        self.parent.path().join("district")
    }

    fn run(&self, words: &[&str]) -> String {
        terrier(&self.folder(), words).expect_done().stdout
    }

    fn key(&self, role: &str, more: &[&str]) -> String {
        let words = ["key", "create", "--person", "administrator", "--role", role];
        self.run(&[&words, more].concat()).trim_end().to_owned()
    }

    /// The box around the features of a collection.
    fn bounds(&self, collection: &str) -> Bounds {
        let exported = self.run(&["export", collection]);
        let exported: Json = serde_json::from_str(&exported).expect("GeoJSON");
        let mut positions: Vec<[f64; 2]> = Vec::new();
        for feature in list(&exported["features"]) {
            let line = list(&feature["geometry"]["coordinates"]).iter();
            let number = |json: &Json| json.as_f64().expect("a number");
            positions.extend(line.map(|position| [number(&position[0]), number(&position[1])]));
        }
        Bounds::around(positions).expect("features")
    }

    fn serve(&self) -> Server {
        Server::start_as_is(&self.folder(), &["--today", "2026-07-01"])
    }
}

fn ask(server: &Server, key: &str, path: &str) -> Answer {
    server.ask("GET", path, &[("Authorization", &format!("Bearer {key}"))])
}

/// The seconds after which somebody may come back who is refused.
fn retry_after(answer: &Answer) -> u32 {
    answer.header("retry-after").expect("when to come back").parse().expect("a number")
}

#[test]
fn so_many_requests_a_minute_are_answered_and_not_one_more() {
    let limited = Limited::new();
    let few = limited.key("planner", &["--requests-per-minute", "5"]);
    let many = limited.key("planner", &[]);
    let server = limited.serve();
    let path = format!("{PIPES}?limit=1");
    for _ in 0..5 {
        assert_eq!(ask(&server, &few, &path).status, 200);
    }
    let refused = ask(&server, &few, &path);
    assert_eq!(refused.status, 429);
    assert!((1..=12).contains(&retry_after(&refused)), "{}", retry_after(&refused));
    assert_eq!(refused.problem(), "you may send 5 requests a minute");
    // It tells nothing else, whatever is asked for.
    assert_eq!(ask(&server, &few, "/collections/no_such").text(), refused.text());
    assert_eq!(ask(&server, &many, &path).status, 200);
    assert_eq!(server.get("/collections/light_poles/items?limit=1").status, 200);
}

#[test]
fn so_many_features_a_day_are_given_and_the_page_that_goes_beyond_is_the_last() {
    let limited = Limited::new();
    let few = limited.key("planner", &["--features-per-day", "10"]);
    let many = limited.key("planner", &[]);
    let path = format!("{PIPES}?limit=4");
    let server = limited.serve();
    for _ in 0..3 {
        assert_eq!(ask(&server, &few, &path).status, 200);
    }
    let check = |server: &Server| {
        let refused = ask(server, &few, &path);
        assert_eq!(refused.status, 429, "{}", refused.text());
        assert_eq!(refused.problem(), "you may be given 10 features a day");
        assert!((1..=90_001).contains(&retry_after(&refused)), "{}", retry_after(&refused));
        // Figures give no feature, and others have their own count.
        assert_eq!(ask(server, &few, "/collections/gas_pipes/summary").status, 200);
        assert_eq!(ask(server, &many, &path).status, 200);
    };
    check(&server);
    assert_eq!(server.stop(), Some(0));
    // Another start forgets nothing.
    check(&limited.serve());
    let listed: Json =
        serde_json::from_str(&limited.run(&["key", "list", "--json"])).expect("JSON");
    assert_eq!(listed[0]["given"]["features"], 12, "{listed}");
    assert_eq!(listed[0]["limits"]["features_per_day"], 10);
    assert_eq!(listed[1]["given"], Json::Null);
}

#[test]
fn an_answer_over_more_ground_than_the_limit_is_refused() {
    let limited = Limited::new();
    let whole = limited.bounds("gas_pipes");
    let [lon, lat] = whole.centre();
    let bounds = Bounds { east: lon, north: lat, ..whole };
    let area_km2 = bounds.area_m2() / 1e6;
    let below = f64::from_bits(area_km2.to_bits() - 1);
    let key = |limit: f64| limited.key("planner", &["--export-area-km2", &limit.to_string()]);
    let (at_bound, past_bound) = (key(area_km2), key(below));
    let free = limited.key("planner", &[]);
    let server = limited.serve();
    // It reaches beyond what there is, which makes it no larger.
    let window = format!("bbox=100,20,{lon},{lat}");
    let check = |key: &str, path: &str, expected: u16| {
        let answer = ask(&server, key, path);
        assert_eq!(answer.status, expected, "{path}: {}", answer.text());
        if expected == 403 {
            let told = answer.problem();
            assert!(told.starts_with("you may be given ") && told.contains("`bbox`"), "{told}");
        }
    };
    check(&at_bound, &format!("{PIPES}?{window}"), 200);
    check(&past_bound, &format!("{PIPES}?{window}"), 403);
    check(&free, PIPES, 200);
    let page = ask(&server, &free, &format!("{PIPES}?limit=1")).json();
    let id = text(&list(&page["features"])[0]["id"]).to_owned();
    for path in [
        format!("{PIPES}?f=csv"),
        format!("{PIPES}?f=html"),
        format!("{PIPES}?f=flatgeobuf&limit=1"),
        format!("{PIPES}?as-of=2026-01-01"),
        "/collections/assets/items".into(),
        "/collections/due/items".into(),
        format!("{PIPES}?bbox=-180,-90,180,90"),
    ] {
        check(&at_bound, &path, 403);
        check(&free, &path, 200);
    }
    for path in [
        format!("{PIPES}?skipGeometry=true"),
        format!("{PIPES}/{id}"),
        "/collections/gas_pipes/summary".into(),
        // Where nothing lies, nothing is given.
        format!("{PIPES}?bbox=10,10,20,20"),
        "/collections/light_poles/items".into(),
    ] {
        check(&at_bound, &path, 200);
    }
}

#[test]
fn the_stricter_of_role_and_key_holds() {
    let limited = Limited::new();
    // Far from all others, so that all are far more than 25 km².
    let far = json!({
        "type": "Feature", "id": "far", "properties": { "code": "FAR" },
        "geometry": { "type": "LineString", "coordinates": [[118.2, 40.1], [118.3, 40.1]] },
    });
    let file = limited.parent.path().join("far.geojsonl");
    fs::write(&file, far.to_string()).expect("a file");
    limited.run(&["import", file.to_str().expect("a plain path"), "--as", "gas_pipes"]);
    let wide = limited.key("contractor", &["--export-area-km2", "1000"]);
    let narrow = limited.key("contractor", &["--export-area-km2", "0.5"]);
    let server = limited.serve();
    let told = |key: &str| ask(&server, key, PIPES).problem();
    assert!(told(&wide).starts_with("you may be given 25 km² in one answer"), "{}", told(&wide));
    assert!(told(&narrow).starts_with("you may be given 0.5 km² in one answer"));
}

#[test]
fn limits_are_checked_where_they_are_given() {
    let limited = Limited::new();
    let check = |option: &str, value: &str, is_good: bool| {
        let words = ["key", "create", "--person", "administrator", "--role", "viewer", "--dry-run"];
        let done = terrier(&limited.folder(), &[&words[..], &[option, value]].concat());
        let expected = if is_good { Some(0) } else { Some(2) };
        assert_eq!(done.code, expected, "{option} {value}: {}", done.stderr);
        assert!(is_good || done.stderr.contains(option), "{}", done.stderr);
    };
    check("--requests-per-minute", "1", true);
    check("--requests-per-minute", "1000000", true);
    check("--requests-per-minute", "1000001", false);
    check("--requests-per-minute", "0", false);
    check("--features-per-day", "1000000000000", true);
    check("--features-per-day", "1000000000001", false);
    check("--export-area-km2", "0.001", true);
    check("--export-area-km2", "0", false);
    check("--export-area-km2", "NaN", false);
    let file = limited.parent.path().join("crew.toml");
    let put = |limits: &str| {
        let text = format!(
            "role = \"crew\"\ntitle = {{ en = \"Crew\", zh = \"班组\" }}\n[limits]\n{limits}\n\
             [[grant]]\ncollections = [\"*\"]\npermissions = [\"read\"]\n"
        );
        fs::write(&file, text).expect("a file");
        terrier(&limited.folder(), &["role", "put", file.to_str().expect("a plain path")])
    };
    let refused = put("requests_per_minute = 0");
    assert!(refused.code == Some(2) || refused.code == Some(1), "{refused:?}");
    assert!(refused.stderr.contains("`requests_per_minute`: expected a whole"), "{refused:?}");
    put("requests_per_minute = 60\nexport_area_km2 = 2.5").expect_done();
    let listed = limited.run(&["role", "list"]);
    assert!(listed.contains("  at most 60 requests a minute, 2.5 km² in one answer\n"), "{listed}");
    let listed: Json =
        serde_json::from_str(&limited.run(&["role", "list", "--json"])).expect("JSON");
    let last = list(&listed).last().expect("a role");
    let expected =
        json!({ "requests_per_minute": 60, "features_per_day": null, "export_area_km2": 2.5 });
    assert_eq!(last["limits"], expected);
}
