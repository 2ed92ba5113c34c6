//! A box in the plane of a projected coordinate system, asked about what lies on the ground.
//!
//! Lines on the ground are straight in longitude and latitude, so in the plane they are bent: what is
//! asked about is projected, and halved until it is straight there to half a thousandth of a unit. So
//! the answer is that of the box itself, and not of a polygon on the ground that is nearly it.

use crate::exact::Segment;
use crate::touch::Region;
use crate::{Bounds, Crs, Position};

/// Half the step in which positions are told in a plane, in its unit. So far a box reaches beyond its
/// edges, and so little is a line taken for straight.
const HALF_STEP: f64 = 0.000_5;

/// In how many pieces each edge is looked at to find the boxes around and within it on the ground.
const PIECES: u32 = 64;

/// How much the boxes on the ground are wider or narrower than those around the places looked at, as a
/// share of their size. Between two of the places an edge bends by less than a hundredth of that.
const WIDER: f64 = 0.01;

/// The same for a box without size, in degrees: a centimetre.
const LEAST_WIDER_DEGREES: f64 = 1e-7;

/// A longer piece of a line is halved whether it seems straight or not.
const LONG_DEGREES: f64 = 0.25;

/// How often a piece of a line is halved at most: the whole way round the world to less than half a
/// metre.
const MAX_HALVINGS: u32 = 27;

/// A box in a plane, cut to the area of use of its coordinate system with its margin. There is some
/// place in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PlaneBox {
    crs: Crs,
    /// In the plane, in the unit of the system: easting, northing.
    bounds: Bounds,
    around: Bounds,
    within: Option<Bounds>,
    /// Longitude and latitude of some place in the box.
    inner: Position,
}

impl PlaneBox {
    /// The part of a box that lies in the area of use; `None` when there is none.
    pub(crate) fn new(crs: &Crs, drawn: Bounds) -> Option<Self> {
        let reach = crs.plane_reach();
        let bounds = Bounds {
            west: (drawn.west - HALF_STEP).max(reach.west),
            south: (drawn.south - HALF_STEP).max(reach.south),
            east: (drawn.east + HALF_STEP).min(reach.east),
            north: (drawn.north + HALF_STEP).min(reach.north),
        };
        if bounds.west > bounds.east || bounds.south > bounds.north {
            return None;
        }
        let ground = crs.ground_reach();
        let edges = Edges::of(crs, &bounds);
        let around = match edges.as_ref() {
            Some(edges) => overlap(&edges.around(), &ground)?,
            None => ground,
        };
        let within = edges.and_then(|edges| overlap(&edges.within()?, &ground));
        let inner = some_place(crs, &bounds)?;
        Some(Self { crs: crs.clone(), bounds, around, within, inner })
    }

    pub(crate) fn crs(&self) -> &Crs {
        &self.crs
    }

    /// The edges in the plane.
    pub(crate) fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// A box on the ground that holds all of it.
    pub(crate) fn around(&self) -> Bounds {
        self.around
    }

    /// A box on the ground that lies wholly in it, where there is one.
    pub(crate) fn within(&self) -> Option<Bounds> {
        self.within
    }

    fn locate(&self, place: Position) -> Vertex {
        Vertex { place, position: self.crs.position_in_reach(place) }
    }

    fn has(&self, vertex: &Vertex) -> bool {
        vertex.position.is_some_and(|position| self.bounds.holds(position))
    }

    /// Whether a piece of a line, neither end of which lies in the box, passes through it.
    fn is_passed(&self, from: &Vertex, to: &Vertex, halvings: u32) -> bool {
        let piece = Segment { from: from.place, to: to.place };
        if !piece.meets(&self.around) {
            return false;
        }
        let middle = self.locate(between(from.place, to.place));
        if self.has(&middle) {
            return true;
        }
        let length = |axis: usize| (from.place[axis] - to.place[axis]).abs();
        let is_long = length(0).max(length(1)) > LONG_DEGREES;
        if let (Some(start), Some(end), Some(bend)) = (from.position, to.position, middle.position)
            && !is_long
        {
            let chord = between(start, end);
            let off = (chord[0] - bend[0]).abs().max((chord[1] - bend[1]).abs());
            if off <= HALF_STEP {
                return Segment { from: start, to: end }.meets(&self.bounds);
            }
            let mut along = Bounds::at(start).union(Bounds::at(end)).union(Bounds::at(bend));
            along = widened(&along, 2.0 * off);
            if !along.meets(&self.bounds) {
                return false;
            }
        }
        halvings > 0
            && (self.is_passed(from, &middle, halvings - 1)
                || self.is_passed(&middle, to, halvings - 1))
    }
}

