//! The table of the coordinate systems that Terrier knows, and the CGCS2000 zones by formula.
//!
//! Codes, names, axes and areas are those of the EPSG data set; the acceptance suite compares each
//! with PROJ.

use std::borrow::Cow;
use std::sync::Arc;

use super::projection::{Method, Projected};
use super::{AxisOrder, Crs, CrsUnit, Reach, System};
use crate::{Bounds, Position};

use AxisOrder::{EastNorth, NorthEast};
use CrsUnit::{Degree, Metre, UsSurveyFoot};

/// One coordinate system.
pub(super) struct Entry {
    pub(super) code: Cow<'static, str>,
    pub(super) name: Cow<'static, str>,
    /// Its name in `.prj` files, where spelling alone does not make it of the name.
    pub(super) esri: &'static str,
    pub(super) definition: Cow<'static, str>,
    pub(super) order: AxisOrder,
    pub(super) unit: CrsUnit,
    pub(super) area: Bounds,
    pub(super) tie: &'static str,
}

const ITSELF: &str = "is WGS 84";
const CGCS2000: &str = "taken for WGS 84 (a null transformation; the two differ by centimetres to \
                        decimetres)";
const ETRS89: &str = "taken for WGS 84 (a null transformation, EPSG:1149; 1 m)";
const NAD83: &str = "taken for WGS 84 (a null transformation, EPSG:1188; 4 m)";
const SHIFTED: &str = "shifted from WGS 84 by a formula that is not published; some metres";

const fn area(west: f64, south: f64, east: f64, north: f64) -> Bounds {
    Bounds { west, south, east, north }
}

/// The latitudes in which each 3-degree zone of China is used, from zone 25 (75° E) to zone 45
/// (135° E).
const ZONES: [(f64, f64); 21] = [
    (35.81, 40.65),
    (31.03, 41.83),
    (29.95, 45.88),
    (28.26, 47.23),
    (27.8, 49.18),
    (27.32, 48.42),
    (27.71, 45.13),
    (28.23, 44.5),
    (21.43, 42.76),
    (21.13, 42.69),
    (22.5, 42.21),
    (18.19, 42.47),
    (18.11, 45.11),
    (21.52, 45.45),
    (22.6, 49.88),
    (24.43, 53.33),
    (28.22, 53.56),
    (40.19, 53.2),
    (41.37, 50.25),
    (42.42, 48.88),
    (45.85, 48.4),
];

/// The number of the first of [`ZONES`].
pub(super) const FIRST_ZONE: u32 = 25;
/// The number of the last of [`ZONES`].
pub(super) const LAST_ZONE: u32 = 45;
/// Mainland China and its sea.
pub(super) const CHINA: Bounds = area(73.62, 16.7, 134.77, 53.56);
/// The codes of CGCS2000 zones whose eastings begin with the zone, less the number of the zone.
const WITH_PREFIX: u32 = 4513 - FIRST_ZONE;
/// The same for zones whose eastings do not.
const WITHOUT_PREFIX: u32 = 4534 - FIRST_ZONE;

/// Where a 3-degree zone is used.
pub(super) fn zone_area(zone: u32) -> Bounds {
    let (south, north) = ZONES[(zone - FIRST_ZONE) as usize];
    let middle = f64::from(zone * 3);
    area((middle - 1.5).max(CHINA.west), south, (middle + 1.5).min(CHINA.east), north)
}

fn zone(zone: u32, with_prefix: bool) -> Entry {
    let middle = zone * 3;
    let (code, name, false_easting) = if with_prefix {
        (WITH_PREFIX + zone, format!("zone {zone}"), zone * 1_000_000 + 500_000)
    } else {
        (WITHOUT_PREFIX + zone, format!("CM {middle}E"), 500_000)
    };
    let definition = format!(
        "+proj=tmerc +lat_0=0 +lon_0={middle} +k=1 +x_0={false_easting} +y_0=0 +ellps=GRS80 \
         +units=m +no_defs"
    );
    Entry {
        code: format!("EPSG:{code}").into(),
        name: format!("CGCS2000 / 3-degree Gauss-Kruger {name}").into(),
        esri: "",
        definition: definition.into(),
        order: NorthEast,
        unit: Metre,
        area: zone_area(zone),
        tie: CGCS2000,
    }
}

