//! A geometry as somebody else wrote it, and the check that makes a [`Shape`] of it.

use std::fmt;
use std::sync::Arc;

use crate::{Crs, CrsFault, GeometryKind, Polygon, Position, Shape};

/// The most positions one shape may have.
pub const MAX_VERTICES: usize = 20_000;

/// The positions of one line or ring, unchecked.
pub type SketchPart = Vec<Position>;

/// A geometry before it is checked. Numbers may be anything, rings may be open.
#[derive(Clone, Debug, PartialEq)]
pub enum Sketch {
    /// One position.
    Point(Position),
    /// One line.
    Line(SketchPart),
    /// Several lines.
    MultiLine(Vec<SketchPart>),
    /// One surface: its rings, the outer first.
    Polygon(Vec<SketchPart>),
    /// Several surfaces.
    MultiPolygon(Vec<Vec<SketchPart>>),
    /// A kind that no class has, by its name in GeoJSON.
    Other(&'static str),
    /// No geometry at all.
    Missing,
}

/// Why a geometry is no valid shape.
#[derive(Clone, Debug, PartialEq)]
pub struct ShapeFault {
    /// The part (line or ring) concerned, counted from 0; `None` when it is the whole.
    pub part: Option<usize>,
    /// The position within the part, counted from 0; `None` when it is the whole part.
    pub vertex: Option<usize>,
    /// What was found.
    pub found: String,
    /// What would have been right.
    pub expected: String,
}

impl fmt::Display for ShapeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found {}, expected {}", self.found, self.expected)
    }
}

impl ShapeFault {
    fn whole(found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { part: None, vertex: None, found: found.into(), expected: expected.into() }
    }
}

