//! The question for figures of many assets in one: how many, how long, how large, group by group.
//!
//! Which assets are meant is a [`FeatureQuery`], so a summary takes every condition that a list of
//! features takes.

mod answer;
mod clip;
mod condition;
mod group;
mod measure;
mod sum;
mod tally;
#[cfg(test)]
mod tests;

use jiff::civil::Date;
use terrier_model::{Field, Scope};

use crate::near::{NEAR, NEAREST};
use crate::order::SORT_BY;
use crate::query::{QueryError, parameters, shorten};
use crate::{Collection, FeatureQuery, unknown_name};

use group::{GroupKey, parse_groups};

pub use answer::summary_json;
pub use measure::{Basis, Measure};
pub use tally::{Amount, Figure, Group, Label, Summary, Tally};

/// The most fields by which assets are grouped at a time.
pub const MAX_GROUP_FIELDS: usize = 3;

/// The most groups of an answer; a question that has more is refused.
pub const MAX_GROUPS: usize = 10_000;

/// The most different communities and streets that are told apart, counted in each group anew; a
/// question that has more is refused.
pub const MAX_DISTINCT: usize = 1_000_000;

/// Parameters of a summary beside the conditions on its assets.
const PARAMETERS: [&str; 3] = [CLIP, GROUP_BY, MEASURE];

/// The parameter that says whether lengths and areas of geometries are cut at the window or polygon.
pub const CLIP: &str = "clip";
/// The parameter that names the fields by which assets are grouped.
pub const GROUP_BY: &str = "group-by";
/// The parameter that names what is wanted of each group.
pub const MEASURE: &str = "measure";

/// Parameters of a list that is given page by page.
const PAGE_PARAMETERS: [&str; 6] = [NEAREST, "limit", NEAR, "offset", SORT_BY, "token"];

/// Which assets are summed up, in which groups, by which measures.
#[derive(Clone, Debug)]
pub struct SummaryQuery {
    features: FeatureQuery,
    groups: Vec<GroupKey>,
    /// With the places of their fields.
    measures: Vec<(Measure, Option<usize>)>,
    /// What lengths and areas of geometries are cut at.
    clip: Option<terrier_spatial::Figure>,
}

impl SummaryQuery {
    /// Reads a question, which is asked on a day, from decoded pairs of names and values: `group-by`
    /// and `measure` are lists with commas between, `clip` says whether geometries are cut, everything else is a condition of [`FeatureQuery`]. Without `group-by`
    /// all assets are one group; without `measure` they are counted.
    ///
    /// # Errors
    /// The first parameter that is unknown, repeated or not understood. A field or measure that the
    /// scope does not show is unknown.
    pub fn parse<'a>(
        collection: Collection,
        scope: &Scope,
        today: Date,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, QueryError> {
        let (mut groups, mut measures, mut clip) = (None, None, None);
        let mut conditions = Vec::new();
        for (name, text) in pairs {
            let list = match name {
                GROUP_BY => &mut groups,
                MEASURE => &mut measures,
                CLIP => &mut clip,
                _ => {
                    check_name(&collection, scope, name)?;
                    conditions.push((name, text));
                    continue;
                }
            };
            if list.replace(text).is_some() {
                return Err(QueryError::new(name, "given more than once"));
            }
        }
        let (mut features, _) = FeatureQuery::parse(collection, scope, today, conditions)?;
        let collection = features.collection();
        let on = features.due().map_or(today, |due| due.on);
        let parse = |text| parse_groups(collection, scope, on, text);
        let groups: Vec<GroupKey> = groups.map_or(Ok(Vec::new()), parse)?;
        let measures = parse_measures(collection, scope, measures.unwrap_or("count"))?;
        if groups.iter().any(GroupKey::reads_due_state) {
            features.ask_due_states(today);
        }
        let clip = clip::parse(clip, &features)?;
        Ok(Self { features, groups, measures, clip })
    }

    /// Which assets are summed up.
    pub fn features(&self) -> &FeatureQuery {
        &self.features
    }

    /// Whether lengths and areas of geometries are cut at a window or polygon.
    pub fn is_clipped(&self) -> bool {
        self.clip.is_some()
    }

    /// By what they are grouped: fields, and what is worked out, described as fields are.
    pub fn group_fields(&self) -> impl ExactSizeIterator<Item = &Field> {
        self.groups.iter().map(|key| &key.field)
    }

    /// What is wanted of each group.
    pub fn measures(&self) -> impl ExactSizeIterator<Item = Measure> {
        self.measures.iter().map(|(measure, _)| *measure)
    }

    /// The names of all that assets of a collection can be grouped by: fields, and what is worked
    /// out.
    pub fn group_names(collection: &Collection, scope: &Scope) -> Vec<String> {
        group::names(collection, scope)
    }
}

/// Refuses the name of a parameter that no summary takes.
fn check_name(collection: &Collection, scope: &Scope, name: &str) -> Result<(), QueryError> {
    if PAGE_PARAMETERS.contains(&name) {
        return Err(QueryError::new(name, "a summary has no pages"));
    }
    if collection.position(name, scope).is_some()
        || parameters(collection).any(|known| known == name)
    {
        return Ok(());
    }
    let mut known: Vec<&str> =
        collection.seen_fields(scope).map(|(_, field)| &*field.name).collect();
    known.extend(parameters(collection).filter(|known| !PAGE_PARAMETERS.contains(known)));
    known.extend(PARAMETERS);
    Err(QueryError::new(name, unknown_name(name, known.into_iter())))
}

fn parse_measures(
    collection: &Collection,
    scope: &Scope,
    text: &str,
) -> Result<Vec<(Measure, Option<usize>)>, QueryError> {
    let fault = |detail: String| QueryError::new(MEASURE, detail);
    let mut measures: Vec<(Measure, Option<usize>)> = Vec::new();
    for name in text.split(',') {
        let measure = Measure::seen(collection, scope).find(|known| known.name() == name);
        let measure = measure.ok_or_else(|| {
            let known: Vec<&str> = Measure::seen(collection, scope).map(Measure::name).collect();
            fault(format!("found `{}`, expected some of {}", shorten(name), known.join(", ")))
        })?;
        if measures.iter().any(|(other, _)| *other == measure) {
            return Err(fault(format!("`{name}` comes twice")));
        }
        measures.push((measure, measure.position(collection, scope)));
    }
    Ok(measures)
}
