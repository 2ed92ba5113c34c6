//! A condition as CQL2 JSON.

use serde_json::{Value as Json, json};
use terrier_model::{Clause, Fold, GEOMETRY, Operand, Value};
use terrier_spatial::Geometry;

/// The condition as CQL2 JSON, which reads back as the same condition. `name` gives the name of a field,
/// in which there is no `"`.
pub fn write_json<'n, F>(clause: &'n Clause<F>, name: impl Fn(&'n F) -> &'n str) -> String {
    Writer { name: &name }.clause(clause).to_string()
}

struct Writer<'w, 'n, F> {
    name: &'w dyn Fn(&'n F) -> &'n str,
}

impl<'n, F> Writer<'_, 'n, F> {
    fn clause(&self, clause: &'n Clause<F>) -> Json {
        let all = |parts: &'n [Clause<F>]| -> Json {
            parts.iter().map(|part| self.clause(part)).collect()
        };
        match clause {
            Clause::Constant(holds) => Json::Bool(*holds),
            Clause::Holds(operand) => self.operand(operand),
            Clause::Not(part) => operation("not", vec![self.clause(part)]),
            Clause::And(parts) => operation("and", all(parts)),
            Clause::Or(parts) => operation("or", all(parts)),
            Clause::Compare { left, comparison, right } => {
                operation(comparison.symbol(), self.sides([left, right]))
            }
            Clause::Between { value, least, greatest } => {
                operation("between", self.sides([value, least, greatest]))
            }
            Clause::In { value, list } => {
                operation("in", vec![self.operand(value), self.list(list)])
            }
            Clause::Like { value, pattern, fold } => {
                let pattern = folded(*fold, pattern.as_str().into());
                operation("like", vec![self.operand(value), pattern])
            }
            Clause::IsNull(value) => operation("isNull", self.sides([value])),
            Clause::Spatial { relation, left, right } => {
                operation(&relation.name().to_ascii_lowercase(), self.sides([left, right]))
            }
            Clause::Temporal { relation, left, right } => {
                operation(relation.name(), self.sides([left, right]))
            }
            Clause::Array { relation, left, right } => {
                operation(relation.name(), self.sides([left, right]))
            }
            Clause::WithinDistance { left, right, metres } => {
                let mut sides = self.sides([left, right]);
                sides.push((*metres).into());
                operation("S_DWITHIN", sides)
            }
        }
    }

    fn sides<const N: usize>(&self, sides: [&'n Operand<F>; N]) -> Vec<Json> {
        sides.into_iter().map(|side| self.operand(side)).collect()
    }

    fn list(&self, list: &'n [Operand<F>]) -> Json {
        list.iter().map(|operand| self.operand(operand)).collect()
    }

    fn operand(&self, operand: &'n Operand<F>) -> Json {
        match operand {
            Operand::Field(field) => json!({"property": (self.name)(field)}),
            Operand::Value(value) => value_json(value),
            Operand::Folded { of, fold } => folded(*fold, self.operand(of)),
            Operand::Arithmetic { left, operator, right } => {
                operation(operator.symbol(), self.sides([left, right]))
            }
            Operand::Geometry(geometry) => geometry_json(geometry),
            Operand::Figure(figure) => geometry_json(figure.geometry()),
            Operand::Shape => json!({"property": GEOMETRY}),
            Operand::Interval(ends) => {
                json!({"interval": [self.interval_end(&ends[0]), self.interval_end(&ends[1])]})
            }
            Operand::Unbounded => "..".into(),
            Operand::List(list) => self.list(list),
            Operand::Condition(clause) => self.clause(clause),
            Operand::Call { name, arguments } => operation(name, self.list(arguments)),
            Operand::Age { since, on } => operation("age", self.sides([since, on])),
            Operand::DueState(kind) => operation("due_state", vec![Json::from(kind.code())]),
        }
    }

    fn interval_end(&self, end: &'n Operand<F>) -> Json {
        match end {
            Operand::Value(Value::Date(day)) => day.to_string().into(),
            Operand::Value(Value::Instant(time)) => time.to_string().into(),
            _ => self.operand(end),
        }
    }
}

fn operation(op: &str, args: impl Into<Json>) -> Json {
    json!({"op": op, "args": args.into()})
}

fn folded(fold: Fold, text: Json) -> Json {
    let text = if fold.case { operation("casei", vec![text]) } else { text };
    if fold.accents { operation("accenti", vec![text]) } else { text }
}

fn value_json(value: &Value) -> Json {
    match value {
        Value::Text(text) => (**text).into(),
        Value::Integer(whole) => (*whole).into(),
        Value::Number(number) => (*number).into(),
        Value::Boolean(holds) => (*holds).into(),
        Value::Date(day) => json!({"date": day.to_string()}),
        Value::Instant(time) => json!({"timestamp": time.to_string()}),
        Value::List(list) => list.as_ref().iter().collect(),
    }
}

fn geometry_json(geometry: &Geometry) -> Json {
    let of = |kind: &str, coordinates: Json| json!({"type": kind, "coordinates": coordinates});
    match geometry {
        Geometry::Point(position) => of("Point", json!(position)),
        Geometry::MultiPoint(positions) => of("MultiPoint", json!(positions)),
        Geometry::LineString(line) => of("LineString", json!(line)),
        Geometry::MultiLineString(lines) => of("MultiLineString", json!(lines)),
        Geometry::Polygon(rings) => of("Polygon", json!(rings)),
        Geometry::MultiPolygon(surfaces) => of("MultiPolygon", json!(surfaces)),
        Geometry::Collection(members) => {
            let members: Json = members.iter().map(geometry_json).collect();
            json!({"type": "GeometryCollection", "geometries": members})
        }
        Geometry::Box(edges) => json!({"bbox": edges}),
    }
}
