//! Everything that a read needs, in memory: the assets as they are known now, class by class, in
//! leaves along a Hilbert curve.
//!
//! A snapshot never changes. A change makes another that shares all leaves but those concerned, so
//! a reader keeps the one it began with.

mod column;
mod due;
mod due_text;
mod event;
mod filter;
mod found;
mod ids;
mod leaf;
mod nearest;
mod search;
mod sheet;
mod shown;
mod sorted;
mod summary;
mod texts;
mod update;
mod values;
mod view;
mod work;

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use terrier_catalog::{ASSETS, Collection, DueOf};
use terrier_model::{
    AssetId, Breadth, Class, CoreField, DateSpan, Event, Scope, ValueRef, core_fields,
    core_position,
};
use terrier_spatial::{Bounds, BoxTree, HilbertKey, Shape};

use ids::Ids;
use leaf::Leaf;
use view::{Seen, Views};

pub(crate) use filter::region_of;
pub(crate) use leaf::key_of_shape;
pub use search::Page;
pub use shown::Shown;
pub(crate) use update::Update;
pub use work::Work;

use crate::rules::Rules;

/// The assets as they are known at one place in the change sequence.
#[derive(Debug)]
pub struct Snapshot {
    sequence: u64,
    /// In the order of the classes' names.
    layers: Vec<Layer>,
    ids: Ids,
    rules: Arc<Rules>,
    time_zone: TimeZone,
    views: Views,
}

impl Default for Snapshot {
    fn default() -> Self {
        Self {
            sequence: 0,
            layers: Vec::new(),
            ids: Ids::default(),
            rules: Arc::default(),
            time_zone: TimeZone::UTC,
            views: Views::default(),
        }
    }
}

/// The assets of one class.
#[derive(Clone, Debug)]
struct Layer {
    /// The number that the ledger gave the class.
    number: u32,
    class: Arc<Class>,
    leaves: Vec<Arc<Leaf>>,
    /// Over the boxes of the leaves.
    directory: BoxTree,
    rows: u64,
}

impl Layer {
    fn new(number: u32, class: Arc<Class>, leaves: Vec<Arc<Leaf>>) -> Self {
        let directory = BoxTree::build(leaves.iter().map(|leaf| leaf.bounds()));
        let rows = leaves.iter().map(|leaf| leaf.len() as u64).sum();
        Self { number, class, leaves, directory, rows }
    }

    /// The asset of an id and a place, where the layer is of that class.
    fn find(&self, number: u32, key: HilbertKey, id: AssetId) -> Option<Item> {
        if self.number != number {
            return None;
        }
        let after = self.leaves.partition_point(|leaf| {
            let last = leaf.len() - 1;
            (leaf.key(last), leaf.id(last)) < (key, id)
        });
        let leaf = self.leaves.get(after)?;
        let row = leaf.row_of(key, id)?;
        Some(Item { class: Arc::clone(&self.class), leaf: Arc::clone(leaf), row })
    }
}

/// What a collection holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Extent {
    /// How many assets.
    pub assets: u64,
    /// The smallest box around all; `None` when there are none.
    pub bounds: Option<Bounds>,
    /// Since when the first of them is valid; `None` when there are none.
    pub valid_from: Option<Timestamp>,
}

/// How old the assets of a collection are.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Ages {
    /// Assets that have reached the age for certain, whatever their record leaves open.
    pub old: u64,
    /// Assets of which no date of installation is known.
    pub unknown: u64,
}

/// How large the snapshot is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    /// Assets held.
    pub assets: u64,
    /// Leaves in which they are held.
    pub leaves: u64,
    /// Bytes of feature text.
    pub text_bytes: u64,
    /// Bytes in all.
    pub bytes: u64,
}

/// One asset of a snapshot.
#[derive(Clone, Debug)]
pub struct Item {
    class: Arc<Class>,
    leaf: Arc<Leaf>,
    row: usize,
}

impl Snapshot {
    /// The last change that the snapshot knows.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The rules that say what falls due.
    pub fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// What a caller is told of the rules.
    fn rules_for(&self, scope: &Scope) -> Arc<Rules> {
        let class = |name: &str| self.classes().find(|class| class.name() == name);
        self.rules.told_to(scope, class)
    }

    /// The time zone in which the registry's days begin and end.
    pub fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// How many assets there are.
    pub fn assets(&self) -> u64 {
        self.layers.iter().map(|layer| layer.rows).sum()
    }

    /// The classes that are not retired, in the order of their names.
    pub fn classes(&self) -> impl ExactSizeIterator<Item = &Arc<Class>> {
        self.layers.iter().map(|layer| &layer.class)
    }

    /// The class of that name; `None` when there is none that exists for the caller.
    pub fn class(&self, name: &str, scope: &Scope) -> Option<&Arc<Class>> {
        let found = self.classes().find(|class| class.name() == name);
        found.filter(|_| scope.sees_collection(name))
    }

    /// The collection of that name, on a day; `None` when there is none that exists for the caller.
    pub fn collection(&self, name: &str, today: Date, scope: &Scope) -> Option<Collection> {
        if name == ASSETS {
            return Some(Collection::Assets);
        }
        if let Some(of) = DueOf::find(name) {
            return Some(Collection::Due(today, of));
        }
        let class = self.class(name, scope)?;
        Some(Collection::Class(Arc::clone(class)))
    }

