//! The features that are nearest to a position: leaf by leaf and row by row from the nearest box on, until
//! no box is left that is as near as what has been found.

use std::collections::BinaryHeap;
use std::iter::Peekable;
use std::ops::Range;
use std::sync::Arc;

use terrier_catalog::{FeatureQuery, Near, OrderKey};
use terrier_spatial::{ByDistance, Figure, Shape};

use super::filter::Filter;
use super::leaf::Leaf;
use super::search::Page;
use super::sheet::Sheet;
use super::{Layer, Snapshot};

/// How many rows may be tested in the time that it takes to measure one distance.
const COST_OF_MEASURING: u64 = 100;

/// A row among the nearest. The farthest is the greatest; of equally far ones the last in the order of
/// places.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Candidate {
    metres: f64,
    key: OrderKey,
    sheet: u32,
    row: usize,
}

impl Eq for Candidate {}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.metres.total_cmp(&other.metres).then_with(|| self.key.cmp(&other.key))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The nearest rows so far.
struct Nearest {
    near: Near,
    figure: Figure,
    rows: BinaryHeap<Candidate>,
    sheets: Vec<Sheet>,
    rows_left: u64,
}

impl Nearest {
    /// What is farther is not among the nearest.
    fn bound_m(&self) -> f64 {
        let is_full = self.rows.len() == self.near.count;
        self.rows.peek().filter(|_| is_full).map_or(f64::INFINITY, |farthest| farthest.metres)
    }

    /// Takes the nearest rows of a leaf that the question is after; false when too many would have to be
    /// tested.
    fn look(&mut self, sheet: Sheet, filter: &Filter<'_>) -> bool {
        // Of work there may be several rows for one of the leaf, which follow on each other.
        let mut matching = vec![0..0; sheet.leaf().len()];
        sheet.matches(filter, |rows| {
            for row in rows {
                let of_asset: &mut Range<usize> = &mut matching[sheet.asset_row(row)];
                let start = if of_asset.end == 0 { row } else { of_asset.start };
                *of_asset = start..row + 1;
            }
        });
        let number = self.sheets.len() as u32;
        for (asset, least_m) in sheet.leaf().by_distance(self.near.position) {
            if least_m > self.bound_m() {
                break;
            }
            if matching[asset].end == 0 {
                continue;
            }
            let Some(left) = self.rows_left.checked_sub(COST_OF_MEASURING) else { return false };
            self.rows_left = left;
            let metres = self.figure.distance_m(&sheet.leaf().shape(asset));
            for row in matching[asset].clone() {
                let key = sheet.order_key(row);
                self.rows.push(Candidate { metres, key, sheet: number, row });
                if self.rows.len() > self.near.count {
                    self.rows.pop();
                }
            }
        }
        self.sheets.push(sheet);
        true
    }
}

/// The leaves of a layer from the nearest on.
struct Leaves<'a> {
    layer: &'a Layer,
    places: Peekable<ByDistance<'a>>,
}

/// Takes the nearest of the leaves that are still to be looked at, if it is not farther than `most_m`.
fn take_nearest<'a>(layers: &mut [Leaves<'a>], most_m: f64) -> Option<(&'a Layer, &'a Arc<Leaf>)> {
    let least = |leaves: &mut Leaves<'a>| leaves.places.peek().map(|(_, least_m)| *least_m);
    let places = layers.iter_mut().enumerate();
    let (_, place) = places
        .filter_map(|(place, leaves)| Some((least(leaves)?, place)))
        .filter(|(least_m, _)| *least_m <= most_m)
        .min_by(|a, b| a.0.total_cmp(&b.0))?;
    let layer = layers[place].layer;
    let (leaf, _) = layers[place].places.next()?;
    Some((layer, &layer.leaves[leaf]))
}

impl Snapshot {
    /// The features of the question that are nearest to its position, the nearest first; of equally near
    /// ones in the order of places. `None` when more rows than so many have to be tested for it.
    pub(super) fn nearest(&self, query: &FeatureQuery, near: Near, rows: u64) -> Option<Page> {
        let filter = Filter::new(query);
        let mut nearest = Nearest {
            near,
            figure: Figure::of(&Shape::Point(near.position)),
            rows: BinaryHeap::new(),
            sheets: Vec::new(),
            rows_left: rows,
        };
        let (seen, rules) = (self.seen(query.scope()), self.rules_for(query.scope()));
        let mut layers: Vec<Leaves<'_>> = seen
            .layers_of(query.collection(), query.scope())
            .map(|layer| {
                let places = layer.directory.by_distance(near.position).peekable();
                Leaves { layer, places }
            })
            .collect();
        while let Some((layer, leaf)) = take_nearest(&mut layers, nearest.bound_m()) {
            let decided = filter.decided(leaf);
            let is_beyond = filter.region().is_some_and(|region| !region.meets(&leaf.bounds()));
            if decided == Some(false) || is_beyond {
                nearest.rows_left = nearest.rows_left.checked_sub(1)?;
                continue;
            }
            let is_whole = decided == Some(true) && filter.work().is_empty();
            let cost = Sheet::cost(leaf, layer, &rules, &filter, is_whole);
            nearest.rows_left = nearest.rows_left.checked_sub(cost)?;
            if !nearest.look(Sheet::of(leaf, layer, &rules, &filter), &filter) {
                return None;
            }
        }
        let Nearest { rows, sheets, rows_left, .. } = nearest;
        let rows = rows.into_sorted_vec();
        // Most of the leaves that were looked at have none of the nearest.
        let mut numbers = vec![None; sheets.len()];
        let mut kept = Vec::new();
        let rows = rows.iter().map(|candidate| {
            let number = *numbers[candidate.sheet as usize].get_or_insert_with(|| {
                kept.push(sheets[candidate.sheet as usize].clone());
                kept.len() as u32 - 1
            });
            (number, candidate.row, candidate.metres)
        });
        let rows: Vec<(u32, usize, f64)> = rows.collect();
        let mut page = Page::new(query, self.sequence, rows.len() as u64, kept);
        page.take_nearest(&rows);
        page.prepared(rows_left)
    }
}
