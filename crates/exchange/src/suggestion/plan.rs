//! Which property of a file fills which field of a class, and which class the file is of.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use terrier_model::{Class, Classes, CoreField, EventPart, Field};
use terrier_spatial::GeometryKind;

use super::alias::{GENERAL, words_of};
use super::fill::{Filling, filling};
use super::look::{Look, WEAK_RANK, key_rank};
use super::name::{FieldNames, Likeness, Words};
use super::seen::Seen;

/// What a field counts that could be filled once somebody has decided how.
const MAY_WEIGHT: f64 = 0.5;

/// What the name of the file or layer counts, and what its rows say.
const NAME_WEIGHT: f64 = 3.0;
const VALUE_WEIGHT: f64 = 0.5;

/// A class has to have so much for it, and so much more than any other.
const LEAST_SCORE: f64 = 0.5;
const LEAST_LEAD: f64 = 0.05;

/// So many properties at least have to be those of the class alone, unless a name or a value says it.
const LEAST_EVIDENCE: u32 = 2;

/// What so few rows have a value for tells no class.
const LEAST_SHARE: f64 = 0.1;

/// So many other classes are told, when they have at least half as much for them.
const TOLD_OTHERS: usize = 3;

/// So many of the most frequent values of a property are read for words that tell the class.
const READ_VALUES: usize = 5;

/// What becomes of a property.
#[derive(Clone, Debug)]
pub(super) enum Use {
    /// It fills a field, by its place in the class.
    Fills(usize, Filling),
    /// It may fill a field once somebody has decided it.
    MayFill(usize, Filling),
    /// The register itself computes it.
    Computed,
    /// It is one of the columns with the position.
    Position,
    /// Nobody knows.
    Unknown,
}

/// How the properties of a file become the fields of a class.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) class: Arc<Class>,
    /// For each property, in the order of the file.
    pub(super) uses: Vec<Use>,
    score: f64,
    /// How many properties speak for it that are not those of anything.
    evidence: u32,
}

/// Why no class is chosen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Undecided {
    /// No class of that name.
    NoSuchClass,
    /// None has anything for it.
    None,
    /// Several have as much.
    Several(Vec<String>),
}

/// The plan for the class that was named, otherwise for the one that is most likely, with the others
/// that have something for them.
pub(super) fn choose(
    look: &Look,
    file: &str,
    classes: &Classes,
    name: Option<&str>,
) -> Result<(Plan, Vec<String>), Undecided> {
    if let Some(name) = name {
        let class = classes.get(name).filter(|class| !class.is_retired());
        let class = class.ok_or(Undecided::NoSuchClass)?;
        return Ok((Plan::new(look, file, class, &HashMap::new()), Vec::new()));
    }
    let geometry = look.main_geometry();
    let takes = |class: &&Arc<Class>| {
        !class.is_retired() && geometry.is_none_or(|name| is_taken(name, class.geometry()))
    };
    let classes: Vec<&Arc<Class>> = classes.iter().filter(takes).collect();
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for field in classes.iter().flat_map(|class| class.fields()) {
        *counts.entry(&*field.name).or_default() += 1;
    }
    let plans = classes.iter().map(|class| Plan::new(look, file, class, &counts));
    let mut plans: Vec<Plan> = plans.collect();
    plans.retain(|plan| plan.score >= LEAST_SCORE && plan.evidence >= LEAST_EVIDENCE);
    plans.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut plans = plans.into_iter();
    let Some(best) = plans.next() else { return Err(Undecided::None) };
    let others: Vec<Plan> = plans.collect();
    let is_as_good = |plan: &&Plan| best.score - plan.score < LEAST_LEAD;
    let as_good: Vec<&Plan> = others.iter().filter(is_as_good).collect();
    if !as_good.is_empty() {
        let all = std::iter::once(&best).chain(as_good);
        return Err(Undecided::Several(all.map(|plan| plan.class.name().into()).collect()));
    }
    let others = others.iter().filter(|plan| plan.score * 2.0 >= best.score).take(TOLD_OTHERS);
    let others = others.map(|plan| plan.class.name().into()).collect();
    Ok((best, others))
}

/// Whether a class takes geometries of a kind.
pub(super) fn is_taken(geometry: &str, kind: GeometryKind) -> bool {
    let kinds: &[&str] = match kind {
        GeometryKind::Point => &["Point"],
        GeometryKind::Line | GeometryKind::MultiLine => &["LineString", "MultiLineString"],
        GeometryKind::MultiPolygon => &["Polygon", "MultiPolygon"],
    };
    kinds.contains(&geometry)
}

