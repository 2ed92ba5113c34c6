//! The lines of a survey: what is told of one from either of its ends is one line.

use std::collections::HashMap;

use terrier_model::{Fault, RawValue};

use super::Held;
use super::alias::Told;
use super::layout::{Places, What};
use super::size::{self, Size};
use crate::mapping::text_of;
use crate::record::json;

/// What both ends must tell alike.
const ALIKE: [Told; 3] = [Told::Size, Told::Material, Told::Laying];

/// The signs of a flow from the point that the row begins at, and towards it.
const ALONG: &str = "+";
const AGAINST: &str = "-";

/// A connection that a row tells of.
pub(super) struct Connection {
    pub(super) row: usize,
    from: Box<str>,
    to: Box<str>,
    /// The row that tells of it from the other end.
    pub(super) other: Option<usize>,
    /// Its key: the names of its ends, as they were surveyed first.
    pub(super) id: Box<str>,
    pub(super) fault: Option<Fault>,
    /// Whether it is the same as another, which has its row.
    pub(super) is_merged: bool,
    /// Where its size stands.
    size: Option<usize>,
    /// How it flows, as the row says it; empty where nothing does.
    flow: String,
}

impl Connection {
    pub(super) fn new(row: usize, from: Box<str>, to: Box<str>, fault: Option<Fault>) -> Self {
        let id = format!("{from}->{to}").into();
        Self {
            row,
            from,
            to,
            other: None,
            id,
            fault,
            is_merged: false,
            size: None,
            flow: String::new(),
        }
    }

    /// Whether it flows against the direction in which it was surveyed.
    fn is_against(&self) -> bool {
        self.flow == AGAINST
    }

    /// The names of its ends, the one from which it flows first where that is known.
    pub(super) fn ends(&self) -> [&str; 2] {
        if self.is_against() { [&self.to, &self.from] } else { [&self.from, &self.to] }
    }
}

/// Joins connections that are told of from both ends. One that is told of again keeps the key, so that
/// it is refused as what comes twice; one of which the other end tells something else is a fault.
pub(super) fn join(connections: &mut [Connection], rows: &[Held], places: &Places) {
    let mut first_of: HashMap<[Box<str>; 2], usize> = HashMap::new();
    for place in 0..connections.len() {
        let connection = &mut connections[place];
        connection.size = places.get(&Told::Size).copied();
        let flow = places.get(&Told::Flow).map(|at| text(&rows[connection.row].values[*at]));
        connection.flow = flow.unwrap_or_default();
        let mut ends = [connection.from.clone(), connection.to.clone()];
        ends.sort_unstable();
        let first = *first_of.entry(ends).or_insert(place);
        if first == place {
            continue;
        }
        let row = connection.row;
        let is_turned = connections[place].from != connections[first].from;
        let is_free = connections[first].other.is_none() && connections[place].fault.is_none();
        connections[place].id = connections[first].id.clone();
        if !is_turned || !is_free {
            continue;
        }
        match difference(&rows[connections[first].row], &rows[row], places) {
            None => {
                connections[first].other = Some(row);
                if connections[first].flow.is_empty() {
                    connections[first].flow = turned(&connections[place].flow).into();
                }
                connections[place].is_merged = true;
            }
            fault => connections[place].fault = fault,
        }
    }
}

/// A flow as it is seen from the other end; what is no known sign says nothing there.
fn turned(flow: &str) -> &'static str {
    match flow {
        ALONG => AGAINST,
        AGAINST => ALONG,
        _ => "",
    }
}

/// What the second row tells otherwise than the first.
fn difference(first: &Held, second: &Held, places: &Places) -> Option<Fault> {
    ALIKE.iter().find_map(|told| {
        let place = *places.get(told)?;
        let (known, found) = (text(&first.values[place]), text(&second.values[place]));
        let is_other = !known.is_empty() && !found.is_empty() && known != found;
        let expected = || format!("{known} as in row {}, from the other end", first.number);
        is_other.then(|| Fault::in_field(&format!("@{}", told.alias().name), &found, expected()))
    })
}

/// What a line has in a column.
pub(super) fn value(
    what: What,
    connection: &Connection,
    own: &Held,
    other: Option<&Held>,
) -> RawValue {
    let of = |place: usize| match &own.values[place] {
        RawValue::Null => other.map_or(RawValue::Null, |other| other.values[place].clone()),
        value => value.clone(),
    };
    let [from, to] = connection.ends();
    match what {
        What::Part => RawValue::Text("line".into()),
        What::From => RawValue::Text(from.into()),
        What::To => RawValue::Text(to.into()),
        What::Value { line: Some(place), .. } => of(place),
        What::Diameter | What::Width | What::Height => {
            connection.size.map_or(RawValue::Null, |place| in_millimetres(what, &of(place)))
        }
        What::Flow if connection.flow.is_empty() => RawValue::Null,
        What::Flow => RawValue::Text(connection.flow.clone()),
        What::End { of_row, of_end, is_start } => {
            // Columns for start and end go with the direction in which the row goes.
            let is_own = is_start != connection.is_against();
            let said = of_row[usize::from(!is_own)].map(|place| own.values[place].clone());
            let said = said.filter(|value| *value != RawValue::Null);
            let row = if is_own { Some(own) } else { other };
            let at_end = || Some(row?.values[of_end?].clone());
            said.or_else(at_end).unwrap_or(RawValue::Null)
        }
        What::Code | What::Extreme { .. } | What::Value { line: None, .. } => RawValue::Null,
    }
}

/// A part of a size; what is no size stays a text, a fault of whoever takes it for a diameter.
fn in_millimetres(what: What, size: &RawValue) -> RawValue {
    let written = text(size);
    match (what, size::read(&written)) {
        (What::Diameter, Some(Size::Diameter(number)))
        | (What::Width, Some(Size::Box(number, _)))
        | (What::Height, Some(Size::Box(_, number))) => RawValue::Number(number),
        (What::Diameter, None) if !written.is_empty() => RawValue::Text(written),
        _ => RawValue::Null,
    }
}

fn text(value: &RawValue) -> String {
    text_of(&json(value)).unwrap_or_default().into_owned()
}
