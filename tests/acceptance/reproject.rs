//! Answers and boxes in other coordinate systems, compared with PROJ and with GDAL.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::crs::{Compared, Pair, compared, pairs};
use crate::ogr::ogr2ogr;
use crate::program::{Server, district, folder, import, link, list, text};

const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

/// How many places of each system are registered: the corners of its area of use, its middle, and
/// some between.
const PLACES: usize = 12;

fn uri(code: &str) -> String {
    let (authority, code) = code.split_once(':').expect("an authority");
    let version = if authority == "OGC" { "1.3" } else { "0" };
    format!("http://www.opengis.net/def/crs/{authority}/{version}/{code}")
}

/// A server with lamps at places of every system that PROJ has too; its code names a lamp's system.
fn lamps() -> &'static Server {
    static LAMPS: OnceLock<(TempDir, Server)> = OnceLock::new();
    let (_, server) = LAMPS.get_or_init(|| {
        let folder = folder();
        let lamp = |code: &str, number: usize, place: &Pair| {
            let name = format!("{code}/{number}");
            let geometry = json!({ "type": "Point", "coordinates": place });
            let properties = json!({ "code": name });
            json!({ "type": "Feature", "id": name, "geometry": geometry, "properties": properties })
        };
        let lamps: Vec<Json> = compared()
            .iter()
            .flat_map(|Compared { system, places, .. }| {
                let places = places[..PLACES].iter().enumerate();
                places.map(|(number, place)| lamp(text(&system["code"]), number, place))
            })
            .collect();
        import(folder.path(), "light_poles", &lamps, &[]).expect_done();
        let server = Server::start(folder.path(), &[]);
        (folder, server)
    });
    server
}

/// Whether the authority names the northern axis first.
fn is_north_first(system: &Json) -> bool {
    matches!(text(&system["axes"][0]), "northing" | "latitude")
}

/// Two numbers in the order of the authority.
fn arranged(system: &Json, [x, y]: Pair) -> Pair {
    if is_north_first(system) { [y, x] } else { [x, y] }
}

#[test]
fn features_are_shown_in_every_system_where_proj_puts_them_and_in_the_order_of_its_axes() {
    assert!(compared().len() > 60, "{}", compared().len());
    for Compared { system, proj, .. } in compared() {
        let code = text(&system["code"]);
        let path = "/collections/light_poles/items?limit=10000&properties=code";
        let answer = lamps().get(&format!("{path}&crs={}", uri(code)));
        assert_eq!(answer.header("content-crs"), Some(&*format!("<{}>", uri(code))));
        let page = answer.json();
        let shown: HashMap<&str, &Json> = list(&page["features"])
            .iter()
            .map(|feature| (text(&feature["properties"]["code"]), &feature["geometry"]))
            .collect();
        assert_eq!(shown.len(), compared().len() * PLACES, "{code}");
        // Half a thousandth is lost in rounding; PROJ differs by less than a millimetre.
        let tolerance = match proj["metres"].as_f64() {
            Some(metres) => 0.000_5 + 0.001 / metres,
            None => 1e-8,
        };
        for (number, position) in pairs(&proj["positions"])[..PLACES].iter().enumerate() {
            let found = pairs(&json!([shown[&*format!("{code}/{number}")]["coordinates"]]))[0];
            let expected = arranged(system, *position);
            let off = (found[0] - expected[0]).abs().max((found[1] - expected[1]).abs());
            assert!(off <= tolerance, "{code}: {found:?}, {expected:?} in PROJ");
        }
    }
}

