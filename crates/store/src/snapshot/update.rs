//! From one snapshot to the next: the leaves that a change concerns are made anew, all others are
//! shared.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use terrier_model::{Asset, AssetId, Class};
use terrier_spatial::HilbertKey;

use super::ids::{Ids, Location};
use super::leaf::{LEAF_ROWS, Leaf, LeafBuilder, key_of_shape};
use super::{Layer, Snapshot};
use crate::rules::Rules;

/// A leaf that falls below this many rows is joined with the next.
const LEAF_ROWS_MIN: usize = LEAF_ROWS / 4;

/// A leaf that reaches this many rows is cut in two.
pub(super) const LEAF_ROWS_MAX: usize = LEAF_ROWS * 2;

/// A snapshot in the making: what is known of each changed asset is told class by class, in the
/// order of the classes' names, and within a class in the order of places.
pub(crate) struct Update<'a> {
    old: &'a Snapshot,
    /// The old places of the changed assets by class, the last place first.
    gone: HashMap<u32, Vec<(HilbertKey, AssetId)>>,
    ids: Ids,
    retired: Vec<AssetId>,
    changed: Vec<Location>,
    layers: Vec<Layer>,
}

impl<'a> Update<'a> {
    /// Starts from the old snapshot, given the ids of all assets that have changed, and of those among
    /// them that are no more.
    pub(crate) fn new(
        old: &'a Snapshot,
        changed: impl IntoIterator<Item = AssetId>,
        retired: Vec<AssetId>,
    ) -> Self {
        let mut gone: HashMap<u32, Vec<(HilbertKey, AssetId)>> = HashMap::new();
        for location in changed.into_iter().filter_map(|id| old.ids.get(id)) {
            gone.entry(location.class).or_default().push((location.key, location.id));
        }
        gone.values_mut().for_each(|places| places.sort_unstable_by(|a, b| b.cmp(a)));
        Self { old, gone, ids: old.ids.clone(), retired, changed: Vec::new(), layers: Vec::new() }
    }

    /// Whether the old snapshot has the class laid out as it is described now, so that the assets
    /// which have changed are all that must be told of it. Otherwise all are.
    pub(crate) fn knows(&self, number: u32, class: &Class) -> bool {
        self.old.layer(number).is_some_and(|layer| layer.class.is_laid_out_as(class))
    }

    /// Takes a class of which no asset has changed as it is.
    pub(crate) fn keep(&mut self, number: u32, class: &Arc<Class>) {
        if let Some(layer) = self.old.layer(number) {
            self.layers.push(Layer { class: Arc::clone(class), ..layer.clone() });
        }
    }

    /// Starts with the assets of a class: those that have changed when the class is
    /// [known](Self::knows), otherwise all.
    pub(crate) fn layer(&mut self, number: u32, class: &Arc<Class>) -> LayerUpdate<'_, 'a> {
        let old = self.old.layer(number).filter(|_| self.knows(number, class));
        LayerUpdate {
            number,
            class: Arc::clone(class),
            old: old.map_or(&[], |layer| &layer.leaves),
            open: false,
            row: 0,
            gone: self.gone.remove(&number).unwrap_or_default(),
            builder: LeafBuilder::new(class),
            leaves: Vec::new(),
            update: self,
        }
    }

    /// The new snapshot, as of a place in the change sequence.
    pub(crate) fn finish(
        mut self,
        sequence: u64,
        rules: Arc<Rules>,
        time_zone: TimeZone,
    ) -> Snapshot {
        self.ids.put(self.changed);
        self.retired.into_iter().for_each(|id| self.ids.remove(id));
        let views = self.old.views.handed_on(sequence);
        Snapshot { sequence, layers: self.layers, ids: self.ids, rules, time_zone, views }
    }
}

/// The assets of one class in the making.
pub(crate) struct LayerUpdate<'u, 'a> {
    number: u32,
    class: Arc<Class>,
    /// The leaves still to be dealt with.
    old: &'a [Arc<Leaf>],
    /// Whether the first of them is being copied, and from which row on.
    open: bool,
    row: usize,
    gone: Vec<(HilbertKey, AssetId)>,
    builder: LeafBuilder,
    leaves: Vec<Arc<Leaf>>,
    update: &'u mut Update<'a>,
}

impl LayerUpdate<'_, '_> {
    /// Takes what is now known of a changed asset.
    pub(crate) fn push(&mut self, asset: &Asset) {
        let key = key_of_shape(&asset.content.shape);
        let place = (key, asset.id);
        // A leaf takes what lies before its end and behind the leaf before; the last takes the rest.
        while self.old.len() > 1 && last_place(&self.old[0]) < place {
            self.close_leaf();
        }
        if let Some(leaf) = self.old.first() {
            self.open = true;
            let before = leaf.first_after(key, asset.id);
            self.copy_rows(before);
        }
        self.builder.push(key, asset);
        let location = Location { id: asset.id, key, class: self.number };
        if self.update.ids.get(asset.id) != Some(location) {
            self.update.changed.push(location);
        }
        self.cut_when_full();
    }

    /// Ends the class.
    pub(crate) fn finish(mut self) {
        while !self.old.is_empty() {
            self.close_leaf();
        }
        self.cut();
        let layer = Layer::new(self.number, self.class, self.leaves);
        self.update.layers.push(layer);
    }

    /// Ends the first of the old leaves: shares it when nothing of it has changed.
    fn close_leaf(&mut self) {
        let leaf = &self.old[0];
        let loses = self.gone.last().is_some_and(|place| *place <= last_place(leaf));
        if !self.open && !loses && (self.builder.len() == 0 || self.builder.len() >= LEAF_ROWS_MIN)
        {
            self.cut();
            self.leaves.push(Arc::clone(leaf));
        } else {
            self.copy_rows(leaf.len());
            if self.builder.len() >= LEAF_ROWS_MIN {
                self.cut();
            }
        }
        self.old = &self.old[1..];
        self.open = false;
        self.row = 0;
    }

    /// Copies the rows of the first old leaf that come before `end`, but for those that are gone.
    fn copy_rows(&mut self, end: usize) {
        let leaf = Arc::clone(&self.old[0]);
        for row in self.row..end {
            let place = (leaf.key(row), leaf.id(row));
            if self.gone.last() == Some(&place) {
                self.gone.pop();
                continue;
            }
            self.builder.push_row(&leaf, row);
            self.cut_when_full();
        }
        self.row = self.row.max(end);
    }

    fn cut_when_full(&mut self) {
        if self.old.is_empty() && self.leaves.is_empty() && self.builder.len() < LEAF_ROWS {
            return;
        }
        if self.old.is_empty() && self.builder.len() >= LEAF_ROWS {
            self.cut();
        } else if self.builder.len() >= LEAF_ROWS_MAX {
            let full = self.builder.take().expect("a full leaf has rows");
            for row in 0..full.len() {
                if row == LEAF_ROWS {
                    self.cut();
                }
                self.builder.push_row(&full, row);
            }
        }
    }

    fn cut(&mut self) {
        if let Some(leaf) = self.builder.take() {
            self.leaves.push(Arc::new(leaf));
        }
    }
}

fn last_place(leaf: &Leaf) -> (HilbertKey, AssetId) {
    let last = leaf.len() - 1;
    (leaf.key(last), leaf.id(last))
}
