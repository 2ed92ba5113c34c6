//! What of a snapshot exists for a caller whose scope has areas.
//!
//! It is made when they ask first: leaves within their area are shared, what is left of leaves across its
//! edge is made anew, and what is cut there comes beside, for a part lies elsewhere on the curve than the
//! whole. So every question is answered of it as of the whole. After a change, only the leaves that are
//! new are looked at again.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use terrier_catalog::Collection;
use terrier_model::{
    Asset, Class, Content, Core, CoreField, DateSpan, Scope, Value, ValueRef, core_fields,
    core_position,
};
use terrier_spatial::{GeometryKind, HilbertKey, Shape};

use super::leaf::{LEAF_ROWS, Leaf, LeafBuilder, key_of_shape};
use super::{Layer, Snapshot};

/// For how many scopes with areas what they see is kept; who asks as another waits until it is made.
const MAX_KEPT_VIEWS: usize = 16;

/// How many changes what a scope sees is kept for when nobody asks for it.
const KEPT_FOR_CHANGES: u64 = 64;

/// The layers that exist for a caller.
pub(super) enum Seen<'s> {
    /// All of a snapshot, as far as the scope shows their classes.
    Whole(&'s Snapshot),
    /// What lies in the areas of the scope.
    Part(Arc<View>),
}

impl Seen<'_> {
    /// The layers of a collection; of a class there may be several.
    pub(super) fn layers_of<'a>(
        &'a self,
        collection: &'a Collection,
        scope: &'a Scope,
    ) -> impl Iterator<Item = &'a Layer> {
        let layers = match self {
            Self::Whole(snapshot) => &snapshot.layers,
            Self::Part(view) => &view.layers,
        };
        let exists =
            |class: &Class| collection.covers(class) && scope.sees_collection(class.name());
        layers.iter().filter(move |layer| exists(&layer.class))
    }
}

/// What lies in the areas of a scope.
#[derive(Debug)]
pub(super) struct View {
    sequence: u64,
    scope: Scope,
    layers: Vec<Layer>,
    /// What became of the leaves across an edge, by the addresses at which they are.
    made: HashMap<usize, Arc<Made>>,
    /// What is cut of each class, by its number.
    cut: HashMap<u32, Cut>,
}

/// What is cut of a class.
#[derive(Clone, Debug)]
struct Cut {
    of: Vec<Arc<Made>>,
    /// Its parts, laid out.
    layers: Vec<Layer>,
}

/// What exists of a leaf across an edge.
#[derive(Debug)]
struct Made {
    /// The leaf, which is held so that its address stays its own.
    of: Arc<Leaf>,
    /// The rows that are given as they are.
    left: Option<Arc<Leaf>>,
    /// The assets that are cut.
    cut: Vec<(HilbertKey, Asset)>,
}

/// What scopes with areas see, the one that was asked for last at the end. A snapshot takes over those of
/// the one before it.
#[derive(Debug, Default)]
pub(super) struct Views(ArcSwap<Vec<Arc<View>>>);

impl Views {
    /// Those that the next snapshot begins with.
    pub(super) fn handed_on(&self, sequence: u64) -> Self {
        let is_fresh = |view: &&Arc<View>| view.sequence + KEPT_FOR_CHANGES >= sequence;
        let kept = self.0.load().iter().filter(is_fresh).map(Arc::clone).collect();
        Self(ArcSwap::from_pointee(kept))
    }

    fn find(&self, scope: &Scope) -> Option<Arc<View>> {
        let is_it = |view: &&Arc<View>| view.scope.mark() == scope.mark() && view.scope == *scope;
        self.0.load().iter().find(is_it).map(Arc::clone)
    }

    /// Keeps one in the place of another of its scope. Who does so at the same moment may be passed over,
    /// and makes his own again.
    fn keep(&self, view: &Arc<View>) {
        let others = self.0.load();
        let others = others.iter().filter(|other| other.scope != view.scope).map(Arc::clone);
        let mut kept: Vec<Arc<View>> = others.chain([Arc::clone(view)]).collect();
        if kept.len() > MAX_KEPT_VIEWS {
            kept.remove(0);
        }
        self.0.store(Arc::new(kept));
    }
}

impl Snapshot {
    /// The layers that exist for a caller. Where the scope has areas and nobody has asked with it, costs a
    /// copy of all leaves that lie across their edges.
    pub(super) fn seen(&self, scope: &Scope) -> Seen<'_> {
        if !scope.has_areas() {
            return Seen::Whole(self);
        }
        let former = self.views.find(scope);
        if let Some(view) = former.as_ref().filter(|view| view.sequence == self.sequence) {
            return Seen::Part(Arc::clone(view));
        }
        let view = Arc::new(View::new(self, scope, former.as_deref()));
        self.views.keep(&view);
        Seen::Part(view)
    }

    /// Whether questions of a scope are answered without a look at leaves across its edges first.
    pub fn is_ready_for(&self, scope: &Scope) -> bool {
        let is_current = |view: Arc<View>| view.sequence == self.sequence;
        !scope.has_areas() || self.views.find(scope).is_some_and(is_current)
    }

    /// Makes what a scope with areas sees, where nobody has asked with it.
    pub fn prepare_for(&self, scope: &Scope) {
        self.seen(scope);
    }
}

