//! Edits of single assets: one or many, over several classes, as one change or not at all.

use std::collections::HashSet;
use std::sync::Arc;

use sqlx::Row;
use terrier_model::{AssetId, Checked, Class, Fault, Part, Place};

use super::change::{Change, ChangeReport, ChangeSession, Request};
use super::event::{KnownEvents, known_events};
use super::import::{First, Name, Next};
use super::known::{Known, Standing};
use super::read::asset_id;
use super::write::Plan;
use super::{LedgerError, group::EditAnswer};

/// The most edits of one change.
pub const MAX_EDITS: usize = 10_000;

/// So many edits are looked up and written at once.
const BATCH_EDITS: usize = 500;

/// So many edits that cannot be taken are told; the others wait until these are mended.
const MAX_REFUSED: usize = 50;

/// Edits that are one change, or are not taken at all.
#[derive(Clone, Debug)]
pub struct EditSet {
    /// What is said of the change as a whole.
    pub change: Change,
    /// The edits, each of another asset; at most [`MAX_EDITS`].
    pub edits: Vec<Edit>,
    /// What the client calls its request; the same again is answered as it was the first time.
    pub request: Option<Request>,
    /// Whether to tell what would come of it, and write nothing.
    pub rehearse: bool,
}

/// What is to become of one asset.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The asset.
    pub id: AssetId,
    /// The class that it is of.
    pub class: Arc<Class>,
    /// What is to become of it.
    pub action: EditAction,
}

/// What is to become of an asset.
#[derive(Clone, Debug)]
pub enum EditAction {
    /// It is registered, under an id that nobody has.
    Create(Checked),
    /// Something else is to be known of it.
    Change {
        /// What is said; the rest stays as it is known.
        part: Part,
        /// Which versions the editor has seen.
        expected: Expected,
    },
    /// It is no more; with the verb `correct`, it never was.
    Retire {
        /// Which versions the editor has seen.
        expected: Expected,
    },
}

/// Which version an edit is meant to follow on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Expected {
    /// Whichever there is.
    Any,
    /// One of these.
    Versions(Vec<u32>),
}

impl Expected {
    fn has(&self, version: u32) -> bool {
        match self {
            Self::Any => true,
            Self::Versions(versions) => versions.contains(&version),
        }
    }
}

/// What an edit came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Edited {
    /// The asset.
    pub id: AssetId,
    /// Its last version.
    pub version: u32,
    /// What became of it.
    pub effect: Effect,
}

/// What became of an asset.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Effect {
    /// It is registered.
    Created,
    /// It has a new version, or events that were not known.
    Changed,
    /// All that was said was known.
    Unchanged,
    /// It is no more.
    Retired,
}

/// Why an edit cannot be taken.
#[derive(Clone, Debug, PartialEq)]
pub enum EditRefusal {
    /// There is no such asset of the class.
    Missing,
    /// The asset is no more in the street, or never was.
    Gone,
    /// The editor has not seen the version that stands.
    Stale {
        /// That version.
        version: u32,
    },
    /// What it says is wrong.
    Faults(Vec<Fault>),
}

impl ChangeSession {
    /// Takes all of the edits, or tells those that cannot be taken, by their places; then nothing of
    /// the change must remain.
    pub(super) async fn edit(
        &mut self,
        edits: Vec<Edit>,
    ) -> Result<Result<Vec<Edited>, Vec<(usize, EditRefusal)>>, LedgerError> {
        let (mut edited, mut refused) = (Vec::with_capacity(edits.len()), Vec::new());
        let mut seen = HashSet::with_capacity(edits.len());
        let mut edits = edits.into_iter().enumerate();
        loop {
            let batch: Vec<(usize, Edit)> = edits.by_ref().take(BATCH_EDITS).collect();
            if batch.is_empty() || refused.len() >= MAX_REFUSED {
                break;
            }
            let names = batch.iter().map(|(_, edit)| Name::Id(edit.id)).collect::<Vec<_>>();
            let mut known = self.look_up(names.iter()).await?;
            let mut events = known_events(&mut self.transaction, touched(&batch)).await?;
            let mut plan = Plan::default();
            for ((place, edit), name) in batch.into_iter().zip(names) {
                let taken = if seen.insert(edit.id) {
                    let events = events.remove(&edit.id).unwrap_or_default();
                    self.edit_one(edit, known.remove(&name), events, &mut plan)?
                } else {
                    let expected = "each asset once in a change";
                    let fault = Fault::new(Place::Key, edit.id.to_string(), expected);
                    Err(EditRefusal::Faults(vec![fault]))
                };
                match taken {
                    Ok(one) => edited.push(one),
                    Err(refusal) if refused.len() < MAX_REFUSED => refused.push((place, refusal)),
                    Err(_) => {}
                }
            }
            if refused.is_empty() {
                self.write(plan).await?;
            }
        }
        Ok(if refused.is_empty() { Ok(edited) } else { Err(refused) })
    }

