//! The ways from the plane of a system to the ground and back, without any check.

use std::f64::consts::FRAC_PI_2;

use proj4rs::Proj;
use proj4rs::transform::transform;

use super::definition::Plane;
use super::{Crs, china};
use crate::Position;

/// The radius of the sphere on which web maps project: the semi-major axis of WGS 84, in metres.
const SPHERE_M: f64 = 6_378_137.0;

pub(super) enum Method {
    /// Degrees that are taken for those of WGS 84.
    Same,
    /// EPSG:3857, on the sphere.
    WebMercator,
    /// Everything that has a PROJ string.
    Projected(Box<Projected>),
    /// The shifted degrees of Chinese map services.
    Gcj02,
    /// Those of Baidu, shifted once more.
    Bd09,
    /// A plane laid onto that of another system.
    Plane(Plane, Crs),
}

/// A projection, and a change of datum where the string has one.
pub(super) struct Projected {
    system: Proj,
    ground: Proj,
    in_degrees: bool,
}

impl Projected {
    /// The system of this PROJ string. Without `+towgs84`, its datum is taken for WGS 84.
    pub(super) fn new(definition: &str) -> Result<Self, String> {
        let parse = |text: &str| Proj::from_proj_string(text).map_err(|error| error.to_string());
        let system = parse(definition)?;
        let ground = parse("+proj=longlat +datum=WGS84 +no_defs")?;
        let in_degrees = system.is_latlong();
        Ok(Self { system, ground, in_degrees })
    }

    fn to_ground(&self, [x, y]: Position) -> Option<Position> {
        let mut point =
            if self.in_degrees { (x.to_radians(), y.to_radians(), 0.0) } else { (x, y, 0.0) };
        transform(&self.system, &self.ground, &mut point).ok()?;
        Some([point.0.to_degrees(), point.1.to_degrees()])
    }

    fn to_plane(&self, [lon, lat]: Position) -> Option<Position> {
        let mut point = (lon.to_radians(), lat.to_radians(), 0.0);
        transform(&self.ground, &self.system, &mut point).ok()?;
        Some(if self.in_degrees {
            [point.0.to_degrees(), point.1.to_degrees()]
        } else {
            [point.0, point.1]
        })
    }
}

impl Method {
    /// Longitude and latitude of a finite position, or `None` where the projection has none.
    pub(super) fn to_ground(&self, position: Position) -> Option<Position> {
        let place = match self {
            Self::Same => position,
            Self::WebMercator => from_sphere(position),
            Self::Projected(projected) => projected.to_ground(position)?,
            Self::Gcj02 => china::gcj02_to_wgs84(position),
            Self::Bd09 => china::gcj02_to_wgs84(china::bd09_to_gcj02(position)),
            Self::Plane(grid, base) => base.0.method.to_ground(grid.onto(position))?,
        };
        (place[0].is_finite() && place[1].is_finite()).then_some(place)
    }

    /// The position of a finite longitude and latitude, or `None` where the projection has none.
    pub(super) fn to_plane(&self, place: Position) -> Option<Position> {
        let position = match self {
            Self::Same => place,
            Self::WebMercator => onto_sphere(place),
            Self::Projected(projected) => projected.to_plane(place)?,
            Self::Gcj02 => china::wgs84_to_gcj02(place),
            Self::Bd09 => china::gcj02_to_bd09(china::wgs84_to_gcj02(place)),
            Self::Plane(grid, base) => grid.back(base.0.method.to_plane(place)?),
        };
        (position[0].is_finite() && position[1].is_finite()).then_some(position)
    }
}

fn from_sphere([x, y]: Position) -> Position {
    let lon = (x / SPHERE_M).to_degrees();
    // The edge of the world is given in rounded metres: it must not become more than 180°.
    let lon =
        if lon.abs() > 180.0 && lon.abs() < 180.0 + 1e-7 { 180_f64.copysign(lon) } else { lon };
    [lon, (FRAC_PI_2 - 2.0 * (-y / SPHERE_M).exp().atan()).to_degrees()]
}

fn onto_sphere([lon, lat]: Position) -> Position {
    [SPHERE_M * lon.to_radians(), SPHERE_M * lat.to_radians().sin().atanh()]
}
