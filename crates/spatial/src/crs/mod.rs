//! Coordinate systems: which ones Terrier knows, how each is called, where it may be used, and the
//! way from it to longitude and latitude on WGS 84 and back.
//!
//! Positions go in and out as `[x, y]`: easting then northing, or longitude then latitude, whatever
//! order the authority gives to the axes; [`AxisOrder`] turns the one into the other. Heights are
//! taken for zero. Nothing here reads files or settings.

mod china;
mod definition;
mod fault;
mod name;
mod projection;
mod published;
mod table;
#[cfg(test)]
mod tests;
mod unpublished;
mod wkt;
mod wkt_writer;

use std::fmt;
use std::sync::Arc;

use crate::{Bounds, Position};

pub use definition::{Base, Definition, Ellipsoid, Parameters, Plane, TransverseMercator};
pub use fault::{CrsError, CrsFault};
pub use name::MAX_CRS_NAME_BYTES;
pub use wkt::{MAX_WKT_BYTES, MAX_WKT_DEPTH};

use projection::Method;

/// How far beyond the area of use a position may lie, in degrees. A city on the edge of a zone is
/// surveyed in one zone: Beijing begins 0.08° west of the zone of 117° E.
pub const AREA_MARGIN_DEGREES: f64 = 0.5;

/// A coordinate system. Cheap to clone.
#[derive(Clone)]
pub struct Crs(Arc<System>);

struct System {
    code: String,
    name: String,
    definition: String,
    tie: String,
    order: AxisOrder,
    unit: CrsUnit,
    area: Bounds,
    approximate: bool,
    method: Method,
    reach: Reach,
}

/// Where positions are accepted, on either side.
struct Reach {
    /// The area of use with its margin.
    ground: Bounds,
    /// A box in the plane of the system around all that. What lies outside of it is not projected,
    /// for far from its middle a projection runs into itself.
    plane: Bounds,
}

/// Which of its two axes an authority names first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AxisOrder {
    /// Easting or longitude first.
    EastNorth,
    /// Northing or latitude first.
    NorthEast,
}

impl AxisOrder {
    /// The numbers as the authority orders them, of easting and northing.
    pub fn arrange(self, [east, north]: [f64; 2]) -> [f64; 2] {
        match self {
            Self::EastNorth => [east, north],
            Self::NorthEast => [north, east],
        }
    }

    /// Easting and northing, of the numbers as the authority orders them.
    pub fn east_north(self, numbers: [f64; 2]) -> [f64; 2] {
        // To exchange two numbers is its own inverse.
        self.arrange(numbers)
    }
}

/// What the coordinates of a system count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrsUnit {
    /// Degrees of arc.
    Degree,
    /// Metres.
    Metre,
    /// US survey feet of 1200/3937 m.
    UsSurveyFoot,
}

impl CrsUnit {
    /// How many metres one is; `None` for degrees.
    pub fn metres(self) -> Option<f64> {
        match self {
            Self::Degree => None,
            Self::Metre => Some(1.0),
            Self::UsSurveyFoot => Some(1200.0 / 3937.0),
        }
    }
}

impl fmt::Display for CrsUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Degree => "degree",
            Self::Metre => "metre",
            Self::UsSurveyFoot => "US survey foot",
        })
    }
}

impl Crs {
    /// Longitude and latitude on WGS 84: OGC:CRS84.
    pub fn crs84() -> Self {
        Self::find("OGC:CRS84").expect("it is in the table")
    }

    /// The system of this name: `EPSG:4548`, `[EPSG:4548]`, `4548`, `urn:ogc:def:crs:EPSG::4548`,
    /// `http://www.opengis.net/def/crs/EPSG/0/4548`, `OGC:CRS84`, `CRS84`, `GCJ-02`, `BD-09`; in any
    /// case of letters. Each call sets a projection up anew and projects the edge of the area of use:
    /// up to a third of a millisecond. Find once, then clone.
    ///
    /// # Errors
    /// The system is none of the table, or one that takes parameters (see [`Crs::defined`]).
    pub fn find(name: &str) -> Result<Self, CrsError> {
        let code = name::code(name)?;
        match table::entry(&code) {
            Some(entry) => Ok(entry.into_crs()),
            None => Err(match unpublished::family(&code) {
                Some(family) => CrsError::WantsParameters { code, family },
                None => CrsError::Unknown { name: name::shown(name) },
            }),
        }
    }