    /// The assets of the class to which the ledger gave the number.
    fn layer(&self, number: u32) -> Option<&Layer> {
        self.layers.iter().find(|layer| layer.number == number)
    }

    /// What a collection holds for the caller; costs a look at each leaf. For the work that falls due these are the
    /// assets on which some may.
    pub fn extent(&self, collection: &Collection, scope: &Scope) -> Extent {
        let seen = self.seen(scope);
        let leaves = || seen.layers_of(collection, scope).flat_map(|layer| &layer.leaves);
        Extent {
            assets: seen.layers_of(collection, scope).map(|layer| layer.rows).sum(),
            bounds: leaves().map(|leaf| leaf.bounds()).reduce(Bounds::union),
            valid_from: leaves().map(|leaf| leaf.valid_from()).min(),
        }
    }

    /// How many assets of a collection are at least so many years old on a day; `None` where the caller
    /// does not see their dates. Costs a look at each asset's date.
    pub fn ages(
        &self,
        collection: &Collection,
        scope: &Scope,
        today: Date,
        years: i32,
    ) -> Option<Ages> {
        let position = core_position(CoreField::InstalledLatestOn);
        if !collection.sight(scope).sees(&core_fields()[position]) {
            return None;
        }
        let mut ages = Ages::default();
        let seen = self.seen(scope);
        for leaf in seen.layers_of(collection, scope).flat_map(|layer| &layer.leaves) {
            for row in 0..leaf.len() {
                match leaf.value(row, position) {
                    Some(ValueRef::Date(latest)) => {
                        let least = DateSpan::day(latest).age_years(today).0;
                        ages.old += u64::from(least >= years);
                    }
                    _ => ages.unknown += 1,
                }
            }
        }
        Some(ages)
    }

    /// How large the snapshot is; costs a look at each leaf.
    pub fn size(&self) -> Size {
        let mut size = Size::default();
        for leaf in self.layers.iter().flat_map(|layer| &layer.leaves) {
            size.assets += leaf.len() as u64;
            size.leaves += 1;
            size.text_bytes += leaf.text_bytes() as u64;
            size.bytes += leaf.heap_bytes() as u64;
        }
        size.bytes += self.ids.heap_bytes() as u64;
        size
    }

    /// The asset of that id in the collection; `None` when there is none that exists for the caller.
    pub fn item(&self, collection: &Collection, scope: &Scope, id: AssetId) -> Option<Item> {
        let location = self.ids.get(id)?;
        let seen = self.seen(scope);
        let find = |key: HilbertKey| {
            let mut layers = seen.layers_of(collection, scope);
            layers.find_map(|layer| layer.find(location.class, key, id))
        };
        find(location.key).or_else(|| {
            // What is cut lies elsewhere on the curve.
            let Seen::Part(_) = seen else { return None };
            let whole = self.layer(location.class)?.find(location.class, location.key, id)?;
            let part = scope.given(whole.class.name(), &whole.shape()).map(Cow::into_owned);
            find(key_of_shape(&part?))
        })
    }

    /// At most about so many assets of the collection, evenly taken along the order of places.
    pub fn sample(&self, collection: &Collection, scope: &Scope, most: usize) -> Vec<Item> {
        let seen = self.seen(scope);
        let rows: u64 = seen.layers_of(collection, scope).map(|layer| layer.rows).sum();
        let step = rows.div_ceil(most.max(1) as u64).max(1) as usize;
        let mut items = Vec::new();
        let mut skip = 0;
        for layer in seen.layers_of(collection, scope) {
            for leaf in &layer.leaves {
                let mut row = skip;
                while row < leaf.len() {
                    let class = Arc::clone(&layer.class);
                    items.push(Item { class, leaf: Arc::clone(leaf), row });
                    row += step;
                }
                skip = row - leaf.len();
            }
        }
        items
    }
}

impl Item {
    /// The class of the asset.
    pub fn class(&self) -> &Arc<Class> {
        &self.class
    }

    /// Who it is.
    pub fn id(&self) -> AssetId {
        self.leaf.id(self.row)
    }

    /// What happened to it, in the order of the days.
    pub fn events(&self) -> impl ExactSizeIterator<Item = Event> {
        self.leaf.events(self.row)
    }

    /// A number that differs when its events do; `None` when it has none.
    pub fn events_state(&self) -> Option<u64> {
        self.leaf.events_state(self.row)
    }

    /// Which version of it is known.
    pub fn version(&self) -> u32 {
        self.leaf.version(self.row)
    }

    /// Where it is.
    pub fn shape(&self) -> Shape {
        self.leaf.shape(self.row)
    }

    /// The value of the field at a place in [`Class::fields`].
    pub fn value(&self, position: usize) -> Option<ValueRef<'_>> {
        self.leaf.value(self.row, position)
    }

    /// Copies the feature from ready texts, for who sees so many of the fields.
    fn write_ready(&self, collection: &Collection, breadth: Breadth, out: &mut Vec<u8>) {
        self.leaf.write(self.row..self.row + 1, collection, breadth, out);
        // The comma that parts features in a list.
        out.pop();
    }
}
