//! The street lights of a city, with values that are missing, blank or come twice: each ends where the
//! documentation says.

use std::path::Path;

use crate::ogr::{self, Share};
use crate::sender::Sender;
use crate::{data, mapping};

const FILE: &str = "streetlights-champaign/champaign_streetlights.geojson";

fn text(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}

/// The count of rows for which a condition holds, as GDAL sees them.
fn count(condition: &str) -> usize {
    let counts = ogr::groups(&data(FILE), &format!("({condition})"), "count(*)");
    counts.get("1").map_or(0, |count| *count as usize)
}

#[test]
fn the_days_on_which_lights_were_verified_are_inspections() {
    // As `ogrinfo -sql` counts them, grouped by FieldVerifiedDate.
    let counts = [("2018-10-12", 92), ("2018-11-01", 51), ("2018-12-21", 4), ("2019-03-08", 30)];
    let sender = Sender::new();
    let (file, mapping) = (text(&data(FILE)), text(&mapping("streetlights-champaign")));
    let import = ["import", &file, "--mapping", &mapping, "--json"];
    let events = |expected: &str| {
        assert_eq!(sender.run(&import).expect_done().json()["events"][expected], 177);
    };
    events("recorded");
    events("known");
    let features = sender.export("light_poles");
    for (day, count) in counts {
        let of_day = features.iter().filter(|one| one["properties"]["inspected_on"] == day);
        assert_eq!(of_day.count(), count, "{day}");
    }
}

#[test]
fn values_that_are_missing_or_blank_are_no_values() {
    let sender = Sender::new();
    let (file, mapping) = (text(&data(FILE)), text(&mapping("streetlights-champaign")));
    sender.run(&["import", &file, "--mapping", &mapping]).expect_done();
    let features = sender.export("light_poles");
    for (field, property) in [
        ("remarks", "Notes"),
        ("lamp_kind", "Lamp_Type"),
        ("material", "Pole_Material"),
        ("cabinet_code", "Controller_ID"),
        ("circuit_code", "ControllerCircuit"),
        ("manufacturer", "Lamp_Manufacturer"),
        ("installed_on", "InstallDate"),
    ] {
        let values = features.iter().filter(|one| !one["properties"][field].is_null()).count();
        assert_eq!(values, count(&format!("trim({property}) <> ''")), "{field}");
        let blank = features.iter().any(|one| {
            one["properties"][field].as_str().is_some_and(|text| text.trim().is_empty())
        });
        assert!(!blank, "{field}");
    }
    let dated = features.iter().filter(|one| !one["properties"]["installed_on"].is_null()).count();
    assert_eq!((features.len(), features.len() - dated), (4556, 3862));
}

#[test]
fn a_key_that_is_missing_or_comes_twice_refuses_its_row() {
    let first = "rowid in (select min(rowid) from champaign_streetlights group by Controller_ID)";
    let cabinets = Share {
        collection: "light_cabinets",
        condition: &format!("Controller_ID is not null and {first}"),
        sums: &[],
    };
    let refused = format!("Controller_ID is null or not ({first})");
    let mapping = mapping("champaign-controllers");
    let found = ogr::check_shares(&data(FILE), Some(&mapping), &[], &[cabinets], &refused);
    assert_eq!(found, [151]);
}