/// All systems, in the order in which they are listed.
pub(super) fn entries() -> impl Iterator<Item = Entry> {
    let zones = |with_prefix| (FIRST_ZONE..=LAST_ZONE).map(move |number| zone(number, with_prefix));
    ROWS.iter().map(Row::entry).chain(zones(true)).chain(zones(false))
}

/// The system of a code in the one spelling that this table has.
pub(super) fn entry(code: &str) -> Option<Entry> {
    if let Some(row) = ROWS.iter().find(|row| row.0 == code) {
        return Some(row.entry());
    }
    let number: u32 = code.strip_prefix("EPSG:")?.parse().ok()?;
    let zones = FIRST_ZONE..=LAST_ZONE;
    if let Some(found) = number.checked_sub(WITH_PREFIX).filter(|found| zones.contains(found)) {
        return Some(zone(found, true));
    }
    let found = number.checked_sub(WITHOUT_PREFIX).filter(|found| zones.contains(found))?;
    Some(zone(found, false))
}

/// The system that is meant when a position in a CGCS2000 zone has an easting that begins with a
/// zone and should not, or does not and should, or begins with another.
pub(super) fn other_zone(code: &str, [x, _]: Position) -> Option<Crs> {
    let number: u32 = code.strip_prefix("EPSG:")?.parse().ok()?;
    let zones = FIRST_ZONE..=LAST_ZONE;
    let begins_with = (x / 1e6).floor() as u32;
    let own = number.checked_sub(WITH_PREFIX).filter(|found| zones.contains(found));
    let meant = if zones.contains(&begins_with) {
        own.or_else(|| number.checked_sub(WITHOUT_PREFIX).filter(|found| zones.contains(found)))?;
        zone(begins_with, true)
    } else {
        zone(own?, false)
    };
    Some(meant.into_crs())
}

impl Entry {
    pub(super) fn into_crs(self) -> Crs {
        let approximate = matches!(&*self.code, "GCJ-02" | "BD-09");
        let method = match &*self.code {
            "GCJ-02" => Method::Gcj02,
            "BD-09" => Method::Bd09,
            "EPSG:3857" => Method::WebMercator,
            _ if self.unit == Degree => Method::Same,
            _ => {
                let projected = Projected::new(&self.definition);
                Method::Projected(Box::new(projected.expect("the table holds what PROJ reads")))
            }
        };
        let reach = Reach::new(self.area, &method);
        Crs(Arc::new(System {
            code: self.code.into_owned(),
            name: self.name.into_owned(),
            definition: self.definition.into_owned(),
            tie: self.tie.into(),
            order: self.order,
            unit: self.unit,
            area: self.area,
            approximate,
            method,
            reach,
        }))
    }
}

/// Code, name, name in `.prj` files, definition, order of the axes, unit, area of use, and the tie
/// to WGS 84.
struct Row(
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    AxisOrder,
    CrsUnit,
    Bounds,
    &'static str,
);

impl Row {
    fn entry(&self) -> Entry {
        let Row(code, name, esri, definition, order, unit, area, tie) = *self;
        let (code, name, definition) = (code.into(), name.into(), definition.into());
        Entry { code, name, esri, definition, order, unit, area, tie }
    }
}

const WORLD: Bounds = area(-180.0, -90.0, 180.0, 90.0);

