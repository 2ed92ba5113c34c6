//! Questions with a condition in CQL2 text or JSON.

use serde_json::{Value as Json, json};
use terrier_catalog::cql2::{parse_text, write_json};

use crate::program::{district, encoded, list, text};

fn address(collection: &str, filter: &str, more: &str) -> String {
    format!("/collections/{collection}/items?filter={}{more}", encoded(filter))
}

/// Checks which pipes a filter finds, against a plain reading of all of them.
fn check(filter: &str, expected: impl Fn(&Json) -> bool) {
    let all = district().features("/collections/gas_pipes/items?limit=10000");
    let wanted: Vec<&str> = all
        .iter()
        .filter(|feature| expected(&feature["properties"]))
        .map(|feature| text(&feature["id"]))
        .collect();
    let page = district().json(&address("gas_pipes", filter, "&limit=10000"));
    let found: Vec<&str> =
        list(&page["features"]).iter().map(|feature| text(&feature["id"])).collect();
    assert!(!wanted.is_empty() && wanted.len() < all.len(), "{filter} tells nothing apart");
    assert_eq!(found, wanted[..found.len()], "{filter}");
    assert_eq!(page["numberMatched"], wanted.len(), "{filter}");
}

/// Checks the problem that a filter is answered with.
fn refused(filter: &str, detail: &str) {
    let path = address("gas_pipes", filter, "");
    let answer = district().get(&path);
    let expected = format!("parameter `filter`: {detail}");
    assert_eq!((answer.status, answer.problem()), (400, expected), "{filter}");
    assert_eq!(answer.json()["parameter"], "filter", "{filter}");
}

#[test]
fn a_filter_finds_what_a_plain_reading_finds() {
    check("material = 'steel'", |pipe| pipe["material"] == "steel");
    check("'steel' <> material", |pipe| {
        pipe["material"].is_string() && pipe["material"] != "steel"
    });
    check("diameter_mm BETWEEN 100 AND 200.5", |pipe| {
        pipe["diameter_mm"].as_f64().is_some_and(|mm| (100.0..=200.5).contains(&mm))
    });
    check("installed_on IS NULL OR NOT installed_on >= DATE('1995-01-01')", |pipe| {
        pipe["installed_on"].as_str().is_none_or(|day| day < "1995-01-01")
    });
    check("material IN ('pe80', 'pe100') AND road LIKE '%_场_'", |pipe| {
        let material = pipe["material"].as_str().unwrap_or_default();
        material.starts_with("pe") && pipe["road"] == "马场道"
    });
    check("encroached", |pipe| pipe["encroached"] == true);
    check("NOT encroached", |pipe| pipe["encroached"] == false);
}

/// How many features of a collection a filter finds.
fn count(collection: &str, filter: &str) -> u64 {
    let page = district().json(&address(collection, filter, "&limit=1"));
    page["numberMatched"].as_u64().expect("a count")
}

#[test]
fn times_sums_and_texts_are_asked_for_as_a_plain_reading_finds_them() {
    check("T_DURING(installed_on, INTERVAL('1990-01-01', '1999-12-31'))", |pipe| {
        let day = pipe["installed_on"].as_str().unwrap_or_default();
        day > "1990-01-01" && day < "1999-12-31"
    });
    check("diameter_mm * 2 - 100 > geom_length_m + 300", |pipe| {
        pipe["diameter_mm"]
            .as_f64()
            .zip(pipe["geom_length_m"].as_f64())
            .is_some_and(|(diameter, length)| diameter * 2.0 - 100.0 > length + 300.0)
    });
    check("age(installed_on, DATE('2020-01-01')) >= 25", |pipe| {
        pipe["installed_on"].as_str().is_some_and(|day| day <= "1995-01-01")
    });
    check("CASEI(code) LIKE CASEI('rq5005%') AND CASEI(material) = CASEI('STEEL')", |pipe| {
        text(&pipe["code"]).starts_with("RQ5005") && pipe["material"] == "steel"
    });
}

