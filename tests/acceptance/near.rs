//! The features nearest to a position: which, in which order, how far, and what is refused.

use serde_json::Value as Json;
use terrier_catalog::{MAX_NEAREST, NEAREST_DEFAULT};

use crate::forms;
use crate::program::{district, folder, link, list, text};

/// A position amid the district.
const HERE: [f64; 2] = [117.2145, 39.0652];

/// Metres of a degree of longitude and of latitude at a latitude, on the WGS 84 ellipsoid.
fn metres_a_degree(lat: f64) -> [f64; 2] {
    let (a, e2) = (6_378_137.0, 0.006_694_379_990_141_316);
    let root = (1.0 - e2 * lat.to_radians().sin().powi(2)).sqrt();
    let north = a * (1.0 - e2) / root.powi(3);
    [(a / root * lat.to_radians().cos()).to_radians(), north.to_radians()]
}

/// The metres from a position to a segment, on the plane that touches the ground between the two; good
/// to a millionth within the district.
fn to_segment(from: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let plane = |[lon, lat]: [f64; 2]| {
        let [east, _] = metres_a_degree(f64::midpoint(lat, from[1]));
        let [_, north] = metres_a_degree(f64::midpoint(lat, from[1]));
        [(lon - from[0]) * east, (lat - from[1]) * north]
    };
    let (a, b) = (plane(a), plane(b));
    let run = [b[0] - a[0], b[1] - a[1]];
    let square = run[0] * run[0] + run[1] * run[1];
    let share = -(a[0] * run[0] + a[1] * run[1]) / square;
    let share = if square == 0.0 { 0.0 } else { share.clamp(0.0, 1.0) };
    (a[0] + share * run[0]).hypot(a[1] + share * run[1])
}

fn position(json: &Json) -> [f64; 2] {
    [0, 1].map(|axis| json[axis].as_f64().expect("a number"))
}

/// The metres from a position to a geometry that is no surface.
fn distance(from: [f64; 2], geometry: &Json) -> f64 {
    let coordinates = &geometry["coordinates"];
    let of_line = |line: &Json| {
        let ends = list(line).windows(2);
        ends.map(|ends| to_segment(from, position(&ends[0]), position(&ends[1])))
            .fold(f64::INFINITY, f64::min)
    };
    match text(&geometry["type"]) {
        "Point" => to_segment(from, position(coordinates), position(coordinates)),
        "LineString" => of_line(coordinates),
        "MultiLineString" => list(coordinates).iter().map(of_line).fold(f64::INFINITY, f64::min),
        other => panic!("no distance to a {other} here"),
    }
}

/// Asks for the nearest of a collection under conditions, and compares them with all that meet these.
fn check(collection: &str, conditions: &str, from: [f64; 2], count: usize) {
    let items = format!("/collections/{collection}/items?{conditions}");
    let answer = district().json(&format!("{items}&near={},{}&k={count}", from[0], from[1]));
    let found = list(&answer["features"]);
    let all = district().features(&format!("{items}&limit=10000"));
    assert_eq!(found.len(), count.min(all.len()), "{items}");
    assert_eq!(
        (&answer["numberMatched"], &answer["numberReturned"], link(&answer, "next")),
        (&found.len().into(), &found.len().into(), None),
        "{items}"
    );
    let mut last = 0.0;
    for feature in found {
        let metres = feature["distance_m"].as_f64().expect("a distance");
        let expected = distance(from, &feature["geometry"]);
        assert!((metres - expected).abs() < 0.002 + 1e-5 * expected, "{metres} {expected}");
        assert!(metres >= last, "{items}: {metres} behind {last}");
        last = metres;
        let mut plain = feature.clone();
        plain.as_object_mut().expect("an object").remove("distance_m");
        assert!(all.contains(&plain), "{items}: the feature is as it is served otherwise");
    }
    let is_found = |feature: &&Json| found.iter().any(|found| found["id"] == feature["id"]);
    for feature in all.iter().filter(|feature| !is_found(feature)) {
        let metres = distance(from, &feature["geometry"]);
        assert!(metres > last - 0.002 - 1e-5 * last, "{items}: {metres} is nearer than {last}");
    }
}

#[test]
fn the_nearest_come_first_and_none_is_left_out() {
    check("light_poles", "f=json", HERE, 1);
    check("light_poles", "f=json", HERE, 30);
    check("light_poles", "f=json", [117.1, 38.9], 200);
    check("gas_pipes", "f=json", HERE, 25);
    check("gas_pipes", "material=steel", HERE, 25);
    check("gas_pipes", "filter=diameter_mm%20%3E%20200", HERE, 1000);
    check("gas_pipes", "bbox=117.20,39.05,117.21,39.06", [117.3, 39.1], 12);
    check("due_lines", "f=json", HERE, 40);
    check("due_points", "state=overdue", HERE, 40);
    check("light_poles", "code=there-is-none", HERE, 5);
    // Over the antimeridian and a pole there is a way, too.
    let far = district().json("/collections/assets/items?near=-62.8,-89.9&k=3");
    assert_eq!(list(&far["features"]).len(), 3);
}