    fn edit_one(
        &mut self,
        edit: Edit,
        known: Option<Known>,
        events: KnownEvents,
        plan: &mut Plan,
    ) -> Result<Result<Edited, EditRefusal>, LedgerError> {
        let Edit { id, class, action } = edit;
        let class = self.class_place(&class)?;
        let number = self.classes[class].number;
        let known = match (action, known) {
            (EditAction::Create(checked), None) => {
                return Ok(self.register(id, class, checked, plan));
            }
            (EditAction::Create(_), Some(_)) => {
                let fault = Fault::new(Place::Key, id.to_string(), "an id that no asset has");
                return Ok(Err(EditRefusal::Faults(vec![fault])));
            }
            (_, None) => return Ok(Err(EditRefusal::Missing)),
            (_, Some(known)) if known.class_number() != number => {
                return Ok(Err(EditRefusal::Missing));
            }
            (_, Some(Known::Gone(_))) => return Ok(Err(EditRefusal::Gone)),
            (action, Some(Known::Standing(known))) => (action, known),
        };
        match known {
            (EditAction::Change { part, expected }, known) if expected.has(known.version) => {
                self.change_one(&known, class, part, events, plan)
            }
            (EditAction::Retire { expected }, known) if expected.has(known.version) => {
                Ok(self.retire(&known, plan))
            }
            (_, known) => Ok(Err(EditRefusal::Stale { version: known.version })),
        }
    }

    fn register(
        &mut self,
        id: AssetId,
        class: usize,
        checked: Checked,
        plan: &mut Plan,
    ) -> Result<Edited, EditRefusal> {
        let Checked { content, given: _, events } = checked;
        let first = First { id, version: 1, content, events };
        self.begin_life(class, first, KnownEvents::default(), plan).map_err(EditRefusal::Faults)?;
        plan.assets.push((id, self.classes[class].number, None));
        Ok(Edited { id, version: 1, effect: Effect::Created })
    }

    fn change_one(
        &mut self,
        known: &Standing,
        class: usize,
        mut part: Part,
        events: KnownEvents,
        plan: &mut Plan,
    ) -> Result<Result<Edited, EditRefusal>, LedgerError> {
        let form = &self.classes[class].form;
        let former = known.content(form)?;
        let happened = std::mem::take(&mut part.events);
        let new = part.laid_over(&former, form.class());
        let before = self.report.events;
        let next = Next { class, former, new, happened };
        let (id, version) = (known.id, known.version);
        Ok(match self.follow_on(known, next, events, plan) {
            Err(faults) => Err(EditRefusal::Faults(faults)),
            Ok(true) => Ok(Edited { id, version: version + 1, effect: Effect::Changed }),
            Ok(false) => {
                let now = self.report.events;
                let is_news =
                    (now.recorded, now.superseded) != (before.recorded, before.superseded);
                let effect = if is_news { Effect::Changed } else { Effect::Unchanged };
                Ok(Edited { id, version, effect })
            }
        })
    }

    fn retire(&mut self, known: &Standing, plan: &mut Plan) -> Result<Edited, EditRefusal> {
        let end = self.end_of(known).map_err(|fault| EditRefusal::Faults(vec![fault]))?;
        plan.replaced.push((known.version_number, end));
        plan.retired.push((known.id, known.version));
        self.report.retired += 1;
        Ok(Edited { id: known.id, version: known.version, effect: Effect::Retired })
    }

    /// Takes a set of edits, as a change of its own or not at all.
    pub(super) async fn edit_set(&mut self, set: EditSet) -> Result<EditAnswer, LedgerError> {
        let EditSet { change, edits, request, rehearse } = set;
        self.turn_to(change);
        if let Some(request) = &request
            && let Some(answer) = self.answered_before(request).await?
        {
            return Ok(answer);
        }
        self.apart(async |session| {
            session.record(request.as_ref()).await?;
            let edited = match session.edit(edits).await? {
                Err(refused) => return Ok((false, EditAnswer::Refused(refused))),
                Ok(edited) => edited,
            };
            let report = session.complete().await?;
            let keep = report.sequence.is_some() && !rehearse;
            let report = ChangeReport { sequence: report.sequence.filter(|_| keep), ..report };
            Ok((keep, EditAnswer::Done { report, edited }))
        })
        .await
    }

    /// What a request was answered, when its sender has sent it before.
    async fn answered_before(
        &mut self,
        request: &Request,
    ) -> Result<Option<EditAnswer>, LedgerError> {
        let fault = LedgerError::while_doing("look for a request that was made before");
        let row = sqlx::query(include_str!("../sql/sqlite/select_change_of_request.sql"))
            .bind(&self.settings.actor)
            .bind(&request.key)
            .fetch_optional(&mut *self.transaction)
            .await
            .map_err(&fault)?;
        let Some(row) = row else { return Ok(None) };
        let (sequence, hash): (i64, &[u8]) =
            (row.try_get(0).map_err(&fault)?, row.try_get(1).map_err(&fault)?);
        if hash != request.hash {
            return Ok(Some(EditAnswer::KeyOfAnother { sequence: sequence.cast_unsigned() }));
        }
        let rows = sqlx::query(include_str!("../sql/sqlite/select_edited_in_change.sql"))
            .bind(sequence)
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(&fault)?;
        let mut edited = Vec::with_capacity(rows.len());
        for row in &rows {
            let is_first: bool = row.try_get(2).map_err(&fault)?;
            let is_last: bool = row.try_get(3).map_err(&fault)?;
            let effect = match (is_first, is_last) {
                (true, _) => Effect::Created,
                (_, true) => Effect::Retired,
                _ => Effect::Changed,
            };
            let version = row.try_get(1).map_err(&fault)?;
            edited.push(Edited { id: asset_id(row, 0)?, version, effect });
        }
        Ok(Some(EditAnswer::Repeated { sequence: sequence.cast_unsigned(), edited }))
    }
}

/// The assets that may have events which are known, and of which edits tell some.
fn touched(batch: &[(usize, Edit)]) -> impl Iterator<Item = AssetId> {
    batch.iter().filter_map(|(_, edit)| match &edit.action {
        EditAction::Change { part, .. } if !part.events.is_empty() => Some(edit.id),
        _ => None,
    })
}
