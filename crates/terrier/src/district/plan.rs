//! The map of the demonstration district: blocks between streets, a river, and how old and how
//! dense each part is. Everything hangs on the seed and the place alone, so neighbouring blocks
//! agree on what they share, and a greater district holds a smaller one.

use super::chance::{mark, unit};
use super::name;

/// Metres to the east and to the north of the district's centre.
pub(super) type Point = [f64; 2];

/// Hexi's centroid.
const CENTRE: [f64; 2] = [117.2263, 39.0717];
/// Metres in a degree of longitude and of latitude there, by the series of the WGS 84 ellipsoid.
const METRES_PER_DEGREE: [f64; 2] = [86_534.0, 111_017.0];
/// Width and height of a block before its corners are moved.
const BLOCK_M: [f64; 2] = [332.0, 318.0];
/// The grid's turn against north, in radians.
const TURN: f64 = 0.12;
/// Half the length of the outline along the river and across it, at a measure of one.
const OUTLINE_M: [f64; 2] = [5_500.0, 2_950.0];
/// Rivers run side by side at this distance; in a district there is one.
const RIVERS_APART_M: f64 = 7_000.0;
/// The length of a reach of river.
const REACH_M: f64 = 300.0;
/// From the middle of the river to its bank.
pub(super) const BANK_M: f64 = 45.0;
/// City centres lie in rows at this distance.
const CENTRES_APART_M: f64 = 8_500.0;

/// The position of a point, to a centimetre.
pub(super) fn degrees(point: Point) -> [f64; 2] {
    [0, 1].map(|axis| {
        let degrees = CENTRE[axis] + point[axis] / METRES_PER_DEGREE[axis];
        (degrees * 1e7).round() / 1e7
    })
}

/// The length of a line.
pub(super) fn length_m(line: &[Point]) -> f64 {
    line.windows(2).map(|edge| distance_m(edge[0], edge[1])).sum()
}

pub(super) fn distance_m(from: Point, to: Point) -> f64 {
    (to[0] - from[0]).hypot(to[1] - from[1])
}

/// The point at a share of the way from one to another.
pub(super) fn on_the_way(from: Point, to: Point, share: f64) -> Point {
    [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share]
}

fn turned([x, y]: Point, angle: f64) -> Point {
    let (sin, cos) = angle.sin_cos();
    [x * cos - y * sin, x * sin + y * cos]
}

/// Every fourth line of the grid is a wide road.
pub(super) fn is_arterial(line: i32) -> bool {
    line.rem_euclid(4) == 1
}

/// Where a street of the grid runs to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Way {
    East,
    North,
}

/// A crossing of streets.
#[derive(Clone, Debug)]
pub(super) struct Corner {
    pub(super) label: String,
    pub(super) at: Point,
}

/// A street between two crossings.
#[derive(Clone, Debug)]
pub(super) struct Street {
    /// Unique among streets.
    pub(super) label: String,
    pub(super) name: &'static str,
    pub(super) way: Way,
    pub(super) from: Corner,
    pub(super) to: Corner,
    pub(super) arterial: bool,
    /// Whether it crosses the river.
    pub(super) bridge: bool,
    /// When it was built.
    pub(super) year: i16,
    pub(super) length_m: f64,
    /// How far its middle lies beside the straight line.
    bulge_m: f64,
}

impl Street {
    /// The point at a share of the street's length, so many metres to the left of its middle.
    pub(super) fn at(&self, share: f64, left_m: f64) -> Point {
        let [x, y] = on_the_way(self.from.at, self.to.at, share);
        let aside = left_m + self.bulge_m * 4.0 * share * (1.0 - share);
        let along = [self.to.at[0] - self.from.at[0], self.to.at[1] - self.from.at[1]];
        let scale = aside / along[0].hypot(along[1]);
        [x - along[1] * scale, y + along[0] * scale]
    }
}

/// A reach of the river, from its middle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    river: f64,
    /// Counted along the river.
    pub(super) number: i32,
}

impl Reach {
    /// The point at a share of the reach, so many metres to the left of the middle of the river.
    pub(super) fn at(&self, share: f64, left_m: f64) -> Point {
        let along = (f64::from(self.number) + share) * REACH_M;
        from_river_axes([along, meander(along) + self.river * RIVERS_APART_M + left_m])
    }
}

