//! The conditions of a question, made ready once and asked leaf by leaf, over columns.
//!
//! A leaf whose columns or box tell that none of its assets can be meant is passed over. What is left
//! to ask goes from the cheapest test to the dearest, and shapes come last.

mod column;
mod node;
mod number;
mod place;
mod range;
mod rows;
mod state;
#[cfg(test)]
mod tests;
mod work;

use std::ops::Range;

use jiff::Timestamp;
use terrier_catalog::FeatureQuery;
use terrier_model::{
    Clause, Comparison, CoreField, Interval, Kind, Operand, Truth, Value, core_fields,
    core_position,
};
use terrier_spatial::Window;

use super::due::LeafDue;
use super::leaf::Leaf;
use node::{Asked, COST_OF_A_ROW, Node, all_of};
use range::{Ranges, floor_microsecond};

pub(super) use rows::Rows;
pub(super) use work::WorkTests;

/// Tests that cost a row no more than this come before the exact test of the window.
const COST_OF_WINDOW: u64 = 8;

/// Where the assets are that a question can mean; `None` where they may be anywhere.
pub(crate) fn region_of(query: &FeatureQuery) -> Option<Window> {
    Filter::new(query).region
}

/// The conditions of a question.
pub(super) struct Filter<'q> {
    query: &'q FeatureQuery,
    /// Where the assets are that can be meant; `None` where they may be anywhere.
    region: Option<Window>,
    /// What is asked of the assets, beside the window; all hold.
    tests: Vec<Node<'q>>,
    /// How many of them come before the exact test of the window.
    before_window: usize,
    /// What is asked of the work on the assets.
    work: WorkTests<'q>,
}

impl<'q> Filter<'q> {
    /// The conditions of a question.
    pub(super) fn new(query: &'q FeatureQuery) -> Self {
        let mut clauses = Vec::new();
        if let Some(filter) = query.filter() {
            gather_all(filter.clause(), &mut clauses);
        }
        let mut equals = query.equals();
        let mut work = WorkTests::default();
        if query.due().is_some() {
            let core = core_fields().len();
            // Those of fields of the core come first.
            let (assets, others) =
                equals.split_at(equals.partition_point(|(position, _)| *position < core));
            equals = assets;
            let (assets, rest) = clauses.into_iter().partition(|clause| is_of_core(clause));
            clauses = assets;
            work = WorkTests::new(others, rest);
        }
        let fields = query.collection().fields();
        let equal = equals.iter().map(|(position, value)| {
            if let (Kind::List(_), Value::Text(text)) = (&fields[*position].kind, value) {
                return Node::Has { position: *position, text };
            }
            let clause = Clause::Compare {
                left: Operand::Field(*position),
                comparison: Comparison::Equal,
                right: Operand::Value(value.clone()),
            };
            let ranges = Ranges::of(&clause, &fields[*position].kind, Truth::Yes);
            let ranges = ranges.expect("a field is compared with a value");
            Node::Ranges { position: *position, ranges }
        });
        let mut tests: Vec<Node<'q>> = query.interval().into_iter().flat_map(valid_in).collect();
        tests.extend(equal);
        tests.extend(clauses.into_iter().map(|clause| Node::new(clause, Truth::Yes, fields)));
        Self::of_tests(query, Node::all(tests), work)
    }

    fn of_tests(query: &'q FeatureQuery, all: Node<'q>, work: WorkTests<'q>) -> Self {
        let tests = match all {
            Node::Always(true) => Vec::new(),
            Node::All(tests) => tests,
            test => vec![test],
        };
        // A shape may meet two boxes and not what they have in common, so the least one is searched.
        let own = tests.iter().filter_map(Node::region).map(|bounds| {
            Window::try_new(bounds.west, bounds.south, bounds.east, bounds.north)
                .expect("a region has its edges in order")
        });
        let regions = query.window().cloned().into_iter().chain(own);
        let region = regions.min_by(|a, b| area(a).total_cmp(&area(b)));
        let before_window = tests.partition_point(|test| test.cost() <= COST_OF_WINDOW);
        Self { query, region, tests, before_window, work }
    }

