//! Summaries: figures of many assets in one, against plain sums over the features themselves and
//! against GDAL.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::ogr;
use crate::program::{PLENTIFUL, Server, district, encoded, fixture, import, link, list, text};
use crate::sender::Sender;

/// The measures that add up a property, and those that count its different values.
const SUMS: [(&str, &str); 6] = [
    ("pieces", "count"),
    ("length_m", "length_m"),
    ("area_m2", "area_m2"),
    ("households", "households"),
    ("geom_length_m", "geom_length_m"),
    ("geom_area_m2", "geom_area_m2"),
];
const DISTINCT: [(&str, &str); 2] = [("communities", "community"), ("streets", "street")];

/// The figures of features, one after another: measures, then how many have no value.
fn plainly(features: &[&Json], measures: &[&str]) -> (Vec<Option<f64>>, Vec<u64>) {
    let (mut amounts, mut missing) = (Vec::new(), Vec::new());
    for measure in measures {
        let values = |property: &'static str| {
            let values = features.iter().map(move |feature| &feature["properties"][property]);
            values.filter(|value| !value.is_null()).collect::<Vec<_>>()
        };
        let sum = SUMS.iter().find(|(name, _)| name == measure);
        let distinct = DISTINCT.iter().find(|(name, _)| name == measure);
        let (amount, known) = match (sum, distinct) {
            (Some((_, property)), _) => {
                let values = values(property);
                let numbers = values.iter().map(|value| value.as_f64().expect("a number"));
                (numbers.sum(), values.len())
            }
            (_, Some((_, property))) => {
                let values = values(property);
                let names: BTreeSet<&str> = values.iter().map(|value| text(value)).collect();
                (names.len() as f64, values.len())
            }
            _ => (features.len() as f64, features.len()),
        };
        amounts.push((known > 0 || features.is_empty()).then_some(amount));
        missing.push((features.len() - known) as u64);
    }
    (amounts, missing)
}

/// Checks the figures of a group or of all against a plain sum over its features.
fn check_figures(found: &Json, features: &[&Json], measures: &[&str], at: &str) {
    let (amounts, missing) = plainly(features, measures);
    for ((measure, amount), missing) in measures.iter().zip(amounts).zip(missing) {
        let found_amount = found["measures"][measure].as_f64();
        let is_near = match (found_amount, amount) {
            (Some(found), Some(amount)) => (found - amount).abs() < 0.001,
            (found, amount) => found == amount,
        };
        assert!(is_near, "{at} {measure}: {found_amount:?}, plainly {amount:?}");
        if *measure != "count" {
            assert_eq!(found["missing"][measure], missing, "{at} {measure}");
        }
    }
}

/// Checks a whole summary against the features that the same question gives.
fn check_summary(summary: &Json, features: &[Json], fields: &[&str], measures: &[&str], at: &str) {
    let mut groups: BTreeMap<String, Vec<&Json>> = BTreeMap::new();
    for feature in features {
        let by: Vec<&Json> = fields.iter().map(|field| &feature["properties"][field]).collect();
        groups.entry(json!(by).to_string()).or_default().push(feature);
    }
    if fields.is_empty() {
        groups.clear();
    }
    assert_eq!(list(&summary["groups"]).len(), groups.len(), "{at}");
    for group in list(&summary["groups"]) {
        let by: Vec<&Json> = fields.iter().map(|field| &group["by"][field]).collect();
        let key = json!(by).to_string();
        let members = groups.get(&key).unwrap_or_else(|| panic!("{at}: no features of {key}"));
        check_figures(group, members, measures, &format!("{at} {key}"));
    }
    check_figures(&summary["total"], &features.iter().collect::<Vec<_>>(), measures, at);
}

fn question(fields: &[&str], measures: &[&str], conditions: &str) -> String {
    let fields =
        if fields.is_empty() { String::new() } else { format!("&group-by={}", fields.join(",")) };
    format!("summary?measure={}{fields}{conditions}", measures.join(","))
}

