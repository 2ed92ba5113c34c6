//! The tables of the format's schema, as FlatBuffers: header, column, system and feature.

use flatbuffers::{FlatBufferBuilder, ForwardsUOffset, TableFinishedWIPOffset, Vector, WIPOffset};
use terrier_model::{Field, Kind, ValueRef};
use terrier_spatial::{Bounds, Crs, GeometryKind, Position, Shape};

use super::place;
use super::tree::NODE_SIZE;
use crate::layer::{Layer, LayerFeature, heading, in_both, list_text};

const UNKNOWN: u8 = 0;
const POLYGON: u8 = 3;

/// The format's number of a kind of geometry.
fn geometry_type(kind: GeometryKind) -> u8 {
    match kind {
        GeometryKind::Point => 1,
        GeometryKind::Line => 2,
        GeometryKind::MultiLine => 5,
        GeometryKind::MultiPolygon => 6,
    }
}

/// The format's number of the type that holds the values of a field. Of days and times it knows
/// only the latter, and lists are JSON.
fn column_type(field: &Field) -> u8 {
    match field.kind {
        Kind::Boolean => 2,
        Kind::Integer => 7,
        Kind::Number => 10,
        Kind::Text | Kind::Code(_) => TEXT_COLUMN,
        Kind::Date | Kind::Instant => 13,
        Kind::List(_) => 12,
    }
}

const TEXT_COLUMN: u8 = 11;

type Table = WIPOffset<TableFinishedWIPOffset>;

/// The header, behind its own size.
pub(super) fn header(
    layer: &Layer,
    count: u64,
    is_indexed: bool,
    bounds: Option<Bounds>,
) -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    let mut columns = vec![column(&mut builder, "id", TEXT_COLUMN, None)];
    for field in &layer.fields {
        columns.push(column(&mut builder, &field.name, column_type(field), Some(field)));
    }
    let columns = tables(&mut builder, &columns);
    let crs = system(&mut builder, layer.crs.as_ref());
    let envelope = bounds.map(|Bounds { west, south, east, north }| {
        builder.create_vector(&[west, south, east, north])
    });
    let name = builder.create_string(&layer.name);
    let title = builder.create_string(&in_both(&layer.title));
    let description = builder.create_string(&in_both(&layer.description));
    let start = builder.start_table();
    builder.push_slot_always(place::HEADER_NAME, name);
    if let Some(envelope) = envelope {
        builder.push_slot_always(place::HEADER_ENVELOPE, envelope);
    }
    let kind = layer.geometry.map_or(UNKNOWN, geometry_type);
    builder.push_slot_always(place::HEADER_GEOMETRY_TYPE, kind);
    builder.push_slot_always(place::HEADER_COLUMNS, columns);
    builder.push_slot_always(place::HEADER_FEATURES_COUNT, count);
    let node_size = if is_indexed { NODE_SIZE } else { 0 };
    builder.push_slot_always(place::HEADER_INDEX_NODE_SIZE, node_size);
    builder.push_slot_always(place::HEADER_CRS, crs);
    builder.push_slot_always(place::HEADER_TITLE, title);
    builder.push_slot_always(place::HEADER_DESCRIPTION, description);
    let table = builder.end_table(start);
    builder.finish_size_prefixed(table, None);
    builder.finished_data().to_vec()
}

fn column(
    builder: &mut FlatBufferBuilder<'_>,
    name: &str,
    kind: u8,
    field: Option<&Field>,
) -> Table {
    let name = builder.create_string(name);
    let title = field.map(|field| builder.create_string(&heading(field)));
    let description = field.and_then(|field| field.description.as_ref());
    let description = description.map(|text| builder.create_string(&in_both(text)));
    let start = builder.start_table();
    builder.push_slot_always(place::COLUMN_NAME, name);
    builder.push_slot_always(place::COLUMN_TYPE, kind);
    if let Some(title) = title {
        builder.push_slot_always(place::COLUMN_TITLE, title);
    }
    if let Some(description) = description {
        builder.push_slot_always(place::COLUMN_DESCRIPTION, description);
    }
    builder.end_table(start)
}

/// A system, by the number that EPSG gave it. The format has the easting first whatever EPSG has.
fn system(builder: &mut FlatBufferBuilder<'_>, crs: Option<&Crs>) -> Table {
    let number = crs.and_then(|crs| Some((crs.epsg()?, crs.name())));
    let (code, name) = number.unwrap_or((4326, "WGS 84"));
    let organisation = builder.create_string("EPSG");
    let name = builder.create_string(name);
    let start = builder.start_table();
    builder.push_slot_always(place::CRS_ORGANISATION, organisation);
    builder.push_slot_always(place::CRS_CODE, code);
    builder.push_slot_always(place::CRS_NAME, name);
    builder.end_table(start)
}

