//! What a running server, an import, an export and a history make of a class that comes or changes.

use serde_json::{Value as Json, json};

use super::{COLOUR, COST, City, HEAD, SEATS, WOOD, bench, benches, names, own, wait_for_last};
use crate::program::{Server, list};
use crate::sender::id;

const ITEMS: &str = "/collections/benches/items?limit=10";

/// The fields of benches in each place where a public client meets them: schema, items, one item,
/// API document.
fn check_fields(server: &Server, expected: &[&str]) {
    let schema = server.json("/collections/benches/feature-schema");
    let described = &schema["properties"]["properties"]["properties"];
    assert_eq!(own(names(described)), expected, "schema");
    for feature in server.features(ITEMS) {
        assert_eq!(own(names(&feature["properties"])), expected, "items");
        let one = server.json(&format!("/collections/benches/items/{}", id(&feature)));
        assert_eq!(own(names(&one["properties"])), expected, "item");
    }
    let api = server.json("/api");
    let parameters = list(&api["paths"]["/collections/benches/items"]["get"]["parameters"]);
    let asked = parameters.iter().filter_map(|parameter| parameter["name"].as_str());
    assert_eq!(own(asked), expected, "API document");
    for name in ["wood", "seats", "cost", "colour"] {
        let status = server.get(&format!("{ITEMS}&{name}=1")).status;
        assert_eq!(status, if expected.contains(&name) { 200 } else { 400 }, "{name}");
    }
}

