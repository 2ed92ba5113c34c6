//! Editing, as Part 4 has it: of one feature, which the judge makes and takes away again.

use serde_json::Value as Json;

use crate::answer::{Answer, shown};
use crate::assertion::Assertion;
use crate::class::Class::Edit;
use crate::edited::{Edited, Step, is_same_place};
use crate::finding::{Done, Findings, skip};
use crate::server::Server;

const EDITS: &[&str] =
    &["ogcapi-features-4/create-replace-delete", "ogcapi-common-5/create-replace-delete"];
const UPDATES: &[&str] = &["ogcapi-features-4/update", "ogcapi-common-5/update"];
const TAGS: &[&str] =
    &["ogcapi-features-4/optimistic-locking-etags", "ogcapi-common-5/optimistic-locking-etags"];

pub(crate) const ASSERTIONS: &[Assertion] = &[
    Assertion {
        id: "edit/methods",
        class: Edit,
        source: "20-002r1 /req/create-replace-delete/options",
        sentence: "`OPTIONS` names `POST` of the features, `PUT` and `DELETE` of a feature, and `PATCH` where \
                   it is declared",
        needs: &[EDITS],
        check: methods,
    },
    Assertion {
        id: "edit/malformed",
        class: Edit,
        source: "20-002r1 /req/create-replace-delete/insert-body",
        sentence: "a text that is no JSON is refused with 400 or 422",
        needs: &[EDITS],
        check: |server, findings| statuses(server, findings, Step::Malformed, &[400, 422]),
    },
    Assertion {
        id: "edit/create",
        class: Edit,
        source: "20-002r1 /req/create-replace-delete/insert-response",
        sentence: "a feature that is sent is made: 201, and `Location` says where it stands",
        needs: &[EDITS],
        check: create,
    },
    Assertion {
        id: "edit/created",
        class: Edit,
        source: "20-002r1 /req/create-replace-delete/insert-response",
        sentence: "the feature stands there as it was sent",
        needs: &[EDITS],
        check: |server, findings| is_as(server, findings, Step::Created, |edited| &edited.first),
    },
    Assertion {
        id: "edit/replace",
        class: Edit,
        source: "20-002r1 /req/create-replace-delete/replace-response",
        sentence: "a feature that is put in its place is taken: 200 or 204, and it stands there as it was sent",
        needs: &[EDITS],
        check: |server, findings| {
            statuses(server, findings, Step::Replace, &[200, 204])?;
            is_as(server, findings, Step::Replaced, |edited| &edited.moved)
        },
    },
    Assertion {
        id: "edit/replace-missing",
        class: Edit,
        source: "20-002r1 /req/create-replace-delete/replace-response",
        sentence: "where there is no feature none is replaced: 404, or 412",
        needs: &[EDITS],
        check: |server, findings| statuses(server, findings, Step::ReplaceMissing, &[404, 412]),
    },
    Assertion {
        id: "edit/update",
        class: Edit,
        source: "20-002r1 /req/update/response",
        sentence: "a geometry that is sent with `PATCH` is taken, 200 or 204, and all else stays",
        needs: &[EDITS, UPDATES],
        check: |server, findings| {
            statuses(server, findings, Step::Update, &[200, 204])?;
            is_as(server, findings, Step::Updated, |edited| &edited.first)
        },
    },
    Assertion {
        id: "edit/update-type",
        class: Edit,
        source: "20-002r1 /req/update/body, RFC 5789 2.2",
        sentence: "`PATCH` with plain text is refused with 415",
        needs: &[EDITS, UPDATES],
        check: |server, findings| statuses(server, findings, Step::UpdateOtherwise, &[415]),
    },
    Assertion {
        id: "edit/tags",
        class: Edit,
        source: "20-002r1 /req/optimistic-locking-etags/get",
        sentence: "a feature has a strong tag, and another one after it was replaced",
        needs: &[EDITS, TAGS],
        check: tags,
    },
    Assertion {
        id: "edit/stale",
        class: Edit,
        source: "20-002r1 /req/optimistic-locking-etags/mutation, RFC 9110 13.1.1",
        sentence: "who has seen another state replaces and deletes nothing: 412, and the feature is as it was",
        needs: &[EDITS, TAGS],
        check: |server, findings| {
            statuses(server, findings, Step::ReplaceStale, &[412])?;
            statuses(server, findings, Step::DeleteStale, &[412])?;
            is_as(server, findings, Step::Unchanged, |edited| &edited.moved)
        },
    },
    Assertion {
        id: "edit/delete",
        class: Edit,
        source: "20-002r1 /req/create-replace-delete/delete-response",
        sentence: "a feature that is deleted, 200 or 204, is there no more: 404, or 410",
        needs: &[EDITS],
        check: |server, findings| {
            statuses(server, findings, Step::Delete, &[200, 204])?;
            statuses(server, findings, Step::Deleted, &[404, 410])
        },
    },
    Assertion {
        id: "edit/delete-missing",
        class: Edit,
        source: "20-002r1 /req/create-replace-delete/delete-response",
        sentence: "what is there no more cannot be deleted: 404, or 410",
        needs: &[EDITS],
        check: |server, findings| statuses(server, findings, Step::DeleteAgain, &[404, 410]),
    },
];

