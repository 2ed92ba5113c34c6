//! Work that falls due on assets, one piece at a time.

use std::ops::Range;
use std::sync::Arc;

use terrier_catalog::{Collection, DueDay, DueId, FeatureQuery};
use terrier_model::{AssetId, Class, Scope, ValueRef};

use super::sheet::Sheet;
use super::{Layer, Snapshot};

/// Work of one kind on one asset, as of a day.
#[derive(Clone, Debug)]
pub struct Work {
    class: Arc<Class>,
    collection: Collection,
    sheet: Sheet,
    row: usize,
}

impl Snapshot {
    /// The work of that id as of a day; `None` when there is no such asset, or no rule wants such
    /// work of it.
    pub fn work(&self, id: DueId, day: DueDay) -> Option<Work> {
        let collection = Collection::Due(day.today);
        let item = self.item(&collection, id.asset)?;
        let layer = self.layers.iter().find(|layer| Arc::ptr_eq(&layer.class, &item.class))?;
        let sheet = Sheet::of(&item.leaf, layer, &self.rules, Some(day));
        let row = sheet.work_of(item.row, id.kind)?;
        Some(Work { class: item.class, collection, sheet, row })
    }

    /// Hands out all the work that a question is after, class by class, and within a class in the
    /// order of places. Ends when `take` says no. A question for assets has none.
    pub fn for_each_work(&self, query: &FeatureQuery, mut take: impl FnMut(&Work) -> bool) {
        if query.due().is_none() {
            return;
        }
        let mut wanted = true;
        self.look(query, |layer, sheet, rows| {
            for row in rows {
                let (class, collection) = (Arc::clone(&layer.class), query.collection().clone());
                wanted = wanted && take(&Work { class, collection, sheet: sheet.clone(), row });
            }
        });
    }

    /// Hands out the rows of the collection that a question is after, leaf by leaf.
    pub(super) fn look(
        &self,
        query: &FeatureQuery,
        mut visit: impl FnMut(&Layer, &Sheet, Range<usize>),
    ) {
        for layer in self.layers_of(query.collection()) {
            let mut look = |leaves: Range<usize>| {
                for leaf in &layer.leaves[leaves] {
                    let sheet = Sheet::of(leaf, layer, &self.rules, query.due());
                    sheet.matches(query, |rows| visit(layer, &sheet, rows));
                }
            };
            match query.window() {
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

    /// The value of the field at a place in [`terrier_catalog::due_fields`].
    pub fn value(&self, position: usize) -> Option<ValueRef<'_>> {
        self.sheet.value(self.row, position)
    }

    /// Why it is due, in one line. Costs a judgement of the asset.
    pub fn why(&self, scope: Scope) -> String {
        self.sheet.why(self.row, scope)
    }

    /// Writes the feature as it is served.
    pub fn write_feature(&self, scope: Scope, out: &mut Vec<u8>) {
        self.sheet.write(self.row..self.row + 1, &self.collection, scope, out);
        // The comma that parts features in a list.
        out.pop();
    }
}