/// A property that is like a field.
struct Pair {
    property: usize,
    field: usize,
    likeness: Likeness,
    fits: bool,
    filling: Filling,
}

impl Plan {
    /// The plan for one of several classes, of which so many have a field of each name.
    fn new(look: &Look, file: &str, class: &Arc<Class>, counts: &HashMap<&str, u32>) -> Self {
        let mut uses: Vec<Use> = look
            .properties
            .iter()
            .map(|seen| if look.is_position(&seen.name) { Use::Position } else { Use::Unknown })
            .collect();
        for (seen, use_) in look.properties.iter().zip(&mut uses) {
            let field = class.position(&seen.name).map(|place| &class.fields()[place]);
            if field.is_some_and(|field| !field.is_given() && !field.retired) {
                *use_ = Use::Computed;
            }
        }
        let (mut score, mut evidence) = (0.0, 0);
        let mut taken = vec![false; class.fields().len()];
        let pairs = pairs(look, class);
        for is_first in [true, false] {
            for pair in &pairs {
                let Pair { property, field, likeness, fits, filling } = pair;
                let is_free = matches!(uses[*property], Use::Unknown) && !taken[*field];
                let is_good = *fits && *likeness > Likeness::Perhaps;
                if !is_free || is_good != is_first {
                    continue;
                }
                taken[*field] = true;
                let described = &class.fields()[*field];
                let (weight, count) = told(look, *property, described, pair);
                evidence += count;
                let weight = weight / counts.get(&*described.name).copied().map_or(1.0, f64::from);
                uses[*property] = if is_good {
                    score += weight;
                    Use::Fills(*field, filling.clone())
                } else {
                    score += weight * MAY_WEIGHT;
                    Use::MayFill(*field, filling.clone())
                };
            }
        }
        let said = said(look, file, class);
        let evidence = if said > 0.0 { LEAST_EVIDENCE } else { evidence };
        let mut plan = Self { class: Arc::clone(class), uses, score: score + said, evidence };
        plan.settle();
        plan
    }

    /// Takes back what would be a fault beside the rest.
    fn settle(&mut self) {
        // Who tells the last day as well needs no placeholder: 1988 is from the first to the last.
        if self.filling_of(CoreField::InstalledLatestOn).is_some()
            && let Some(place) = self.filling_of(CoreField::InstalledOn)
            && let Use::Fills(_, filling) = &mut self.uses[place]
        {
            filling.keys.retain(|(key, _)| *key != "placeholders");
            filling.notes.clear();
        }
        let fields = self.class.fields();
        let filled: Vec<usize> = self
            .uses
            .iter()
            .filter_map(|use_| if let Use::Fills(field, _) = use_ { Some(*field) } else { None })
            .collect();
        let has_core = |core: CoreField| filled.iter().any(|at| fields[*at].core == Some(core));
        let has_day = |part: EventPart| {
            let on = EventPart::On(part.kind());
            filled.iter().any(|at| fields[*at].event == Some(on))
        };
        let tells_source = self.uses.iter().any(|use_| match use_ {
            Use::Fills(_, filling) => filling.keys.iter().any(|(key, _)| *key == "placeholders"),
            _ => false,
        });
        let note = |field: &Field| match (field.core, field.event) {
            (_, Some(part)) if !has_day(part) => Some("nothing is known of the day of it"),
            (Some(CoreField::InstalledLatestOn), _) if !has_core(CoreField::InstalledOn) => {
                Some("installed_on has to stand beside it")
            }
            (Some(CoreField::InstalledSource | CoreField::InstalledWritten), _) if tells_source => {
                Some("installed_on fills it, because of its placeholders")
            }
            _ => None,
        };
        for use_ in &mut self.uses {
            if let Use::Fills(field, filling) = use_
                && let Some(note) = note(&fields[*field])
            {
                filling.notes.push(note.into());
                *use_ = Use::MayFill(*field, filling.clone());
            }
        }
    }

    /// The property that fills a field.
    pub(super) fn filling_of(&self, core: CoreField) -> Option<usize> {
        let field = self.class.fields().iter().position(|field| field.core == Some(core));
        self.uses.iter().position(|use_| matches!(use_, Use::Fills(at, _) if Some(*at) == field))
    }

    /// How many properties fill a field.
    pub(super) fn filled(&self) -> usize {
        self.uses.iter().filter(|use_| matches!(use_, Use::Fills(..))).count()
    }
}

