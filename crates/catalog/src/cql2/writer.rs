//! A condition as CQL2 text.

use std::fmt::Write;

use terrier_model::{Arithmetic, Clause, Fold, GEOMETRY, Operand, Value};
use terrier_spatial::{Geometry, Position};

use super::MAX_FILTER_DEPTH;
use super::word::is_plain_name;

const OR: &str = " OR ";

/// The condition as CQL2 text, which reads back as the same condition. `name` gives the name of a
/// field, in which there is no `"`.
pub fn write_text<'n, F>(clause: &'n Clause<F>, name: impl Fn(&'n F) -> &'n str) -> String {
    let clear = written(clause, &name, false);
    if clear.deepest <= MAX_FILTER_DEPTH { clear.text } else { written(clause, &name, true).text }
}

/// How many levels of parentheses, NOT and functions stand within each other where the condition is
/// written as text.
pub(super) fn levels(clause: &Clause) -> usize {
    written(clause, &|name| name, true).deepest
}

fn written<'w, 'n, F>(
    clause: &'n Clause<F>,
    name: &'w dyn Fn(&'n F) -> &'n str,
    is_terse: bool,
) -> Writer<'w, 'n, F> {
    let mut writer = Writer { text: String::new(), name, is_terse, depth: 0, deepest: 0 };
    writer.clause(clause);
    writer
}

struct Writer<'w, 'n, F> {
    text: String,
    name: &'w dyn Fn(&'n F) -> &'n str,
    /// Whether parentheses that only readers need are left out, so that what was read at the greatest
    /// depth is written no deeper.
    is_terse: bool,
    /// How many levels it stands in others, as they are counted when it is read.
    depth: usize,
    deepest: usize,
}