/// Looks at the answer to a step.
fn look(
    server: &mut Server,
    findings: &mut Findings,
    step: Step,
    look: impl FnOnce(&Edited, &Answer, &mut Findings),
) -> Done {
    let edited = server.edited()?;
    match edited.answer(step) {
        Some(answer) => look(&edited, answer, findings),
        None => return skip("it did not come to that: see what is broken before"),
    }
    Ok(())
}

fn statuses(server: &mut Server, findings: &mut Findings, step: Step, expected: &[u16]) -> Done {
    look(server, findings, step, |_, answer, findings| {
        let names: Vec<String> = expected.iter().map(u16::to_string).collect();
        let is_so = expected.contains(&answer.status);
        findings.check(is_so, answer, || answer.seen_with_reason(), &names.join(" or "));
    })
}

/// Whether a feature that was read has the place and the properties of one that was sent.
fn is_as(
    server: &mut Server,
    findings: &mut Findings,
    step: Step,
    sent: impl FnOnce(&Edited) -> &Json,
) -> Done {
    look(server, findings, step, |edited, answer, findings| {
        let (found, sent) = (answer.json(), sent(edited));
        findings.check(answer.status == 200, answer, || answer.seen_with_reason(), "200");
        let expected = format!("`geometry` {}", shown(&sent["geometry"]));
        let is_there = is_same_place(&found["geometry"], &sent["geometry"]);
        findings.value(is_there, answer, &found["geometry"], &expected);
        for (name, value) in sent["properties"].as_object().into_iter().flatten() {
            let found = &found["properties"][name];
            let expected = format!("`{name}` {}", shown(value));
            findings.value(found == value, answer, found, &expected);
        }
    })
}

fn methods(server: &mut Server, findings: &mut Findings) -> Done {
    let patches = UPDATES.iter().any(|class| server.declares(class));
    let of_item: &[&str] = if patches { &["PUT", "DELETE", "PATCH"] } else { &["PUT", "DELETE"] };
    for (step, expected) in [(Step::Methods, &["POST"][..]), (Step::ItemMethods, of_item)] {
        look(server, findings, step, |_, answer, findings| {
            let allowed = answer.header("allow").unwrap_or_default();
            let has = |name: &&str| allowed.split(',').any(|method| method.trim() == *name);
            let found = || format!("{}, `Allow: {allowed}`", answer.status);
            let expected_text = format!("200 or 204, `Allow` with {}", expected.join(", "));
            let is_so = answer.is_done() && expected.iter().all(has);
            findings.check(is_so, answer, found, &expected_text);
        })?;
    }
    Ok(())
}

fn create(server: &mut Server, findings: &mut Findings) -> Done {
    look(server, findings, Step::Create, |_, answer, findings| {
        findings.check(answer.status == 201, answer, || answer.seen_with_reason(), "201");
        let place = answer.header("location");
        let found = || place.unwrap_or("nothing").to_owned();
        findings.check(place.is_some(), answer, found, "the address of the feature in `Location`");
    })
}

fn tags(server: &mut Server, findings: &mut Findings) -> Done {
    let edited = server.edited()?;
    for step in [Step::Created, Step::Replaced] {
        look(server, findings, step, |edited, answer, findings| {
            let found = || answer.header("etag").unwrap_or("none").to_owned();
            findings.check(edited.tag(step).is_some(), answer, found, "a strong tag in `ETag`");
        })?;
    }
    look(server, findings, Step::Replaced, |_, answer, findings| {
        let (first, second) = (edited.tag(Step::Created), edited.tag(Step::Replaced));
        let found = || second.unwrap_or("none").to_owned();
        findings.check(first != second, answer, found, "another tag than before");
    })
}
