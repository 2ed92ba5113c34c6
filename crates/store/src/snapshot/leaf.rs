//! A few thousand neighbouring assets of one class, ready to be asked and served. A leaf never
//! changes; a change makes another leaf.

use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use terrier_catalog::{Collection, DueField};
use terrier_model::{
    Asset, AssetId, AssetView, Breadth, Class, CoreField, Event, Known, ValueRef, core_position,
};
use terrier_spatial::{
    Bounds, BoxTree, ByDistance, GeometryKind, HilbertKey, Meeting, PackedShapes, Position, Shape,
    Window, key_of,
};

use super::column::{Column, ColumnBuilder};
use super::due::{KeptDue, LeafDue};
use super::event::{Events, EventsBuilder};
use super::filter::Rows;
use super::sheet::runs;
use super::texts::{Texts, TextsBuilder};

/// How many rows a leaf is made with.
// A change copies its leaf, at about a kilobyte a row, and a window reads whole leaves' trees.
pub(super) const LEAF_ROWS: usize = 1024;

/// Assets of one class in the order of keys and ids.
#[derive(Debug)]
pub(super) struct Leaf {
    keys: Box<[HilbertKey]>,
    ids: Box<[AssetId]>,
    versions: Box<[u32]>,
    tree: BoxTree,
    bounds: Bounds,
    /// Since when the first of the assets is valid.
    valid_from: Timestamp,
    shapes: PackedShapes,
    /// By the place of the field in [`Class::fields`]; that of a retired field is empty.
    columns: Box<[Column]>,
    events: Events,
    texts: Texts,
    due: KeptDue,
}

impl Leaf {
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn id(&self, row: usize) -> AssetId {
        self.ids[row]
    }

    pub(super) fn key(&self, row: usize) -> HilbertKey {
        self.keys[row]
    }

    pub(super) fn version(&self, row: usize) -> u32 {
        self.versions[row]
    }

    pub(super) fn bounds(&self) -> Bounds {
        self.bounds
    }

    pub(super) fn valid_from(&self) -> Timestamp {
        self.valid_from
    }

    pub(super) fn shape(&self, row: usize) -> Shape {
        self.shapes.get(row)
    }