impl<'n, F> Writer<'_, 'n, F> {
    fn clause(&mut self, clause: &'n Clause<F>) {
        match clause {
            Clause::Constant(holds) => self.value(&Value::Boolean(*holds)),
            Clause::Holds(operand) => self.operand(operand),
            Clause::Not(part) => self.negation(part),
            Clause::And(parts) => self.joined(parts, " AND "),
            Clause::Or(parts) => self.joined(parts, OR),
            Clause::Compare { left, comparison, right } => {
                self.side(left);
                self.text.extend([" ", comparison.symbol(), " "]);
                self.side(right);
            }
            Clause::Between { .. }
            | Clause::In { .. }
            | Clause::Like { .. }
            | Clause::IsNull(_) => self.test(clause, ""),
            Clause::Spatial { relation, left, right } => {
                self.called(&relation.name().to_ascii_uppercase(), [left, right]);
            }
            Clause::Temporal { relation, left, right } => {
                self.called(&relation.name().to_ascii_uppercase(), [left, right]);
            }
            Clause::Array { relation, left, right } => {
                self.called(&relation.name().to_ascii_uppercase(), [left, right]);
            }
            Clause::WithinDistance { left, right, metres } => {
                self.text.push_str("S_DWITHIN(");
                self.deeper(|writer| {
                    writer.operand(left);
                    writer.text.push_str(", ");
                    writer.operand(right);
                    writer.text.push_str(", ");
                    writer.value(&Value::Number(*metres));
                });
                self.text.push(')');
            }
        }
    }

    /// A test that has its NOT within.
    fn test(&mut self, clause: &'n Clause<F>, not: &str) {
        match clause {
            Clause::Between { value, least, greatest } => {
                self.side(value);
                self.text.extend([" ", not, "BETWEEN "]);
                self.side(least);
                self.text.push_str(" AND ");
                self.side(greatest);
            }
            Clause::In { value, list } => {
                self.side(value);
                self.text.extend([" ", not, "IN ("]);
                self.listed(list, Self::side);
                self.text.push(')');
            }
            Clause::Like { value, pattern, fold } => {
                self.side(value);
                self.text.extend([" ", not, "LIKE "]);
                self.folded(*fold, |writer| writer.quoted(pattern.as_str()));
            }
            Clause::IsNull(value) => {
                self.side(value);
                self.text.extend([" IS ", not, "NULL"]);
            }
            _ => self.clause(clause),
        }
    }

    fn negation(&mut self, part: &'n Clause<F>) {
        match part {
            Clause::Between { .. }
            | Clause::In { .. }
            | Clause::Like { .. }
            | Clause::IsNull(_) => self.test(part, "NOT "),
            _ => {
                self.text.push_str("NOT ");
                let is_joint = matches!(part, Clause::And(_) | Clause::Or(_));
                self.deeper(|writer| writer.within(part, is_joint));
            }
        }
    }

    fn joined(&mut self, parts: &'n [Clause<F>], joint: &str) {
        for (at, part) in parts.iter().enumerate() {
            self.text.push_str(if at == 0 { "" } else { joint });
            // AND binds closer, and would not need them within OR; who reads it may.
            let is_closer = joint == OR && matches!(part, Clause::And(_));
            let is_joint = matches!(part, Clause::And(_) | Clause::Or(_));
            self.within(part, is_joint && !(is_closer && self.is_terse));
        }
    }

    /// Writes what stands one level deeper.
    fn deeper(&mut self, write: impl FnOnce(&mut Self)) {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        write(self);
        self.depth -= 1;
    }

    fn parenthesised(&mut self, write: impl FnOnce(&mut Self)) {
        self.text.push('(');
        self.deeper(write);
        self.text.push(')');
    }

    fn within(&mut self, clause: &'n Clause<F>, parentheses: bool) {
        if parentheses {
            self.parenthesised(|writer| writer.clause(clause));
        } else {
            self.clause(clause);
        }
    }

    /// An operand where a value stands alone: most conditions need parentheses there.
    fn side(&mut self, operand: &'n Operand<F>) {
        match operand {
            Operand::Condition(clause) => self.within(clause, !is_called(clause)),
            _ => self.operand(operand),
        }
    }

    /// An operand of a computation, on its right side or its left: another computation needs
    /// parentheses unless it binds closer, or comes first anyway.
    fn part(&mut self, operand: &'n Operand<F>, of: Arithmetic, is_right: bool) {
        let needs = match operand {
            Operand::Arithmetic { operator, .. } => {
                let (outer, inner) = (closeness(of), closeness(*operator));
                inner < outer || (inner == outer && (is_right || of == Arithmetic::Power))
            }
            _ => false,
        };
        if needs {
            self.parenthesised(|writer| writer.operand(operand));
        } else {
            self.side(operand);
        }
    }

    fn listed(&mut self, list: &'n [Operand<F>], write: fn(&mut Self, &'n Operand<F>)) {
        for (at, operand) in list.iter().enumerate() {
            self.text.push_str(if at == 0 { "" } else { ", " });
            write(self, operand);
        }
    }

    fn called<const N: usize>(&mut self, name: &str, arguments: [&'n Operand<F>; N]) {
        self.text.push_str(name);
        self.parenthesised(|writer| {
            for (at, operand) in arguments.into_iter().enumerate() {
                writer.text.push_str(if at == 0 { "" } else { ", " });
                writer.operand(operand);
            }
        });
    }

    fn folded(&mut self, fold: Fold, write: impl FnOnce(&mut Self)) {
        let with_case = |writer: &mut Self| {
            if fold.case {
                writer.text.push_str("CASEI");
                writer.parenthesised(write);
            } else {
                write(writer);
            }
        };
        if fold.accents {
            self.text.push_str("ACCENTI");
            self.parenthesised(with_case);
        } else {
            with_case(self);
        }
    }

    fn operand(&mut self, operand: &'n Operand<F>) {
        match operand {
            Operand::Field(field) => self.name((self.name)(field)),
            Operand::Value(value) => self.value(value),
            Operand::Folded { of, fold } => self.folded(*fold, |writer| writer.side(of)),
            Operand::Arithmetic { left, operator, right } => {
                self.part(left, *operator, false);
                self.text.extend([" ", operator.symbol(), " "]);
                self.part(right, *operator, true);
            }
            Operand::Geometry(geometry) => write_geometry(&mut self.text, geometry),
            Operand::Figure(figure) => write_geometry(&mut self.text, figure.geometry()),
            Operand::Shape => self.text.push_str(GEOMETRY),
            Operand::Interval(ends) => {
                self.text.push_str("INTERVAL(");
                self.interval_end(&ends[0]);
                self.text.push_str(", ");
                self.interval_end(&ends[1]);
                self.text.push(')');
            }
            Operand::Unbounded => self.text.push_str("'..'"),
            Operand::List(list) => {
                self.parenthesised(|writer| writer.listed(list, Self::operand));
            }
            Operand::Condition(clause) => self.clause(clause),
            Operand::Call { name, arguments } => {
                self.text.push_str(name);
                self.parenthesised(|writer| writer.listed(arguments, Self::operand));
            }
            Operand::Age { since, on } => self.called("age", [&**since, &**on]),
            Operand::DueState(kind) => self.text.extend(["due_state('", kind.code(), "')"]),
        }
    }

    fn interval_end(&mut self, operand: &'n Operand<F>) {
        match operand {
            Operand::Value(Value::Date(date)) => self.quoted(&date.to_string()),
            Operand::Value(Value::Instant(time)) => self.quoted(&time.to_string()),
            _ => self.deeper(|writer| writer.side(operand)),
        }
    }

    fn name(&mut self, name: &str) {
        let quote = if is_plain_name(name) { "" } else { "\"" };
        self.text.extend([quote, name, quote]);
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Text(text) => self.quoted(text),
            // The spelling of Rust's debugging keeps the point or the exponent, so that it reads
            // back as the same kind of number.
            Value::Number(number) => {
                write!(self.text, "{number:?}").expect("a string takes everything");
            }
            Value::Boolean(true) => self.text.push_str("TRUE"),
            Value::Boolean(false) => self.text.push_str("FALSE"),
            Value::Integer(number) => self.text.push_str(&number.to_string()),
            Value::Date(date) => self.text.extend(["DATE('", &date.to_string(), "')"]),
            Value::Instant(time) => self.text.extend(["TIMESTAMP('", &time.to_string(), "')"]),
            Value::List(list) => {
                for (place, text) in list.as_ref().iter().enumerate() {
                    self.text.push_str(if place == 0 { "(" } else { "," });
                    self.quoted(text);
                }
                self.text.push(')');
            }
        }
    }

    fn quoted(&mut self, text: &str) {
        self.text.push('\'');
        let mut escapes = 0;
        for c in text.chars() {
            if c == '\'' {
                self.text.extend(std::iter::repeat_n('\\', escapes));
                self.text.push('\'');
            }
            escapes = if c == '\\' { escapes + 1 } else { 0 };
            self.text.push(c);
        }
        self.text.extend(std::iter::repeat_n('\\', escapes));
        self.text.push('\'');
    }
}

