//! What falls due, straight from the ledger: a plain reading and judgement of every asset, in bounded
//! memory.

use std::cell::OnceCell;
use std::sync::Arc;

use jiff::civil::Date;
use terrier_catalog::{
    Collection, DueField, DueId, FeatureQuery, FeatureWriter, Fragments, Presentation, why_due,
    write_due,
};
use terrier_model::{
    Asset, AssetView, Breadth, Class, DueItem, DueState, Judge, Known, Reason, Scope, ValueRef,
    WorkKind,
};

use super::read::Reading;
use super::rule::RuleTrial;
use super::{Ledger, LedgerError, RulePutReport};
use crate::rules::Rules;

/// Work of one kind on one asset, as it was judged while the ledger is read.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'w> {
    asset: &'w Asset,
    judge: &'w Judge<'w>,
    item: DueItem,
}

/// A piece of work by the rules as they are, and as they would be with another pack; at least one of
/// the two wants it.
#[derive(Clone, Copy, Debug)]
pub struct Retold<'w> {
    /// The asset.
    pub asset: &'w Asset,
    /// The kind of work.
    pub kind: WorkKind,
    /// As it is.
    pub before: Option<Judged<'w>>,
    /// As it would be.
    pub after: Option<Judged<'w>>,
}

impl<'w> Judged<'w> {
    /// The asset.
    pub fn asset(&self) -> &'w Asset {
        self.asset
    }

    /// How it stands with the work.
    pub fn item(&self) -> &DueItem {
        &self.item
    }

    /// The id of the work.
    pub fn id(&self) -> DueId {
        DueId { asset: self.asset.id, kind: self.item.kind }
    }

    /// The name of the rule with the strictest date.
    pub fn rule(&self) -> &'w str {
        &self.judge.rules()[self.item.rule].draft().id
    }

    /// The value of the field at a place in [`terrier_catalog::due_fields`].
    pub fn value(&self, position: usize) -> Option<ValueRef<'_>> {
        match DueField::at(position) {
            Some(field) => field.value(&self.item, self.rule()),
            None => self.asset.value(position),
        }
    }

    /// What a condition may ask of the work. How it stands with work of a kind costs a judgement of
    /// the asset.
    pub fn view(&self) -> impl Known<'_> {
        AssetView {
            value: |position| self.value(position),
            shape: || Some(self.asset.content.shape.clone()),
            due_state: |kind| state_of(self.asset, self.judge, kind),
        }
    }

    fn reasons(&self) -> Vec<Reason<'w>> {
        let Self { asset, judge, item } = *self;
        judge.reasons(item.kind, &asset.view(), &asset.events)
    }

    /// Why it is due, in one line. Costs a judgement of the asset.
    pub fn why(&self, scope: &Scope) -> String {
        why_due(self.rule(), &self.reasons(), &self.asset.class, scope)
    }

    /// Writes the feature as it is served.
    pub fn write_feature(&self, collection: &Collection, scope: &Scope, out: &mut Vec<u8>) {
        let Some(breadth) = collection.breadth(scope) else {
            let plain = Presentation::plain();
            return self.write_shown(scope, &FeatureWriter::new(&plain, collection, scope), out);
        };
        let (mut fragments, mut properties) = (Fragments::default(), Vec::new());
        fragments.push(self.asset);
        let (rule, reasons, class) = (self.rule(), self.reasons(), &self.asset.class);
        write_due(&mut properties, &self.item, rule, &reasons, class, scope);
        let restricted = breadth == Breadth::Everything;
        fragments.write_work(self.item.kind, &properties, restricted, out);
    }

    /// Writes the feature as it is to be shown.
    pub fn write_shown(&self, scope: &Scope, writer: &FeatureWriter<'_>, out: &mut Vec<u8>) {
        let mut due = Vec::new();
        let (rule, reasons, class) = (self.rule(), self.reasons(), &self.asset.class);
        write_due(&mut due, &self.item, rule, &reasons, class, scope);
        let (id, shape) = (self.id().to_string(), &self.asset.content.shape);
        writer.write(out, &id, shape, |position| self.value(position), Some(&due));
    }

    fn is_asked_for(&self, query: &FeatureQuery) -> bool {
        // Few questions are about rules, and only these take a look at the reasons.
        let reasons = OnceCell::new();
        let nth_rule = |nth: usize| {
            let reasons = reasons.get_or_init(|| self.reasons());
            reasons.get(nth).map(|reason: &Reason<'_>| &*reason.rule.draft().id)
        };
        let due_state = |kind| state_of(self.asset, self.judge, kind);
        query.matches_due(self.asset, &self.item, self.rule(), nth_rule, due_state)
    }
}