impl View {
    fn new(snapshot: &Snapshot, scope: &Scope, former: Option<&Self>) -> Self {
        let (mut layers, mut made, mut all_cut) = (Vec::new(), HashMap::new(), HashMap::new());
        for layer in &snapshot.layers {
            let Some((figure, _)) = scope.area(layer.class.name()) else {
                layers.push(layer.clone());
                continue;
            };
            let (mut leaves, mut cut) = (Vec::new(), Vec::new());
            for leaf in &layer.leaves {
                let bounds = leaf.bounds();
                if figure.covers(&bounds) {
                    leaves.push(Arc::clone(leaf));
                } else if figure.windows().any(|window| window.meets(&bounds)) {
                    let address = Arc::as_ptr(leaf).addr();
                    let known = former.and_then(|former| former.made.get(&address));
                    let known = known.filter(|made| Arc::ptr_eq(&made.of, leaf)).map(Arc::clone);
                    let of =
                        known.unwrap_or_else(|| Arc::new(Made::new(leaf, &layer.class, scope)));
                    leaves.extend(of.left.clone());
                    cut.push(Arc::clone(&of));
                    made.insert(address, of);
                }
            }
            layers.push(Layer::new(layer.number, Arc::clone(&layer.class), leaves));
            let known = former.and_then(|former| former.cut.get(&layer.number));
            let known = known.filter(|known| known.is_of(layer, &cut)).cloned();
            let cut = known.unwrap_or_else(|| Cut { layers: layers_of_cut(layer, &cut), of: cut });
            layers.extend(cut.layers.iter().cloned());
            all_cut.insert(layer.number, cut);
        }
        Self { sequence: snapshot.sequence, scope: scope.clone(), layers, made, cut: all_cut }
    }
}

impl Cut {
    /// Whether it is what comes of these leaves of a layer.
    fn is_of(&self, layer: &Layer, made: &[Arc<Made>]) -> bool {
        self.layers.iter().all(|known| Arc::ptr_eq(&known.class, &layer.class))
            && self.of.len() == made.len()
            && self.of.iter().zip(made).all(|(known, made)| Arc::ptr_eq(known, made))
    }
}

/// The layers of what is cut, one for each kind of geometry that comes of it.
fn layers_of_cut(layer: &Layer, made: &[Arc<Made>]) -> Vec<Layer> {
    let mut all: Vec<&(HilbertKey, Asset)> = made.iter().flat_map(|made| &made.cut).collect();
    all.sort_unstable_by_key(|(key, asset)| (*key, asset.id));
    let mut layers = Vec::new();
    // A line may come to pieces, which are several lines.
    let kinds = [layer.class.geometry(), GeometryKind::MultiLine];
    let is_line = kinds[0] == GeometryKind::Line;
    for kind in kinds.into_iter().take(if is_line { 2 } else { 1 }) {
        let mut builder = LeafBuilder::of_kind(&layer.class, kind);
        let mut leaves = Vec::new();
        for (key, asset) in all.iter().filter(|(_, asset)| asset.content.shape.kind() == kind) {
            builder.push(*key, asset);
            if builder.len() == LEAF_ROWS {
                leaves.extend(builder.take().map(Arc::new));
            }
        }
        leaves.extend(builder.take().map(Arc::new));
        if !leaves.is_empty() {
            layers.push(Layer::new(layer.number, Arc::clone(&layer.class), leaves));
        }
    }
    layers
}

impl Made {
    fn new(leaf: &Arc<Leaf>, class: &Arc<Class>, scope: &Scope) -> Self {
        let (mut builder, mut cut) = (LeafBuilder::new(class), Vec::new());
        for row in 0..leaf.len() {
            let shape = leaf.shape(row);
            match scope.given(class.name(), &shape) {
                None => {}
                Some(Cow::Borrowed(_)) => builder.push_row(leaf, row),
                Some(Cow::Owned(part)) => {
                    cut.push((key_of_shape(&part), asset(leaf, row, class, part)));
                }
            }
        }
        let of = Arc::clone(leaf);
        if builder.len() == leaf.len() {
            return Self { left: Some(Arc::clone(&of)), of, cut };
        }
        Self { of, left: builder.take().map(Arc::new), cut }
    }
}

/// The asset of a row with another geometry.
fn asset(leaf: &Leaf, row: usize, class: &Arc<Class>, shape: Shape) -> Asset {
    let value = |position: usize| leaf.value(row, position).map(ValueRef::to_value);
    let at = |core| value(core_position(core));
    let mut core = Core::default();
    for field in core_fields().iter().filter_map(|field| field.core) {
        core.set(field, at(field));
    }
    if let (Some(Value::Date(first)), Some(Value::Date(last))) =
        (at(CoreField::InstalledOn), at(CoreField::InstalledLatestOn))
    {
        core.installed = DateSpan::try_new(first, last);
    }
    let count = core_fields().len();
    let own = class.own_fields().iter().enumerate();
    let own =
        own.map(|(place, field)| if field.event.is_some() { None } else { value(count + place) });
    let moment = |core| match at(core) {
        Some(Value::Instant(moment)) => Some(moment),
        _ => None,
    };
    Asset {
        id: leaf.id(row),
        class: Arc::clone(class),
        version: leaf.version(row),
        valid_from: moment(CoreField::ValidFrom).unwrap_or(Timestamp::MIN),
        valid_to: moment(CoreField::ValidTo),
        content: Content::new(core, own.collect(), shape),
        events: leaf.events(row).collect(),
    }
}