impl Region for PlaneBox {
    fn holds(&self, place: Position) -> bool {
        self.has(&self.locate(place))
    }

    fn line_touches(&self, line: &[Position]) -> bool {
        let mut before: Option<Vertex> = None;
        line.iter().any(|place| {
            let vertex = self.locate(*place);
            let touches = self.has(&vertex)
                || before.as_ref().is_some_and(|from| self.is_passed(from, &vertex, MAX_HALVINGS));
            before = Some(vertex);
            touches
        })
    }

    fn some_place(&self) -> Position {
        self.inner
    }
}

/// A place on the ground, and its position in the plane where that can be told.
struct Vertex {
    place: Position,
    position: Option<Position>,
}

fn between(from: Position, to: Position) -> Position {
    [f64::midpoint(from[0], to[0]), f64::midpoint(from[1], to[1])]
}

fn widened(bounds: &Bounds, by: f64) -> Bounds {
    Bounds {
        west: bounds.west - by,
        south: bounds.south - by,
        east: bounds.east + by,
        north: bounds.north + by,
    }
}

/// What two boxes share.
fn overlap(a: &Bounds, b: &Bounds) -> Option<Bounds> {
    a.meets(b).then(|| Bounds {
        west: a.west.max(b.west),
        south: a.south.max(b.south),
        east: a.east.min(b.east),
        north: a.north.min(b.north),
    })
}

/// A place whose position lies in the box: of the middle, or else of the edges.
fn some_place(crs: &Crs, bounds: &Bounds) -> Option<Position> {
    let middle = bounds.centre();
    std::iter::once(middle)
        .chain(edge_positions(bounds).flatten())
        .find_map(|position| crs.to_wgs84(position).ok())
}

/// Positions along the western, southern, eastern and northern edge.
fn edge_positions(bounds: &Bounds) -> impl Iterator<Item = [Position; 4]> {
    let Bounds { west, south, east, north } = *bounds;
    (0..=PIECES).map(move |piece| {
        let part = f64::from(piece) / f64::from(PIECES);
        let (x, y) = (west + part * (east - west), south + part * (north - south));
        [[west, y], [x, south], [east, y], [x, north]]
    })
}

/// The boxes on the ground around each of the four edges: western, southern, eastern, northern.
struct Edges([Bounds; 4]);

impl Edges {
    /// `None` when some of their positions have no place on the ground.
    fn of(crs: &Crs, bounds: &Bounds) -> Option<Self> {
        let mut edges: Option<[Bounds; 4]> = None;
        for positions in edge_positions(bounds) {
            let mut places = [Bounds::at([0.0, 0.0]); 4];
            for (place, position) in places.iter_mut().zip(positions) {
                *place = Bounds::at(crs.place_of(position)?);
            }
            edges = Some(match edges {
                None => places,
                Some(edges) => std::array::from_fn(|edge| edges[edge].union(places[edge])),
            });
        }
        edges.map(Self)
    }

    /// By how much the box is to be wider, so that it surely holds what bends out between two places.
    fn slack(&self) -> f64 {
        let Bounds { west, south, east, north } = self.hull();
        LEAST_WIDER_DEGREES + WIDER * (east - west).max(north - south)
    }

    fn hull(&self) -> Bounds {
        let [west, south, east, north] = self.0;
        west.union(south).union(east).union(north)
    }

    fn around(&self) -> Bounds {
        widened(&self.hull(), self.slack())
    }

    fn within(&self) -> Option<Bounds> {
        let [west, south, east, north] = &self.0;
        let inside =
            Bounds { west: west.east, south: south.north, east: east.west, north: north.south };
        let inside = widened(&inside, -self.slack());
        (inside.west <= inside.east && inside.south <= inside.north).then_some(inside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BoxTree, GeometryKind, Meeting, PackedShapes, Shape, Sketch, Window, touches};

    /// Plain numbers from 0 to 1, so that the test needs no crate: Numerical Recipes' constants.
    fn numbers(seed: u32) -> impl Iterator<Item = f64> {
        std::iter::successors(Some(seed), |n| {
            Some(n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223))
        })
        .map(|n| f64::from(n >> 8) / f64::from(1 << 24))
    }