#[test]
fn a_running_server_shows_a_new_class_and_what_becomes_of_its_fields() {
    let city = City::new();
    let server = city.serve();
    let collection = server.json("/collections/benches");
    assert_eq!((&collection["title"], &collection["itemCount"]), (&"Benches".into(), &0.into()));
    check_fields(&server, &["wood", "seats"]);
    city.import(&[
        bench("1", r#""code":"B1","wood":"oak","seats":3,"cost":70"#),
        bench("2", r#""code":"B2""#),
    ]);
    wait_for_last(&server, &city);
    check_fields(&server, &["wood", "seats"]);

    // A field in between moves those behind it.
    city.put(&[HEAD, WOOD, COLOUR, SEATS, COST].concat(), &[]).expect_done();
    wait_for_last(&server, &city);
    check_fields(&server, &["wood", "colour", "seats"]);
    city.import(&[bench("2", r#""code":"B2","colour":"green","seats":5"#)]);
    wait_for_last(&server, &city);
    let found = server.features(&format!("{ITEMS}&colour=green&seats=5"));
    assert_eq!((found.len(), &found[0]["properties"]["wood"]), (1, &Json::Null));
    assert_eq!(server.features(&format!("{ITEMS}&wood=oak&seats=3")).len(), 1);

    let retired = SEATS.replace("range", "retired = true\nrange");
    city.put(&[HEAD, WOOD, COLOUR, &retired, COST].concat(), &[]).expect_done();
    wait_for_last(&server, &city);
    check_fields(&server, &["wood", "colour"]);

    city.put(&[HEAD, WOOD, COLOUR, SEATS, COST].concat(), &[]).expect_done();
    wait_for_last(&server, &city);
    check_fields(&server, &["wood", "colour", "seats"]);
    assert_eq!(server.features(&format!("{ITEMS}&seats=3")).len(), 1, "its values are back");
    assert_eq!(server.json("/collections/assets")["itemCount"], 2);
}

#[test]
fn a_class_that_is_there_when_the_server_runs_appears_in_the_list_of_collections() {
    let city = City(crate::sender::Sender::new());
    city.0.run(&["demo", "--assets", "10"]).expect_done();
    let server = city.serve();
    let ids = || {
        let collections = server.json("/collections");
        let ids = list(&collections["collections"]).iter().map(|one| one["id"].clone());
        ids.collect::<Vec<_>>()
    };
    let before = ids();
    city.put(&benches(), &[]).expect_done();
    wait_for_last(&server, &city);
    let after: Vec<Json> = ids().into_iter().filter(|id| !before.contains(id)).collect();
    assert_eq!(after, ["benches"]);
    assert_eq!(server.get("/?f=html").status, 200);
}

#[test]
fn words_change_without_a_look_at_the_assets_and_every_document_has_another_tag() {
    let city = City::new();
    city.import(&[bench("1", r#""code":"B1","wood":"oak""#)]);
    let key = city.0.run(&["key", "create", "--administrator"]).expect_done().stdout;
    let mut server = city.serve();
    server.write_with(key.trim_end());
    let one = format!("/collections/benches/items/{}", id(&city.0.coded("benches", "B1")));
    let documents = [
        "/collections",
        "/collections/benches",
        "/collections/benches/feature-schema",
        "/api",
        ITEMS,
    ];
    let tag = |path: &str| server.get(path).header("etag").expect("a tag").to_owned();
    let before = documents.map(tag);
    let of_one = tag(&one);
    let written = || {
        let metrics = server.get("/metrics").text();
        let line = metrics.lines().find(|line| line.starts_with("terrier_import_rows_total"));
        line.map(str::to_owned)
    };
    let rows = written();
    let renamed = benches().replace("\"Benches\"", "\"Seats in parks\"").replace("Wood", "Timber");
    city.put(&renamed, &[]).expect_done();
    wait_for_last(&server, &city);
    for (path, before) in documents.iter().zip(before) {
        assert_ne!(tag(path), before, "{path}");
    }
    assert_eq!(tag(&one), of_one, "its bytes are the same");
    assert_eq!(written(), rows, "no asset was written");
    assert_eq!(server.json("/collections/benches")["title"], "Seats in parks");
    let schema = server.json("/collections/benches/feature-schema");
    assert_eq!(schema["properties"]["properties"]["properties"]["wood"]["title"], "Timber");
    assert!(server.get("/?f=html").text().contains("Seats in parks"));
}

#[test]
fn pages_go_on_over_a_change_of_the_class_and_end_with_a_field_that_they_ask_for() {
    let city = City::new();
    let rows = |properties: &str| {
        (0..30).map(|key| bench(&key.to_string(), properties)).collect::<Vec<_>>()
    };
    city.import(&rows(r#""wood":"oak","seats":2"#));
    let server = city.serve();
    let next = |page: &Json| crate::program::link(page, "next").expect("there are more");
    let first = server.json("/collections/benches/items?limit=10&wood=oak&seats=2");
    city.put(&[HEAD, COLOUR, SEATS, COST, WOOD].concat(), &[]).expect_done();
    wait_for_last(&server, &city);
    let second = server.json(&next(&first));
    let third = server.json(&next(&second));
    let ids = [&first, &second, &third].map(|page| list(&page["features"]).iter().map(id));
    let ids: std::collections::BTreeSet<&str> = ids.into_iter().flatten().collect();
    assert_eq!((ids.len(), &third["numberMatched"]), (30, &30.into()));

    let retired = SEATS.replace("range", "retired = true\nrange");
    city.put(&[HEAD, COLOUR, &retired, COST, WOOD].concat(), &[]).expect_done();
    wait_for_last(&server, &city);
    let gone = server.get(&next(&first));
    assert_eq!((gone.status, &*gone.problem()), (400, "parameter `seats`: not known here"));
}

#[test]
fn a_retired_field_is_no_field_of_imports_mappings_and_exports() {
    let city = City::new();
    city.import(&[bench("1", r#""code":"B1","wood":"oak","seats":3"#)]);
    let retired = SEATS.replace("range", "retired = true\nrange");
    city.put(&[HEAD, WOOD, &retired, COST].concat(), &[]).expect_done();
    let said = city.import_with(&[bench("1", r#""wood":"pine","seats":4"#)], &[]).expect_done();
    assert!(said.stderr.contains("property `seats` not taken (1 rows)"), "{said:?}");
    let now = city.0.coded("benches", "B1");
    assert_eq!(own(names(&now["properties"])), ["wood", "cost"]);
    assert_eq!(now["properties"]["wood"], "pine");
    let asked = city.0.run(&["export", "benches", "--seats=3"]);
    assert_eq!(asked.stderr, "error: parameter `seats`: not known here\n");
    let mapping = city.0.file(
        "m.toml",
        "source = \"s\"\n[[collection]]\ninto = \"benches\"\n[collection.fields]\nseats = \"n\"\n",
    );
    let file = city.0.file("f.geojsonl", bench("9", ""));
    let refused = city.0.run(&["import", &file, "--mapping", &mapping]);
    let expected = "found `seats`, expected a field that is not retired";
    assert!(refused.stderr.contains(expected), "{refused:?}");
    let listed = city.0.run(&["classes", "--json"]).json();
    assert_eq!(listed[0]["own_fields"], 2);

    city.put(&benches(), &[]).expect_done();
    let back = city.0.coded("benches", "B1");
    assert_eq!(back["properties"]["seats"], 3, "nobody could change it");
}

/// The own fields in the versions of the bench B1, each with its value, over HTTP.
fn past(server: &Server, city: &City) -> Vec<Json> {
    let id = id(&city.0.coded("benches", "B1")).to_owned();
    let history = server.json(&format!("/collections/benches/items/{id}/history"));
    let versions = list(&history["versions"]).iter();
    versions
        .map(|version| {
            let properties = &version["feature"]["properties"];
            let fields = own(names(properties)).into_iter();
            let fields: Vec<String> =
                fields.map(|name| format!("{name}={}", properties[name])).collect();
            let changed = version["changed"]
                .as_array()
                .map(|list| list.iter().map(|one| one["field"].clone()).collect::<Vec<_>>());
            json!([fields.join(" "), changed])
        })
        .collect()
}

#[test]
fn a_history_is_read_with_the_class_of_its_day() {
    let city = City::new();
    city.import(&[bench("1", r#""code":"B1","wood":"oak","seats":3"#)]);
    city.put(&[HEAD, COLOUR, WOOD, SEATS, COST].concat(), &[]).expect_done();
    city.import(&[bench("1", r#""colour":"red","seats":4"#)]);
    let retired = [COLOUR, SEATS].map(|field| field.replace("title", "retired = true\ntitle"));
    city.put(&[HEAD, &retired[0], WOOD, &retired[1], COST].concat(), &[]).expect_done();
    city.import(&[bench("1", r#""wood":"pine""#)]);
    city.put(&[HEAD, COLOUR, WOOD, &retired[1], COST].concat(), &[]).expect_done();
    city.import(&[bench("1", r#""colour":"blue""#)]);
    let expected = json!([
        ["wood=\"oak\" seats=3", null],
        ["colour=\"red\" wood=\"oak\" seats=4", ["colour", "seats"]],
        ["wood=\"pine\"", ["wood"]],
        ["colour=\"blue\" wood=\"pine\"", ["colour"]],
    ]);
    assert_eq!(json!(past(&city.serve(), &city)), expected);
    let told = city.0.run(&["classes", "benches", "--at", "3"]).expect_done();
    assert_eq!(told.stdout.trim(), benches().trim());
    let changes = city.0.run(&["classes", "benches", "--changes", "--json"]).json();
    let of = |at: usize| json!([changes[at]["sequence"], changes[at]["differences"]]);
    assert_eq!(of(0), json!([2, []]));
    let added = json!({ "field": "colour", "part": "", "old": null, "new": "text" });
    assert_eq!(of(1), json!([4, [added]]));
}

#[test]
fn what_becomes_restricted_is_restricted_in_the_past_too() {
    let city = City::new();
    city.import(&[bench("1", r#""code":"B1","wood":"oak","seats":3"#)]);
    city.import(&[bench("1", r#""seats":4"#)]);
    let server = city.serve();
    assert_eq!(past(&server, &city)[0], json!(["wood=\"oak\" seats=3", null]));
    let hidden = SEATS.replace("range", "sensitivity = \"restricted\"\nrange");
    city.put(&[HEAD, WOOD, &hidden, COST].concat(), &[]).expect_done();
    wait_for_last(&server, &city);
    check_fields(&server, &["wood"]);
    let expected = [json!(["wood=\"oak\"", null]), json!(["wood=\"oak\"", []])];
    assert_eq!(past(&server, &city), expected);
    let all = city.0.history(id(&city.0.coded("benches", "B1")));
    assert_eq!(all[0]["feature"]["properties"]["seats"], 3, "the operator sees it");
}

#[test]
fn a_retired_code_stays_with_those_that_have_it() {
    let city = City::new();
    let rows =
        [bench("1", r#""code":"B1","wood":"oak""#), bench("2", r#""code":"B2","wood":"pine""#)];
    city.import(&rows);
    let retired = WOOD.replace("\"橡木\"", "\"橡木\", retired = true");
    let report = city.put(&[HEAD, &retired, SEATS, COST].concat(), &[]).expect_done();
    assert_eq!(report.stdout, "benches: wood, code `oak`, retired: false -> true\nchange 4\n");
    let server = city.serve();
    assert_eq!(server.features(&format!("{ITEMS}&wood=oak")).len(), 1);
    let schema = server.json("/collections/benches/feature-schema");
    let wood = &schema["properties"]["properties"]["properties"]["wood"];
    assert_eq!(wood["enum"], json!(["oak", "pine"]), "what is served is as described");
    assert_eq!(wood["x-enum-titles"]["oak"]["retired"], true);
    let again = city.import_with(&rows, &["--dry-run"]).expect_done();
    assert!(again.stdout.contains(" 2 unchanged, 0 refused"), "{again:?}");
    let given = [bench("2", r#""wood":"oak""#), bench("3", r#""wood":"oak""#)];
    let refused = city.import_with(&given, &[]);
    let fault = "wood: found `oak`, expected one of pine: this one is retired";
    let expected = format!("row 1: {fault}\nrow 2: {fault}\n");
    assert_eq!((refused.code, &*refused.stderr), (Some(3), &*expected));
}

#[test]
fn a_retired_class_has_no_collection_and_comes_back_with_all_that_it_held() {
    let city = City::new();
    city.import(&[bench("1", r#""code":"B1","wood":"oak""#)]);
    let server = city.serve();
    let id = id(&city.0.coded("benches", "B1")).to_owned();
    let retired = benches().replace("geometry", "retired = true\ngeometry");
    let refused = city.put(&retired, &[]);
    let expected = "benches: retired: false -> true: held by 1 assets; a class is retired when all \
                    its assets are removed\n";
    assert!(refused.stderr.starts_with(expected), "{refused:?}");
    city.import(&[bench("1", r#""lifecycle_status":"removed""#)]);
    city.put(&retired, &[]).expect_done();
    wait_for_last(&server, &city);
    for path in ["", "/schema", "/items", &format!("/items/{id}")] {
        assert_eq!(server.get(&format!("/collections/benches{path}")).status, 404, "{path}");
    }
    assert_eq!(server.get(&format!("/collections/assets/items/{id}")).status, 404);
    assert_eq!(server.json("/collections/assets/items")["numberMatched"], 0);
    assert_eq!(city.0.export("assets").len(), 0);
    let row = [bench("2", r#""code":"B2""#)];
    assert_eq!(city.import_with(&row, &[]).code, Some(2));
    assert_eq!(city.0.history(&id).len(), 2);
    let listed = city.0.run(&["classes"]).expect_done().stdout;
    assert!(listed.contains("Benches 座椅 (retired)"), "{listed}");
    assert_eq!(city.0.run(&["check"]).expect_done().code, Some(0));

    city.put(&benches(), &[]).expect_done();
    wait_for_last(&server, &city);
    let back = server.features(ITEMS);
    assert_eq!((back.len(), &back[0]["properties"]["wood"]), (1, &"oak".into()));
    let again = city.serve();
    assert_eq!(
        again.features(ITEMS),
        back.iter()
            .map(|one| {
                let text = one.to_string().replace(server.url(), again.url());
                serde_json::from_str::<Json>(&text).expect("JSON")
            })
            .collect::<Vec<_>>()
    );
}
