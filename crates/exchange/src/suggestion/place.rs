//! Where the positions of a file stand that does not say it, and in which coordinate systems they
//! may be. Several systems have the same numbers, so that none of them is ever taken for granted.

use terrier_model::Fault;
use terrier_spatial::{Crs, Position, Sketch};

use super::alias::{AXES, XY};
use super::name::Words;
use crate::feature::Feature;
use crate::json::Json;
use crate::position::PositionColumns;
use crate::wkt;

/// So many positions are tried in each system.
pub(super) const MAX_SAMPLES: usize = 100;

/// So many of a hundred positions must lie in a system: some rows may be wrong.
const SAMPLES_PERCENT: usize = 90;

/// The square of the whole world, which takes nearly any number.
const WORLDWIDE: &str = "EPSG:3857";

/// Columns with positions.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) columns: PositionColumns,
    /// Whether their names tell which one goes to the east.
    pub(super) is_sure: bool,
}

/// The columns of a row that hold its position: by their names, or because there is a geometry in
/// well-known text.
pub(super) fn columns(feature: &Feature<'_>) -> Option<Found> {
    let pair = |first: &[&str], second: &[&str]| {
        let of = |names: &[&str]| {
            let mut found = feature.properties.iter().filter(|(name, _)| {
                let words = Words::of(name);
                names.iter().any(|other| words.whole == *other || words.base() == *other)
            });
            found.next().map(|(name, _)| Box::from(&**name))
        };
        Some(PositionColumns::Numbers { east: of(first)?, north: of(second)? })
    };
    let sure = AXES.iter().find_map(|(east, north)| pair(east, north));
    if let Some(columns) = sure {
        return Some(Found { columns, is_sure: true });
    }
    let is_wkt = |value: &Json<'_>| match value {
        Json::Text(text) => is_geometry(&wkt::read(text)),
        _ => false,
    };
    if let Some((name, _)) = feature.properties.iter().find(|(_, value)| is_wkt(value)) {
        return Some(Found { columns: PositionColumns::Wkt(Box::from(&**name)), is_sure: true });
    }
    pair(XY.0, XY.1).map(|columns| Found { columns, is_sure: false })
}

fn is_geometry(read: &Result<(Sketch, bool), Fault>) -> bool {
    matches!(read, Ok((sketch, _)) if !matches!(sketch, Sketch::Missing | Sketch::Other(_)))
}

impl Found {
    /// The same columns the other way round.
    pub(super) fn swapped(self) -> Self {
        let columns = match self.columns {
            PositionColumns::Numbers { east, north } => {
                PositionColumns::Numbers { east: north, north: east }
            }
            other @ (PositionColumns::Wkt(_) | PositionColumns::Unwanted) => other,
        };
        Self { columns, ..self }
    }
}

/// The first position of a geometry.
pub(super) fn first_position(sketch: &Sketch) -> Option<Position> {
    match sketch {
        Sketch::Point(position) => Some(*position),
        Sketch::Line(line) => line.first().copied(),
        Sketch::MultiLine(parts) | Sketch::Polygon(parts) => parts.first()?.first().copied(),
        Sketch::MultiPolygon(surfaces) => surfaces.first()?.first()?.first().copied(),
        Sketch::Other(_) | Sketch::Missing => None,
    }
}

/// A system in which the positions may be, and where the first of them that fits would lie on WGS 84.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) crs: Crs,
    pub(super) place: Position,
}

/// The systems in whose area nearly all of the positions lie: those of China first, otherwise in the
/// order of the table.
pub(super) fn candidates(samples: &[Position]) -> Vec<Candidate> {
    let of = |crs: Crs| {
        let mut places = samples.iter().filter_map(|position| crs.to_wgs84(*position).ok());
        let place = places.next()?;
        let is_it = (1 + places.count()) * 100 >= samples.len() * SAMPLES_PERCENT;
        is_it.then_some(Candidate { crs, place })
    };
    let mut all: Vec<Candidate> = Crs::all().filter_map(of).collect();
    all.sort_by_key(|candidate| !is_chinese(&candidate.crs));
    let is_narrow = |candidate: &Candidate| candidate.crs.code() != WORLDWIDE;
    if all.iter().any(is_narrow) { all.into_iter().filter(is_narrow).collect() } else { all }
}

