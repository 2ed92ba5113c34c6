//! Mappings that are suggested for files that nobody had in mind: which class is found, and how many of
//! the rows are taken by the mapping as it is.

use crate::data;
use crate::sender::Sender;

/// A file, the class that is found for it or nothing where that is asked for, its rows, and how many of
/// them are refused.
type Expected = (&'static str, Option<(&'static str, usize, usize)>);

const FILES: [Expected; 38] = [
    ("drainage-bellinge-small/links.geojson", Some(("drain_pipes", 15, 0))),
    ("drainage-bellinge-small/nodes.geojson", Some(("manholes", 16, 0))),
    ("drainage-bellinge-small/subcatchments.geojson", None),
    ("gas-schutterwald/gas_ext_grid.geojson", None),
    ("gas-schutterwald/gas_junctions.geojson", Some(("gas_nodes", 2559, 0))),
    ("gas-schutterwald/gas_pipes.geojson", Some(("gas_pipes", 2559, 0))),
    ("gas-schutterwald/gas_sink.geojson", None),
    ("greenways-mecklenburg/creek_basins.geojson", None),
    ("greenways-mecklenburg/greenways.geojson", Some(("greenway_segments", 307, 0))),
    ("greenways-mecklenburg/parks.geojson", None),
    ("greenways-mecklenburg/railroads.geojson", None),
    ("heat-schutterwald/heat_heat_consumer.geojson", None),
    ("heat-schutterwald/heat_junctions.geojson", None),
    ("heat-schutterwald/heat_pipes.geojson", Some(("heat_pipes", 482, 68))),
    ("heat-schutterwald/heat_valve.geojson", None),
    ("osm-helsinki/helsinki_parks.geojson", Some(("pocket_parks", 23, 0))),
    ("osm-helsinki/helsinki_paths.geojson", Some(("greenway_segments", 1269, 67))),
    ("osm-helsinki/helsinki_pipelines.geojson", None),
    ("osm-helsinki/helsinki_roads.geojson", Some(("road_sections", 924, 0))),
    ("osm-helsinki/helsinki_street_lamps.geojson", Some(("light_poles", 586, 0))),
    ("osm-helsinki/helsinki_trees.geojson", None),
    ("osm-helsinki/helsinki_waterways.geojson", Some(("drain_pipes", 4, 0))),
    ("osm-liechtenstein/liechtenstein_parks.geojson", Some(("pocket_parks", 96, 0))),
    ("osm-liechtenstein/liechtenstein_paths.geojson", Some(("greenway_segments", 2267, 2))),
    ("osm-liechtenstein/liechtenstein_pipelines.geojson", Some(("drain_pipes", 2, 0))),
    ("osm-liechtenstein/liechtenstein_roads.geojson", Some(("road_sections", 2383, 0))),
    ("osm-liechtenstein/liechtenstein_trees.geojson", None),
    ("osm-liechtenstein/liechtenstein_waterways.geojson", None),
    ("sewer-bellinge/bellinge_links.geojson", Some(("drain_pipes", 1044, 0))),
    ("sewer-bellinge/bellinge_nodes.geojson", Some(("manholes", 1020, 0))),
    ("sewer-bellinge/bellinge_subcatchments.geojson", None),
    ("sewer-saskatoon-swmm/cos_links.geojson", Some(("drain_pipes", 121, 0))),
    ("sewer-saskatoon-swmm/cos_nodes.geojson", Some(("manholes", 128, 0))),
    ("sewer-saskatoon-swmm/cos_subcatchments.geojson", None),
    ("streetlights-champaign/champaign_streetlights.geojson", Some(("light_poles", 4556, 0))),
    ("tianjin-osm/aeroways.geojson", None),
    ("tianjin-osm/railway_stations.geojson", None),
    ("ogc-cql2/data/ne110m4cql2.gpkg", None),
];

#[test]
fn a_mapping_that_is_suggested_imports_its_file() {
    let mut wrong = Vec::new();
    for (name, expected) in FILES {
        let sender = Sender::new();
        let file = data(name);
        let file = file.to_str().expect("a path in UTF-8");
        let done = sender.run(&["import", file, "--suggest"]);
        let found = if done.code == Some(0) {
            let mapping = sender.file("m.toml", &done.stdout);
            let rehearsal =
                sender.run(&["import", file, "--mapping", &mapping, "--dry-run", "--json"]);
            assert!(matches!(rehearsal.code, Some(0 | 3)), "{name}: {}", rehearsal.stderr);
            let report = rehearsal.json();
            let number = |key: &str| report[key].as_u64().expect("a number") as usize;
            let class = done.stderr.split(": ").nth(1).and_then(|rest| rest.split(',').next());
            Some((class.unwrap_or_default().to_owned(), number("rows"), number("refused")))
        } else {
            assert!(
                done.stderr.contains("expected --class with one of"),
                "{name}: {}",
                done.stderr
            );
            None
        };
        let found = found.as_ref().map(|(class, rows, refused)| (&**class, *rows, *refused));
        if found != expected {
            wrong.push(format!("{name}: {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