/// A list of tables.
fn tables<'a>(
    builder: &mut FlatBufferBuilder<'a>,
    tables: &[Table],
) -> WIPOffset<Vector<'a, ForwardsUOffset<TableFinishedWIPOffset>>> {
    builder.create_vector(tables)
}

/// Makes the tables of features, one after the other in the same memory.
pub(super) struct FeatureTable {
    builder: FlatBufferBuilder<'static>,
    /// Whether each feature tells its kind of geometry, because the header does not.
    is_mixed: bool,
    properties: Vec<u8>,
    numbers: Vec<f64>,
}

impl FeatureTable {
    pub(super) fn of(layer: &Layer) -> Self {
        Self {
            builder: FlatBufferBuilder::new(),
            is_mixed: layer.geometry.is_none(),
            properties: Vec::new(),
            numbers: Vec::new(),
        }
    }

    /// The feature as a table, behind its own size.
    pub(super) fn encode(&mut self, feature: &LayerFeature<'_>) -> &[u8] {
        self.builder.reset();
        self.properties.clear();
        self.property(0, Some(ValueRef::Text(feature.id)));
        for (column, value) in (1..).zip(feature.values) {
            self.property(column, *value);
        }
        let geometry = feature.shape.map(|shape| self.shape(shape));
        let properties = self.builder.create_vector(&self.properties);
        let start = self.builder.start_table();
        if let Some(geometry) = geometry {
            self.builder.push_slot_always(place::FEATURE_GEOMETRY, geometry);
        }
        self.builder.push_slot_always(place::FEATURE_PROPERTIES, properties);
        let table = self.builder.end_table(start);
        self.builder.finish_size_prefixed(table, None);
        self.builder.finished_data()
    }

    /// Adds a value behind the number of its column; nothing when there is none.
    fn property(&mut self, column: u16, value: Option<ValueRef<'_>>) {
        let Some(value) = value else { return };
        let out = &mut self.properties;
        out.extend(column.to_le_bytes());
        let mut text = |text: &str| {
            out.extend((text.len() as u32).to_le_bytes());
            out.extend(text.as_bytes());
        };
        match value {
            ValueRef::Text(value) => text(value),
            ValueRef::List(list) => text(&list_text(list)),
            ValueRef::Date(date) => text(&date.to_string()),
            ValueRef::Instant(time) => text(&time.to_string()),
            ValueRef::Integer(number) => out.extend(number.to_le_bytes()),
            // Adding zero takes the sign off a zero.
            ValueRef::Number(number) => out.extend((number + 0.0).to_le_bytes()),
            ValueRef::Boolean(truth) => out.push(u8::from(truth)),
        }
    }

    fn shape(&mut self, shape: &Shape) -> Table {
        let kind = if self.is_mixed { geometry_type(shape.kind()) } else { UNKNOWN };
        match shape {
            Shape::Point(position) => self.geometry(kind, &[&[*position]], false),
            Shape::Line(line) => self.geometry(kind, &[line], false),
            // GDAL misses the end of an only line.
            Shape::MultiLine(lines) => self.geometry(kind, lines, true),
            Shape::MultiPolygon(polygons) => {
                let parts =
                    polygons.iter().map(|rings| self.geometry(POLYGON, rings, rings.len() > 1));
                let parts: Vec<Table> = parts.collect();
                let parts = tables(&mut self.builder, &parts);
                let start = self.builder.start_table();
                self.builder.push_slot(place::GEOMETRY_TYPE, kind, UNKNOWN);
                self.builder.push_slot_always(place::GEOMETRY_PARTS, parts);
                self.builder.end_table(start)
            }
        }
    }

    /// A geometry of runs of positions. It may tell where each ends, which it must when there is
    /// more than one.
    fn geometry<Run: AsRef<[Position]>>(
        &mut self,
        kind: u8,
        runs: &[Run],
        has_ends: bool,
    ) -> Table {
        self.numbers.clear();
        let mut ends = Vec::new();
        for run in runs {
            self.numbers.extend(run.as_ref().iter().flatten());
            ends.push(self.numbers.len() as u32 / 2);
        }
        let numbers = self.builder.create_vector(&self.numbers);
        let ends = has_ends.then(|| self.builder.create_vector(&ends));
        let start = self.builder.start_table();
        if let Some(ends) = ends {
            self.builder.push_slot_always(place::GEOMETRY_ENDS, ends);
        }
        self.builder.push_slot_always(place::GEOMETRY_XY, numbers);
        self.builder.push_slot(place::GEOMETRY_TYPE, kind, UNKNOWN);
        self.builder.end_table(start)
    }
}
