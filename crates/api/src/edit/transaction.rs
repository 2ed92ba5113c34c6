//! Many edits over several collections, as one change or not at all.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, Uri};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue as JsonText;
use serde_json::{Value as Json, json};
use terrier_catalog::Collection;
use terrier_exchange::SentForm;
use terrier_model::{AssetId, Class, Fault, FaultCode, Permission, Place, Scope, Verb};
use terrier_spatial::Crs;
use terrier_store::{
    Edit, EditAction, EditAnswer, EditRefusal, EditSet, Edited, Effect, Expected, MAX_EDITS,
    Snapshot,
};

use super::asked::{Asked, check_type};
use super::{answer, class_of, fault, feature, permission};
use crate::app::App;
use crate::aside::aside;
use crate::body::read as read_body;
use crate::limits::{MAX_TOLD_ERRORS, MAX_TRANSACTION_BYTES};
use crate::problem::shortened;
use crate::{Caller, Problem, past, precondition};

/// What a transaction may be sent as.
pub(super) const TRANSACTION_TYPES: [&str; 1] = ["application/json"];

/// The body of a transaction.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text<'a> {
    #[serde(borrow)]
    edits: Vec<EditText<'a>>,
}

/// One edit of a transaction.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EditText<'a> {
    action: ActionName,
    collection: String,
    /// The asset; of an insertion none.
    id: Option<String>,
    /// What other edits call an asset that is inserted.
    #[serde(rename = "ref")]
    name: Option<String>,
    /// The version, or the tag, that the sender has seen.
    if_match: Option<Seen>,
    /// The feature; of an update, the patch of it.
    #[serde(borrow)]
    feature: Option<&'a JsonText>,
}

