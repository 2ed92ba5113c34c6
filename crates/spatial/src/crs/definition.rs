//! A coordinate system that an operator defines: a city's grid, or an older national system with
//! the parameters of its datum.

use std::sync::Arc;

use super::projection::{Method, Projected};
use super::{AxisOrder, Crs, CrsError, CrsUnit, Reach, System, name, table, unpublished};
use crate::{Bounds, Position};

/// The greatest shift of a datum in metres, per axis. The datums of the world lie within a
/// kilometre of each other.
pub(super) const MAX_SHIFT_M: f64 = 10_000.0;
/// The greatest rotation of a datum, in seconds of arc.
pub(super) const MAX_ROTATION_ARCSECONDS: f64 = 3_600.0;
/// The greatest difference in scale of a datum, in millionths.
pub(super) const MAX_SCALE_PPM: f64 = 1_000.0;
/// How far the scale of a plane transformation may be from one.
pub(super) const MAX_SCALE_OFF: f64 = 0.1;
/// The greatest false easting or northing, and shift of a plane, in metres.
pub(super) const MAX_OFFSET_M: f64 = 1e8;

/// A coordinate system by its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// What it is called in reports.
    pub name: String,
    /// The system that its positions are in, or are brought onto by the plane transformation.
    pub base: Base,
    /// A transformation of the plane that comes before, if there is one.
    pub plane: Option<Plane>,
    /// The order in which files give the two numbers.
    pub axis_order: AxisOrder,
    /// Where it is used; `None` for the area of its base.
    pub area: Option<Bounds>,
}

/// What a definition stands on.
#[derive(Clone, Debug, PartialEq)]
pub enum Base {
    /// A system that is there already.
    Known(Crs),
    /// A datum and a projection of its own.
    Own {
        /// The ellipsoid.
        ellipsoid: Ellipsoid,
        /// The projection; `None` for degrees.
        projection: Option<TransverseMercator>,
        /// The way to WGS 84.
        towgs84: Parameters,
        /// Where it is used.
        area: Bounds,
    },
}

/// An ellipsoid of rotation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ellipsoid {
    /// The semi-major axis in metres.
    pub semi_major_m: f64,
    /// One divided by the flattening.
    pub inverse_flattening: f64,
}

/// A transverse Mercator projection (Gauss-Krüger, UTM), in metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransverseMercator {
    /// The central meridian in degrees east of Greenwich.
    pub central_meridian_deg: f64,
    /// The latitude of the origin in degrees north.
    pub latitude_of_origin_deg: f64,
    /// The scale on the central meridian.
    pub scale: f64,
    /// The easting of the central meridian, without zone.
    pub false_easting_m: f64,
    /// The northing of the origin.
    pub false_northing_m: f64,
    /// The zone with which eastings begin, in millions of metres.
    pub zone_prefix: Option<u8>,
}

/// The seven parameters to WGS 84, in the sense and order of PROJ's `towgs84` (position vector,
/// EPSG method 9606). Parameters for a coordinate frame rotation (9607) have the opposite signs of
/// the three rotations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    /// Shifts along X, Y and Z in metres.
    pub shift_m: [f64; 3],
    /// Rotations about X, Y and Z in seconds of arc.
    pub rotation_arcseconds: [f64; 3],
    /// Difference in scale, in millionths.
    pub scale_ppm: f64,
}

/// A four-parameter transformation of the plane onto that of the base, with x to the east and y to
/// the north:
/// `X = dx + scale (x cos r − y sin r)`, `Y = dy + scale (x sin r + y cos r)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plane {
    /// The easting in the base of the local origin, in the unit of the base.
    pub dx: f64,
    /// The northing in the base of the local origin, in the unit of the base.
    pub dy: f64,
    /// The rotation in degrees, counter-clockwise.
    pub rotation_deg: f64,
    /// Units of the base for one local unit; a factor near one, not millionths.
    pub scale: f64,
}

impl Ellipsoid {
    /// WGS 84.
    pub const WGS_84: Self = Self::new(6_378_137.0, 298.257_223_563);
    /// GRS 1980, which CGCS2000 and ETRS89 use.
    pub const GRS_1980: Self = Self::new(6_378_137.0, 298.257_222_101);
    /// Krassowsky 1940, which Beijing 1954 uses.
    pub const KRASSOWSKY: Self = Self::new(6_378_245.0, 298.3);
    /// IAG 1975, which Xian 1980 uses.
    pub const IAG_1975: Self = Self::new(6_378_140.0, 298.257);
    /// International 1924.
    pub const INTERNATIONAL_1924: Self = Self::new(6_378_388.0, 297.0);
    /// Bessel 1841.
    pub const BESSEL_1841: Self = Self::new(6_377_397.155, 299.152_812_8);