impl Sketch {
    /// The name of the kind in GeoJSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Point(_) => "Point",
            Self::Line(_) => "LineString",
            Self::MultiLine(_) => "MultiLineString",
            Self::Polygon(_) => "Polygon",
            Self::MultiPolygon(_) => "MultiPolygon",
            Self::Other(name) => name,
            Self::Missing => "no geometry",
        }
    }

    /// The same geometry with every position replaced.
    #[must_use]
    pub fn mapped(mut self, replace: impl Fn(Position) -> Position) -> Self {
        let each = |part: &mut SketchPart| part.iter_mut().for_each(|one| *one = replace(*one));
        match &mut self {
            Self::Point(position) => *position = replace(*position),
            Self::Line(line) => each(line),
            Self::MultiLine(parts) | Self::Polygon(parts) => parts.iter_mut().for_each(each),
            Self::MultiPolygon(polygons) => polygons.iter_mut().flatten().for_each(each),
            Self::Other(_) | Self::Missing => {}
        }
        self
    }

    /// The same geometry in longitude and latitude on WGS 84, from positions `[x, y]` in another
    /// coordinate system. Where that is WGS 84 already, nothing is done and nothing is checked.
    ///
    /// # Errors
    /// The first position that is not finite or beyond the area of use, with its part and vertex;
    /// parts of surfaces are their rings, counted through.
    pub fn into_wgs84(mut self, crs: &Crs) -> Result<Self, ShapeFault> {
        if crs.is_wgs84() {
            return Ok(self);
        }
        let fault = |part, vertex, fault: CrsFault| ShapeFault {
            part,
            vertex: Some(vertex),
            found: fault.found(),
            expected: fault.expected(),
        };
        let convert = |part, positions: &mut SketchPart| {
            for (vertex, position) in positions.iter_mut().enumerate() {
                *position = crs.to_wgs84(*position).map_err(|f| fault(Some(part), vertex, f))?;
            }
            Ok(())
        };
        match &mut self {
            Self::Point(position) => {
                *position = crs.to_wgs84(*position).map_err(|f| fault(None, 0, f))?;
            }
            Self::Line(line) => convert(0, line)?,
            Self::MultiLine(parts) | Self::Polygon(parts) => {
                for (part, positions) in parts.iter_mut().enumerate() {
                    convert(part, positions)?;
                }
            }
            Self::MultiPolygon(polygons) => {
                for (part, ring) in polygons.iter_mut().flatten().enumerate() {
                    convert(part, ring)?;
                }
            }
            Self::Other(_) | Self::Missing => {}
        }
        Ok(self)
    }

    /// Checks the geometry against the kind that a class has. A single line is taken for
    /// [`GeometryKind::MultiLine`] and a single surface for [`GeometryKind::MultiPolygon`]; several
    /// lines are taken for [`GeometryKind::Line`] only when there is one. Rings are turned to the
    /// direction that RFC 7946 wants; no position is moved, added or dropped.
    ///
    /// # Errors
    /// The first thing found wrong, with the part and vertex where it was found.
    pub fn check(&self, kind: GeometryKind) -> Result<Shape, ShapeFault> {
        match (kind, self) {
            (GeometryKind::Point, Self::Point(position)) => {
                check_position(*position).map_err(|(found, expected)| ShapeFault {
                    part: None,
                    vertex: Some(0),
                    found,
                    expected,
                })?;
                Ok(Shape::Point(*position))
            }
            (GeometryKind::Line, Self::Line(line)) => {
                check_vertices(line.len())?;
                Ok(Shape::Line(check_line(0, line)?))
            }
            (GeometryKind::Line, Self::MultiLine(lines)) if lines.len() == 1 => {
                check_vertices(lines[0].len())?;
                Ok(Shape::Line(check_line(0, &lines[0])?))
            }
            (GeometryKind::MultiLine, Self::Line(line)) => {
                check_vertices(line.len())?;
                Ok(Shape::MultiLine([check_line(0, line)?].into()))
            }
            (GeometryKind::MultiLine, Self::MultiLine(lines)) if !lines.is_empty() => {
                check_vertices(lines.iter().map(Vec::len).sum())?;
                let lines: Result<Vec<_>, _> =
                    lines.iter().enumerate().map(|(part, line)| check_line(part, line)).collect();
                Ok(Shape::MultiLine(lines?.into()))
            }
            (GeometryKind::MultiPolygon, Self::Polygon(rings)) => {
                check_polygons(std::slice::from_ref(rings))
            }
            (GeometryKind::MultiPolygon, Self::MultiPolygon(polygons)) if !polygons.is_empty() => {
                check_polygons(polygons)
            }
            (_, Self::MultiLine(parts)) if parts.is_empty() => {
                Err(ShapeFault::whole("an empty MultiLineString", kind.geojson_name()))
            }
            (_, Self::MultiPolygon(parts)) if parts.is_empty() => {
                Err(ShapeFault::whole("an empty MultiPolygon", kind.geojson_name()))
            }
            (GeometryKind::Line, Self::MultiLine(parts)) => Err(ShapeFault::whole(
                format!("a MultiLineString of {} lines", parts.len()),
                "one LineString",
            )),
            _ => Err(ShapeFault::whole(self.name(), kind.geojson_name())),
        }
    }
}

fn check_vertices(count: usize) -> Result<(), ShapeFault> {
    if count > MAX_VERTICES {
        return Err(ShapeFault::whole(
            format!("{count} positions"),
            format!("at most {MAX_VERTICES}"),
        ));
    }
    Ok(())
}

fn check_position([lon, lat]: Position) -> Result<(), (String, String)> {
    let found = || format!("[{lon}, {lat}]");
    if !lon.is_finite() || !lat.is_finite() {
        return Err((found(), "finite numbers".into()));
    }
    if lat.abs() > 90.0 && lat.abs() <= 180.0 && lon.abs() <= 90.0 {
        return Err((
            found(),
            "longitude first, then latitude; the two look swapped, for a latitude is within ±90"
                .into(),
        ));
    }
    if lon.abs() > 180.0 || lat.abs() > 90.0 {
        return Err((found(), "degrees: longitude within ±180, latitude within ±90".into()));
    }
    Ok(())
}