const ROWS: [Row; 22] = [
    Row(
        "OGC:CRS84",
        "WGS 84 (CRS84)",
        "",
        "+proj=longlat +datum=WGS84 +no_defs",
        EastNorth,
        Degree,
        WORLD,
        ITSELF,
    ),
    Row(
        "EPSG:4326",
        "WGS 84",
        "",
        "+proj=longlat +datum=WGS84 +no_defs",
        NorthEast,
        Degree,
        WORLD,
        ITSELF,
    ),
    Row(
        "EPSG:3857",
        "WGS 84 / Pseudo-Mercator",
        "WGS_1984_Web_Mercator_Auxiliary_Sphere",
        "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m \
         +nadgrids=@null +wktext +no_defs",
        EastNorth,
        Metre,
        area(-180.0, -85.06, 180.0, 85.06),
        ITSELF,
    ),
    Row(
        "EPSG:32649",
        "WGS 84 / UTM zone 49N",
        "",
        "+proj=tmerc +lat_0=0 +lon_0=111 +k=0.9996 +x_0=500000 +y_0=0 +ellps=WGS84 +units=m \
         +no_defs",
        EastNorth,
        Metre,
        area(108.0, 0.0, 114.0, 84.0),
        ITSELF,
    ),
    Row(
        "EPSG:32650",
        "WGS 84 / UTM zone 50N",
        "",
        "+proj=tmerc +lat_0=0 +lon_0=117 +k=0.9996 +x_0=500000 +y_0=0 +ellps=WGS84 +units=m \
         +no_defs",
        EastNorth,
        Metre,
        area(114.0, 0.0, 120.0, 84.0),
        ITSELF,
    ),
    Row(
        "EPSG:32651",
        "WGS 84 / UTM zone 51N",
        "",
        "+proj=tmerc +lat_0=0 +lon_0=123 +k=0.9996 +x_0=500000 +y_0=0 +ellps=WGS84 +units=m \
         +no_defs",
        EastNorth,
        Metre,
        area(120.0, 0.0, 126.0, 84.0),
        ITSELF,
    ),
    Row(
        "EPSG:2326",
        "Hong Kong 1980 Grid System",
        "Hong_Kong_1980_Grid",
        "+proj=tmerc +lat_0=22.3121333333333 +lon_0=114.178555555556 +k=1 +x_0=836694.05 \
         +y_0=819069.8 +ellps=intl \
         +towgs84=-162.619,-276.959,-161.764,0.067753,-2.243648,-1.158828,-1.094246 +units=m \
         +no_defs",
        NorthEast,
        Metre,
        area(113.76, 22.13, 114.51, 22.58),
        "7 parameters, EPSG:1825; 1 m",
    ),
    Row(
        "EPSG:4258",
        "ETRS89",
        "",
        "+proj=longlat +ellps=GRS80 +no_defs",
        NorthEast,
        Degree,
        area(-16.1, 33.26, 38.01, 84.73),
        ETRS89,
    ),
    Row(
        "EPSG:25832",
        "ETRS89 / UTM zone 32N",
        "",
        "+proj=tmerc +lat_0=0 +lon_0=9 +k=0.9996 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs",
        EastNorth,
        Metre,
        area(6.0, 36.53, 12.01, 84.01),
        ETRS89,
    ),
    Row(
        "EPSG:25833",
        "ETRS89 / UTM zone 33N",
        "",
        "+proj=tmerc +lat_0=0 +lon_0=15 +k=0.9996 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m \
         +no_defs",
        EastNorth,
        Metre,
        area(12.0, 34.79, 18.01, 84.01),
        ETRS89,
    ),
    Row(
        "EPSG:31467",
        "DHDN / 3-degree Gauss-Kruger zone 3",
        "DHDN_3_Degree_Gauss_Zone_3",
        "+proj=tmerc +lat_0=0 +lon_0=9 +k=1 +x_0=3500000 +y_0=0 +ellps=bessel \
         +towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7 +units=m +no_defs",
        NorthEast,
        Metre,
        area(7.5, 47.27, 10.51, 55.09),
        "7 parameters, EPSG:1777; 3 m",
    ),
    Row(
        "EPSG:3067",
        "ETRS89 / TM35FIN(E,N)",
        "EUREF_FIN_TM35FIN",
        "+proj=tmerc +lat_0=0 +lon_0=27 +k=0.9996 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m \
         +no_defs",
        EastNorth,
        Metre,
        area(19.08, 58.84, 31.59, 70.09),
        ETRS89,
    ),
    Row(
        "EPSG:3879",
        "ETRS89 / GK25FIN",
        "",
        "+proj=tmerc +lat_0=0 +lon_0=25 +k=1 +x_0=25500000 +y_0=0 +ellps=GRS80 +units=m +no_defs",
        NorthEast,
        Metre,
        area(24.5, 59.94, 25.5, 68.9),
        ETRS89,
    ),
    Row(
        "EPSG:2056",
        "CH1903+ / LV95",
        "",
        "+proj=somerc +lat_0=46.9524055555556 +lon_0=7.43958333333333 +k_0=1 +x_0=2600000 \
         +y_0=1200000 +ellps=bessel +towgs84=674.374,15.056,405.346,0,0,0,0 +units=m +no_defs",
        EastNorth,
        Metre,
        area(5.96, 45.82, 10.49, 47.81),
        "3 parameters, EPSG:1676; 1 m",
    ),
    // Its area goes on beyond the antimeridian, to the last of the Aleutian Islands; they are left out.
    Row(
        "EPSG:4269",
        "NAD83",
        "GCS_North_American_1983",
        "+proj=longlat +ellps=GRS80 +no_defs",
        NorthEast,
        Degree,
        area(-180.0, 14.92, -40.73, 86.45),
        NAD83,
    ),
    Row(
        "EPSG:26913",
        "NAD83 / UTM zone 13N",
        "",
        "+proj=tmerc +lat_0=0 +lon_0=-105 +k=0.9996 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m \
         +no_defs",
        EastNorth,
        Metre,
        area(-108.0, 28.98, -102.0, 84.0),
        NAD83,
    ),
    Row(
        "EPSG:26916",
        "NAD83 / UTM zone 16N",
        "",
        "+proj=tmerc +lat_0=0 +lon_0=-87 +k=0.9996 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m \
         +no_defs",
        EastNorth,
        Metre,
        area(-90.0, 23.97, -84.0, 84.0),
        NAD83,
    ),
    Row(
        "EPSG:3435",
        "NAD83 / Illinois East (ftUS)",
        "NAD_1983_StatePlane_Illinois_East_FIPS_1201_Feet",
        "+proj=tmerc +lat_0=36.6666666666667 +lon_0=-88.3333333333333 +k=0.999975 +x_0=300000 \
         +y_0=0 +ellps=GRS80 +units=us-ft +no_defs",
        EastNorth,
        UsSurveyFoot,
        area(-89.27, 37.06, -87.02, 42.5),
        NAD83,
    ),
    Row(
        "EPSG:2264",
        "NAD83 / North Carolina (ftUS)",
        "NAD_1983_StatePlane_North_Carolina_FIPS_3200_Feet",
        "+proj=lcc +lat_0=33.75 +lon_0=-79 +lat_1=36.1666666666667 +lat_2=34.3333333333333 \
         +x_0=609601.219202438 +y_0=0 +ellps=GRS80 +units=us-ft +no_defs",
        EastNorth,
        UsSurveyFoot,
        area(-84.33, 33.83, -75.38, 36.59),
        NAD83,
    ),
    Row(
        "GCJ-02",
        "Shifted degrees of Chinese map services",
        "",
        "a formula found by observation",
        EastNorth,
        Degree,
        CHINA,
        SHIFTED,
    ),
    Row(
        "BD-09",
        "Shifted degrees of Baidu's map",
        "",
        "a formula found by observation, on top of GCJ-02",
        EastNorth,
        Degree,
        CHINA,
        SHIFTED,
    ),
    Row(
        "EPSG:4490",
        "China Geodetic Coordinate System 2000",
        "CGCS_2000",
        "+proj=longlat +ellps=GRS80 +no_defs",
        NorthEast,
        Degree,
        CHINA,
        CGCS2000,
    ),
];