    /// An ellipsoid by its semi-major axis in metres and its inverse flattening.
    pub const fn new(semi_major_m: f64, inverse_flattening: f64) -> Self {
        Self { semi_major_m, inverse_flattening }
    }

    /// The ellipsoid of this name, or that of the datum of this name; letters and digits alone
    /// count, in any case.
    pub fn find(name: &str) -> Option<Self> {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        Some(match &*letters.collect::<String>().to_ascii_lowercase() {
            "wgs84" => Self::WGS_84,
            "grs80" | "grs1980" | "cgcs2000" | "etrs89" => Self::GRS_1980,
            "krassowsky" | "krassovsky" | "krassowsky1940" | "beijing1954" | "beijing54" => {
                Self::KRASSOWSKY
            }
            "iag75" | "iag1975" | "xian1980" | "xian80" => Self::IAG_1975,
            "international1924" | "hongkong1980" => Self::INTERNATIONAL_1924,
            "bessel1841" | "bessel" | "dhdn" => Self::BESSEL_1841,
            _ => return None,
        })
    }
}

impl Base {
    /// The system of this code: one of the table, or one of Beijing 1954 or Xian 1980 with the
    /// parameters of its datum.
    ///
    /// # Errors
    /// The code is none of these, or takes parameters and there are none, or has its own and there
    /// are others.
    pub fn of(code: &str, towgs84: Option<Parameters>) -> Result<Self, CrsError> {
        let spelled = name::code(code)?;
        match (unpublished::find(&spelled), towgs84) {
            (Some(found), Some(towgs84)) => Ok(Self::Own {
                ellipsoid: found.ellipsoid,
                projection: found.projection,
                towgs84,
                area: found.area,
            }),
            (None, Some(_)) if table::entry(&spelled).is_some() => Err(CrsError::Parameter {
                name: spelled,
                parameter: "towgs84",
                found: "given".into(),
                expected: "none, for the system has its own".into(),
            }),
            _ => Crs::find(code).map(Self::Known),
        }
    }
}

impl Plane {
    /// The plane of the base itself.
    const UNMOVED: Self = Self { dx: 0.0, dy: 0.0, rotation_deg: 0.0, scale: 1.0 };

    pub(super) fn onto(&self, [x, y]: Position) -> Position {
        let (sin, cos) = self.rotation_deg.to_radians().sin_cos();
        [self.dx + self.scale * (x * cos - y * sin), self.dy + self.scale * (x * sin + y * cos)]
    }

    pub(super) fn back(&self, [x, y]: Position) -> Position {
        let (sin, cos) = self.rotation_deg.to_radians().sin_cos();
        let (x, y) = ((x - self.dx) / self.scale, (y - self.dy) / self.scale);
        [x * cos + y * sin, y * cos - x * sin]
    }
}

impl Definition {
    pub(super) fn into_crs(self) -> Result<Crs, CrsError> {
        let Self { name, base, plane, axis_order, area } = self;
        let base = match base {
            Base::Known(crs) => crs,
            Base::Own { ellipsoid, projection, towgs84, area } => {
                own(&name, ellipsoid, projection, towgs84, area)?
            }
        };
        let area = area.unwrap_or(base.area());
        check_area(&name, area)?;
        let mut definition = base.definition().to_owned();
        if let Some(plane) = plane {
            check_plane(&name, plane, &base)?;
            let Plane { dx, dy, rotation_deg, scale } = plane;
            definition = format!(
                "a plane with dx={dx}, dy={dy}, rotation_deg={rotation_deg}, scale={scale} onto \
                 {definition}"
            );
        }
        let method = Method::Plane(plane.unwrap_or(Plane::UNMOVED), base.clone());
        let reach = Reach::new(area, &method);
        Ok(Crs(Arc::new(System {
            code: name.clone(),
            name,
            definition,
            tie: base.tie().to_owned(),
            order: axis_order,
            unit: base.unit(),
            area,
            approximate: base.approximate(),
            method,
            reach,
        })))
    }
}