fn check_part(part: usize, positions: &[Position]) -> Result<(), ShapeFault> {
    for (vertex, position) in positions.iter().enumerate() {
        if let Err((found, expected)) = check_position(*position) {
            return Err(ShapeFault { part: Some(part), vertex: Some(vertex), found, expected });
        }
    }
    Ok(())
}

fn check_line(part: usize, line: &[Position]) -> Result<Arc<[Position]>, ShapeFault> {
    check_part(part, line)?;
    if line.len() < 2 || line.iter().all(|position| *position == line[0]) {
        return Err(ShapeFault {
            part: Some(part),
            vertex: None,
            found: match line.len() {
                0 => "an empty line".into(),
                1 => "a line of one position".into(),
                count => format!("a line of {count} equal positions"),
            },
            expected: "at least two different positions".into(),
        });
    }
    Ok(line.into())
}

fn check_polygons(polygons: &[Vec<SketchPart>]) -> Result<Shape, ShapeFault> {
    check_vertices(polygons.iter().flatten().map(Vec::len).sum())?;
    let mut part = 0;
    let mut checked: Vec<Polygon> = Vec::with_capacity(polygons.len());
    for rings in polygons {
        if rings.is_empty() {
            return Err(ShapeFault {
                part: Some(part),
                vertex: None,
                found: "a polygon without rings".into(),
                expected: "an outer ring".into(),
            });
        }
        let mut turned = Vec::with_capacity(rings.len());
        for (position, ring) in rings.iter().enumerate() {
            turned.push(check_ring(part, ring, position == 0)?);
            part += 1;
        }
        checked.push(turned.into());
    }
    Ok(Shape::MultiPolygon(checked.into()))
}

fn check_ring(part: usize, ring: &[Position], outer: bool) -> Result<Arc<[Position]>, ShapeFault> {
    check_part(part, ring)?;
    let fault = |found: String, expected: &str| ShapeFault {
        part: Some(part),
        vertex: None,
        found,
        expected: expected.into(),
    };
    if ring.len() < 4 {
        return Err(fault(format!("a ring of {} positions", ring.len()), "at least four"));
    }
    if ring.first() != ring.last() {
        return Err(fault(
            format!("an open ring from {:?} to {:?}", ring[0], ring[ring.len() - 1]),
            "the last position equal to the first",
        ));
    }
    let turn = doubled_area(ring);
    if turn == 0.0 {
        return Err(fault("a ring without area".into(), "a ring around a surface"));
    }
    if (turn > 0.0) == outer {
        return Ok(ring.into());
    }
    Ok(ring.iter().rev().copied().collect())
}