    /// The system that a text in well-known text describes, such as the `.prj` file of a Shapefile:
    /// by the code that stands in it, or by its name as EPSG or Esri writes it.
    ///
    /// # Errors
    /// The text is no well-known text, names no system that Terrier knows, or contradicts the system
    /// that it names.
    pub fn from_wkt(text: &str) -> Result<Self, CrsError> {
        wkt::find(text)
    }

    /// A system by the parameters that an operator gives.
    ///
    /// # Errors
    /// A parameter is not finite or out of its bounds.
    pub fn defined(definition: Definition) -> Result<Self, CrsError> {
        definition.into_crs()
    }

    /// All systems of the table, in its order.
    pub fn all() -> impl Iterator<Item = Self> {
        table::entries().map(table::Entry::into_crs)
    }

    /// The code, such as `EPSG:4548`; of a system that an operator defined, its name.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The name that the authority gives.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// How it is defined, as a PROJ string where there is one.
    pub fn definition(&self) -> &str {
        &self.0.definition
    }

    /// How it is tied to WGS 84, and how well.
    pub fn tie(&self) -> &str {
        &self.0.tie
    }

    /// The order in which the authority names the axes.
    pub fn axis_order(&self) -> AxisOrder {
        self.0.order
    }

    /// The names of the axes, in the authority's order.
    pub fn axes(&self) -> [&'static str; 2] {
        let [x, y] = self.x_and_y();
        match self.0.order {
            AxisOrder::EastNorth => [x, y],
            AxisOrder::NorthEast => [y, x],
        }
    }

    /// What the coordinates count.
    pub fn unit(&self) -> CrsUnit {
        self.0.unit
    }

    /// Where the system is meant to be used.
    pub fn area(&self) -> Bounds {
        self.0.area
    }

    /// Whether the way to WGS 84 is only a good guess, as for the shifted coordinates of map
    /// services.
    pub fn approximate(&self) -> bool {
        self.0.approximate
    }

    /// Whether positions are longitude and latitude on WGS 84 already. Then nothing is converted.
    pub fn is_wgs84(&self) -> bool {
        matches!(self.0.method, Method::Same) && matches!(self.code(), "OGC:CRS84" | "EPSG:4326")
    }

    /// Longitude and latitude on WGS 84 of a position `[x, y]`.
    ///
    /// # Errors
    /// The numbers are not finite, or lie beyond the area of use.
    pub fn to_wgs84(&self, position: Position) -> Result<Position, CrsFault> {
        match self.ground(position) {
            Some(place) => Ok(place),
            None => Err(fault::of_plane(self, position)),
        }
    }

    /// The position `[x, y]` of a longitude and latitude on WGS 84.
    ///
    /// # Errors
    /// The numbers are not finite, or lie beyond the area of use.
    pub fn from_wgs84(&self, place: Position) -> Result<Position, CrsFault> {
        self.position_in_reach(place).ok_or_else(|| fault::of_ground(self, place))
    }

    /// The position `[x, y]` of a longitude and latitude on WGS 84, also beyond the area of use, as far
    /// as the way back from it leads to the same place within a tenth of a millimetre; `None` where
    /// it does not, or where there is no position.
    pub fn position_of(&self, place: Position) -> Option<Position> {
        /// A tenth of a millimetre, in degrees.
        const SAME_DEGREES: f64 = 1e-9;
        let method = &self.0.method;
        if matches!(method, Method::Same) || self.0.reach.ground.holds(place) {
            return method.to_plane(place);
        }
        let position = method.to_plane(place)?;
        let [lon, lat] = method.to_ground(position)?;
        let off = (lon - place[0]).abs().max((lat - place[1]).abs());
        (off <= SAME_DEGREES).then_some(position)
    }