const PUBLIC: [&str; 8] = [
    "count",
    "pieces",
    "length_m",
    "area_m2",
    "geom_length_m",
    "geom_area_m2",
    "communities",
    "streets",
];

#[test]
fn a_summary_is_the_plain_sum_over_the_features_that_meet_the_same_conditions() {
    for collection in PLENTIFUL {
        for conditions in [
            "",
            "&bbox=117.20,39.05,117.23,39.08",
            "&bbox=117.21,39.06,117.211,39.061",
            "&lifecycle_status=in_service&datetime=2024-01-01/..",
            "&code=nothing",
            "&filter=installed_latest_on%20%3C%20DATE('1995-01-01')%20AND%20road%20IS%20NOT%20NULL",
        ] {
            let items = format!("/collections/{collection}/items?limit=10000{conditions}");
            let features = district().features(&items);
            for fields in [&[][..], &["class"], &["lifecycle_status", "road"]] {
                let path =
                    format!("/collections/{collection}/{}", question(fields, &PUBLIC, conditions));
                check_summary(&district().json(&path), &features, fields, &PUBLIC, &path);
            }
        }
    }
    let features = district().features("/collections/gas_pipes/items");
    let fields = ["material", "encroached", "owner"];
    let path = format!("/collections/gas_pipes/{}", question(&fields, &PUBLIC, ""));
    check_summary(&district().json(&path), &features, &fields, &PUBLIC, &path);
}

/// Imports a fixture and answers its path.
fn sent(sender: &Sender, set: &str, class: &str) -> std::path::PathBuf {
    let file = fixture(&format!("{set}/{class}.geojson"));
    let mapping = fixture(&format!("{set}/{class}.toml"));
    let [path, mapping] = [&file, &mapping].map(|path| path.to_str().expect("a path in UTF-8"));
    sender.run(&["import", path, "--mapping", mapping]).expect_done();
    file
}

#[test]
fn the_command_line_adds_up_restricted_measures_too() {
    let sender = Sender::new();
    sent(&sender, "hexi-sample", "gas_risers");
    let measures = ["count", "length_m", "households", "communities", "streets"];
    let features = sender.export("gas_risers");
    for fields in [&[][..], &["community"], &["material", "wrapped", "community"]] {
        let list = measures.join(",");
        let mut arguments = vec!["summary", "gas_risers", "--measure", &list, "--json"];
        let by = fields.join(",");
        if !fields.is_empty() {
            arguments.extend(["--group-by", &by]);
        }
        let summary = sender.run(&arguments).expect_done().json();
        check_summary(&summary, &features, fields, &measures, &by);
    }
    let one = ["summary", "gas_risers", "--community=安德里", "--measure", "households", "--json"];
    let features: Vec<Json> = features
        .into_iter()
        .filter(|feature| feature["properties"]["community"] == "安德里")
        .collect();
    assert!(!features.is_empty());
    check_summary(&sender.run(&one).expect_done().json(), &features, &[], &["households"], "one");
}

#[test]
fn the_figures_of_a_file_are_those_that_gdal_finds_in_it() {
    let sender = Sender::new();
    let risers = sent(&sender, "hexi-sample", "gas_risers");
    let pipes = sent(&sender, "gas-schutterwald", "gas_pipes");
    check_with_gdal(
        &sender,
        &risers,
        ["gas_risers", "community"],
        &[
            ("count", "\"小区\"", "count(*)"),
            ("length_m", "\"小区\"", "sum(\"登记长度\")"),
            ("households", "\"小区\"", "sum(\"户数\")"),
            ("streets", "\"小区\"", "count(distinct \"街道\")"),
        ],
    );
    check_with_gdal(
        &sender,
        &pipes,
        ["gas_pipes", "pipe_role"],
        &[("geom_length_m", "1", "sum(ST_Length(geometry, 1))")],
    );
}