    pub(super) fn value(&self, row: usize, position: usize) -> Option<ValueRef<'_>> {
        self.columns[position].value(row)
    }

    /// By the place of the field in [`Class::fields`].
    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The boxes of the rows.
    pub(super) fn tree(&self) -> &BoxTree {
        &self.tree
    }

    /// The asset of a row, as a condition asks about it.
    pub(super) fn view<'l>(&'l self, row: usize, due: Option<&'l LeafDue>) -> impl Known<'l> {
        AssetView {
            value: move |position| self.value(row, position),
            shape: move || Some(self.shape(row)),
            due_state: move |kind| due?.state(row, kind),
        }
    }

    /// The column of a field by its place in [`Collection::fields`]; `None` for a field of work that falls
    /// due.
    pub(super) fn column(&self, position: usize, collection: &Collection) -> Option<&Column> {
        let is_of_work =
            matches!(collection, Collection::Due(..)) && DueField::at(position).is_some();
        if is_of_work { None } else { self.columns.get(position) }
    }

    /// What happened to the asset of a row, in the order of the days. Costs a copy of the texts of
    /// events that have any.
    pub(super) fn events(&self, row: usize) -> impl ExactSizeIterator<Item = Event> {
        self.events.of(row)
    }

    /// A number that differs when the events of a row do; `None` when it has none.
    pub(super) fn events_state(&self, row: usize) -> Option<u64> {
        (self.events.count(row) > 0).then(|| self.events.state(row))
    }

    /// The first row that lies behind the key and id.
    pub(super) fn first_after(&self, key: HilbertKey, id: AssetId) -> usize {
        let first = self.keys.partition_point(|other| *other < key);
        let same = self.keys[first..].partition_point(|other| *other == key);
        first + self.ids[first..first + same].partition_point(|other| *other <= id)
    }

    /// The row of an asset, whose key is known.
    pub(super) fn row_of(&self, key: HilbertKey, id: AssetId) -> Option<usize> {
        let before = self.first_after(key, id).checked_sub(1)?;
        (self.ids[before] == id).then_some(before)
    }

    /// What falls due on the assets, as far as it is kept.
    pub(super) fn kept_due(&self) -> &KeptDue {
        &self.due
    }

    /// About how many rows are looked at to find those that a window meets.
    pub(super) fn about_rows_in(&self, window: &Window) -> u64 {
        let rows = self.len() as f64;
        // A look at the tree counts, too.
        (rows * window.share_of(&self.bounds) + 32.0).min(rows) as u64
    }

    /// The rows from the nearest to a position on, each with a bound in metres that its distance does not
    /// fall short of.
    pub(super) fn by_distance(&self, position: Position) -> ByDistance<'_> {
        self.tree.by_distance(position)
    }

    /// Reports the rows that meet a window, in order, as runs.
    pub(super) fn in_window(&self, window: Option<&Window>, mut visit: impl FnMut(Range<usize>)) {
        let Some(window) = window.filter(|window| !window.contains(&self.bounds)) else {
            return visit(0..self.len());
        };
        self.tree.search(window, |run, meeting| {
            if self.is_certain(&run, meeting) {
                return visit(run);
            }
            runs(run, |row| self.shapes.touches(row, window), &mut visit);
        });
    }

    /// The rows whose boxes meet a window, and those of them whose shapes may not.
    pub(super) fn rows_near(&self, window: &Window) -> [Rows; 2] {
        let (mut near, mut unsure) = (Rows::none(), Rows::none());
        self.tree.search(window, |run, meeting| {
            if !self.is_certain(&run, meeting) {
                unsure.insert(run.clone());
            }
            near.insert(run);
        });
        [near, unsure]
    }

    /// Some rows, but for those that are among the unsure ones and miss the window.
    pub(super) fn without_missed(&self, mut rows: Rows, unsure: Rows, window: &Window) -> Rows {
        let mut missed = unsure;
        missed.keep(&rows);
        missed.retain(|row| !self.shapes.touches(row, window));
        rows.remove(&missed);
        rows
    }

    /// Whether the shapes of rows that a search has found are known to meet the window.
    fn is_certain(&self, rows: &Range<usize>, meeting: Meeting) -> bool {
        match meeting {
            Meeting::Inside => true,
            Meeting::Across => self.shapes.is_one_piece(rows.start),
            Meeting::Perhaps => false,
        }
    }

    /// Writes the features of the rows as the collection serves them, each with a comma behind it.
    pub(super) fn write(
        &self,
        rows: Range<usize>,
        collection: &Collection,
        breadth: Breadth,
        out: &mut Vec<u8>,
    ) {
        self.texts.write(rows, collection, breadth, out);
    }

    /// About how many bytes [`Leaf::write`] writes for a row.
    pub(super) fn bytes_a_row(&self, collection: &Collection, breadth: Breadth) -> usize {
        self.texts.written_bytes(0..self.len(), collection, breadth).div_ceil(self.len())
    }

    /// Writes the feature of work on the asset of a row, with a comma behind it.
    pub(super) fn write_due(
        &self,
        row: usize,
        kind: &str,
        properties: &[u8],
        breadth: Breadth,
        out: &mut Vec<u8>,
    ) {
        self.texts.write_due(row, kind, properties, breadth, out);
    }

    /// Bytes of feature text that are held.
    pub(super) fn text_bytes(&self) -> usize {
        self.texts.text_bytes()
    }

    /// Bytes held in memory, the text included.
    pub(super) fn heap_bytes(&self) -> usize {
        let row = size_of::<HilbertKey>() + size_of::<AssetId>() + size_of::<u32>();
        self.texts.heap_bytes()
            + self.len() * row
            + self.tree.heap_bytes()
            + self.shapes.heap_bytes()
            + self.events.heap_bytes()
            + self.due.heap_bytes()
            + self.columns.iter().map(|c| size_of::<Column>() + c.heap_bytes()).sum::<usize>()
    }
}

fn instant(column: &Column, row: usize) -> Option<Timestamp> {
    match column.value(row) {
        Some(ValueRef::Instant(time)) => Some(time),
        _ => None,
    }
}