fn own(
    name: &str,
    ellipsoid: Ellipsoid,
    projection: Option<TransverseMercator>,
    towgs84: Parameters,
    area: Bounds,
) -> Result<Crs, CrsError> {
    let within = |parameter, value: f64, least: f64, most: f64| {
        check_number(name, parameter, value, least, most)
    };
    let Ellipsoid { semi_major_m: a, inverse_flattening: rf } = ellipsoid;
    within("semi_major_m", a, 6.3e6, 6.4e6)?;
    within("inverse_flattening", rf, 200.0, 400.0)?;
    let Parameters { shift_m, rotation_arcseconds, scale_ppm } = towgs84;
    for shift in shift_m {
        within("a shift of towgs84", shift, -MAX_SHIFT_M, MAX_SHIFT_M)?;
    }
    for rotation in rotation_arcseconds {
        let most = MAX_ROTATION_ARCSECONDS;
        within("a rotation of towgs84", rotation, -most, most)?;
    }
    within("the scale of towgs84", scale_ppm, -MAX_SCALE_PPM, MAX_SCALE_PPM)?;
    let (unit, projected) = match projection {
        None => (CrsUnit::Degree, "+proj=longlat".to_owned()),
        Some(projection) => (CrsUnit::Metre, transverse_mercator(name, projection)?),
    };
    let [dx, dy, dz] = shift_m;
    let [rx, ry, rz] = rotation_arcseconds;
    let definition = format!(
        "{projected} +a={a} +rf={rf} +towgs84={dx},{dy},{dz},{rx},{ry},{rz},{scale_ppm} +no_defs"
    );
    let projected = Projected::new(&definition).map_err(|found| CrsError::Parameter {
        name: name.to_owned(),
        parameter: "the projection",
        found,
        expected: "one that can be computed".into(),
    })?;
    check_area(name, area)?;
    let method = Method::Projected(Box::new(projected));
    let reach = Reach::new(area, &method);
    Ok(Crs(Arc::new(System {
        code: name.to_owned(),
        name: name.to_owned(),
        definition,
        tie: "7 parameters that the operator gave".into(),
        order: AxisOrder::NorthEast,
        unit,
        area,
        approximate: false,
        method,
        reach,
    })))
}

fn transverse_mercator(name: &str, projection: TransverseMercator) -> Result<String, CrsError> {
    let within = |parameter, value: f64, least: f64, most: f64| {
        check_number(name, parameter, value, least, most)
    };
    let TransverseMercator {
        central_meridian_deg: lon_0,
        latitude_of_origin_deg: lat_0,
        scale,
        false_easting_m,
        false_northing_m: y_0,
        zone_prefix,
    } = projection;
    within("central_meridian_deg", lon_0, -180.0, 180.0)?;
    within("latitude_of_origin_deg", lat_0, -90.0, 90.0)?;
    within("scale", scale, 1.0 - MAX_SCALE_OFF, 1.0 + MAX_SCALE_OFF)?;
    within("false_easting_m", false_easting_m, -MAX_OFFSET_M, MAX_OFFSET_M)?;
    within("false_northing_m", y_0, -MAX_OFFSET_M, MAX_OFFSET_M)?;
    let x_0 = false_easting_m + zone_prefix.map_or(0.0, |zone| f64::from(zone) * 1e6);
    Ok(format!(
        "+proj=tmerc +lat_0={lat_0} +lon_0={lon_0} +k={scale} +x_0={x_0} +y_0={y_0} +units=m"
    ))
}

fn check_plane(name: &str, plane: Plane, base: &Crs) -> Result<(), CrsError> {
    if base.unit() == CrsUnit::Degree {
        return Err(CrsError::Parameter {
            name: name.to_owned(),
            parameter: "the base of a plane transformation",
            found: base.code().to_owned(),
            expected: "a projected system, not degrees".into(),
        });
    }
    let Plane { dx, dy, rotation_deg, scale } = plane;
    check_number(name, "dx", dx, -MAX_OFFSET_M, MAX_OFFSET_M)?;
    check_number(name, "dy", dy, -MAX_OFFSET_M, MAX_OFFSET_M)?;
    check_number(name, "rotation_deg", rotation_deg, -360.0, 360.0)?;
    check_number(name, "scale", scale, 1.0 - MAX_SCALE_OFF, 1.0 + MAX_SCALE_OFF)
}

fn check_area(name: &str, area: Bounds) -> Result<(), CrsError> {
    let world = Bounds { west: -180.0, south: -90.0, east: 180.0, north: 90.0 };
    let Bounds { west, south, east, north } = area;
    if west < east && south < north && world.contains(&area) {
        return Ok(());
    }
    Err(CrsError::Parameter {
        name: name.to_owned(),
        parameter: "area",
        found: format!("{west}, {south}, {east}, {north}"),
        expected: "west, south, east and north in degrees, west below east, south below north"
            .into(),
    })
}

fn check_number(
    name: &str,
    parameter: &'static str,
    found: f64,
    least: f64,
    most: f64,
) -> Result<(), CrsError> {
    // NaN is in no range.
    if (least..=most).contains(&found) {
        return Ok(());
    }
    Err(CrsError::Parameter {
        name: name.to_owned(),
        parameter,
        found: found.to_string(),
        expected: format!("a number from {least} to {most}"),
    })
}