    /// The question.
    pub(super) fn query(&self) -> &'q FeatureQuery {
        self.query
    }

    /// Where the assets are that can be meant; `None` where they may be anywhere.
    pub(super) fn region(&self) -> Option<&Window> {
        self.region.as_ref()
    }

    /// What is asked of the work on the assets.
    pub(super) fn work(&self) -> &WorkTests<'q> {
        &self.work
    }

    /// Whether all assets of a leaf are meant, or none is, where that can be told without a look at
    /// each.
    pub(super) fn decided(&self, leaf: &Leaf) -> Option<bool> {
        let window = self.query.window();
        let is_inside = window.is_none_or(|window| window.contains(&leaf.bounds()));
        // What is searched for is looked for in each.
        let mut all = (is_inside && self.query.search().is_none()).then_some(true);
        for test in &self.tests {
            match test.decided(leaf) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => all = None,
            }
        }
        all
    }

    /// What it costs to test so many rows, counted in tests of one row as such.
    pub(super) fn cost(&self, rows: u64) -> u64 {
        let cost: u64 = self.tests.iter().map(Node::cost).sum();
        (rows * cost).div_ceil(COST_OF_A_ROW)
    }

    /// The rows of a leaf that are meant, given what falls due on its assets where that is asked for.
    fn rows(&self, leaf: &Leaf, due: Option<&LeafDue>) -> Rows {
        let asked = Asked { leaf, due };
        let (first, last) = self.tests.split_at(self.before_window);
        let crossed = self.query.window().filter(|window| !window.contains(&leaf.bounds()));
        let rows = match crossed {
            None => all_of(first, asked, &Rows::first(leaf.len())),
            Some(window) => {
                let [near, unsure] = leaf.rows_near(window);
                let rows = all_of(first, asked, &near);
                leaf.without_missed(rows, unsure, window)
            }
        };
        all_of(last, asked, &rows)
    }

    /// How many rows of a leaf are meant.
    pub(super) fn count(&self, leaf: &Leaf, due: Option<&LeafDue>) -> usize {
        if self.tests.is_empty() {
            let mut count = 0;
            leaf.in_window(self.query.window(), |run| count += run.len());
            return count;
        }
        self.rows(leaf, due).count()
    }

    /// Reports the rows of a leaf that are meant, in order, as runs.
    pub(super) fn matches(
        &self,
        leaf: &Leaf,
        due: Option<&LeafDue>,
        visit: impl FnMut(Range<usize>),
    ) {
        if self.tests.is_empty() {
            return leaf.in_window(self.query.window(), visit);
        }
        self.rows(leaf, due).runs(visit);
    }
}

/// The conditions that must hold for this one to hold.
fn gather_all<'q>(clause: &'q Clause<usize>, all: &mut Vec<&'q Clause<usize>>) {
    match clause {
        Clause::And(parts) => parts.iter().for_each(|part| gather_all(part, all)),
        _ => all.push(clause),
    }
}

/// Whether a clause reads nothing but fields of the core and the place of an asset.
fn is_of_core(clause: &Clause<usize>) -> bool {
    let mut of_core = true;
    clause.walk(&mut |operand| {
        of_core &= match operand {
            Operand::Field(position) => *position < core_fields().len(),
            Operand::DueState(_) => false,
            _ => true,
        }
    });
    of_core
}

/// That the validity of an asset meets an interval; see [`Interval::meets`].
fn valid_in<'q>(interval: &Interval) -> impl Iterator<Item = Node<'q>> + use<'q> {
    let ranges = |core, least: i64, greatest: i64| Node::Ranges {
        position: core_position(core),
        ranges: Ranges::Instants(vec![(least, greatest)]),
    };
    // The least number of all stands for no value.
    let least = i64::MIN + 1;
    let until = |end: Timestamp| ranges(CoreField::ValidFrom, least, floor_microsecond(end));
    let after = |start: Timestamp| {
        let position = core_position(CoreField::ValidTo);
        Node::Any(vec![
            Node::Known { position, is_known: false },
            ranges(CoreField::ValidTo, floor_microsecond(start) + 1, i64::MAX),
        ])
    };
    interval.end().map(until).into_iter().chain(interval.start().map(after))
}

fn area(window: &Window) -> f64 {
    window.boxes().map(|part| (part.east - part.west) * (part.north - part.south)).sum()
}
