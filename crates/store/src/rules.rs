//! The rules of a registry, checked against its classes, as far as a caller is told what they say.

use std::sync::Arc;

use jiff::civil::Date;
use terrier_model::{Class, Classes, Judge, Rule, Scope, Sensitivity};

/// The rules that are kept, in force on a day or not.
#[derive(Debug, Default)]
pub struct Rules {
    version: u64,
    all: Vec<Rule>,
    /// Whether what some rule says is decided by a field that not everybody sees.
    reads_restricted: bool,
    /// By which rules nothing is judged, by their places; empty for none.
    left_out: Box<[bool]>,
}

impl Rules {
    /// Some rules, each of which was checked against its class.
    pub(crate) fn new(version: u64, all: Vec<Rule>, classes: &Classes) -> Self {
        let is_restricted = |rule: &Rule| {
            let fields = classes.get(&rule.draft().class).map_or(&[][..], |class| class.fields());
            rule.fields().iter().any(|at| fields[*at].sensitivity == Sensitivity::Restricted)
        };
        let reads_restricted = all.iter().any(is_restricted);
        Self { version, all, reads_restricted, left_out: Box::default() }
    }

    /// The last change of rules, or of the classes that they are about.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// All of them, pack by pack.
    pub fn all(&self) -> &[Rule] {
        &self.all
    }

    /// Whether the same is judged by both.
    pub(crate) fn are(&self, other: &Self) -> bool {
        self.version == other.version && self.left_out == other.left_out
    }

    /// Whether all of them are judged by.
    pub(crate) fn are_whole(&self) -> bool {
        self.left_out.is_empty()
    }

    /// What a caller is told of the rules: nothing by those that are decided by a field which does not exist
    /// for them, for the day on which work falls due would tell them of it. Costs nothing where the caller
    /// sees all public fields and none that a rule reads is restricted.
    pub(crate) fn told_to<'c>(
        self: &Arc<Self>,
        scope: &Scope,
        classes: impl Fn(&str) -> Option<&'c Arc<Class>>,
    ) -> Arc<Self> {
        if scope.shows_all_fields() || !self.reads_restricted && scope.shows_public_fields() {
            return Arc::clone(self);
        }
        let is_left_out = |rule: &Rule| {
            let class = classes(&rule.draft().class);
            class.is_none_or(|class| {
                let (fields, sight) = (class.fields(), scope.sight(Some(class.name())));
                rule.fields().iter().any(|at| !sight.sees(&fields[*at]))
            })
        };
        let left_out: Box<[bool]> = self.all.iter().map(is_left_out).collect();
        if !left_out.contains(&true) {
            return Arc::clone(self);
        }
        let (version, all) = (self.version, self.all.clone());
        Arc::new(Self { version, all, reads_restricted: self.reads_restricted, left_out })
    }

    /// Those for a class that are in force on a day, and judged by.
    pub fn judge<'r>(&'r self, class: &'r Class, day: Date) -> Judge<'r> {
        let judge = Judge::new(class, &self.all, day);
        if self.left_out.is_empty() {
            return judge;
        }
        let place = |rule: &Rule| self.all.iter().position(|other| std::ptr::eq(other, rule));
        judge.without(|rule| place(rule).is_some_and(|at| self.left_out[at]))
    }
}