#[test]
fn ten_are_told_when_nobody_says_and_a_thousand_at_most() {
    let count = |question: &str| {
        let answer = district().json(&format!("/collections/assets/items?{question}"));
        list(&answer["features"]).len()
    };
    assert_eq!(count("near=117.2,39.1"), NEAREST_DEFAULT);
    assert_eq!(count(&format!("near=117.2,39.1&k={MAX_NEAREST}")), MAX_NEAREST);
}

#[test]
fn a_surface_around_the_position_is_at_no_distance() {
    let communities = district().features("/collections/communities/items?limit=1");
    let ring = &communities[0]["geometry"]["coordinates"][0][0];
    let corner = position(&ring[0]);
    let question = format!("near={},{}&k=1", corner[0], corner[1]);
    let answer = district().json(&format!("/collections/communities/items?{question}"));
    assert_eq!(answer["features"][0]["distance_m"], 0.0);
}

#[test]
fn a_question_for_the_nearest_is_refused_by_what_does_not_go_with_it() {
    let refused = |question: &str, expected: &str| {
        let answer = district().get(&format!("/collections/gas_pipes/{question}"));
        assert_eq!((answer.status, &*answer.problem()), (400, expected), "{question}");
    };
    let together = |name: &str| {
        format!(
            "parameter `{name}`: not together with `near`: `k` says how many, the nearest comes \
             first"
        )
    };
    for (name, value) in [("limit", "5"), ("offset", "0"), ("sortby", "code"), ("token", "x")] {
        refused(&format!("items?near=117.2,39.1&{name}={value}"), &together(name));
    }
    refused("items?k=5", "parameter `k`: only together with `near`");
    refused(
        "items?near=39.1,117.2",
        "parameter `near`: found `39.1,117.2`, expected longitude within ±180, then latitude within \
         ±90, such as 117.2,39.1",
    );
    refused(
        "items?near=117.2,39.1&k=1001",
        "parameter `k`: found `1001`, expected a whole number from 1 to 1000",
    );
    refused("summary?near=117.2,39.1", "parameter `near`: a summary has no pages");
}

#[test]
fn the_distance_is_told_however_the_feature_is_shown() {
    let plain = "/collections/gas_pipes/items?near=117.2145,39.0652&k=5";
    let distances = |question: &str| -> Vec<Json> {
        let answer = district().json(question);
        list(&answer["features"]).iter().map(|feature| feature["distance_m"].clone()).collect()
    };
    let expected = distances(plain);
    assert!(expected.len() == 5 && expected.iter().all(Json::is_number));
    for form in
        ["properties=code", "skipGeometry=true", "crs=http://www.opengis.net/def/crs/EPSG/0/4548"]
    {
        assert_eq!(distances(&format!("{plain}&{form}")), expected, "{form}");
    }
}

#[test]
fn the_distance_is_told_in_every_form() {
    let folder = folder();
    for collection in ["gas_valves", "due"] {
        let path = format!("/collections/{collection}/items?near=117.2145,39.0652&k=20");
        let plain = district().json(&path);
        let distance = |feature: &Json| feature["distance_m"].as_f64().expect("a distance");
        let expected: Vec<f64> = list(&plain["features"]).iter().map(distance).collect();
        assert_eq!(expected.len(), 20, "{collection}");
        let told = forms::get(&path, "jsonfg").json();
        let found: Vec<f64> = list(&told["features"]).iter().map(distance).collect();
        assert_eq!(found, expected, "{collection} jsonfg");
        let lines = forms::get(&path, "geojsonseq").text();
        let lines = lines.split_terminator('\n').map(|line| line.trim_start_matches('\u{1e}'));
        let read = |line: &str| serde_json::from_str::<Json>(line).expect("a feature");
        let lines: Vec<Json> = lines.map(read).collect();
        assert_eq!(lines, *list(&plain["features"]), "{collection} geojsonseq");
        for form in &forms::FORMS[1..] {
            let file = forms::file(folder.path(), &path, *form);
            let features = forms::read(&file);
            let found: Vec<f64> = features
                .iter()
                .map(|feature| match &feature["properties"]["distance_m"] {
                    Json::String(text) => text.parse().expect("a number"),
                    number => number.as_f64().expect("a number"),
                })
                .collect();
            assert_eq!(found, expected, "{collection} {}", form.0);
        }
        // Where nobody asks for the nearest, there is no such column.
        let rows = forms::get(&format!("/collections/{collection}/items?limit=1"), "csv").text();
        assert!(!rows.contains("distance_m"), "{rows}");
    }
}
