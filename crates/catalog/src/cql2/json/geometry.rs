//! Geometries in CQL2 JSON, which are written as GeoJSON, and boxes.

use terrier_model::Value;
use terrier_spatial::{Geometry, Position};

use super::super::Cql2Error;
use super::super::geometry::{BOX, edges};
use super::super::limit::Budget;
use super::path::Path;
use super::tree::{Json, Members};

type Read<T> = Result<T, Cql2Error>;

/// What kinds of geometry there are, in words.
const KINDS: &str = "`Point`, `MultiPoint`, `LineString`, `MultiLineString`, `Polygon`, \
                     `MultiPolygon` or `GeometryCollection`";

/// Reads an object that has a `type`.
pub(super) fn read(members: Members<'_>, budget: &mut Budget, path: &Path<'_>) -> Read<Geometry> {
    let kind = members.expect("type", path)?;
    let kind_path = path.member("type");
    let Json::Text(name) = kind else { return Err(kind_path.unexpected(kind, KINDS)) };
    // It says what the positions say too.
    if let Some(bbox) = members.get("bbox") {
        read_box(bbox, budget, &path.member("bbox"))?;
    }
    if &**name == "GeometryCollection" {
        return collection(members, budget, path);
    }
    let at = path.member("coordinates");
    let coordinates = || {
        members.check_names(&["type", "coordinates", "bbox"], path)?;
        members.expect("coordinates", path)
    };
    Ok(match &**name {
        "Point" => Geometry::Point(position(coordinates()?, budget, &at)?),
        "MultiPoint" => Geometry::MultiPoint(line(coordinates()?, budget, &at)?),
        "LineString" => Geometry::LineString(line(coordinates()?, budget, &at)?),
        "MultiLineString" => Geometry::MultiLineString(lines(coordinates()?, budget, &at)?),
        "Polygon" => Geometry::Polygon(lines(coordinates()?, budget, &at)?),
        "MultiPolygon" => Geometry::MultiPolygon(list(coordinates()?, budget, &at, lines)?),
        _ => return Err(kind_path.unexpected(kind, KINDS)),
    })
}

fn collection(members: Members<'_>, budget: &mut Budget, path: &Path<'_>) -> Read<Geometry> {
    members.check_names(&["type", "geometries", "bbox"], path)?;
    let geometries = members.expect("geometries", path)?;
    let at = path.member("geometries");
    list(geometries, budget, &at, member).map(Geometry::Collection)
}

fn member(json: &Json, budget: &mut Budget, path: &Path<'_>) -> Read<Geometry> {
    budget.node(0).map_err(|error| path.place(error))?;
    let Json::Object(members) = json else {
        return Err(path.unexpected(json, "a GeoJSON geometry"));
    };
    match read(Members(members), budget, path)? {
        Geometry::Collection(_) => {
            Err(path
                .fault("a collection", "a geometry that is none, for collections hold no others"))
        }
        geometry => Ok(geometry),
    }
}

/// West, south, east and north; of six numbers the third and the last are heights.
pub(super) fn read_box(json: &Json, budget: &mut Budget, path: &Path<'_>) -> Read<[f64; 4]> {
    let numbers = list(json, budget, path, |json, budget, path| {
        budget.vertex(0).map_err(|error| path.place(error))?;
        number(json, path)
    })?;
    edges(&numbers).ok_or_else(|| path.fault(format!("{} numbers", numbers.len()), BOX))
}

fn line(json: &Json, budget: &mut Budget, path: &Path<'_>) -> Read<Vec<Position>> {
    list(json, budget, path, position)
}

fn lines(json: &Json, budget: &mut Budget, path: &Path<'_>) -> Read<Vec<Vec<Position>>> {
    list(json, budget, path, line)
}

/// Two numbers, and a height, which is passed over.
fn position(json: &Json, budget: &mut Budget, path: &Path<'_>) -> Read<Position> {
    budget.vertex(0).map_err(|error| path.place(error))?;
    let Json::List(numbers) = json else {
        return Err(path.unexpected(json, "a position such as [117.2, 39.1]"));
    };
    let at = |place: usize| number(&numbers[place], &path.nth(place));
    match numbers.len() {
        2 => Ok([at(0)?, at(1)?]),
        3 => at(2).and(Ok([at(0)?, at(1)?])),
        count => Err(path.fault(format!("{count} numbers"), "a position of 2 or 3 numbers")),
    }
}

/// One thing after another; text has no list without any.
fn list<T>(
    json: &Json,
    budget: &mut Budget,
    path: &Path<'_>,
    read: impl Fn(&Json, &mut Budget, &Path<'_>) -> Read<T>,
) -> Read<Vec<T>> {
    match json {
        Json::List(parts) if !parts.is_empty() => {
            let parts = parts.iter().enumerate();
            parts.map(|(place, part)| read(part, budget, &path.nth(place))).collect()
        }
        Json::List(_) => Err(path.fault("an empty list", "a list of one at least")),
        _ => Err(path.unexpected(json, "a list")),
    }
}

fn number(json: &Json, path: &Path<'_>) -> Read<f64> {
    match json {
        Json::Number(Value::Integer(whole)) => Ok(*whole as f64),
        Json::Number(Value::Number(number)) => Ok(*number),
        _ => Err(path.unexpected(json, "a number")),
    }
}