/// Whether it is written as a function, which is a value as it stands.
fn is_called<F>(clause: &Clause<F>) -> bool {
    matches!(
        clause,
        Clause::Spatial { .. }
            | Clause::WithinDistance { .. }
            | Clause::Temporal { .. }
            | Clause::Array { .. }
    )
}

/// Writes well-known text, or a box.
fn write_geometry(text: &mut String, geometry: &Geometry) {
    match geometry {
        Geometry::Point(position) => {
            text.push_str("POINT");
            write_line(text, std::slice::from_ref(position));
        }
        Geometry::MultiPoint(points) => {
            text.push_str("MULTIPOINT");
            write_list(text, points, |text, point| write_line(text, std::slice::from_ref(point)));
        }
        Geometry::LineString(line) => {
            text.push_str("LINESTRING");
            write_line(text, line);
        }
        Geometry::MultiLineString(lines) => {
            text.push_str("MULTILINESTRING");
            write_lines(text, lines);
        }
        Geometry::Polygon(rings) => {
            text.push_str("POLYGON");
            write_lines(text, rings);
        }
        Geometry::MultiPolygon(polygons) => {
            text.push_str("MULTIPOLYGON");
            write_list(text, polygons, |text, rings| write_lines(text, rings));
        }
        Geometry::Collection(members) => {
            text.push_str("GEOMETRYCOLLECTION");
            write_list(text, members, write_geometry);
        }
        Geometry::Box(edges) => {
            text.push_str("BBOX");
            write_list(text, edges, |text, edge| write_number(text, *edge));
        }
    }
}

fn write_lines(text: &mut String, lines: &[Vec<Position>]) {
    write_list(text, lines, |text, line| write_line(text, line));
}

fn write_line(text: &mut String, line: &[Position]) {
    write_list(text, line, |text, [x, y]| {
        write_number(text, *x);
        text.push(' ');
        write_number(text, *y);
    });
}

fn write_list<T>(text: &mut String, list: &[T], write: impl Fn(&mut String, &T)) {
    text.push('(');
    for (at, one) in list.iter().enumerate() {
        text.push_str(if at == 0 { "" } else { ", " });
        write(text, one);
    }
    text.push(')');
}

/// Writes a number without an exponent, unless that is shorter.
fn write_number(text: &mut String, number: f64) {
    let (plain, scientific) = (number.to_string(), format!("{number:e}"));
    text.push_str(if plain.len() <= scientific.len() { &plain } else { &scientific });
}

/// How close a computation binds: what binds closer is computed first.
fn closeness(operator: Arithmetic) -> u8 {
    match operator {
        Arithmetic::Add | Arithmetic::Subtract => 1,
        Arithmetic::Multiply
        | Arithmetic::Divide
        | Arithmetic::Remainder
        | Arithmetic::WholeDivide => 2,
        Arithmetic::Power => 3,
    }
}
