//! Work that falls due on an asset, found by its id, and the rows of a collection leaf by leaf.

use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;
use terrier_catalog::{Collection, DueDay, DueId, DueOf, FeatureQuery};
use terrier_model::{AssetId, Breadth, Class, Scope};

use super::filter::Filter;
use super::leaf::Leaf;
use super::sheet::Sheet;
use super::{Layer, Snapshot};

/// Work of one kind on one asset, as of a day.
#[derive(Clone, Debug)]
pub struct Work {
    class: Arc<Class>,
    pub(super) collection: Collection,
    pub(super) sheet: Sheet,
    pub(super) row: usize,
}

impl Snapshot {
    /// The work of that id as of a day; `None` when no such asset of the collection exists for the caller,
    /// or no rule wants such work of it.
    pub fn work(&self, id: DueId, of: DueOf, day: DueDay, scope: &Scope) -> Option<Work> {
        let collection = Collection::Due(day.today, of);
        let item = self.item(&collection, scope, id.asset)?;
        let layer = self.layers.iter().find(|layer| Arc::ptr_eq(&layer.class, &item.class))?;
        let sheet = Sheet::of_row(&item.leaf, layer, &self.rules_for(scope), day, item.row);
        let row = sheet.work_of(item.row, id.kind)?;
        Some(Work { class: item.class, collection, sheet, row })
    }

    /// How much work falls due as of today on all assets that exist for the caller; `None` when more assets than so many would
    /// have to be judged for it.
    pub fn count_work(
        &self,
        today: Date,
        of: DueOf,
        scope: &Scope,
        most_judged: u64,
    ) -> Option<u64> {
        let collection = Collection::Due(today, of);
        let seen = self.seen(scope);
        let leaves = || {
            let layers = seen.layers_of(&collection, scope);
            layers.flat_map(|layer| layer.leaves.iter().map(move |leaf| (layer, leaf)))
        };
        let rules = self.rules_for(scope);
        let is_kept =
            |layer: &Layer, leaf: &Leaf| leaf.kept_due().get(&layer.class, &rules, today).is_some();
        let judged = leaves().filter(|(layer, leaf)| !is_kept(layer, leaf));
        let judged = judged.map(|(_, leaf)| leaf.len() as u64);
        if judged.sum::<u64>() > most_judged {
            return None;
        }
        let query = FeatureQuery::all(collection.clone(), scope);
        let filter = Filter::new(&query);
        let work = leaves().map(|(layer, leaf)| Sheet::of(leaf, layer, &rules, &filter).len());
        Some(work.map(|work| work as u64).sum())
    }

    /// Hands out the rows of the collection that a question is after, leaf by leaf.
    pub(super) fn look(
        &self,
        query: &FeatureQuery,
        mut visit: impl FnMut(&Layer, &Sheet, Range<usize>),
    ) {
        let filter = Filter::new(query);
        let (seen, rules) = (self.seen(query.scope()), self.rules_for(query.scope()));
        for layer in seen.layers_of(query.collection(), query.scope()) {
            let mut look = |leaves: Range<usize>| {
                for leaf in &layer.leaves[leaves] {
                    if filter.decided(leaf) == Some(false) {
                        continue;
                    }
                    let sheet = Sheet::of(leaf, layer, &rules, &filter);
                    sheet.matches(&filter, |rows| visit(layer, &sheet, rows));
                }
            };
            match filter.region() {
                None => look(0..layer.leaves.len()),
                Some(window) => layer.directory.search(window, |leaves, _| look(leaves)),
            }
        }
    }
}

impl Work {
    /// The class of the asset.
    pub fn class(&self) -> &Arc<Class> {
        &self.class
    }

    /// The asset.
    pub fn asset(&self) -> AssetId {
        self.sheet.order_key(self.row).id
    }

    /// Which version of the asset is known.
    pub fn version(&self) -> u32 {
        self.sheet.leaf().version(self.sheet.asset_row(self.row))
    }

    /// A number that differs when the events of the asset do; `None` when it has none.
    pub fn events_state(&self) -> Option<u64> {
        self.sheet.leaf().events_state(self.sheet.asset_row(self.row))
    }

    /// Copies the feature from ready texts, for who sees so many of the fields.
    pub(super) fn write_ready(&self, seen: (&Scope, Breadth), out: &mut Vec<u8>) {
        self.sheet.write(self.row..self.row + 1, &self.collection, seen, out);
        // The comma that parts features in a list.
        out.pop();
    }
}