/// Compares each group, or all where the label for GDAL is `1`, with GDAL's answer.
fn check_with_gdal(
    sender: &Sender,
    file: &std::path::Path,
    [collection, field]: [&str; 2],
    figures: &[(&str, &str, &str)],
) {
    for (measure, label, expression) in figures {
        let arguments =
            ["summary", collection, "--group-by", field, "--measure", measure, "--json"];
        let summary = sender.run(&arguments).expect_done().json();
        let mut ours = BTreeMap::new();
        if *label == "1" {
            ours.insert("1".to_owned(), summary["total"]["measures"][measure].as_f64());
        } else {
            for group in list(&summary["groups"]) {
                let name = group["by"][field].as_str().unwrap_or_default().to_owned();
                ours.insert(name, group["measures"][measure].as_f64());
            }
        }
        let theirs = ogr::groups(file, label, expression);
        assert_eq!(ours.len(), theirs.len(), "{ours:?} {theirs:?}");
        for (name, theirs) in theirs {
            let ours = ours.get(&name).copied().flatten();
            let ours = ours.unwrap_or_else(|| panic!("{measure}: no group `{name}`"));
            let tolerance = 0.001 + 1.5e-6 * theirs.abs();
            assert!((ours - theirs).abs() <= tolerance, "{measure} of {name}: {ours} {theirs}");
        }
    }
}

#[test]
fn the_length_of_risers_is_that_of_the_records_and_not_of_their_points() {
    let sender = Sender::new();
    sent(&sender, "hexi-sample", "gas_risers");
    let measures = "length_m,geom_length_m";
    let summary = sender.run(&["summary", "gas_risers", "--measure", measures, "--json"]);
    let summary = summary.expect_done().json();
    let recorded: f64 = sender
        .export("gas_risers")
        .iter()
        .filter_map(|feature| feature["properties"]["length_m"].as_f64())
        .sum();
    let total = &summary["total"]["measures"];
    assert!((total["length_m"].as_f64().expect("a sum") - recorded).abs() < 0.001, "{total}");
    assert_eq!(total["geom_length_m"], Json::Null);
    let bases: Vec<&str> =
        list(&summary["measures"]).iter().map(|measure| text(&measure["basis"])).collect();
    assert_eq!(bases, ["recorded", "geometry"]);
}

/// Checks the problem that a question is answered with, over HTTP and on the command line.
fn check_refused(question: &str, detail: &str) {
    let answer = district().get(&format!("/collections/gas_pipes/summary?{question}"));
    assert_eq!((answer.status, answer.problem()), (400, detail.to_owned()), "{question}");
}

#[test]
fn what_a_summary_cannot_tell_is_refused_by_name() {
    check_refused(
        "group-by=matrial",
        "parameter `group-by`: field `matrial` is not known here; did you mean `material`?",
    );
    check_refused(
        "group-by=length_m",
        "parameter `group-by`: field `length_m` holds a number, expected one of text, codes, or \
         true and false",
    );
    check_refused("group-by=material,owner,road,class", "parameter `group-by`: more than 3 fields");
    check_refused("group-by=material&group-by=road", "parameter `group-by`: given more than once");
    check_refused("limit=5", "parameter `limit`: a summary has no pages");
    check_refused(
        "measures=count",
        "parameter `measures`: not known here; did you mean `measure`?",
    );
    check_refused("bbox=1,2,3", "parameter `bbox`: found 3 numbers, expected 4 or 6");
    check_refused("f=gml", "parameter `f`: found `gml`, offered: json, html, csv");
    assert_eq!(district().get("/collections/nothing/summary").status, 404);
    let sender = Sender::new();
    sent(&sender, "hexi-sample", "gas_risers");
    for (option, said) in [
        ("--measure=length", "error: parameter `measure`: found `length`, expected some of count"),
        ("--limit=5", "error: a summary takes no --limit"),
        ("--rod=x", "error: parameter `rod`: not known here"),
    ] {
        let done = sender.run(&["summary", "gas_risers", option]);
        assert_eq!(done.code, Some(2), "{done:?}");
        assert!(done.stderr.starts_with(said), "{done:?}");
    }
}