/// A block of houses with the streets on its south and west.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Unique among blocks.
    pub(super) label: String,
    pub(super) seed: u64,
    /// Counted to the east and to the north, along the grid.
    pub(super) cell: [i32; 2],
    pub(super) streets: [Street; 2],
    /// South-west, south-east, north-west, north-east.
    corners: [Point; 4],
    /// About 1; greater in the centre.
    pub(super) density: f64,
    /// When it was built.
    pub(super) year: i16,
    pub(super) subdistrict: String,
    pub(super) community: String,
    /// Whether people live there, and not fish.
    pub(super) housing: bool,
    /// The reaches of the river whose middle lies in it.
    pub(super) reaches: Vec<Reach>,
}

impl Block {
    pub(super) fn new(seed: u64, i: i32, j: i32) -> Self {
        let corners = [corner(seed, i, j), corner(seed, i + 1, j), corner(seed, i, j + 1)];
        let [south_west, south_east, north_west] = &corners;
        let middle = grid_point(f64::from(i), f64::from(j));
        let from_centre = from_centre_km(middle);
        let chance = |purpose| unit(mark(seed, i, j, purpose));
        // Half as dense again in the centre as on average, and two thirds at the edge.
        let density = 0.62 + 0.95 * (-(from_centre / 2.2).powi(2)).exp();
        Self {
            label: label(i, j),
            seed: mark(seed, i, j, 1),
            cell: [i, j],
            streets: [
                street(seed, Way::East, [i, j], south_west, south_east),
                street(seed, Way::North, [i, j], south_west, north_west),
            ],
            corners: [south_west.at, south_east.at, north_west.at, corner(seed, i + 1, j + 1).at],
            density: density * (0.85 + 0.3 * chance(2)),
            year: year_built(from_centre, chance(3)),
            subdistrict: name::subdistrict([i, j]),
            community: name::community(seed, i, j),
            housing: from_river_m(middle).abs() > 150.0,
            reaches: reaches(i, j),
        }
    }

    /// A point within, by its shares of the way to the east and to the north.
    pub(super) fn at(&self, east: f64, north: f64) -> Point {
        let [south_west, south_east, north_west, north_east] = self.corners;
        let south = on_the_way(south_west, south_east, east);
        on_the_way(south, on_the_way(north_west, north_east, east), north)
    }
}

/// The outline of a sub-district, by its cell, counter-clockwise.
pub(super) fn subdistrict_outline(seed: u64, [column, row]: [i32; 2]) -> Vec<Point> {
    let [west, south] = [column * 5 - 2, row * 5];
    let [east, north] = [west + 5, south + 5];
    let sides = (west..east)
        .map(|i| [i, south])
        .chain((south..north).map(|j| [east, j]))
        .chain((west + 1..=east).rev().map(|i| [i, north]))
        .chain((south + 1..=north).rev().map(|j| [west, j]));
    sides.map(|[i, j]| corner(seed, i, j).at).collect()
}

fn label(i: i32, j: i32) -> String {
    // Ten million assets lie within 250 blocks of the centre.
    format!("{:03}{:03}", i + 500, j + 500)
}

fn grid_point(i: f64, j: f64) -> Point {
    turned([i * BLOCK_M[0], j * BLOCK_M[1]], TURN)
}

fn corner(seed: u64, i: i32, j: i32) -> Corner {
    let [x, y] = grid_point(f64::from(i) - 0.5, f64::from(j) - 0.5);
    let moved = |purpose| (unit(mark(seed, i, j, purpose)) - 0.5) * 40.0;
    // Slow waves turn each block a little against its neighbours.
    let at = [x + 55.0 * (y / 900.0).sin() + moved(4), y + 45.0 * (x / 1_100.0).sin() + moved(5)];
    Corner { label: label(i, j), at }
}

