//! The rules of a registry, checked against its classes, as far as a caller is told what they say.

use std::sync::Arc;

use jiff::civil::Date;
use terrier_model::{Breadth, Class, Classes, Judge, Rule, Scope, Sensitivity};

/// The rules that are kept, in force on a day or not.
#[derive(Debug, Default)]
pub struct Rules {
    version: u64,
    all: Arc<[Rule]>,
    /// Which rules, by their places, are decided by a field that not everybody sees; empty for none.
    restricted: Arc<[bool]>,
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
        let restricted = places(&all, is_restricted).into();
        Self { version, all: all.into(), restricted, left_out: Box::default() }
    }

    /// The last change of rules, or of the classes that they are about.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// All of them, pack by pack.
    pub fn all(&self) -> &[Rule] {
        &self.all
    }

    /// For whom it is the same what is judged by them of a class: for those who see all of its fields, or
    /// just the public ones; `None` when it is for others.
    pub(crate) fn audience(&self, class: &Class) -> Option<Breadth> {
        let of_class = |rule: &Rule| *rule.draft().class == *class.name();
        let is = |places: &[bool], at| places.get(at).is_some_and(|is| *is);
        let all = || (0..).zip(&*self.all).filter(|(_, rule)| of_class(rule)).map(|(at, _)| at);
        if !all().any(|at| is(&self.left_out, at)) {
            return Some(Breadth::Everything);
        }
        let is_public = all().all(|at| is(&self.left_out, at) == is(&self.restricted, at));
        is_public.then_some(Breadth::Public)
    }

    /// What a caller is told of the rules: nothing by those that are decided by a field which does not exist
    /// for them, for the day on which work falls due would tell them of it. Costs nothing where the caller
    /// sees all public fields and none that a rule reads is restricted.
    pub(crate) fn told_to<'c>(
        self: &Arc<Self>,
        scope: &Scope,
        classes: impl Fn(&str) -> Option<&'c Arc<Class>>,
    ) -> Arc<Self> {
        if scope.shows_all_fields() || self.restricted.is_empty() && scope.shows_public_fields() {
            return Arc::clone(self);
        }
        let is_left_out = |rule: &Rule| {
            let class = classes(&rule.draft().class);
            class.is_none_or(|class| {
                let (fields, sight) = (class.fields(), scope.sight(Some(class.name())));
                rule.fields().iter().any(|at| !sight.sees(&fields[*at]))
            })
        };
        let left_out = places(&self.all, is_left_out);
        if left_out.is_empty() {
            return Arc::clone(self);
        }
        let (all, restricted) = (Arc::clone(&self.all), Arc::clone(&self.restricted));
        Arc::new(Self { version: self.version, all, restricted, left_out })
    }

    /// Those for a class that are in force on a day, and judged by.
    pub fn judge<'r>(&'r self, class: &'r Class, day: Date) -> Judge<'r> {
        let judge = Judge::new(class, &*self.all, day);
        if self.left_out.is_empty() {
            return judge;
        }
        let place = |rule: &Rule| self.all.iter().position(|other| std::ptr::eq(other, rule));
        judge.without(|rule| place(rule).is_some_and(|at| self.left_out[at]))
    }
}

/// Which rules are such, by their places; empty when none is.
fn places(all: &[Rule], is_such: impl FnMut(&Rule) -> bool) -> Box<[bool]> {
    let places: Box<[bool]> = all.iter().map(is_such).collect();
    if places.contains(&true) { places } else { Box::default() }
}