/// Whether a system is one of CGCS2000.
pub(super) fn is_chinese(crs: &Crs) -> bool {
    crs.name().starts_with("CGCS2000") || crs.code() == "EPSG:4490"
}

/// Whether the positions only make sense the other way round.
pub(super) fn are_swapped(samples: &[Position]) -> bool {
    let makes_sense = |samples: &[Position]| {
        candidates(samples).iter().any(|candidate| candidate.crs.code() != WORLDWIDE)
    };
    let other: Vec<Position> = samples.iter().map(|[x, y]| [*y, *x]).collect();
    !makes_sense(samples) && makes_sense(&other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_columns(properties: &str, expected: &str) {
        let text = format!(r#"{{"type":"Feature","geometry":null,"properties":{{{properties}}}}}"#);
        let feature = crate::feature::read(text.as_bytes()).expect("JSON");
        let answer = columns(&feature).map_or("none".into(), |found| {
            format!("{}{}", found.columns, if found.is_sure { "" } else { "?" })
        });
        assert_eq!(answer, expected, "{properties}");
    }

    #[test]
    fn columns_of_positions_are_known_by_their_names() {
        check_columns(r#""a":1,"LNG":2,"Lat":3"#, "`LNG` to the east and `Lat` to the north");
        check_columns(
            r#""X坐标(m)":1,"Y坐标(m)":2"#,
            "`X坐标(m)` to the east and `Y坐标(m)` to the north?",
        );
        check_columns(
            r#""x":1,"y":2,"北坐标":3,"东坐标":4"#,
            "`东坐标` to the east and `北坐标` to the north",
        );
        check_columns(r#""a":"b","the_geom":"POINT (1 2)""#, "`the_geom`");
        check_columns(r#""x":1,"easting":2"#, "none");
        check_columns(r#""a":"POINT EMPTY","b":"POINT""#, "none");
    }

    fn check(samples: &[Position], count: usize, first: &str, swapped: bool) {
        let found = candidates(samples);
        let codes: Vec<&str> = found.iter().map(|candidate| candidate.crs.code()).collect();
        assert_eq!((found.len(), are_swapped(samples)), (count, swapped), "{codes:?}");
        assert_eq!(codes.first().copied().unwrap_or("none"), first);
    }

    #[test]
    fn numbers_that_several_systems_have_are_of_all_of_them() {
        let candidates = candidates(&[[518_199.5, 4_326_318.25]]);
        let found = candidates.iter().find(|candidate| candidate.crs.code() == "EPSG:4548");
        let [lon, lat] = found.expect("a candidate").place;
        assert!((lon - 117.21).abs() < 0.01 && (lat - 39.07).abs() < 0.02, "{lon} {lat}");
        assert!(candidates.iter().any(|candidate| candidate.crs.code() == "EPSG:4547"));
    }

    #[test]
    fn a_zone_with_its_number_is_one() {
        check(&[[39_518_199.5, 4_326_318.25]], 1, "EPSG:4527", false);
    }

    #[test]
    fn positions_the_other_way_round_are_noticed() {
        check(&[[4_326_318.25, 39_518_199.5]], 0, "none", true);
        check(&[[39.07, 117.21]], 1, "EPSG:3857", true);
        assert!(!are_swapped(&[[8.0, 48.0]]));
    }

    #[test]
    fn a_few_wrong_rows_hide_no_system() {
        let mut samples = vec![[39_518_199.5, 4_326_318.25]; 9];
        samples.push([0.0, 0.0]);
        check(&samples, 1, "EPSG:4527", false);
        samples.push([0.0, 0.0]);
        check(&samples, 0, "none", false);
    }

    #[test]
    fn only_the_square_of_the_world_has_what_nobody_else_has() {
        check(&[[13_047_600.0, 4_730_000.0]], 1, "EPSG:3857", false);
        check(&[], 0, "none", false);
    }
}