    /// Whether positions lie in a plane, and are no degrees.
    pub fn is_projected(&self) -> bool {
        self.unit() != CrsUnit::Degree
    }

    /// The position of a place that is in reach.
    pub(crate) fn position_in_reach(&self, place: Position) -> Option<Position> {
        let is_in_reach = self.0.reach.ground.holds(place);
        is_in_reach.then(|| self.0.method.to_plane(place)).flatten()
    }

    /// The place of a position, in reach or not.
    pub(crate) fn place_of(&self, position: Position) -> Option<Position> {
        self.0.method.to_ground(position)
    }

    /// The area of use with its margin.
    pub(crate) fn ground_reach(&self) -> Bounds {
        self.0.reach.ground
    }

    /// A box in the plane around all positions that are in reach.
    pub(crate) fn plane_reach(&self) -> Bounds {
        self.0.reach.plane
    }

    /// A box in the plane of the system around all that is converted.
    pub(crate) fn plane(&self) -> Bounds {
        self.0.reach.plane
    }

    /// Longitude and latitude on WGS 84 of a position in [`Crs::plane`], be it a little beyond the
    /// area of use.
    pub(crate) fn to_wgs84_in_plane(&self, position: Position) -> Option<Position> {
        self.0.reach.plane.holds(position).then(|| self.0.method.to_ground(position))?
    }

    /// Where on the ground a position is, if that is in reach. Numbers that are not finite are in no
    /// box.
    fn ground(&self, position: Position) -> Option<Position> {
        let reach = &self.0.reach;
        if !reach.plane.holds(position) {
            return None;
        }
        self.0.method.to_ground(position).filter(|place| reach.ground.holds(*place))
    }

    /// What the two numbers of a position are called.
    fn x_and_y(&self) -> [&'static str; 2] {
        match self.0.unit {
            CrsUnit::Degree => ["longitude", "latitude"],
            CrsUnit::Metre | CrsUnit::UsSurveyFoot => ["easting", "northing"],
        }
    }
}

impl fmt::Debug for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crs({}: {})", self.0.code, self.0.definition)
    }
}

/// Two systems are the same when they have one code and one definition.
impl PartialEq for Crs {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.code == other.0.code && self.0.definition == other.0.definition)
    }
}

impl Reach {
    fn new(area: Bounds, method: &Method) -> Self {
        let ground = Bounds {
            west: (area.west - AREA_MARGIN_DEGREES).max(-180.0),
            south: (area.south - AREA_MARGIN_DEGREES).max(-90.0),
            east: (area.east + AREA_MARGIN_DEGREES).min(180.0),
            north: (area.north + AREA_MARGIN_DEGREES).min(90.0),
        };
        if matches!(method, Method::Same) {
            return Self { ground, plane: ground };
        }
        // The edge of the area reaches farthest; between two of these places it bulges less than
        // the box is widened afterwards.
        let along = (0..=64).map(|step| f64::from(step) / 64.0);
        let edge = along.flat_map(|part| {
            let lon = ground.west + part * (ground.east - ground.west);
            let lat = ground.south + part * (ground.north - ground.south);
            [[lon, ground.south], [lon, ground.north], [ground.west, lat], [ground.east, lat]]
        });
        let plane = Bounds::around(edge.filter_map(|place| method.to_plane(place)));
        let plane = plane.unwrap_or(Bounds { west: 0.0, south: 0.0, east: 0.0, north: 0.0 });
        let wider = 0.01 * (plane.east - plane.west).max(plane.north - plane.south);
        let plane = Bounds {
            west: plane.west - wider,
            south: plane.south - wider,
            east: plane.east + wider,
            north: plane.north + wider,
        };
        Self { ground, plane }
    }
}
