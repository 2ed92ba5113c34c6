//! What figures answer, and a reader of short texts for the tests.

mod clip;
mod cost;
mod distance;
mod random;
mod relation;

use crate::{AxisOrder, Crs, Figure, Geometry, GeometryKind, Position, Shape, Sketch};

/// What stands in parentheses, or a position.
enum Tree {
    Numbers(Vec<f64>),
    List(Vec<Tree>),
}

/// A geometry of well-known text without spaces but between numbers, and of `BOX(…)` and
/// `COLLECTION(…)`.
fn geometry(text: &str) -> Geometry {
    let (name, rest) = text.split_once('(').expect("a parenthesis");
    let inner = rest.strip_suffix(')').expect("a parenthesis at the end");
    if name == "COLLECTION" {
        return Geometry::Collection(split(inner).into_iter().map(geometry).collect());
    }
    let tree = Tree::List(split(inner).into_iter().map(tree).collect());
    match name {
        "POINT" => Geometry::Point(positions(&tree)[0]),
        "MULTIPOINT" => Geometry::MultiPoint(positions(&tree)),
        "LINESTRING" => Geometry::LineString(positions(&tree)),
        "MULTILINESTRING" => Geometry::MultiLineString(lists(&tree, positions)),
        "POLYGON" => Geometry::Polygon(lists(&tree, positions)),
        "MULTIPOLYGON" => Geometry::MultiPolygon(lists(&tree, |part| lists(part, positions))),
        "BOX" => {
            let Tree::List(edges) = &tree else { panic!("no box: {text}") };
            let number = |place: usize| match &edges[place] {
                Tree::Numbers(numbers) => numbers[0],
                Tree::List(_) => panic!("no number: {text}"),
            };
            Geometry::Box([number(0), number(1), number(2), number(3)])
        }
        _ => panic!("no geometry: {text}"),
    }
}

/// The parts between commas that stand in no inner parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0;
    let parts = text.split(|c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    });
    parts.filter(|part| !part.is_empty()).collect()
}

fn tree(text: &str) -> Tree {
    match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => Tree::List(split(inner).into_iter().map(tree).collect()),
        None => {
            Tree::Numbers(text.split(' ').map(|number| number.parse().expect("a number")).collect())
        }
    }
}

fn lists<T>(tree: &Tree, read: impl Fn(&Tree) -> T) -> Vec<T> {
    match tree {
        Tree::List(parts) => parts.iter().map(read).collect(),
        Tree::Numbers(_) => panic!("no list"),
    }
}

fn positions(tree: &Tree) -> Vec<Position> {
    lists(tree, |position| match position {
        Tree::Numbers(numbers) => [numbers[0], numbers[1]],
        Tree::List(_) => panic!("no position"),
    })
}

fn figure(text: &str) -> Figure {
    Figure::try_new(&geometry(text), &Crs::crs84(), AxisOrder::EastNorth).expect("a figure")
}

/// The shape of a geometry, if a class may have it.
fn shape(text: &str) -> Option<Shape> {
    let (sketch, kind) = match geometry(text) {
        Geometry::Point(position) => (Sketch::Point(position), GeometryKind::Point),
        Geometry::LineString(line) => (Sketch::Line(line), GeometryKind::Line),
        Geometry::MultiLineString(lines) => (Sketch::MultiLine(lines), GeometryKind::MultiLine),
        Geometry::Polygon(rings) => (Sketch::Polygon(rings), GeometryKind::MultiPolygon),
        Geometry::MultiPolygon(parts) => (Sketch::MultiPolygon(parts), GeometryKind::MultiPolygon),
        Geometry::MultiPoint(_) | Geometry::Collection(_) | Geometry::Box(_) => return None,
    };
    sketch.check(kind).ok()
}