#[test]
fn a_box_around_a_position_finds_it_in_every_system_and_none_with_its_axes_exchanged() {
    for Compared { system, proj, .. } in compared() {
        let code = text(&system["code"]);
        let reach = if proj["metres"].is_null() { 1e-5 } else { 1.0 };
        for (number, position) in pairs(&proj["positions"])[..PLACES].iter().enumerate() {
            let find = |[a, b]: Pair| {
                let path = format!(
                    "/collections/light_poles/items?limit=10000&bbox={},{},{},{}&bbox-crs={}",
                    a - reach,
                    b - reach,
                    a + reach,
                    b + reach,
                    uri(code)
                );
                // Where the numbers have no place, there is nothing, and it is no fault.
                let page = lamps().json(&path);
                let features = list(&page["features"]);
                let name = format!("{code}/{number}");
                features.iter().any(|feature| feature["properties"]["code"] == *name)
            };
            let [a, b] = arranged(system, *position);
            assert!(find([a, b]), "{code}: {a}, {b}");
            // Where both numbers are the same, nobody can tell.
            assert!((a - b).abs() < 10.0 * reach || !find([b, a]), "{code}: {b}, {a}");
        }
    }
}

#[test]
fn a_box_in_a_system_finds_what_lies_between_its_edges_there() {
    for code in ["EPSG:4548", "EPSG:4527", "EPSG:32650", "EPSG:3857", "EPSG:4490", "EPSG:4326"] {
        let shown = district().json(&format!(
            "/collections/manholes/items?limit=10000&properties=code&crs={}",
            uri(code)
        ));
        let positions: Vec<(Pair, &str)> = list(&shown["features"])
            .iter()
            .map(|feature| {
                let position = pairs(&json!([feature["geometry"]["coordinates"]]))[0];
                (position, text(&feature["id"]))
            })
            .collect();
        // Corners that are positions themselves: what lies on the edge belongs to the box.
        for (one, other) in [(3, 40), (10, 90), (22, 60), (5, 5)] {
            let ([a, b], [c, d]) = (positions[one].0, positions[other].0);
            let (least, greatest) = ([a.min(c), b.min(d)], [a.max(c), b.max(d)]);
            let within = |position: &Pair| {
                (0..2).all(|axis| least[axis] <= position[axis] && position[axis] <= greatest[axis])
            };
            let expected: Vec<&str> =
                positions.iter().filter(|(p, _)| within(p)).map(|(_, id)| *id).collect();
            let path = format!(
                "/collections/manholes/items?limit=10000&bbox={},{},{},{}&bbox-crs={}",
                least[0],
                least[1],
                greatest[0],
                greatest[1],
                uri(code)
            );
            let page = district().json(&path);
            let features = list(&page["features"]);
            let found: Vec<&str> = features.iter().map(|feature| text(&feature["id"])).collect();
            assert_eq!(found, expected, "{path}");
            assert_eq!(page["numberMatched"], expected.len());
        }
    }
}

/// All positions of a geometry, one after another.
pub(crate) fn positions(geometry: &Json) -> Vec<Pair> {
    fn gather(json: &Json, all: &mut Vec<Pair>) {
        match list(json) {
            [x, y] if x.is_number() => all.push([x, y].map(|n| n.as_f64().expect("a number"))),
            parts => parts.iter().for_each(|part| gather(part, all)),
        }
    }
    let mut all = Vec::new();
    gather(&geometry["coordinates"], &mut all);
    all
}

#[test]
fn every_kind_of_shape_is_reprojected_as_gdal_does_it() {
    let folder = folder();
    for collection in ["gas_pipes", "greenway_segments", "communities", "light_poles"] {
        let path = format!("/collections/{collection}/items?limit=200");
        let plain = district().json(&path);
        let file = folder.path().join("plain.geojson");
        std::fs::write(&file, plain.to_string()).expect("the file is written");
        let file = file.to_str().expect("a plain path");
        for (code, north_first) in [("EPSG:4548", true), ("EPSG:4527", true), ("EPSG:3857", false)]
        {
            // GDAL puts the easting first in GeoJSON, whatever the authority does.
            let target = ["-s_srs", "OGC:CRS84", "-t_srs", code, "-lco", "COORDINATE_PRECISION=6"];
            let to = ["-f", "GeoJSON", "/vsistdout/", file];
            let theirs: Json =
                serde_json::from_str(&ogr2ogr(&[&to[..], &target[..]].concat())).expect("JSON");
            let ours = district().json(&format!("{path}&crs={}", uri(code)));
            let (ours, theirs) = (list(&ours["features"]), list(&theirs["features"]));
            assert!(!ours.is_empty() && ours.len() == theirs.len(), "{collection}");
            for (ours, theirs) in ours.iter().zip(theirs) {
                assert_eq!(ours["geometry"]["type"], theirs["geometry"]["type"]);
                let (here, there) = (positions(&ours["geometry"]), positions(&theirs["geometry"]));
                assert_eq!(here.len(), there.len());
                for ([a, b], [x, y]) in here.into_iter().zip(there) {
                    let [east, north] = if north_first { [b, a] } else { [a, b] };
                    let off = (east - x).abs().max((north - y).abs());
                    assert!(off < 0.001_5, "{code}: {east}, {north}, by GDAL {x}, {y}");
                }
            }
        }
    }
}

