//! What is asked of the work that falls due on assets, beside what is asked of the assets.

use terrier_catalog::DueField;
use terrier_model::{Clause, Known, Truth, Value, ValueRef};

/// Tests of work; all must hold.
#[derive(Debug, Default)]
pub(in super::super) struct WorkTests<'q> {
    /// The fields, by their places, and the values that they must have.
    pub(super) equals: &'q [(usize, Value)],
    pub(super) clauses: Vec<&'q Clause<usize>>,
}

impl<'q> WorkTests<'q> {
    pub(in super::super) fn is_empty(&self) -> bool {
        self.equals.is_empty() && self.clauses.is_empty()
    }

    /// Whether they hold. The work is wanted by several rules, told one after another, and a test of
    /// its rule holds when it holds for one of them.
    pub(in super::super) fn hold<'v>(
        &'v self,
        work: &impl Known<'v>,
        rules: impl Fn(usize) -> Option<&'v str>,
    ) -> bool {
        let rule = DueField::Rule.position();
        let several = |nth: usize| rules(nth).map(ValueRef::Text);
        let is_equal = |(at, wanted): &(usize, Value)| {
            let wanted = wanted.as_ref();
            if *at == rule {
                return (0..).map_while(several).any(|found| found == wanted);
            }
            work.value(*at) == Some(wanted)
        };
        self.equals.iter().all(is_equal)
            && self
                .clauses
                .iter()
                .all(|clause| clause.evaluate_any(work, rule, several) == Truth::Yes)
    }
}