fn street(seed: u64, way: Way, [i, j]: [i32; 2], from: &Corner, to: &Corner) -> Street {
    let (line, purpose, letter) = match way {
        Way::East => (j, 6, 'E'),
        Way::North => (i, 7, 'N'),
    };
    let chance = mark(seed, i, j, purpose);
    let off = from_river_m(from.at) * from_river_m(to.at);
    Street {
        label: format!("{}{letter}", from.label),
        name: name::road(way, line),
        way,
        arterial: is_arterial(line),
        bridge: off < 0.0 && from_river_m(from.at).abs() < 2.0 * BLOCK_M[0],
        year: year_built(from_centre_km(from.at), unit(chance)),
        length_m: distance_m(from.at, to.at),
        bulge_m: (unit(chance.rotate_left(17)) - 0.5) * 14.0,
        from: from.clone(),
        to: to.clone(),
    }
}

/// Old in the centre, new at the edge; `chance` is from 0 to 1.
fn year_built(from_centre_km: f64, chance: f64) -> i16 {
    (1976.0 + 8.0 * from_centre_km + 16.0 * (chance - 0.5)).clamp(1958.0, 2019.0) as i16
}

fn from_centre_km(point: Point) -> f64 {
    let nearest = |along: f64| along - (along / CENTRES_APART_M).round() * CENTRES_APART_M;
    nearest(point[0]).hypot(nearest(point[1])) / 1_000.0
}

/// Along the river to the south-east, and across it to the north-east.
fn to_river_axes(point: Point) -> Point {
    turned(point, std::f64::consts::FRAC_PI_4)
}

fn from_river_axes(point: Point) -> Point {
    turned(point, -std::f64::consts::FRAC_PI_4)
}

fn meander(along_m: f64) -> f64 {
    1_900.0 + 220.0 * (along_m / 1_300.0).sin() + 90.0 * (along_m / 510.0).sin()
}

/// How far a point lies from the nearest river, negative to the south-west of it.
pub(super) fn from_river_m(point: Point) -> f64 {
    let [along, across] = to_river_axes(point);
    let off = across - meander(along);
    off - (off / RIVERS_APART_M).round() * RIVERS_APART_M
}

fn reaches(i: i32, j: i32) -> Vec<Reach> {
    let middle = grid_point(f64::from(i), f64::from(j));
    if from_river_m(middle).abs() > 600.0 {
        return Vec::new();
    }
    let [along, across] = to_river_axes(middle);
    let river = ((across - meander(along)) / RIVERS_APART_M).round();
    let number = (along / REACH_M).floor() as i32;
    let owned = |reach: &Reach| {
        let [x, y] = turned(reach.at(0.5, 0.0), -TURN);
        let cell = [(x / BLOCK_M[0]).round() as i32, (y / BLOCK_M[1]).round() as i32];
        cell == [i, j]
    };
    (number - 2..=number + 2).map(|number| Reach { river, number }).filter(owned).collect()
}

/// How far out a point lies, as a multiple of the district's outline.
fn measure_of(point: Point) -> f64 {
    let [along, across] = to_river_axes(point);
    let [along, across] = [along / OUTLINE_M[0], across / OUTLINE_M[1]];
    let angle = across.atan2(along);
    let outline = 1.0 + 0.06 * (3.0 * angle + 0.8).sin() + 0.04 * (5.0 * angle).sin();
    along.hypot(across) / outline
}

/// All blocks without end, from the centre outward.
pub(super) fn blocks() -> impl Iterator<Item = [i32; 2]> {
    // Bands that grow, so that the search through the box around each costs as much as the band.
    let ends = std::iter::successors(Some(0.25), |end| Some(end * 1.6));
    let starts = std::iter::once(-1.0).chain(ends.clone());
    starts.zip(ends).flat_map(|(start, end)| band(start, end))
}

/// The blocks whose measure is above `start` and not above `end`, from the centre outward.
fn band(start: f64, end: f64) -> impl Iterator<Item = [i32; 2]> {
    // The outline is at most a tenth beyond its plain ellipse.
    let half = (1.1 * end * OUTLINE_M[0] / BLOCK_M[1]).ceil() as i32 + 1;
    let mut found = Vec::new();
    for i in -half..=half {
        for j in -half..=half {
            let measure = measure_of(grid_point(f64::from(i), f64::from(j)));
            if start < measure && measure <= end {
                found.push((measure, [i, j]));
            }
        }
    }
    found.sort_by(|(one, a), (other, b)| one.total_cmp(other).then(a.cmp(b)));
    found.into_iter().map(|(_, block)| block)
}
