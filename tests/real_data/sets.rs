//! Each data set of the folder, imported with its mapping: counts, sums and refused rows must be those
//! that GDAL finds in the same file.

use std::path::PathBuf;

use crate::ogr::{self, Share};
use crate::{data, repository};

/// A file, its mapping, the class written for it, and what each collection takes of it.
type Set<'a> = (&'a str, &'a str, Option<&'a str>, &'a [(Share<'a>, u64)]);

const LENGTH: (&str, &str) = ("geom_length_m", "ST_Length(geometry, 1)");
const AREA: (&str, &str) = ("geom_area_m2", "ST_Area(geometry, 1)");
const INVERT: &[(&str, &str)] = &[("invert_m", "invert_elev")];
const DEPTH: &[(&str, &str)] = &[INVERT[0], ("depth_m", "max_depth")];
const CATCHMENT: &[(&str, &str)] =
    &[AREA, ("area_m2", "area * 10000"), ("sealed_percent", "imperv_pct")];

/// The rows of which none are refused.
const NONE: &str = "0";

fn share<'a>(collection: &'a str, condition: &'a str, sums: &'a [(&'a str, &'a str)]) -> Share<'a> {
    Share { collection, condition, sums }
}

/// Mappings and classes that are fixtures are named by their path in `fixtures`.
fn check((file, mapped, class, shares): Set<'_>, refused: &str) {
    let path = |name: &str, folder: &str| {
        let folder = if name.contains('/') { "fixtures" } else { folder };
        repository(&format!("{folder}/{name}.toml"))
    };
    let classes: Vec<PathBuf> =
        class.map(|class| path(class, "tests/real-data-classes")).into_iter().collect();
    let mapping = path(mapped, "tests/real-data-mappings");
    let (shares, counts): (Vec<Share<'_>>, Vec<u64>) = shares.iter().copied().unzip();
    let file = data(&format!("{file}.geojson"));
    let found = ogr::check_shares(&file, Some(&mapping), &classes, &shares, refused);
    assert_eq!(found, counts, "{}", file.display());
}

#[test]
fn the_nodes_and_catchments_of_bellinge_are_as_gdal_reads_them() {
    let nodes = [
        (share("manholes", "kind = 'junction'", DEPTH), 995),
        (share("drain_structures", "kind = 'storage'", INVERT), 16),
        (share("outfalls", "kind = 'outfall'", INVERT), 9),
    ];
    check(("sewer-bellinge/bellinge_nodes", "bellinge-nodes", None, &nodes), NONE);
    let catchments = [(share("catchments", "1", CATCHMENT), 713)];
    let file = "sewer-bellinge/bellinge_subcatchments";
    check((file, "bellinge-catchments", Some("classes/catchments"), &catchments), NONE);
}

#[test]
fn the_storm_sewer_of_saskatoon_is_as_gdal_reads_it() {
    let nodes = [
        (share("manholes", "kind = 'junction'", DEPTH), 120),
        (share("drain_structures", "kind = 'storage'", INVERT), 1),
        (share("outfalls", "kind = 'outfall'", INVERT), 7),
    ];
    check(("sewer-saskatoon-swmm/cos_nodes", "saskatoon-nodes", None, &nodes), NONE);
    // Streets carry storm water in the model, and are no drains.
    let sums = [LENGTH, ("length_m", "length")];
    let links = [(share("drain_pipes", "shape in ('CIRCULAR', 'TRAPEZOIDAL')", &sums), 21)];
    check(("sewer-saskatoon-swmm/cos_links", "saskatoon-links", None, &links), NONE);
    let catchments = [(share("catchments", "1", CATCHMENT), 163)];
    let file = "sewer-saskatoon-swmm/cos_subcatchments";
    check((file, "saskatoon-catchments", Some("classes/catchments"), &catchments), NONE);
}

#[test]
fn the_parks_railways_and_basins_of_mecklenburg_are_as_gdal_reads_them() {
    let parks = [(share("parks", "1", &[]), 190)];
    check(("greenways-mecklenburg/parks", "mecklenburg-parks", Some("parks"), &parks), NONE);
    let file = "greenways-mecklenburg/railroads";
    let railways = [(share("railways", "1", &[LENGTH]), 364)];
    check((file, "mecklenburg-railroads", Some("railways"), &railways), NONE);
    let file = "greenways-mecklenburg/creek_basins";
    let basins = [(share("creek_basins", "1", &[AREA]), 33)];
    check((file, "mecklenburg-creek-basins", Some("creek_basins"), &basins), NONE);
}

#[test]
fn the_stations_and_aeroways_of_tianjin_are_as_gdal_reads_them() {
    let stations = [(share("railway_stations", "1", &[("adcode", "adcode")]), 334)];
    let (file, class) = ("tianjin-osm/railway_stations", Some("railway_stations"));
    check((file, "tianjin-railway-stations", class, &stations), NONE);
    let aeroways = [(share("aeroways", "1", &[LENGTH, ("adcode", "adcode")]), 738)];
    let (file, class) = ("tianjin-osm/aeroways", Some("aeroways"));
    check((file, "tianjin-aeroways", class, &aeroways), NONE);
}

#[test]
fn liechtenstein_comes_through_the_mappings_of_helsinki() {
    let of = |name: &str| format!("osm-liechtenstein/liechtenstein_{name}");
    let lanes = [LENGTH, ("lane_count", "cast(lanes as integer)")];
    let roads = [(share("road_sections", "1", &lanes), 2383)];
    check((&of("roads"), "osm-helsinki/roads", None, &roads), NONE);
    let parks = [(share("pocket_parks", "leisure in ('park', 'playground')", &[AREA]), 16)];
    check((&of("parks"), "osm-helsinki/parks", None, &parks), NONE);
    let trees = [(share("trees", "1", &[]), 3000)];
    check((&of("trees"), "osm-helsinki/trees", Some("classes/trees"), &trees), NONE);
    let wide = [LENGTH, ("width_m", "cast(width as real)")];
    let waterways = [(share("waterways", "1", &wide), 194)];
    let class = Some("classes/waterways");
    check((&of("waterways"), "osm-helsinki/waterways", class, &waterways), NONE);
    let pipelines = [(share("drain_pipes", "1", &[LENGTH]), 2)];
    check((&of("pipelines"), "liechtenstein-pipelines", None, &pipelines), NONE);
}

#[test]
fn ways_of_a_negative_width_are_refused() {
    let ways = "highway in ('footway', 'steps', 'cycleway', 'pedestrian', 'path')";
    let (taken, refused) = (
        format!("{ways} and coalesce(cast(width as real), 0) >= 0"),
        format!("{ways} and cast(width as real) < 0"),
    );
    let sums = [LENGTH, ("width_m", "cast(width as real)")];
    let paths = [(share("greenway_segments", &taken, &sums), 1174)];
    let file = "osm-liechtenstein/liechtenstein_paths";
    check((file, "osm-helsinki/paths", None, &paths), &refused);
}