/// All pairs of a property and a field that are alike, the best first.
fn pairs(look: &Look, class: &Class) -> Vec<Pair> {
    let names: Vec<(usize, FieldNames)> = (0..)
        .zip(class.fields())
        .filter(|(_, field)| field.is_given())
        .map(|(place, field)| (place, FieldNames::of(field)))
        .collect();
    let mut pairs = Vec::new();
    for (property, seen) in look.properties.iter().enumerate() {
        if seen.filled == 0 {
            continue;
        }
        let words = look.words(&seen.name);
        for (field, names) in &names {
            let Some(likeness) = names.likeness(&words) else { continue };
            let described = &class.fields()[*field];
            let filling = filling(seen, &words, likeness, described, look.description.decimal);
            let fits = filling.fits(seen.filled);
            pairs.push(Pair { property, field: *field, likeness, fits, filling });
        }
    }
    // Stable, so that of equal ones the first of the file and of the class is taken.
    pairs.sort_by_key(|pair| Reverse((pair.fits, pair.likeness)));
    pairs
}

/// What a pair tells of its class: its weight, by how much of the rows have a value, and as how many
/// properties it counts that are not those of anything.
fn told(look: &Look, property: usize, field: &Field, pair: &Pair) -> (f64, u32) {
    let seen = &look.properties[property];
    if GENERAL.contains(&look.words(&seen.name).base()) {
        return (0.0, 0);
    }
    // Values that are those of the list say more than a name.
    let is_list = is_list(field, &pair.filling);
    let share = seen.filled as f64 / look.rows.max(1) as f64;
    let weight = pair.likeness.weight() * share * if is_list { 1.5 } else { 1.0 };
    let is_evidence = weight > 0.0 && share >= LEAST_SHARE && field.core.is_none();
    (weight, if is_evidence { 1 + u32::from(is_list) } else { 0 })
}

/// Whether the values are codes of the field, some of them at least.
fn is_list(field: &Field, filling: &Filling) -> bool {
    let is_known = filling.codes.iter().any(|line| line.value.is_some());
    field.kind.codes().is_some() && (is_known || (filling.codes.is_empty() && !filling.is_open))
}

/// What the name of the file, that of its layer and its most frequent values say for a class.
fn said(look: &Look, file: &str, class: &Class) -> f64 {
    let layer = look.description.layer.as_deref().unwrap_or_default();
    let name = share_said(file, class).max(share_said(layer, class));
    let values = look.properties.iter().filter(|seen| !seen.is_more).flat_map(|seen| {
        let values = seen.by_frequency();
        let half = seen.filled / 2;
        // What the rows have in common, not what few of them say.
        values.into_iter().take(READ_VALUES).filter(move |value| value.rows >= half.max(1))
    });
    let value = values.map(|value| share_said(&value.text, class)).fold(0.0, f64::max);
    name * NAME_WEIGHT + value * VALUE_WEIGHT
}

/// The greatest share of a text that is a word for the class.
fn share_said(text: &str, class: &Class) -> f64 {
    let text = Words::of(text).singular();
    let title = class.title();
    let words = [class.name(), &title.en, &title.zh].into_iter().chain(words_of(class));
    let share = words.map(|word| text.share_of(&Words::of(word).singular())).fold(0.0, f64::max);
    // One word of four is more than a quarter of the name, for places and years stand beside it.
    share.sqrt()
}

/// The property by which an asset is found again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum KeyOf {
    /// What the file itself calls its rows.
    Feature,
    /// A property, by its place.
    Property(usize),
    /// There is none.
    Nothing,
}

/// Chooses the key: the ids of a register, otherwise the property that is best called one, otherwise
/// the ids of the file.
pub(super) fn key(look: &Look) -> KeyOf {
    let has_ids = look.ids.is_unique_in(look.rows);
    if has_ids && look.assets == look.rows {
        return KeyOf::Feature;
    }
    let rank = |seen: &Seen| {
        let is_number = look.description.number_column() == Some(&*seen.name);
        let may_be = seen.is_unique_in(look.rows) && !is_number && !look.is_position(&seen.name);
        if may_be { key_rank(&look.words(&seen.name)) } else { None }
    };
    let ranked = look.properties.iter().enumerate();
    let best = ranked.filter_map(|(at, seen)| Some((rank(seen)?, at))).min();
    match best {
        // The numbers that a GeoPackage gives to its rows are no better than a weak key.
        Some((rank, _))
            if rank >= WEAK_RANK && has_ids && look.description.number_column().is_none() =>
        {
            KeyOf::Feature
        }
        // A table has its ids in a column of this name.
        Some((_, at)) if has_ids && &*look.properties[at].name == crate::header::ID_COLUMN => {
            KeyOf::Feature
        }
        Some((_, at)) => KeyOf::Property(at),
        None if has_ids => KeyOf::Feature,
        None => KeyOf::Nothing,
    }
}