/// Where an asset of that shape lies on the curve: by the middle of its box.
pub(crate) fn key_of_shape(shape: &Shape) -> HilbertKey {
    key_of(shape.bounds().centre())
}

/// Gathers the rows of a leaf in the order of keys and ids.
pub(super) struct LeafBuilder {
    kind: GeometryKind,
    keys: Vec<HilbertKey>,
    ids: Vec<AssetId>,
    versions: Vec<u32>,
    boxes: Vec<Bounds>,
    shapes: PackedShapes,
    columns: Vec<ColumnBuilder>,
    events: EventsBuilder,
    texts: TextsBuilder,
}

/// What a list holds, in just as much memory; the list is empty then and keeps its own.
pub(super) fn emptied<T: Copy>(list: &mut Vec<T>) -> Box<[T]> {
    let content = list.as_slice().into();
    list.clear();
    content
}

impl LeafBuilder {
    pub(super) fn new(class: &Arc<Class>) -> Self {
        Self::of_kind(class, class.geometry())
    }

    /// One of assets whose geometries are of another kind than others of their class.
    pub(super) fn of_kind(class: &Arc<Class>, kind: GeometryKind) -> Self {
        Self {
            kind,
            keys: Vec::new(),
            ids: Vec::new(),
            versions: Vec::new(),
            boxes: Vec::new(),
            shapes: PackedShapes::new(kind),
            columns: class.fields().iter().map(|field| ColumnBuilder::new(&field.kind)).collect(),
            events: EventsBuilder::default(),
            texts: TextsBuilder::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Adds an asset, which must lie behind all that are there.
    pub(super) fn push(&mut self, key: HilbertKey, asset: &Asset) {
        self.texts.push(asset);
        for (position, column) in self.columns.iter_mut().enumerate() {
            let is_retired = asset.class.fields()[position].retired;
            column.push(if is_retired { None } else { asset.value(position) });
        }
        self.events.push(asset.events.iter().cloned());
        self.shapes.push(&asset.content.shape);
        self.boxes.push(asset.content.shape.bounds());
        self.push_identity(key, asset.id, asset.version);
    }

    /// Adds a row of another leaf whose class is laid out alike. The row must lie behind all that are
    /// there.
    pub(super) fn push_row(&mut self, leaf: &Leaf, row: usize) {
        self.texts.push_row(&leaf.texts, row);
        for (mine, theirs) in self.columns.iter_mut().zip(&leaf.columns) {
            mine.push(theirs.value(row));
        }
        self.events.push(leaf.events(row));
        self.shapes.push_from(&leaf.shapes, row);
        self.boxes.push(leaf.shapes.bounds(row));
        self.push_identity(leaf.keys[row], leaf.ids[row], leaf.versions[row]);
    }

    fn push_identity(&mut self, key: HilbertKey, id: AssetId, version: u32) {
        let last = self.keys.last().zip(self.ids.last());
        debug_assert!(last.is_none_or(|(k, i)| (*k, *i) < (key, id)), "rows come in order");
        self.keys.push(key);
        self.ids.push(id);
        self.versions.push(version);
    }

    /// The leaf of the rows so far; `None` when there are none. The builder is empty then, and
    /// keeps the memory of its texts.
    pub(super) fn take(&mut self) -> Option<Leaf> {
        let bounds = self.boxes.iter().copied().reduce(Bounds::union)?;
        let empty = PackedShapes::new(self.kind);
        let mut shapes = std::mem::replace(&mut self.shapes, empty);
        shapes.shrink();
        let columns: Box<[Column]> = self.columns.iter_mut().map(ColumnBuilder::take).collect();
        let starts = &columns[core_position(CoreField::ValidFrom)];
        let valid_from = (0..self.ids.len()).filter_map(|row| instant(starts, row)).min()?;
        Some(Leaf {
            keys: emptied(&mut self.keys),
            ids: emptied(&mut self.ids),
            versions: emptied(&mut self.versions),
            tree: BoxTree::build(self.boxes.drain(..)),
            bounds,
            valid_from,
            shapes,
            columns,
            events: self.events.take(),
            texts: self.texts.take(),
            due: KeptDue::default(),
        })
    }
}