#[test]
fn for_the_public_restricted_measures_do_not_exist() {
    let public = "count, pieces, length_m, area_m2, geom_length_m, geom_area_m2, communities, \
                  streets";
    for name in ["households", "sdlohesuoh"] {
        check_refused(
            &format!("measure={name}"),
            &format!("parameter `measure`: found `{name}`, expected some of {public}"),
        );
        check_refused(
            &format!("group-by={name}"),
            &format!("parameter `group-by`: field `{name}` is not known here"),
        );
    }
    let everything = question(&["class"], &PUBLIC, "");
    for collection in PLENTIFUL {
        let answer = district().get(&format!("/collections/{collection}/{everything}"));
        assert!(!answer.text().contains("ouseholds"), "{collection}");
    }
}

#[test]
fn a_registry_with_more_groups_than_an_answer_may_have_is_told_so() {
    let sender = Sender::new();
    let pole = |number: usize| {
        json!({
            "type": "Feature",
            "id": number.to_string(),
            "geometry": { "type": "Point", "coordinates": [117.2, 39.1] },
            "properties": { "code": format!("P{number}"), "road": "友谊路" },
        })
    };
    let poles: Vec<Json> = (0..10_001).map(pole).collect();
    import(&sender.registry(), "light_poles", &poles[..10_000], &[]).expect_done();
    let by_code = ["summary", "light_poles", "--group-by", "code", "--json"];
    let summary = sender.run(&by_code).expect_done().json();
    assert_eq!(list(&summary["groups"]).len(), 10_000);
    import(&sender.registry(), "light_poles", &poles[10_000..], &[]).expect_done();
    let expected = "parameter `group-by`: more than 10000 groups; ask for fewer assets or fields";
    let done = sender.run(&by_code);
    assert_eq!((done.code, &*done.stderr), (Some(2), &*format!("error: {expected}\n")));
    let server = Server::start(&sender.registry(), &[]);
    let answer = server.get("/collections/light_poles/summary?group-by=code");
    assert_eq!((answer.status, answer.problem()), (400, expected.to_owned()));
    let by_road = server.json("/collections/light_poles/summary?group-by=road");
    assert_eq!(by_road["groups"][0]["measures"], json!({ "count": 10_001 }));
}

#[test]
fn a_summary_has_links_and_a_state_that_changes_with_the_registry() {
    let sender = Sender::new();
    let pole = |key: &str| {
        json!({
            "type": "Feature",
            "id": key,
            "geometry": { "type": "Point", "coordinates": [117.2, 39.1] },
            "properties": { "road": "友谊路" },
        })
    };
    import(&sender.registry(), "light_poles", &[pole("1")], &[]).expect_done();
    let server = Server::start(&sender.registry(), &[]);
    let path = "/collections/light_poles/summary?group-by=road&road=%E5%8F%8B%E8%B0%8A%E8%B7%AF";
    let first = server.get(path);
    let body = first.json();
    assert_eq!(link(&body, "self"), Some(format!("{}{path}", server.url())));
    let items = link(&body, "items").expect("a link");
    assert_eq!(list(&server.json(&items)["features"]).len(), 1);
    let tag = first.header("etag").expect("a tag").to_owned();
    assert_eq!(server.ask("GET", path, &[("If-None-Match", &tag)]).status, 304);
    import(&sender.registry(), "light_poles", &[pole("2")], &[]).expect_done();
    crate::program::wait_until("the second pole is counted", || {
        let answer = server.ask("GET", path, &[("If-None-Match", &tag)]);
        answer.status == 200 && answer.json()["total"]["measures"]["count"] == 2
    });
    let collection = server.json("/collections/light_poles");
    let summary = link(&collection, "related").expect("a link");
    assert_eq!(server.json(&summary)["total"]["measures"]["count"], 2);
}

