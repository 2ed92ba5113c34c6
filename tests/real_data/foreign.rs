//! A data set that nobody had in mind: countries, places and rivers of the world, in classes written
//! for it. What GDAL reads over HTTP must be what it reads in the file.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::data;
use crate::ogr::ogr2ogr;
use crate::program::Server;
use crate::sender::Sender;

/// A layer of the file: its name, its class, the count of its features, and the names that its fields
/// have in the class where they have others.
type Layer = (&'static str, &'static str, usize, &'static [(&'static str, &'static str)]);

const LAYERS: [Layer; 3] = [
    (
        "ne_110m_admin_0_countries",
        "countries",
        177,
        &[("TYPE", "country_type"), ("WIKIDATAID", "wikidata_id")],
    ),
    (
        "ne_110m_populated_places_simple",
        "places",
        243,
        &[
            ("featurecla", "feature_class"),
            ("namepar", "name_in_part"),
            ("namealt", "name_alternative"),
            ("nameascii", "name_ascii"),
            ("capin", "capital_kind"),
            ("sov0name", "sovereign_name"),
            ("sov_a3", "sovereign_a3"),
            ("adm0name", "country_name"),
            ("adm1name", "province_name"),
            ("meganame", "mega_name"),
            ("ls_name", "label"),
        ],
    ),
    ("ne_110m_rivers_lake_centerlines", "rivers", 13, &[("wikidataid", "wikidata_id")]),
];

/// The continents of the file, and the codes of the class.
const CONTINENTS: [(&str, &str); 8] = [
    ("Africa", "africa"),
    ("Antarctica", "antarctica"),
    ("Asia", "asia"),
    ("Europe", "europe"),
    ("North America", "north_america"),
    ("Oceania", "oceania"),
    ("Seven seas (open ocean)", "open_ocean"),
    ("South America", "south_america"),
];

fn repository(path: &str) -> String {
    crate::repository(path).to_str().expect("a path in UTF-8").into()
}

/// What GDAL makes of a layer: features in GeoJSON, one a line.
fn features(source: &str, arguments: &[&str]) -> Vec<Json> {
    let to = ["-f", "GeoJSONSeq", "/vsistdout/", source, "-lco", "COORDINATE_PRECISION=15"];
    let text = ogr2ogr(&[&to, arguments].concat());
    text.lines().map(|line| serde_json::from_str(line).expect("a feature")).collect()
}

/// The positions of a geometry, in an order of their own: rings may turn either way, and start
/// anywhere.
fn positions(geometry: &Json) -> Vec<String> {
    fn gather(value: &Json, found: &mut Vec<String>) {
        match value.as_array() {
            Some(parts) if parts.iter().any(Json::is_array) => {
                parts.iter().for_each(|part| gather(part, found));
            }
            Some(position) => {
                let numbers = position.iter().map(|n| n.as_f64().expect("a number"));
                found.push(format!("{:?}", numbers.collect::<Vec<f64>>()));
            }
            None => panic!("no position: {value}"),
        }
    }
    let mut found = Vec::new();
    gather(&geometry["coordinates"], &mut found);
    found.sort();
    found
}

/// A value as it is in the class: numbers as numbers, whole or not, and codes of the class.
fn value_in_class(name: &str, value: &Json) -> String {
    match value {
        Json::Number(number) => format!("{:?}", number.as_f64().expect("a number")),
        Json::String(text) if name == "continent" => {
            let code = CONTINENTS.iter().find(|(title, _)| title == text);
            code.map_or(text.as_str(), |(_, code)| code).to_owned()
        }
        // GDAL takes texts for times and writes them in its own way.
        Json::String(text) if matches!(name, "start" | "end") => {
            text.chars().filter(char::is_ascii_digit).collect()
        }
        // An empty text is no value.
        Json::String(text) if text.trim().is_empty() => Json::Null.to_string(),
        Json::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

fn check(server: &Server, file: &Path, layer: (&str, &str, usize, &[(&str, &str)])) {
    let (layer, collection, count, renamed) = layer;
    let sql = format!("select *, fid as \"key\" from \"{layer}\"");
    let theirs = features(file.to_str().expect("UTF-8"), &["-sql", &sql]);
    let ours = features(&format!("OAPIF:{}", server.url()), &[collection]);
    assert_eq!((theirs.len(), ours.len()), (count, count), "{collection}");
    let mut values = 0;
    for theirs in &theirs {
        let properties = theirs["properties"].as_object().expect("properties");
        let places = collection == "places" || collection == "rivers";
        let code = if places { &properties["key"] } else { &properties["ADM0_A3"] };
        let code = code.as_str().map_or_else(|| code.to_string(), str::to_owned);
        let same: Vec<_> = ours.iter().filter(|one| one["properties"]["code"] == *code).collect();
        let [ours] = same[..] else { panic!("{collection} {code}: {} features", same.len()) };
        assert_eq!(positions(&ours["geometry"]), positions(&theirs["geometry"]), "{code}");
        for (name, value) in properties.iter().filter(|(name, _)| *name != "key") {
            let other = renamed.iter().find(|(theirs, _)| theirs == name);
            let name = other.map_or_else(|| name.to_lowercase(), |(_, ours)| (*ours).to_owned());
            let found = value_in_class(&name, &ours["properties"][&name]);
            assert_eq!(found, value_in_class(&name, value), "{code} {name}");
            values += usize::from(!value.is_null());
        }
    }
    assert!(values > count * 5, "{values} values of {collection}");
}

/// A server of the data set, in classes written for it.
pub(crate) fn served() -> (Sender, Server) {
    let file: PathBuf = data("ogc-cql2/data/ne110m4cql2.gpkg");
    let sender = Sender::new();
    sender.run(&["demo", "--assets", "0"]).expect_done();
    let server = Server::start(&sender.registry(), &[]);
    let classes =
        LAYERS.map(|(_, name, ..)| repository(&format!("tests/real-data-classes/{name}.toml")));
    let put = ["classes", "put", &classes[0], &classes[1], &classes[2]];
    sender.run(&put).expect_done();
    for (layer, collection, count, _) in LAYERS {
        let sql = format!("select *, fid as \"key\" from \"{layer}\"");
        let rows = features(file.to_str().expect("UTF-8"), &["-sql", &sql]);
        let rows: Vec<String> = rows.iter().map(Json::to_string).collect();
        let path = sender.file(&format!("{collection}.geojsonl"), rows.join("\n"));
        let mapping = repository(&format!("tests/real-data-mappings/ogc-cql2-{collection}.toml"));
        let done = sender.run(&["import", &path, "--mapping", &mapping, "--json"]).expect_done();
        assert_eq!(done.json()["created"], count, "{collection}");
        assert_eq!(done.json()["untaken_properties"], serde_json::json!([]), "{collection}");
    }
    let last = sender.last_change();
    crate::program::wait_until("the server has followed", || {
        server.json("/health/ready")["changeSequence"] == last
    });
    (sender, server)
}

#[test]
fn a_data_set_that_nobody_designed_for_is_served_through_classes_written_for_it() {
    let file: PathBuf = data("ogc-cql2/data/ne110m4cql2.gpkg");
    let (_sender, server) = served();
    for layer in LAYERS {
        check(&server, &file, layer);
    }
    let dated = server.json("/collections/places/items?date=2021-04-16&boolean=true");
    assert_eq!(dated["numberMatched"], 1);
    let african = server.json("/collections/countries/items?continent=africa&limit=1");
    assert_eq!(african["numberMatched"], 51);
}