#[test]
fn a_place_is_asked_for_as_by_a_window_whichever_way_it_is_written() {
    for collection in ["gas_pipes", "light_poles", "pocket_parks", "assets", "due"] {
        let window =
            format!("/collections/{collection}/items?limit=1&bbox=117.20,39.05,117.23,39.08");
        let expected = district().json(&window)["numberMatched"].as_u64().expect("a count");
        let ring = "117.20 39.05, 117.23 39.05, 117.23 39.08, 117.20 39.08, 117.20 39.05";
        for filter in [
            "S_INTERSECTS(geometry, BBOX(117.20, 39.05, 117.23, 39.08))".to_owned(),
            format!("S_INTERSECTS(geom, POLYGON(({ring})))"),
            format!("NOT S_DISJOINT(MULTIPOLYGON((({ring}))), geom)"),
            format!("S_DWITHIN(geom, POLYGON(({ring})), 0)"),
        ] {
            assert_eq!(count(collection, &filter), expected, "{collection} {filter}");
        }
        assert!(expected > 0, "{collection}");
    }
}

#[test]
fn what_falls_due_on_an_asset_is_asked_for_as_the_collection_of_work_tells_it() {
    for (kind, state) in [("renew", "overdue"), ("clean", "overdue"), ("assess", "unknown")] {
        let work = format!("/collections/due/items?kind={kind}&state={state}&limit=10000");
        let mut expected: Vec<String> = district()
            .features(&work)
            .iter()
            .map(|work| text(&work["id"]).trim_end_matches(&format!(".{kind}")).to_owned())
            .collect();
        let filter = format!("due_state('{kind}') = '{state}'");
        let found = district().features(&address("assets", &filter, "&limit=10000"));
        let mut found: Vec<String> = found.iter().map(|one| text(&one["id"]).to_owned()).collect();
        expected.sort();
        found.sort();
        assert!(!expected.is_empty(), "{kind} {state}");
        assert_eq!(found, expected, "{filter}");
    }
    let all = count("assets", "TRUE");
    let without = count("assets", "due_state('renew') IS NULL");
    assert!(0 < without && without < all, "{without} of {all}");
}

#[test]
fn conditions_on_one_kind_of_work_add_up_with_those_on_others_and_on_fields() {
    let of = |filter: &str| count("assets", filter);
    let all = of("TRUE");
    let (overdue, others, without) = (
        of("due_state('renew') = 'overdue'"),
        of("due_state('renew') <> 'overdue'"),
        of("due_state('renew') IS NULL"),
    );
    assert!(overdue > 0 && others > 0);
    assert_eq!(overdue + others + without, all);
    assert_eq!(of("NOT due_state('renew') = 'overdue'"), others);
    assert_eq!(of("due_state('renew') IS NULL OR due_state('renew') = 'overdue'"), all - others);
    assert_eq!(of("due_state('renew') IN ('overdue', 'due') OR TRUE"), all);
    assert_eq!(of("(due_state('renew') = 'overdue') = (class IS NOT NULL)"), overdue);
    assert_eq!(of("(due_state('renew') = 'overdue') IS NULL"), without);
    let both = of("due_state('renew') = 'overdue' AND due_state('clean') = 'overdue'");
    let same = "due_state('renew') = due_state('clean') AND due_state('clean') = 'overdue'";
    assert_eq!(of(same), both);
}

#[test]
fn a_filter_holds_together_with_the_other_conditions() {
    let count = |path: &str| district().json(path)["numberMatched"].as_u64().expect("a count");
    let window = "&bbox=117.20,39.05,117.23,39.08&material=steel&filter-lang=cql2-text\
                  &filter-crs=http://www.opengis.net/def/crs/OGC/1.3/CRS84";
    let all = count(&format!("/collections/gas_pipes/items?limit=1{window}"));
    let large = count(&address("gas_pipes", "diameter_mm >= 200", window));
    let small = count(&address("gas_pipes", "NOT diameter_mm >= 200", window));
    let unknown = count(&address("gas_pipes", "diameter_mm IS NULL", window));
    assert!(large > 0 && small > 0, "{large} {small}");
    assert_eq!(large + small + unknown, all);
}

#[test]
fn a_filter_goes_on_from_page_to_page_and_its_token_is_its_own() {
    let page = district().json(&address("assets", "class LIKE '%pipes'", "&limit=7"));
    let next = list(&page["links"]).iter().find(|link| link["rel"] == "next").expect("a link");
    let second = district().json(text(&next["href"]));
    assert_eq!(second["numberMatched"], page["numberMatched"]);
    assert_ne!(second["features"], page["features"]);
    let token = text(&next["href"]).split("token=").nth(1).expect("a token");
    let other = address("assets", "class LIKE 'gas%'", &format!("&token={token}"));
    assert_eq!(district().get(&other).status, 400);
}

