//! Codes of the older Chinese systems, whose ways to WGS 84 are not published: Beijing 1954 and
//! Xian 1980. They are known by name, ellipsoid, projection and area, so that an operator only has
//! to give the parameters of the datum.

use super::definition::{Ellipsoid, TransverseMercator};
use super::table::{self, CHINA, FIRST_ZONE};
use crate::Bounds;

const BEIJING_1954: &str = "Beijing 1954";
const XIAN_1980: &str = "Xian 1980";

/// What is published of such a system.
pub(super) struct Unpublished {
    pub(super) family: &'static str,
    pub(super) ellipsoid: Ellipsoid,
    /// `None` for degrees.
    pub(super) projection: Option<TransverseMercator>,
    pub(super) area: Bounds,
}

/// Runs of codes: the first, how many, how wide the zones are in degrees, the number of the first,
/// and whether eastings begin with it.
struct Run(u32, u32, u32, u32, bool, &'static str);

/// The 6-degree zones of China are those of 75° E (13) to 135° E (23).
const RUNS: [Run; 8] = [
    Run(2401, 21, 3, FIRST_ZONE, true, BEIJING_1954),
    Run(2422, 21, 3, FIRST_ZONE, false, BEIJING_1954),
    Run(21_413, 11, 6, 13, true, BEIJING_1954),
    Run(21_453, 11, 6, 13, false, BEIJING_1954),
    Run(2349, 21, 3, FIRST_ZONE, true, XIAN_1980),
    Run(2370, 21, 3, FIRST_ZONE, false, XIAN_1980),
    Run(2327, 11, 6, 13, true, XIAN_1980),
    Run(2338, 11, 6, 13, false, XIAN_1980),
];

/// The datum of a code of these families.
pub(super) fn family(code: &str) -> Option<&'static str> {
    find(code).map(|found| found.family)
}

/// What is published of the system of this code, if it is one of these.
pub(super) fn find(code: &str) -> Option<Unpublished> {
    let number: u32 = code.strip_prefix("EPSG:")?.parse().ok()?;
    let degrees = |family| {
        let ellipsoid = ellipsoid(family);
        Some(Unpublished { family, ellipsoid, projection: None, area: CHINA })
    };
    match number {
        4214 => return degrees(BEIJING_1954),
        4610 => return degrees(XIAN_1980),
        _ => {}
    }
    let run = RUNS.iter().find(|run| (run.0..run.0 + run.1).contains(&number))?;
    let Run(first, _, width, first_zone, with_prefix, family) = *run;
    let zone = first_zone + (number - first);
    let (middle, area) = if width == 3 {
        (f64::from(zone * 3), table::zone_area(zone))
    } else {
        let middle = f64::from(zone * 6 - 3);
        (middle, Bounds { west: middle - 3.0, east: middle + 3.0, ..CHINA })
    };
    let projection = TransverseMercator {
        central_meridian_deg: middle,
        latitude_of_origin_deg: 0.0,
        scale: 1.0,
        false_easting_m: 500_000.0,
        false_northing_m: 0.0,
        zone_prefix: with_prefix.then_some(zone as u8),
    };
    Some(Unpublished { family, ellipsoid: ellipsoid(family), projection: Some(projection), area })
}

fn ellipsoid(family: &str) -> Ellipsoid {
    if family == XIAN_1980 { Ellipsoid::IAG_1975 } else { Ellipsoid::KRASSOWSKY }
}
