//! The same country on two days: what changed between them is what GDAL's readings of both differ in.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::ogr::ogr2ogr;
use crate::sender::Sender;
use crate::{data, mapping};

/// Whoever made the older file numbered its ways anew, so a road is known by its two ends; where
/// several have the same, none is taken.
const ROADS: &str = "select ST_AsText(ST_StartPoint(geometry)) || ' ' || \
    ST_AsText(ST_EndPoint(geometry)) as ends, name, highway, geometry from lines \
    where highway in ('primary', 'secondary', 'tertiary', 'unclassified', 'residential', 'service', \
    'living_street') group by ends having count(*) = 1";

/// The roads of a file, as GDAL takes them out: one feature a line.
fn roads(file: &str) -> String {
    let file = data(&format!("osm-liechtenstein/{file}.osm.pbf"));
    let file = file.to_str().expect("a path in UTF-8");
    let to = ["-f", "GeoJSONSeq", "/vsistdout/", file, "-lco", "COORDINATE_PRECISION=9"];
    ogr2ogr(&[&to[..], &["-dialect", "sqlite", "-sql", ROADS]].concat())
}

/// What a mapping takes of each road, by its key.
fn by_key(roads: &str) -> BTreeMap<String, [Json; 3]> {
    let road = |line: &str| {
        let feature: Json = serde_json::from_str(line).expect("a feature");
        let property = |name: &str| feature["properties"][name].clone();
        let key = property("ends").as_str().expect("a key").to_owned();
        (key, [property("name"), property("highway"), feature["geometry"]["coordinates"].clone()])
    };
    roads.lines().map(road).collect()
}

#[test]
fn the_roads_of_another_day_are_new_changed_or_the_same() {
    let (before, after) = (roads("liechtenstein-2013-08-03"), roads("liechtenstein"));
    let (old, new) = (by_key(&before), by_key(&after));
    let known = new.iter().filter(|(key, _)| old.contains_key(*key));
    let (same, other): (Vec<_>, Vec<_>) = known.partition(|(key, road)| old[*key] == **road);
    let created = new.len() - same.len() - other.len();
    assert!(created > 1000 && other.len() > 50 && same.len() > 500);

    let sender = Sender::new();
    let mapping = mapping("liechtenstein-roads");
    let mapping = mapping.to_str().expect("a path in UTF-8");
    let import = |name: &str, roads: &str, day: &str| {
        let file = sender.file(name, roads);
        let options = ["--mapping", mapping, "--valid-from", day, "--json"];
        let report = sender.run(&[&["import", &file], &options[..]].concat()).expect_done().json();
        let names = ["created", "changed", "unchanged", "refused"];
        json!(names.map(|name| report[name].clone()))
    };
    assert_eq!(import("2013.geojsonl", &before, "2013-08-03"), json!([old.len(), 0, 0, 0]));
    let expected = json!([created, other.len(), same.len(), 0]);
    assert_eq!(import("2015.geojsonl", &after, "2015-07-27"), expected);
    assert_eq!(import("again.geojsonl", &after, "2015-07-27"), json!([0, 0, new.len(), 0]));
    // What is missing from the newer file is still there.
    let gone = old.keys().filter(|key| !new.contains_key(*key)).count();
    assert_eq!(sender.export("road_sections").len(), new.len() + gone);
}