#[test]
fn what_cannot_be_honoured_is_refused_with_its_place() {
    refused("", "at byte 0: found the end, expected a condition");
    refused("material = ", "at byte 11: found the end, expected a value or the name of a property");
    refused(
        "encroached OR a.b(1)",
        "there is no function `a.b`, expected one of S_DWITHIN(first, second, metres), age(since, \
         on), due_state(kind)",
    );
    refused(
        "S_INTERSECTS(geometry, MULTIPOINT(7.02 49.92, 90 180))",
        "the geometry in it is none: position `90 180` is not in the world, expected longitude \
         within ±180, then latitude within ±90",
    );
    refused("matrial = 'steel'", "property `matrial` is not known here; did you mean `material`?");
    refused("design_pressure_mpa > 0.1", "property `design_pressure_mpa` is not known here");
    refused(
        "installed_on < '1995'",
        "`installed_on`: found text `1995`, expected a date such as 2005-06-30",
    );
    let deep = |levels: usize| format!("{}encroached{}", "(".repeat(levels), ")".repeat(levels));
    assert_eq!(district().get(&address("gas_pipes", &deep(32), "")).status, 200);
    refused(&deep(33), "at byte 33: found `encroached`, expected at most 32 levels");
    refused(&deep(1200), "at byte 33: found `(`, expected at most 32 levels");
    for (name, detail) in [
        ("filter-lang=sql", "found `sql`, expected cql2-text or cql2-json or cql-text"),
        ("filter-crs=EPSG:1", "found `EPSG:1`, expected one of OGC:CRS84, "),
    ] {
        let answer = district().get(&format!("/collections/gas_pipes/items?{name}"));
        let parameter = name.split('=').next().expect("a name");
        let expected = format!("parameter `{parameter}`: {detail}");
        let found = answer.problem();
        assert!(answer.status == 400 && found.starts_with(&expected), "{found}");
    }
}

#[test]
fn positions_of_a_filter_are_in_the_system_that_is_named_and_in_the_order_of_its_axes() {
    let expected = count("gas_pipes", "S_INTERSECTS(geometry, BBOX(117.20, 39.05, 117.23, 39.08))");
    let check = |filter: &str, crs: &str, expected: u64| {
        let page = address("gas_pipes", filter, &format!("&limit=1&filter-crs={crs}"));
        assert_eq!(district().json(&page)["numberMatched"], expected, "{filter} {crs}");
    };
    assert!(expected > 0);
    let latitude_first = "S_INTERSECTS(geometry, BBOX(39.05, 117.20, 39.08, 117.23))";
    for crs in ["http://www.opengis.net/def/crs/EPSG/0/4326", "EPSG:4490"] {
        check(latitude_first, crs, expected);
    }
    // In the order of longitude and latitude it lies nowhere, or far away.
    check("S_INTERSECTS(geometry, BBOX(38, 39, 40, 40))", "EPSG:4490", 0);
    // About 117.20 to 117.23 degrees east and 39.05 to 39.08 north, as pyproj has it.
    let northing_first = "S_WITHIN(geometry, BBOX(4000000, 400000, 5000000, 600000))";
    let all = count("gas_pipes", "TRUE");
    check(northing_first, "http://www.opengis.net/def/crs/EPSG/0/4548", all);
    check("S_WITHIN(geometry, BBOX(400000, 4000000, 600000, 5000000))", "EPSG:4548", 0);
}

/// A filter as the JSON that says the same.
fn in_json(filter: &str) -> String {
    write_json(&parse_text(filter).expect("a condition"), |name| name)
}