#[derive(Clone, Copy, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
enum ActionName {
    Insert,
    Replace,
    Update,
    Delete,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Seen {
    Version(u32),
    Tag(String),
}

/// `POST /transactions`
pub(crate) async fn transact(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response<Body>, Problem> {
    let asked = Asked::read(&app, &uri, &headers)?;
    check_type(&headers, &TRANSACTION_TYPES, answer::ACCEPT_POST)?;
    let bytes = read_body(body, MAX_TRANSACTION_BYTES).await?;
    let (reading, scope) = (app.clone(), caller.scope().clone());
    let meant = (asked.verb, asked.crs);
    let read = aside(move || read(&reading, &scope, &bytes, meant).map(|read| (read, bytes)));
    let (Read { edits, names }, bytes) = read.await??;
    let about: Vec<About> = edits.iter().zip(names).map(About::of).collect();
    let set = EditSet {
        change: asked.change(&app, caller.name(), "transaction"),
        edits,
        request: asked.request(&uri, &headers, &bytes),
        rehearse: asked.rehearse,
    };
    let done = app.registry().edit(set).await.map_err(|error| Problem::of_ledger(&error))?;
    let (change, edited, is_repeated) = match done {
        EditAnswer::Done { report, edited } => (report.sequence, edited, false),
        EditAnswer::Repeated { sequence, edited } => {
            (Some(sequence), in_order(&about, edited), true)
        }
        EditAnswer::KeyOfAnother { sequence } => return Err(Problem::key_of_another(sequence)),
        EditAnswer::Refused(mut refused) => {
            hide_unseen(&app, caller.scope(), &about, &mut refused).await?;
            return Err(problem(&about, &refused));
        }
    };
    let edits = about.iter().zip(&edited).map(|(about, edited)| {
        let mut told = answer::one(edited, asked.rehearse);
        told["collection"] = about.class.name().into();
        if let Some(name) = &about.name {
            told["ref"] = name.as_str().into();
        }
        told
    });
    let told = json!({
        "change": change,
        "dry_run": asked.rehearse,
        "repeated": is_repeated,
        "edits": edits.collect::<Json>(),
    });
    let mut response = answer::once(&told);
    answer::mark_change(&app, change, &mut response)?;
    Ok(response)
}

/// What an edit was about.
struct About {
    id: AssetId,
    class: Arc<Class>,
    name: Option<String>,
    is_insertion: bool,
}

impl About {
    fn of((edit, name): (&Edit, Option<String>)) -> Self {
        let is_insertion = matches!(edit.action, EditAction::Create(_));
        Self { id: edit.id, class: Arc::clone(&edit.class), name, is_insertion }
    }
}

/// What the edits of a request came to when it was made before: the ledger knows the assets that were
/// inserted in the order of their insertion, and the others by their ids.
fn in_order(about: &[About], edited: Vec<Edited>) -> Vec<Edited> {
    let (created, others): (Vec<_>, Vec<_>) =
        edited.into_iter().partition(|one| one.effect == Effect::Created);
    let mut created = VecDeque::from(created);
    let others: HashMap<AssetId, Edited> = others.into_iter().map(|one| (one.id, one)).collect();
    let one = |about: &About| {
        let known =
            if about.is_insertion { created.pop_front() } else { others.get(&about.id).copied() };
        known.unwrap_or(Edited { id: about.id, version: 0, effect: Effect::Unchanged })
    };
    about.iter().map(one).collect()
}

/// The edits of a body, with the names that it gives to insertions.
struct Read {
    edits: Vec<Edit>,
    names: Vec<Option<String>>,
}

fn read(
    app: &App,
    scope: &Scope,
    bytes: &Bytes,
    (verb, crs): (Verb, Option<&Crs>),
) -> Result<Read, Problem> {
    let Text { edits: texts } = serde_json::from_slice(bytes)
        .map_err(|error| Problem::bad_request(format!("the body is no transaction: {error}")))?;
    if texts.is_empty() || texts.len() > MAX_EDITS {
        let detail = format!("edits: found {}, expected 1 to {MAX_EDITS}", texts.len());
        let (found, expected) = (texts.len().to_string(), format!("1 to {MAX_EDITS} edits"));
        let error = fault::error("/edits", FaultCode::Form.code(), &found, &expected);
        return Err(Problem::unprocessable(detail).with("errors", json!([error])));
    }
    let snapshot = app.registry().snapshot();
    let ids: Vec<AssetId> = texts.iter().map(|_| app.new_id()).collect();
    let mut reading = Reading {
        app,
        scope,
        snapshot: &snapshot,
        verb,
        crs,
        made: HashMap::new(),
        errors: Vec::new(),
    };
    reading.name_insertions(&texts, &ids);
    let mut edits = Vec::with_capacity(texts.len());
    for (place, (text, id)) in texts.iter().zip(ids).enumerate() {
        match reading.edit(text, id) {
            Ok(edit) => edits.push(edit),
            Err(faults) => reading.refuse(place, text, &faults),
        }
        if reading.errors.len() >= MAX_TOLD_ERRORS {
            break;
        }
    }
    if !reading.errors.is_empty() {
        return Err(refused(reading.errors));
    }
    Ok(Read { edits, names: texts.into_iter().map(|text| text.name).collect() })
}

/// Edits while they are read.
struct Reading<'a> {
    app: &'a App,
    scope: &'a Scope,
    snapshot: &'a Snapshot,
    verb: Verb,
    crs: Option<&'a Crs>,
    /// The assets that are inserted, by what the body calls them.
    made: HashMap<&'a str, AssetId>,
    errors: Vec<Json>,
}

/// What is wrong with an edit: in a member of its own, or in its feature.
enum Wrong {
    /// Its asset does not exist for the sender.
    Missing(AssetId, Arc<Class>),
    Member(&'static str, Fault),
    Feature(Vec<Fault>),
}

impl<'a> Reading<'a> {
    fn name_insertions(&mut self, texts: &'a [EditText<'a>], ids: &[AssetId]) {
        let mut twice = HashSet::new();
        for (place, (text, id)) in texts.iter().zip(ids).enumerate() {
            let Some(name) = text.name.as_deref() else { continue };
            let is_first = self.made.insert(name, *id).is_none();
            if text.action != ActionName::Insert {
                let fault = Fault::new(Place::Row, name, "a name of an insertion alone");
                self.refuse(place, text, &Wrong::Member("ref", fault));
            } else if !is_first && twice.insert(name) {
                let fault = Fault::new(Place::Row, name, "each name once");
                self.refuse(place, text, &Wrong::Member("ref", fault.of(FaultCode::Repeated)));
            }
        }
    }