impl Ledger {
    /// Hands out all the work that a question is after, class by class, and within a class in the
    /// order of places. A question for assets has none. Ends when `take` says no.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn for_each_work(
        &self,
        query: &FeatureQuery,
        mut take: impl FnMut(&Judged<'_>) -> bool,
    ) -> Result<(), LedgerError> {
        let Some(day) = query.due() else { return Ok(()) };
        let mut reading = self.read().await?;
        let classes: Vec<Arc<Class>> =
            (0..reading.class_count()).map(|place| Arc::clone(reading.class(place).1)).collect();
        let rules = reading.rules(&Arc::default()).await?;
        let class = |name: &str| classes.iter().find(|class| class.name() == name);
        let rules = rules.told_to(query.scope(), class);
        reading
            .judged([&rules], day.on, |asset, [judge]| {
                let Some(asset) = query.scope().given_asset(asset) else { return true };
                work_on(&asset, judge).all(|work| !work.is_asked_for(query) || take(&work))
            })
            .await
    }

    /// Tells what a pack of rules would change if it were put in force, in the place of the one of its
    /// name: hands out each piece of work of which a question is after what it is or what it would be,
    /// in the order of [`Ledger::for_each_work`], whether it differs or not. Judges each asset twice,
    /// and writes nothing. Ends when `take` says no.
    ///
    /// # Errors
    /// Those of [`Ledger::put_rules`].
    pub async fn try_rules(
        &self,
        pack: &str,
        text: &str,
        query: &FeatureQuery,
        mut take: impl FnMut(&Retold<'_>) -> bool,
    ) -> Result<RulePutReport, LedgerError> {
        let mut reading = self.read().await?;
        let RuleTrial { before, after, report } = reading.rules_with(pack, text).await?;
        let Some(day) = query.due() else { return Ok(report) };
        reading
            .judged([&before, &after], day.on, |asset, [before, after]| {
                let before: Vec<Judged<'_>> = work_on(asset, before).collect();
                let after: Vec<Judged<'_>> = work_on(asset, after).collect();
                WorkKind::ALL.into_iter().all(|kind| {
                    let (before, after) = (of_kind(&before, kind), of_kind(&after, kind));
                    let mut both = [before, after].into_iter().flatten();
                    let is_wanted = both.any(|work| work.is_asked_for(query));
                    !is_wanted || take(&Retold { asset, kind, before, after })
                })
            })
            .await?;
        Ok(report)
    }
}

fn of_kind<'w>(work: &[Judged<'w>], kind: WorkKind) -> Option<Judged<'w>> {
    work.iter().find(|work| work.item.kind == kind).copied()
}

/// How it stands with work of a kind on an asset.
pub(super) fn state_of(asset: &Asset, judge: &Judge<'_>, kind: WorkKind) -> Option<DueState> {
    let mut state = None;
    judge.judge(&asset.view(), &asset.events, |item| {
        if item.kind == kind {
            state = Some(item.state);
        }
    });
    state
}

/// The work on an asset, in the order of the kinds.
fn work_on<'w>(asset: &'w Asset, judge: &'w Judge<'w>) -> impl Iterator<Item = Judged<'w>> {
    let mut items = Vec::new();
    judge.judge(&asset.view(), &asset.events, |item| items.push(item));
    items.into_iter().map(move |item| Judged { asset, judge, item })
}

impl Reading {
    /// Hands out the assets of each class that some of the rules are about, with the judges by each
    /// of them. Ends when `take` says no.
    async fn judged<const N: usize>(
        &mut self,
        rules: [&Rules; N],
        day: Date,
        mut take: impl FnMut(&Asset, &[Judge<'_>; N]) -> bool,
    ) -> Result<(), LedgerError> {
        for place in 0..self.class_count() {
            let class = Arc::clone(self.class(place).1);
            let judges = rules.map(|rules| rules.judge(&class, day));
            if class.is_retired() || judges.iter().all(|judge| judge.rules().is_empty()) {
                continue;
            }
            let mut wanted = true;
            self.standing(place, None, |asset| {
                wanted = take(&asset, &judges);
                wanted
            })
            .await?;
            if !wanted {
                break;
            }
        }
        Ok(())
    }
}