#[test]
fn a_filter_in_json_finds_what_the_same_finds_in_text() {
    for filter in [
        "material IN ('steel', 'pe80') AND NOT diameter_mm BETWEEN 100 AND 200.5",
        "CASEI(code) LIKE CASEI('rq5005%') OR road IS NULL",
        "T_DURING(installed_on, INTERVAL('1990-01-01', '..'))",
        "diameter_mm * 2 - 100 > geom_length_m + 300",
        "S_INTERSECTS(geometry, POLYGON((117.20 39.05, 117.23 39.05, 117.23 39.08, 117.20 39.05)))",
        "S_DWITHIN(geom, BBOX(117.20, 39.05, 117.23, 39.08), 100)",
        "A_CONTAINS((material, 'pe80'), ('steel'))",
        "due_state('renew') IN ('due', 'overdue') AND age(installed_on, DATE('2026-01-01')) > 35",
    ] {
        let expected = count("gas_pipes", filter);
        for language in ["cql2-text", "cql-text"] {
            let path = address("gas_pipes", filter, &format!("&limit=1&filter-lang={language}"));
            assert_eq!(district().json(&path)["numberMatched"], expected, "{filter}");
        }
        // The language may be said before the filter and behind it.
        let json = encoded(&in_json(filter));
        for parameters in [
            format!("filter={json}&filter-lang=cql2-json"),
            format!("filter-lang=cql2-json&filter={json}"),
        ] {
            let path = format!("/collections/gas_pipes/items?limit=1&{parameters}");
            assert_eq!(district().json(&path)["numberMatched"], expected, "{filter}");
        }
        let all = count("gas_pipes", "TRUE");
        assert!(0 < expected && expected < all, "{filter} tells nothing apart: {expected}");
    }
}

#[test]
fn a_filter_in_json_goes_on_from_page_to_page() {
    let filter = in_json("class LIKE '%pipes'");
    let page = district().json(&address("assets", &filter, "&filter-lang=cql2-json&limit=7"));
    let next = list(&page["links"]).iter().find(|link| link["rel"] == "next").expect("a link");
    let second = district().json(text(&next["href"]));
    assert_eq!(second["numberMatched"], page["numberMatched"]);
    assert_ne!(second["features"], page["features"]);
}

#[test]
fn what_json_cannot_be_honoured_is_refused_with_its_place() {
    let refused = |filter: &str, detail: &str| {
        let answer = district().get(&address("gas_pipes", filter, "&filter-lang=cql2-json"));
        let expected = format!("parameter `filter`: {detail}");
        assert_eq!((answer.status, answer.problem()), (400, expected), "{filter}");
    };
    refused(
        "material = 'steel'",
        "at byte 0: found `material = 'steel'`, expected sound JSON (expected value)",
    );
    refused(
        r#"{"op":"and","args":[true,{"op":"=","args":[{"property":"material"}]}]}"#,
        "at `/args/1/args`: found 1 arguments, expected 2",
    );
    refused(
        r#"{"op":"=","args":[{"property":"matrial"},"steel"]}"#,
        "property `matrial` is not known here; did you mean `material`?",
    );
    refused(
        r#"{"op":"near","args":[{"property":"geometry"}]}"#,
        "there is no function `near`, expected one of S_DWITHIN(first, second, metres), age(since, \
         on), due_state(kind)",
    );
}

#[test]
fn the_functions_that_a_filter_may_call_are_listed_with_what_they_take() {
    let document = district().json("/functions");
    let functions = list(&document["functions"]);
    let names: Vec<&str> = functions.iter().map(|function| text(&function["name"])).collect();
    assert_eq!(names, ["S_DWITHIN", "age", "due_state"]);
    let age = json!({
        "name": "age",
        "description": functions[1]["description"],
        "args": [
            {
                "title": "since",
                "description": functions[1]["args"][0]["description"],
                "type": ["datetime"],
            },
            {
                "title": "on",
                "description": functions[1]["args"][1]["description"],
                "type": ["datetime"],
            },
        ],
        "returns": ["integer"],
    });
    assert_eq!(functions[1], age);
    // Each can be called as it is listed.
    for (function, filter) in functions.iter().zip([
        "S_DWITHIN(geometry, POINT(117.22 39.06), 50) = TRUE",
        "age(installed_on, DATE('2026-01-01')) > 0",
        "due_state('renew') = 'due'",
    ]) {
        assert!(!text(&function["description"]).is_empty());
        let answer = district().get(&address("gas_pipes", filter, "&limit=1"));
        assert_eq!(answer.status, 200, "{filter}: {}", answer.problem());
    }
}