    fn window(code: &str, least: [f64; 2], greatest: [f64; 2]) -> Window {
        let crs = Crs::find_published(code).expect(code);
        Window::in_crs(crs, least, greatest).expect("a window")
    }

    /// Whether a shape is met, by so many positions along each of its edges.
    fn is_met_plainly(crs: &Crs, bounds: &Bounds, shape: &Shape, pieces: u32) -> bool {
        let Shape::Line(line) = shape else { panic!("only lines are drawn") };
        line.windows(2).any(|edge| {
            (0..=pieces).any(|piece| {
                let part = f64::from(piece) / f64::from(pieces);
                let along = |axis: usize| edge[0][axis] + part * (edge[1][axis] - edge[0][axis]);
                let position = crs.from_wgs84([along(0), along(1)]);
                position.is_ok_and(|position| bounds.holds(position))
            })
        })
    }

    #[test]
    fn a_box_in_a_plane_meets_what_a_look_at_many_positions_meets() {
        let mut random = numbers(9);
        let mut next = || random.next().expect("numbers do not end");
        let mut found = [0; 2];
        for code in ["EPSG:4548", "EPSG:4527", "EPSG:3857", "EPSG:32650"] {
            let crs = Crs::find_published(code).expect(code);
            for _ in 0..200 {
                // A box of up to a hundred kilometres in the zone, and lines of up to a degree.
                let corner = crs.from_wgs84([116.0 + 2.0 * next(), 36.0 + 6.0 * next()]);
                let [x, y] = corner.expect("in the zone");
                let size = 10_f64.powf(1.0 + 4.0 * next());
                let bounds = Bounds { west: x, south: y, east: x + size, north: y + size };
                let [least, greatest] =
                    [[x, y], [x + size, y + size]].map(|corner| crs.axis_order().arrange(corner));
                let drawn = window(code, least, greatest);
                let near = crs.place_of([x, y]).expect("a place");
                let reach = size / 50_000.0;
                let line: Vec<Position> = (0..3)
                    .map(|_| [near[0] + reach * (next() - 0.5), near[1] + reach * (next() - 0.5)])
                    .collect();
                let shape = Sketch::Line(line).check(GeometryKind::Line).expect("a line");
                let plainly = is_met_plainly(crs, &bounds, &shape, 2_000);
                let met = touches(&shape, &drawn);
                // A look at some positions misses lines that only graze a corner.
                let grazes = is_met_plainly(crs, &widened(&bounds, size / 500.0), &shape, 2_000);
                assert!(met == plainly || grazes && met, "{code} {bounds:?} {shape:?}");
                found[usize::from(met)] += 1;
                let tree = BoxTree::build([shape.bounds()]);
                let mut meeting = None;
                tree.search(&drawn, |_, how| meeting = Some(how));
                match meeting {
                    None => assert!(!met, "{code} {bounds:?} {shape:?}"),
                    Some(Meeting::Inside | Meeting::Across) => {
                        assert!(met, "{code} {bounds:?} {shape:?}");
                    }
                    Some(Meeting::Perhaps) => {}
                }
                let mut packed = PackedShapes::new(GeometryKind::Line);
                packed.push(&shape);
                assert_eq!(packed.touches(0, &drawn), met);
            }
        }
        assert!(found.iter().all(|count| *count > 100), "{found:?}");
    }

    #[test]
    fn an_edge_in_the_plane_is_bent_on_the_ground() {
        // Two degrees along 39° N: in the zone its middle lies some 470 m south of the chord of its ends.
        let line = Sketch::Line(vec![[116.0, 39.0], [118.0, 39.0]]);
        let line = line.check(GeometryKind::Line).expect("a line");
        let crs = Crs::find_published("EPSG:4548").expect("a zone");
        let [y, bend] = [[116.0, 39.0], [117.0, 39.0]]
            .map(|place| crs.from_wgs84(place).expect("in the zone")[1]);
        assert!((300.0..1_000.0).contains(&(y - bend)), "{}", y - bend);
        let check = |south: f64, north: f64, expected: bool| {
            let drawn = window("EPSG:4548", [south, 499_000.0], [north, 501_000.0]);
            assert_eq!(touches(&line, &drawn), expected, "{south} to {north}");
        };
        check(y - 10.0, y + 10.0, false);
        check(bend - 1.0, bend + 1.0, true);
        check(bend + 1.0, bend + 9.0, false);
        check(bend - 9.0, bend - 0.001, false);
        check(bend - 9.0, bend - 0.000_4, true);
    }