    fn refuse(&mut self, place: usize, text: &EditText<'_>, wrong: &Wrong) {
        let at = format!("/edits/{place}");
        match wrong {
            Wrong::Missing(id, class) => self.errors.push(missing(&at, *id, class)),
            Wrong::Member(member, Fault { code, found, expected, .. }) => {
                let pointer = format!("{at}/{member}");
                self.errors.push(fault::error(&pointer, code.code(), found, expected));
            }
            Wrong::Feature(faults) => {
                let feature = text.feature.map_or("null", JsonText::get);
                let told = fault::told(faults, feature.as_bytes(), &format!("{at}/feature"));
                self.errors.extend(told.as_array().cloned().unwrap_or_default());
            }
        }
    }

    fn edit(&self, text: &EditText<'_>, new: AssetId) -> Result<Edit, Wrong> {
        let member = |name, found: &str, expected: &str| {
            Wrong::Member(name, Fault::new(Place::Row, found, expected))
        };
        let class =
            class_of(self.app, self.snapshot, self.scope, &text.collection).map_err(|_| {
                member("collection", &text.collection, "a collection of which assets can be edited")
            })?;
        let permission = match text.action {
            ActionName::Insert => Permission::Create,
            ActionName::Replace | ActionName::Update => permission::of_change(self.verb),
            ActionName::Delete => Permission::Retire,
        };
        if let Err(problem) = permission::check(self.scope, permission, class.name()) {
            let fault = Fault::new(Place::Row, permission.code(), problem.detail());
            return Err(Wrong::Member("action", fault.of(FaultCode::NotAllowed)));
        }
        let id = match (&text.id, text.action) {
            (None, ActionName::Insert) => new,
            (Some(id), ActionName::Insert) => {
                return Err(member("id", id, "none: the register gives one"));
            }
            (None, _) => return Err(member("id", "nothing", "the id of the asset")),
            (Some(id), _) => {
                AssetId::parse(id).ok_or_else(|| member("id", id, "the id of an asset"))?
            }
        };
        let feature = match (text.feature, text.action) {
            (None, ActionName::Delete) => "",
            (Some(_), ActionName::Delete) => {
                return Err(member("feature", "a feature", "none where an asset is retired"));
            }
            (None, _) => return Err(member("feature", "nothing", "a feature")),
            (Some(feature), _) => feature.get(),
        };
        let expected = expected(text)?;
        let is_change = text.action != ActionName::Insert;
        if is_change && super::check_seen(self.app, &expected, &class).is_err() {
            let found = "nothing";
            return Err(member("if_match", found, "the version seen: the collection is strict"));
        }
        let action = self.action(text.action, feature, id, &class, expected)?;
        Ok(Edit { id, class, action })
    }