#[test]
fn a_table_for_programs_has_a_column_for_everything() {
    let sender = Sender::new();
    let pipe = |key: &str, properties: Json| {
        json!({
            "type": "Feature",
            "id": key,
            "geometry": { "type": "LineString", "coordinates": [[117.2, 39.1], [117.3, 39.2]] },
            "properties": properties,
        })
    };
    let pipes = [
        pipe("1", json!({ "material": "steel", "road": "a, \"b\"", "length_m": 0.1 })),
        pipe("2", json!({ "material": "steel", "road": "a, \"b\"", "length_m": 0.2 })),
        pipe("3", json!({})),
    ];
    import(&sender.registry(), "gas_pipes", &pipes, &[]).expect_done();
    let by = ["summary", "gas_pipes", "--group-by", "material,road", "--csv"];
    let done = sender.run(&[&by[..], &["--measure", "count,length_m"]].concat()).expect_done();
    let expected = "material,material_en,material_zh,road,count,length_m,length_m_missing\r\n\
                    steel,Steel,钢,\"a, \"\"b\"\"\",2,0.3,0\r\n\
                    ,,,,1,,1\r\n";
    assert_eq!(done.stdout, expected);
    let done = sender.run(&["summary", "gas_pipes", "--csv"]).expect_done();
    assert_eq!(done.stdout, "count\r\n3\r\n");
}

#[test]
fn what_falls_due_and_ages_group_assets_as_filters_find_them() {
    let summary = "/collections/gas_pipes/summary?group-by=due_state(renew),age_band";
    let summary = district().json(summary);
    let mut all = 0;
    for group in list(&summary["groups"]) {
        let (state, band) = (&group["by"]["due_state(renew)"], &group["by"]["age_band"]);
        let state = state.as_str().map_or("IS NULL".to_owned(), |state| format!("= '{state}'"));
        let count = group["measures"]["count"].as_u64().expect("a count");
        all += count;
        let Some(band) = band.as_str() else { continue };
        let (least, most) = band.split_once('_').expect("two ages");
        let most = if most == "up" { "999" } else { most };
        let on = "DATE('2026-07-01')";
        let filter = format!(
            "due_state('renew') {state} AND age(installed_on, {on}) <= {most} AND \
             age(installed_latest_on, {on}) >= {least}"
        );
        let items = format!("/collections/gas_pipes/items?limit=1&filter={}", encoded(&filter));
        assert_eq!(district().json(&items)["numberMatched"], count, "{filter}");
    }
    assert_eq!(summary["total"]["measures"]["count"], all);
    assert!(list(&summary["groups"]).len() > 5, "{summary}");
}

#[test]
fn lengths_are_cut_at_the_window_when_that_is_asked() {
    let length = |question: &str| {
        let path = format!("/collections/gas_pipes/summary?measure=geom_length_m&{question}");
        let summary = district().json(&path);
        (summary["clip"] == true, summary["total"]["measures"]["geom_length_m"].as_f64())
    };
    let (west, east) = ("bbox=117.20,39.05,117.21,39.08", "bbox=117.21,39.05,117.22,39.08");
    let both = "bbox=117.20,39.05,117.22,39.08";
    let cut = |window: &str| {
        let (is_clipped, length) = length(&format!("{window}&clip=true"));
        assert!(is_clipped);
        length.expect("a length")
    };
    let (west, east, both_cut) = (cut(west), cut(east), cut(both));
    assert!((west + east - both_cut).abs() < 0.01, "{west} {east} {both_cut}");
    let (is_clipped, whole) = length(both);
    assert!(!is_clipped && whole.is_some_and(|whole| whole > both_cut), "{whole:?} {both_cut}");
    let ring = "117.20 39.05, 117.22 39.05, 117.22 39.08, 117.20 39.08, 117.20 39.05";
    let filter = encoded(&format!("S_INTERSECTS(geom, POLYGON(({ring})))"));
    let (_, by_polygon) = length(&format!("clip=true&filter={filter}"));
    assert!(by_polygon.is_some_and(|length| (length - both_cut).abs() < 0.01), "{by_polygon:?}");
}