    #[test]
    fn a_box_reaches_as_far_as_the_area_of_use_and_what_has_no_place_is_empty() {
        let at = |place| Shape::Point(place);
        let zone = window("EPSG:4548", [-1e12, -1e12], [1e12, 1e12]);
        assert!(touches(&at([117.2, 39.1]), &zone));
        assert!(touches(&at([118.99, 39.1]), &zone));
        assert!(!touches(&at([119.01, 39.1]), &zone));
        assert!(!touches(&at([117.2, 10.0]), &zone));
        assert!(!touches(&at([-63.0, 39.1]), &zone));
        let world = window("EPSG:3857", [-3e7, -3e7], [3e7, 3e7]);
        for place in [[180.0, 0.0], [-180.0, 85.0], [10.0, -85.5]] {
            assert!(touches(&at(place), &world), "{place:?}");
        }
        assert!(!touches(&at([10.0, 90.0]), &world));
        // Easting first, where the authority has northing first.
        for (code, least, greatest) in [
            ("EPSG:4548", [517_000.0, 4_329_000.0], [518_000.0, 4_330_000.0]),
            ("EPSG:4548", [1e300, 1e300], [1e301, 1e301]),
            ("EPSG:4490", [117.0, 39.0], [118.0, 40.0]),
            ("EPSG:3857", [1e9, 1e9], [2e9, 2e9]),
        ] {
            let empty = window(code, least, greatest);
            assert!(!touches(&at([117.2, 39.1]), &empty), "{code}");
            let everything = Bounds { west: -180.0, south: -90.0, east: 180.0, north: 90.0 };
            assert!(!empty.contains(&Bounds::at([117.2, 39.1])), "{code}");
            assert_eq!(empty.share_of(&everything) > 0.0, empty.meets(&everything), "{code}");
        }
    }

    #[test]
    fn a_surface_holds_the_boxes_in_it_but_not_those_in_its_hole() {
        let square = |a: f64, b: f64| {
            let at = |x: f64, y: f64| [117.0 + x / 100.0, 39.0 + y / 100.0];
            vec![at(a, a), at(b, a), at(b, b), at(a, b), at(a, a)]
        };
        let shape = Sketch::Polygon(vec![square(0.0, 10.0), square(4.0, 6.0)]);
        let shape = shape.check(GeometryKind::MultiPolygon).expect("a surface");
        let crs = Crs::find_published("EPSG:4548").expect("a zone");
        for (place, expected) in [([117.02, 39.02], true), ([117.05, 39.05], false)] {
            let [x, y] = crs.from_wgs84(place).expect("in the zone");
            let drawn = window("EPSG:4548", [y - 5.0, x - 5.0], [y + 5.0, x + 5.0]);
            assert_eq!(touches(&shape, &drawn), expected, "{place:?}");
        }
    }

    #[test]
    fn a_box_in_a_plane_has_its_edges_in_order() {
        let refused = |code: &str, least, greatest| {
            let crs = Crs::find_published(code).expect(code);
            Window::in_crs(crs, least, greatest).expect_err("no window").to_string()
        };
        assert_eq!(refused("EPSG:4548", [2.0, 1.0], [1.0, 2.0]), "south 2 is above north 1");
        assert_eq!(
            refused("EPSG:4548", [1.0, 2.0], [2.0, 1.0]),
            "west 2 is beyond east 1, and a plane has no antimeridian"
        );
        assert_eq!(refused("EPSG:4326", [2.0, 1.0], [1.0, 2.0]), "south 2 is above north 1");
        let crs = Crs::find_published("EPSG:4326").expect("WGS 84");
        let over = Window::in_crs(crs, [65.0, 177.0], [70.0, -177.0]).expect("a window");
        assert_eq!(Ok(over), Window::try_new(177.0, 65.0, -177.0, 70.0));
    }
}