/// Checks the system in which an answer says its positions are.
fn check_told(path: &str, expected: &str) {
    let answer = district().get(path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    assert_eq!(answer.header("content-crs"), Some(&*format!("<{expected}>")), "{path}");
}

#[test]
fn every_answer_tells_its_system_just_as_it_was_asked_for() {
    let zone = uri("EPSG:4548");
    for collection in ["gas_pipes", "assets", "due"] {
        let items = format!("/collections/{collection}/items");
        let first = district().json(&format!("{items}?limit=1"));
        let one = format!("{items}/{}", text(&first["features"][0]["id"]));
        for path in [items, one] {
            check_told(&path, CRS84);
            check_told(&format!("{path}?crs={CRS84}"), CRS84);
            check_told(&format!("{path}?crs={zone}"), &zone);
            check_told(
                &format!("{path}?crs=http%3A%2F%2Fwww.opengis.net%2Fdef%2Fcrs%2FEPSG%2F0%2F4548"),
                &zone,
            );
            check_told(&format!("{path}?crs=EPSG:4548"), &zone);
            check_told(&format!("{path}?crs=[EPSG:4548]&skipGeometry=true"), &zone);
            let urn = "urn:ogc:def:crs:EPSG::4548";
            check_told(&format!("{path}?crs={urn}"), urn);
            let refused =
                district().get(&format!("{path}?crs=http://www.opengis.net/def/crs/0/unsupported"));
            assert_eq!(refused.status, 400, "{path}");
            assert!(refused.problem().starts_with(
                "parameter `crs`: found `http://www.opengis.net/def/crs/0/unsupported`, expected one \
                 of OGC:CRS84, EPSG:4326, "
            ));
        }
    }
}

#[test]
fn a_feature_alone_is_shown_as_in_a_list() {
    for collection in ["gas_pipes", "assets", "due", "greenway_segments"] {
        for question in [
            "crs=EPSG:4548",
            "properties=code,owner",
            "skipGeometry=true",
            "skipGeometry=false",
            "properties=owner,code&crs=EPSG:4490&skipGeometry=true",
        ] {
            let path = format!("/collections/{collection}/items");
            let listed = district().json(&format!("{path}?limit=1&{question}"));
            let listed = &listed["features"][0];
            let alone = district().json(&format!("{path}/{}?{question}", text(&listed["id"])));
            for member in ["type", "id", "geometry", "properties"] {
                assert_eq!(alone[member], listed[member], "{collection} {question}");
            }
        }
    }
}

#[test]
fn whatever_is_shown_a_page_has_the_same_features_in_the_same_order() {
    for collection in ["gas_pipes", "assets", "due"] {
        let path = format!("/collections/{collection}/items?limit=40&offset=10");
        let plain = district().features(&path);
        assert!(plain.len() > 60, "{collection}: {}", plain.len());
        for question in ["crs=EPSG:4490", "properties=owner,code", "skipGeometry=true"] {
            let shown = district().features(&format!("{path}&{question}"));
            assert_eq!(shown.len(), plain.len(), "{collection} {question}");
            for (shown, plain) in shown.iter().zip(&plain) {
                assert_eq!(shown["id"], plain["id"], "{collection} {question}");
                let mut expected = plain.clone();
                match question {
                    "skipGeometry=true" => expected["geometry"] = Json::Null,
                    "properties=owner,code" => {
                        let properties = expected["properties"].as_object_mut().expect("an object");
                        properties.retain(|name, _| matches!(&**name, "owner" | "code"));
                    }
                    _ => {
                        let swapped =
                            positions(&shown["geometry"]).into_iter().map(|[a, b]| [b, a]);
                        let swapped: Vec<Pair> = swapped.collect();
                        assert_eq!(swapped, positions(&plain["geometry"]));
                        expected["geometry"] = shown["geometry"].clone();
                    }
                }
                // The texts are compared, for the order of the properties counts, too.
                assert_eq!(shown.to_string(), expected.to_string(), "{collection} {question}");
            }
        }
    }
}

#[test]
fn pages_and_tags_follow_how_features_are_shown() {
    let path = "/collections/gas_pipes/items?limit=5&crs=EPSG:4548&properties=code";
    let answer = district().get(path);
    let next = link(&answer.json(), "next").expect("a next page");
    assert!(next.contains("crs=EPSG:4548") && next.contains("properties=code"), "{next}");
    let next = district().get(&next);
    assert_eq!(next.header("content-crs"), Some(&*format!("<{}>", uri("EPSG:4548"))));
    let tag = |path: &str| district().get(path).header("etag").map(str::to_owned);
    let plain = "/collections/gas_pipes/items?limit=5";
    assert_ne!(tag(path), tag(plain));
    let known = tag(path).expect("a tag");
    let again = district().ask("GET", path, &[("If-None-Match", &known)]);
    assert_eq!(again.status, 304);
}

/// Checks the problem with a question for pipes.
fn check_refused(question: &str, parameter: &str, detail: &str) {
    let answer = district().get(&format!("/collections/gas_pipes/items?{question}"));
    let problem = answer.problem();
    assert_eq!(answer.status, 400, "{question}");
    let expected = format!("parameter `{parameter}`: {detail}");
    assert!(problem.starts_with(&expected), "{question}: {problem}");
}

#[test]
fn boxes_that_are_none_in_their_system_are_refused_and_those_without_a_place_are_empty() {
    check_refused("bbox=2,1,1,2&bbox-crs=EPSG:4548", "bbox", "south 2 is above north 1");
    check_refused("bbox=1,2,2,1&bbox-crs=EPSG:3857", "bbox", "south 2 is above north 1");
    check_refused(
        "bbox=2,1,1,2&bbox-crs=EPSG:3857",
        "bbox",
        "west 2 is beyond east 1, and a plane has no antimeridian",
    );
    check_refused("bbox=40,117,39,118&bbox-crs=EPSG:4490", "bbox", "south 40 is above north 39");
    check_refused("bbox=1,2,3&bbox-crs=EPSG:4548", "bbox", "found 3 numbers, expected 4 or 6");
    check_refused("bbox=1,2,NaN,3&bbox-crs=EPSG:4548", "bbox", "found `NaN`, expected a finite");
    check_refused("bbox=1,2,3,4&bbox-crs=EPSG:1", "bbox-crs", "found `EPSG:1`, expected one of");
    check_refused("bbox-crs=GCJ-02", "bbox-crs", "found `GCJ-02`, expected one of OGC:CRS84, ");
    check_refused("crs=EPSG:2415", "crs", "found `EPSG:2415`, expected one of OGC:CRS84, ");
    for (bbox, code) in [
        ("117.2,39.0,117.3,39.1", "EPSG:4490"),
        ("117.2,39.0,117.3,39.1", "EPSG:4326"),
        ("517000,4325000,518000,4326000", "EPSG:4548"),
        ("39517000,4325000,39518000,4326000", "EPSG:4527"),
        ("-1e300,-1e300,-1e299,-1e299", "EPSG:4548"),
        ("1e300,1e300,1.1e300,1.1e300", "EPSG:3857"),
        ("117.2,39.0,117.3,39.1", "EPSG:4548"),
        ("117.2,39.0,117.3,39.1", "EPSG:2056"),
    ] {
        let path = format!("/collections/gas_pipes/items?bbox={bbox}&bbox-crs={}", uri(code));
        let page = district().json(&path);
        assert_eq!(
            (&page["numberMatched"], list(&page["features"]).len()),
            (&json!(0), 0),
            "{path}"
        );
    }
    // With the axes in order all are found, and so they are by a box of six numbers.
    let all = district().json("/collections/gas_pipes/items?limit=1")["numberMatched"].clone();
    for (bbox, code) in [
        ("39.0,117.1,39.2,117.4", "EPSG:4490"),
        ("39.0,117.1,-5,39.2,117.4,5", "EPSG:4326"),
        ("4300000,500000,4350000,550000", "EPSG:4548"),
        ("4300000,39500000,4350000,39550000", "EPSG:4527"),
        ("-1e300,-1e300,1e300,1e300", "EPSG:4548"),
        ("117.1,39.0,117.4,39.2", "OGC:CRS84"),
    ] {
        let path = format!("/collections/gas_pipes/items?limit=1&bbox={bbox}&bbox-crs={code}");
        assert_eq!(district().json(&path)["numberMatched"], all, "{path}");
        let path = format!("/collections/gas_pipes/summary?bbox={bbox}&bbox-crs={code}");
        assert_eq!(district().json(&path)["total"]["measures"]["count"], all, "{path}");
    }
}

#[test]
fn a_box_in_degrees_may_cross_the_antimeridian_in_the_order_of_its_axes() {
    let folder = folder();
    let lamp = |code: &str, lon: f64, lat: f64| {
        let geometry = json!({ "type": "Point", "coordinates": [lon, lat] });
        let properties = json!({ "code": code });
        json!({ "type": "Feature", "id": code, "geometry": geometry, "properties": properties })
    };
    let lamps = [lamp("west", 178.0, 67.0), lamp("east", -178.0, 67.0), lamp("pole", 0.0, 90.0)];
    import(folder.path(), "light_poles", &lamps, &[]).expect_done();
    let server = Server::start(folder.path(), &[]);
    let found = |question: &str| {
        let page = server.json(&format!("/collections/light_poles/items?{question}"));
        let mut codes: Vec<String> = list(&page["features"])
            .iter()
            .map(|feature| text(&feature["properties"]["code"]).to_owned())
            .collect();
        codes.sort_unstable();
        codes.join(" ")
    };
    assert_eq!(found("bbox=65,177,70,-177&bbox-crs=EPSG:4326"), "east west");
    assert_eq!(found("bbox=65,-179,70,179&bbox-crs=EPSG:4326"), "east west");
    assert_eq!(found("bbox=65,-177,70,177&bbox-crs=EPSG:4326"), "");
    assert_eq!(found("bbox=177,65,-177,70"), "east west");
    // What has no position in a system is shown without its geometry.
    let page = server.json("/collections/light_poles/items?crs=EPSG:3857&properties=code");
    for feature in list(&page["features"]) {
        let is_pole = feature["properties"]["code"] == "pole";
        assert_eq!(feature["geometry"].is_null(), is_pole, "{feature}");
    }
}

#[test]
fn the_collections_say_in_which_systems_they_are_kept_and_served() {
    let all = district().json("/collections");
    let systems: Vec<&str> = list(&all["crs"]).iter().map(text).collect();
    assert_eq!(systems[0], CRS84);
    let expected = compared().iter().map(|one| uri(text(&one.system["code"])));
    assert_eq!(systems, expected.collect::<Vec<_>>());
    for entry in list(&all["collections"]) {
        assert_eq!(entry["crs"], json!([CRS84, "#/crs"]));
        assert_eq!(entry["storageCrs"], CRS84);
        let alone = district().json(&format!("/collections/{}", text(&entry["id"])));
        assert_eq!(alone["crs"], all["crs"], "{}", entry["id"]);
        assert_eq!(alone["storageCrs"], CRS84);
    }
    let conformance = district().json("/conformance");
    let class = json!("http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs");
    assert!(list(&conformance["conformsTo"]).contains(&class));
}