/// Twice the area in square degrees, positive when the ring runs counter-clockwise.
pub(crate) fn doubled_area(ring: &[Position]) -> f64 {
    let [x0, y0] = ring[0];
    ring.windows(2)
        .map(|edge| (edge[0][0] - x0) * (edge[1][1] - y0) - (edge[1][0] - x0) * (edge[0][1] - y0))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sketch: &Sketch, kind: GeometryKind, expected: &str) {
        let answer = match sketch.check(kind) {
            Ok(shape) => format!("{} of {}", shape.kind().geojson_name(), shape.vertices()),
            Err(fault) => fault.to_string(),
        };
        assert_eq!(answer, expected, "{sketch:?}");
    }

    #[test]
    fn positions_must_be_finite_and_within_the_world() {
        let kind = GeometryKind::Point;
        check(&Sketch::Point([117.2, 39.1]), kind, "Point of 1");
        check(&Sketch::Point([180.0, -90.0]), kind, "Point of 1");
        check(&Sketch::Point([f64::NAN, 1.0]), kind, "found [NaN, 1], expected finite numbers");
        check(
            &Sketch::Point([181.0, 1.0]),
            kind,
            "found [181, 1], expected degrees: longitude within ±180, latitude within ±90",
        );
        check(
            &Sketch::Point([39.1, 117.2]),
            kind,
            "found [39.1, 117.2], expected longitude first, then latitude; the two look swapped, \
             for a latitude is within ±90",
        );
    }

    #[test]
    fn a_line_must_go_somewhere() {
        let kind = GeometryKind::Line;
        check(&Sketch::Line(vec![[0.0, 0.0], [1.0, 0.0]]), kind, "LineString of 2");
        check(
            &Sketch::Line(vec![[0.0, 0.0]]),
            kind,
            "found a line of one position, expected at least two different positions",
        );
        check(
            &Sketch::Line(vec![[0.0, 0.0]; 3]),
            kind,
            "found a line of 3 equal positions, expected at least two different positions",
        );
        check(
            &Sketch::MultiLine(vec![vec![[0.0, 0.0], [1.0, 0.0]]; 2]),
            kind,
            "found a MultiLineString of 2 lines, expected one LineString",
        );
        check(&Sketch::Missing, kind, "found no geometry, expected LineString");
    }

    #[test]
    fn a_class_of_several_takes_one() {
        check(
            &Sketch::Line(vec![[0.0, 0.0], [1.0, 0.0]]),
            GeometryKind::MultiLine,
            "MultiLineString of 2",
        );
        check(
            &Sketch::Polygon(vec![vec![[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]]),
            GeometryKind::MultiPolygon,
            "MultiPolygon of 4",
        );
    }

    #[test]
    fn rings_must_close_and_are_turned_as_rfc_7946_wants() {
        let clockwise = vec![[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 0.0]];
        let shape = Sketch::Polygon(vec![clockwise]).check(GeometryKind::MultiPolygon);
        let Ok(Shape::MultiPolygon(polygons)) = shape else { panic!("no surface: {shape:?}") };
        assert_eq!(&*polygons[0][0], &[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]);
        check(
            &Sketch::Polygon(vec![vec![[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]]),
            GeometryKind::MultiPolygon,
            "found an open ring from [0.0, 0.0] to [0.0, 1.0], expected the last position equal \
             to the first",
        );
    }

    #[test]
    fn another_coordinate_system_is_left_by_every_position_and_faults_keep_their_place() {
        let crs = Crs::find("EPSG:4490").expect("in the table");
        let ring = |x: f64| vec![[117.0, 39.0], [117.1, 39.0], [117.1, x], [117.0, 39.0]];
        let good = Sketch::MultiPolygon(vec![vec![ring(39.1), ring(39.2)], vec![ring(39.3)]]);
        assert_eq!(good.clone().into_wgs84(&crs), Ok(good));
        let bad = Sketch::MultiPolygon(vec![vec![ring(39.1), ring(39.2)], vec![ring(99.0)]]);
        let fault = bad.into_wgs84(&crs).expect_err("beyond the area");
        assert_eq!((fault.part, fault.vertex), (Some(2), Some(2)));
        let fault = Sketch::Point([39.1, 117.1]).into_wgs84(&crs).expect_err("swapped");
        assert_eq!((fault.part, fault.vertex), (None, Some(0)));
        let mercator = Crs::find("EPSG:3857").expect("in the table");
        let line = Sketch::Line(vec![[0.0, 0.0], [111_319.490_793_273_58, 0.0]]);
        let there = Sketch::Line(vec![[0.0, 0.0], [1.0, 0.0]]);
        assert_eq!(line.into_wgs84(&mercator), Ok(there));
        assert_eq!(Sketch::Missing.into_wgs84(&mercator), Ok(Sketch::Missing));
        // Nothing is looked at where nothing is to be done.
        let wgs_84 = Crs::find("EPSG:4326").expect("in the table");
        let far = Sketch::Point([999.0, 0.0]);
        assert_eq!(far.clone().into_wgs84(&wgs_84), Ok(far));
    }

    #[test]
    fn the_bound_on_vertices_is_kept_on_both_sides() {
        let line = |count: usize| Sketch::Line((0..count).map(|i| [i as f64 / 1e6, 0.0]).collect());
        check(&line(MAX_VERTICES), GeometryKind::Line, "LineString of 20000");
        check(
            &line(MAX_VERTICES + 1),
            GeometryKind::Line,
            "found 20001 positions, expected at most 20000",
        );
    }
}
