//! What a feature that was sent says of an asset, checked against its class.

use serde::Deserialize;
use serde_json::json;
use terrier_exchange::{Sent, SentForm};
use terrier_model::{
    AssetId, Checked, Class, Draft, Fault, FaultCode, Field, Leave, Part, Place, RawValue,
};
use terrier_spatial::Crs;

use super::fault;
use crate::Problem;

/// Reads a feature that is to be registered. Its id is passed over, for the register gives one.
pub(super) fn to_register(
    body: &[u8],
    class: &Class,
    leave: Leave<'_>,
    crs: Option<&Crs>,
) -> Result<Checked, Problem> {
    registered(body, class, leave, crs, |_| None).map_err(|faults| refused(&faults, body))
}

/// Reads what is to be known of an asset: of a whole feature everything, so that fields which it does
/// not have lose their values; of a patch what it says. The id of a feature is passed over, a patch
/// must not change it.
pub(super) fn to_change(
    body: &[u8],
    form: SentForm,
    id: AssetId,
    (class, leave): (&Class, Leave<'_>),
    crs: Option<&Crs>,
) -> Result<Part, Problem> {
    changed(body, form, id, (class, leave), crs, |_| None).map_err(|faults| refused(&faults, body))
}

/// Reads a feature that is to be registered. The last argument knows the assets that are registered
/// beside it, by what the sender calls them.
pub(super) fn registered(
    text: &[u8],
    class: &Class,
    leave: Leave<'_>,
    crs: Option<&Crs>,
    made: impl Fn(&str) -> Option<AssetId>,
) -> Result<Checked, Vec<Fault>> {
    let sent = Sent::read(text, SentForm::Whole, crs)?;
    let draft = referring(sent.draft, made)?;
    let mut faults = leave.unknown(&draft, class);
    let draft = without_computed(draft, class);
    if faults.is_empty() {
        faults = leave.faults(&draft, class);
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let checked = draft.check(class)?;
    match leave.fault_of_place(&checked.content.shape, class) {
        Some(fault) => Err(vec![fault]),
        None => Ok(checked),
    }
}

/// Reads what is to be known of an asset.
pub(super) fn changed(
    text: &[u8],
    form: SentForm,
    id: AssetId,
    (class, leave): (&Class, Leave<'_>),
    crs: Option<&Crs>,
    made: impl Fn(&str) -> Option<AssetId>,
) -> Result<Part, Vec<Fault>> {
    let Sent { id: told, draft } = Sent::read(text, form, crs)?;
    let draft = referring(draft, made)?;
    let faults = match form {
        SentForm::Whole => leave.unknown(&draft, class),
        SentForm::Patch => leave.faults(&draft, class),
    };
    if !faults.is_empty() {
        return Err(faults);
    }
    let draft = match form {
        SentForm::Whole => {
            let draft = leave.without_unwritable(without_computed(draft, class), class);
            with_absent(draft, class, leave)
        }
        SentForm::Patch => {
            if let Some(told) = told.filter(|told| AssetId::parse(told) != Some(id)) {
                let fault = Fault::new(Place::Key, told, format!("{id}, which no edit changes"));
                return Err(vec![fault.of(FaultCode::NotAllowed)]);
            }
            draft
        }
    };
    let part = draft.check_part(class)?;
    match part.shape().and_then(|shape| leave.fault_of_place(shape, class)) {
        Some(fault) => Err(vec![fault]),
        None => Ok(part),
    }
}

/// An object in the place of a text, which stands for the id of an asset that is registered beside.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    #[serde(rename = "$ref")]
    name: String,
}

/// The draft with ids in the place of references.
fn referring(
    mut draft: Draft,
    made: impl Fn(&str) -> Option<AssetId>,
) -> Result<Draft, Vec<Fault>> {
    let mut faults = Vec::new();
    for (name, value) in &mut draft.values {
        let RawValue::Nested(text) = value else { continue };
        let Ok(Reference { name: wanted }) = serde_json::from_str(text) else { continue };
        if let Some(id) = made(&wanted) {
            *value = RawValue::Text(id.to_string());
        } else {
            let expected = "the `ref` of an asset that is inserted in the same transaction";
            faults.push(Fault::in_field(name, wanted, expected));
        }
    }
    if faults.is_empty() { Ok(draft) } else { Err(faults) }
}

/// The draft without what the register computes, as features that it served have it.
fn without_computed(mut draft: Draft, class: &Class) -> Draft {
    let is_computed = |field: &Field| !field.is_given() && !field.retired;
    let computed = |name: &str| {
        class.position(name).is_some_and(|position| is_computed(&class.fields()[position]))
    };
    draft.values.retain(|(name, _)| !computed(name));
    draft
}

/// The draft with every field of the class that it does not have and that its sender may write, as one
/// without a value.
fn with_absent(mut draft: Draft, class: &Class, leave: Leave<'_>) -> Draft {
    let is_absent = |field: &&Field| {
        field.is_given()
            && leave.writes(class, field)
            && !field.retired
            && field.event.is_none()
            && !draft.values.iter().any(|(name, _)| *name == field.name)
    };
    let absent: Vec<_> = class.fields().iter().filter(is_absent).collect();
    let absent: Vec<_> = absent.iter().map(|field| (field.name.clone(), RawValue::Null)).collect();
    draft.values.extend(absent);
    draft
}

/// The problem of a feature with these faults.
pub(super) fn refused(faults: &[Fault], body: &[u8]) -> Problem {
    // What is no JSON was not understood at all.
    let is_unread = faults.iter().all(|fault| fault.place == Place::Row)
        && serde_json::from_slice::<serde::de::IgnoredAny>(body).is_err();
    let problem = if is_unread {
        Problem::bad_request(in_words(faults))
    } else {
        Problem::unprocessable(in_words(faults))
    };
    problem.with("errors", json!(fault::told(faults, body, "")))
}

fn in_words(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