    fn action(
        &self,
        action: ActionName,
        text: &str,
        id: AssetId,
        class: &Arc<Class>,
        expected: Expected,
    ) -> Result<EditAction, Wrong> {
        let text = text.as_bytes();
        let (crs, made) = (self.crs, |name: &str| self.made.get(name).copied());
        let leave = permission::leave(self.scope, self.snapshot, class, id);
        let is_change = matches!(action, ActionName::Replace | ActionName::Update);
        let in_doubt = is_change && permission::is_in_doubt(self.scope, self.snapshot, class, id);
        let leave = leave.filter(|_| !in_doubt);
        let leave = leave.ok_or_else(|| Wrong::Missing(id, Arc::clone(class)))?;
        match action {
            ActionName::Insert => {
                feature::registered(text, class, leave, crs, made).map(EditAction::Create)
            }
            ActionName::Delete => return Ok(EditAction::Retire { expected }),
            ActionName::Replace => {
                feature::changed(text, SentForm::Whole, id, (class, leave), crs, made)
                    .map(|part| EditAction::Change { part, expected })
            }
            ActionName::Update => {
                feature::changed(text, SentForm::Patch, id, (class, leave), crs, made)
                    .map(|part| EditAction::Change { part, expected })
            }
        }
        .map_err(Wrong::Feature)
    }
}

/// Which version the sender of an edit has seen.
fn expected(text: &EditText<'_>) -> Result<Expected, Wrong> {
    let wrong = |found: &str, expected: String| {
        Wrong::Member("if_match", Fault::new(Place::Row, found, expected))
    };
    match &text.if_match {
        None => Ok(Expected::Any),
        Some(_) if text.action == ActionName::Insert => {
            Err(wrong("a version", "none where an asset is inserted".into()))
        }
        Some(Seen::Version(version)) => Ok(Expected::Versions(vec![*version])),
        Some(Seen::Tag(tag)) => {
            let expected = "a version, or the `ETag` of one".to_owned();
            let value = HeaderValue::from_str(tag).map_err(|_| wrong(tag, expected))?;
            precondition::read([&value]).map_err(|problem| wrong(tag, problem.detail().into()))
        }
    }
}

/// The error of an edit whose asset does not exist.
fn missing(at: &str, id: AssetId, class: &Class) -> Json {
    let expected = format!("the id of an asset of {}", class.name());
    fault::error(&format!("{at}/id"), "missing", &id.to_string(), &expected)
}

fn refused(mut errors: Vec<Json>) -> Problem {
    errors.truncate(MAX_TOLD_ERRORS);
    let one = &errors[0];
    let told = |name: &str| shortened(one[name].as_str().unwrap_or_default());
    let detail = format!(
        "nothing of it was done; {}: found `{}`, expected {}",
        told("pointer"),
        told("found"),
        told("expected")
    );
    Problem::unprocessable(detail).with("errors", errors.into())
}

/// Takes assets that are no more, and did not exist for the sender while they were, as such that never were.
async fn hide_unseen(
    app: &App,
    scope: &Scope,
    about: &[About],
    refused: &mut [(usize, EditRefusal)],
) -> Result<(), Problem> {
    let gone = refused.iter_mut().filter(|(_, refusal)| *refusal == EditRefusal::Gone);
    for (place, refusal) in gone {
        let collection = Collection::Class(Arc::clone(&about[*place].class));
        let id = about[*place].id.to_string();
        if past::retired(app, scope, &collection, &id).await?.is_none() {
            *refusal = EditRefusal::Missing;
        }
    }
    Ok(())
}

/// The problem of edits that the ledger refused: 412 when the sender has not seen what there is, and
/// nothing else is wrong.
fn problem(about: &[About], refused_edits: &[(usize, EditRefusal)]) -> Problem {
    let mut errors = Vec::new();
    for (place, refusal) in refused_edits {
        let at = format!("/edits/{place}");
        let id = about[*place].id.to_string();
        let one = |code: &str, member: &str, found: &str, expected: &str| {
            fault::error(&format!("{at}/{member}"), code, found, expected)
        };
        match refusal {
            EditRefusal::Missing => {
                errors.push(missing(&at, about[*place].id, &about[*place].class));
            }
            EditRefusal::Gone => {
                errors.push(one("retired", "id", &id, "an asset that is still there"));
            }
            EditRefusal::Stale { version } => {
                let expected = format!("version {version}, which is the newest");
                errors.push(one("stale", "if_match", "another version", &expected));
            }
            EditRefusal::Faults(faults) => {
                // None of these lies in the geometry, whose layout was checked before.
                let told = fault::told(faults, b"null", &format!("{at}/feature"));
                errors.extend(told.as_array().cloned().unwrap_or_default());
            }
        }
    }
    let is_stale =
        |(_, refusal): &(usize, EditRefusal)| matches!(refusal, EditRefusal::Stale { .. });
    let problem = refused(errors);
    if refused_edits.iter().all(is_stale) { problem.into_precondition() } else { problem }
}
