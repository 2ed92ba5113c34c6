//! What can be wrong with the name of a coordinate system, and with a position in it.

use std::fmt;

use crate::{Bounds, Crs, Position};

/// Why a coordinate system is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CrsError {
    /// No system of the table.
    #[error("`{name}` is not a coordinate system that Terrier knows; `terrier crs` lists them")]
    Unknown {
        /// As it was given, cut where it is long.
        name: String,
    },
    /// A system whose way to WGS 84 is not published.
    #[error(
        "`{code}` is on {family}, whose way to WGS 84 is not published; give the 7 parameters \
         `towgs84`, or a plane transformation (`dx`, `dy`, `rotation_deg`, `scale`) onto a system \
         that Terrier knows"
    )]
    WantsParameters {
        /// The code.
        code: String,
        /// The datum.
        family: &'static str,
    },
    /// A text that is no well-known text.
    #[error("cannot read the well-known text of a coordinate system: {found}, expected {expected}")]
    Wkt {
        /// What was found.
        found: String,
        /// What would have been right.
        expected: &'static str,
    },
    /// A text that names one system and describes another.
    #[error(
        "the well-known text says `{code}`, but its {parameter} is {found} where that has {expected}"
    )]
    Contradiction {
        /// The system that the text names.
        code: String,
        /// Which parameter differs.
        parameter: &'static str,
        /// The parameter in the text.
        found: f64,
        /// The parameter of the system.
        expected: f64,
    },
    /// A parameter of an operator's definition.
    #[error(
        "cannot define coordinate system `{name}`: {parameter} is `{found}`, expected {expected}"
    )]
    Parameter {
        /// The name of the definition.
        name: String,
        /// The parameter.
        parameter: &'static str,
        /// What was found.
        found: String,
        /// What would have been right.
        expected: String,
    },
}

/// Why a position cannot be taken. Positions are `[x, y]`: easting or longitude first.
#[derive(Clone, Debug, PartialEq)]
pub enum CrsFault {
    /// A number is infinite or none.
    NotFinite {
        /// The position.
        position: Position,
    },
    /// The position lies beyond the area of use.
    Outside {
        /// The position.
        position: Position,
        /// Its longitude and latitude on WGS 84, where they can be told.
        place: Option<Position>,
        /// The code of the system.
        code: String,
        /// The area of use.
        area: Bounds,
        /// The code of another system in whose area the position would lie, where the numbers show
        /// that it is meant.
        meant: Option<String>,
    },
    /// The position lies beyond the area of use, and within when its two numbers are exchanged.
    Swapped {
        /// The position.
        position: Position,
        /// The code of the system.
        code: String,
        /// What the two numbers should be, the first first.
        axes: [&'static str; 2],
    },
}

impl CrsFault {
    /// What was found, for a report.
    pub fn found(&self) -> String {
        match self {
            Self::NotFinite { position: [x, y] }
            | Self::Swapped { position: [x, y], .. }
            | Self::Outside { position: [x, y], place: None, .. } => format!("[{x}, {y}]"),
            Self::Outside { position, place: Some(place), .. } if position == place => {
                let [x, y] = position;
                format!("[{x}, {y}]")
            }
            Self::Outside { position: [x, y], place: Some([lon, lat]), .. } => {
                format!("[{x}, {y}], which is longitude {lon:.5}, latitude {lat:.5}")
            }
        }
    }

    /// What would have been right, for a report.
    pub fn expected(&self) -> String {
        match self {
            Self::NotFinite { .. } => "finite numbers".into(),
            Self::Swapped { position: [x, y], code, axes: [first, second] } => format!(
                "{first} first, then {second}; the two look swapped, for [{y}, {x}] lies in the \
                 area of use of {code}"
            ),
            Self::Outside { code, area, meant, .. } => {
                let Bounds { west, south, east, north } = area;
                let expected = format!(
                    "a position in the area of use of {code}: longitude {west} to {east}, latitude \
                     {south} to {north}"
                );
                match meant {
                    Some(meant) => format!("{expected}; it would lie in that of {meant}"),
                    None => expected,
                }
            }
        }
    }
}

impl fmt::Display for CrsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found {}, expected {}", self.found(), self.expected())
    }
}

impl std::error::Error for CrsFault {}

/// What is wrong with a position in the plane of the system.
pub(super) fn of_plane(crs: &Crs, position: Position) -> CrsFault {
    let [x, y] = position;
    if !x.is_finite() || !y.is_finite() {
        return CrsFault::NotFinite { position };
    }
    if crs.ground([y, x]).is_some() {
        return CrsFault::Swapped { position, code: crs.code().into(), axes: crs.x_and_y() };
    }
    // A projection that answers with a place which it does not itself put there has run into
    // itself: the place would mislead.
    let method = &crs.0.method;
    let size = 1.0 + x.abs().max(y.abs());
    let place = method.to_ground(position).filter(|place| {
        method
            .to_plane(*place)
            .is_some_and(|[x2, y2]| (x2 - x).abs().max((y2 - y).abs()) < 1e-6 * size)
    });
    let meant = super::table::other_zone(crs.code(), position)
        .filter(|other| other.ground(position).is_some())
        .map(|other| other.code().to_owned());
    CrsFault::Outside { position, place, code: crs.code().into(), area: crs.area(), meant }
}

/// What is wrong with a longitude and latitude.
pub(super) fn of_ground(crs: &Crs, place: Position) -> CrsFault {
    let [lon, lat] = place;
    if !lon.is_finite() || !lat.is_finite() {
        return CrsFault::NotFinite { position: place };
    }
    let code = crs.code().to_owned();
    if crs.0.reach.ground.holds([lat, lon]) {
        return CrsFault::Swapped { position: place, code, axes: ["longitude", "latitude"] };
    }
    CrsFault::Outside { position: place, place: Some(place), code, area: crs.area(), meant: None }
}
