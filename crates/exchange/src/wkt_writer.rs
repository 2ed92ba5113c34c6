//! Shapes as well-known text (OGC Simple Features), longitude before latitude.

use std::fmt::Write;

use terrier_spatial::{Position, Shape};

/// Appends the shape. Each number is the shortest that reads back as it was.
pub(crate) fn write_wkt(out: &mut String, shape: &Shape) {
    match shape {
        Shape::Point(position) => {
            out.push_str("POINT (");
            write_position(out, *position);
            out.push(')');
        }
        Shape::Line(line) => {
            out.push_str("LINESTRING ");
            write_line(out, line);
        }
        Shape::MultiLine(lines) => {
            out.push_str("MULTILINESTRING ");
            write_list(out, lines, |out, line| write_line(out, line));
        }
        Shape::MultiPolygon(polygons) => {
            out.push_str("MULTIPOLYGON ");
            write_list(out, polygons, |out, rings| {
                write_list(out, rings, |out, ring| write_line(out, ring));
            });
        }
    }
}

fn write_list<T>(out: &mut String, items: &[T], mut one: impl FnMut(&mut String, &T)) {
    out.push('(');
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push_str(", ");
        }
        one(out, item);
    }
    out.push(')');
}

fn write_line(out: &mut String, line: &[Position]) {
    write_list(out, line, |out, position| write_position(out, *position));
}

fn write_position(out: &mut String, [lon, lat]: Position) {
    // Adding zero takes the sign off a zero.
    write!(out, "{} {}", lon + 0.0, lat + 0.0).expect("memory takes every write");
}

#[cfg(test)]
mod tests {
    use terrier_spatial::{GeometryKind, Sketch};

    use super::*;

    fn check(sketch: &Sketch, kind: GeometryKind, expected: &str) {
        let mut text = String::new();
        write_wkt(&mut text, &sketch.clone().check(kind).expect("a valid shape"));
        assert_eq!(text, expected);
    }

    #[test]
    fn each_kind_of_shape_is_written_as_the_standard_has_it() {
        let line = vec![[117.2, 39.0], [117.25, 39.125]];
        let ring = vec![[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [0.0, 0.0]];
        let hole = vec![[5.0, 1.0], [6.0, 2.0], [6.0, 1.0], [5.0, 1.0]];
        check(&Sketch::Point([-0.0, 1e-7]), GeometryKind::Point, "POINT (0 0.0000001)");
        check(
            &Sketch::Line(line.clone()),
            GeometryKind::Line,
            "LINESTRING (117.2 39, 117.25 39.125)",
        );
        check(
            &Sketch::MultiLine(vec![line.clone(), line]),
            GeometryKind::MultiLine,
            "MULTILINESTRING ((117.2 39, 117.25 39.125), (117.2 39, 117.25 39.125))",
        );
        check(
            &Sketch::MultiPolygon(vec![vec![ring.clone(), hole], vec![ring]]),
            GeometryKind::MultiPolygon,
            "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0), (5 1, 6 2, 6 1, 5 1)), ((0 0, 9 0, 9 9, 0 0)))",
        );
    }
}
