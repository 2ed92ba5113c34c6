//! The assertions, class by class: what a standard wants, in one sentence, and how it is looked at.

#![expect(
    clippy::unnecessary_wraps,
    reason = "assertions are called alike, whether or not there may be nothing to look at"
)]

mod api;
mod bbox;
mod bbox_crs;
mod collection;
mod cql2;
mod crs;
mod datetime;
mod described;
mod edit;
mod feature;
mod features;
mod filter;
mod html;
mod landing;
mod limit;
mod link;
mod paging;
mod queryables;
mod refused;
mod schema;
mod sorting;

use std::rc::Rc;

use serde_json::Value as Json;

use crate::answer::{Answer, shown};
use crate::api::Parameter;
use crate::class::Class;
use crate::collection::Collection;
use crate::finding::{Done, Findings, skip};
use crate::server::Server;

/// Something that a server must keep.
#[derive(Debug)]
pub struct Assertion {
    /// Its name, unique among all.
    pub id: &'static str,
    /// What it looks at.
    pub class: Class,
    /// Where it is written: the number of the document and its requirement or abstract test; `RFC 7946`
    /// and the like for other standards.
    pub source: &'static str,
    /// What is kept, in one sentence.
    pub sentence: &'static str,
    /// The conformance classes without which it is not asked: of each list one must be declared, such
    /// as `ogcapi-features-2/crs`.
    pub(crate) needs: &'static [&'static [&'static str]],
    pub(crate) check: fn(&mut Server, &mut Findings) -> Done,
}

/// All assertions, in the order of a report.
pub(crate) fn all() -> impl Iterator<Item = &'static Assertion> {
    let tables: [&'static [Assertion]; 22] = [
        landing::ASSERTIONS,
        api::ASSERTIONS,
        landing::DECLARATION,
        collection::LIST,
        collection::EACH,
        features::PLAIN,
        bbox::ASSERTIONS,
        features::BOXES,
        limit::ASSERTIONS,
        features::LIMITS,
        datetime::ASSERTIONS,
        features::TIMES,
        paging::ASSERTIONS,
        feature::ASSERTIONS,
        refused::ASSERTIONS,
        link::ASSERTIONS,
        html::ASSERTIONS,
        crs::ASSERTIONS,
        bbox_crs::ASSERTIONS,
        schema::ASSERTIONS,
        queryables::ASSERTIONS,
        filter::ASSERTIONS,
    ];
    let others = [cql2::ASSERTIONS, sorting::ASSERTIONS, edit::ASSERTIONS];
    tables.into_iter().chain(others).flatten()
}

/// Looks at each collection.
fn each(
    server: &mut Server,
    findings: &mut Findings,
    mut look: impl FnMut(&mut Server, &Collection, &mut Findings),
) -> Done {
    let judged = server.judged();
    if judged.is_empty() {
        return skip("there are no collections");
    }
    judged.iter().for_each(|collection| look(server, collection, findings));
    Ok(())
}

/// Looks at the answer to a question for features of each collection.
fn ask_each(
    server: &mut Server,
    findings: &mut Findings,
    parameters: &[(&str, &str)],
    mut look: impl FnMut(&Answer, &mut Findings),
) -> Done {
    each(server, findings, |server, collection, findings| {
        let answer = server.items(collection, parameters);
        look(&answer, findings);
    })
}

/// Asks each collection for features in ways of which each must be refused with 400.
fn refuses(server: &mut Server, findings: &mut Findings, questions: &[&[(&str, &str)]]) -> Done {
    for question in questions {
        ask_each(server, findings, question, |answer, findings| findings.status(answer, 400))?;
    }
    Ok(())
}

/// Whether the API document describes a parameter of each collection's features: in the query, not
/// required, not exploded, and with a schema that is as it shall be.
fn defined(
    server: &mut Server,
    findings: &mut Findings,
    name: &str,
    expected: &str,
    is_so: impl Fn(&Json) -> bool,
) -> Done {
    let api = server.api();
    let Some(document) = api.answer() else { return Ok(()) };
    each(server, findings, |_, collection, findings| {
        let parameter = match api.parameter(&collection.id, name) {
            Some(Parameter::Here(parameter)) => parameter,
            Some(Parameter::Elsewhere(_)) => return,
            None => &Json::Null,
        };
        let is_plain = parameter["in"] == "query"
            && parameter["required"] != true
            && parameter.get("style").is_none_or(|style| style == "form")
            && parameter["explode"] == false;
        let found = || format!("`{}`: {}", collection.id, shown(parameter));
        let is_so = is_plain && is_so(api.schema(parameter));
        findings.check(is_so, document, found, expected);
    })?;
    skip("the parameter is described in another document")
}

/// A page of features of a collection, and the first of them that has an id.
fn first_feature(server: &mut Server, collection: &Collection) -> Option<(Rc<Answer>, Json)> {
    let page = server.items(collection, &[("limit", "10")]);
    let feature = page.features().iter().find(|feature| !feature["id"].is_null())?.clone();
    Some((page, feature))
}

/// The ids of the features of a page, in their order.
fn ids(page: &Answer) -> Vec<String> {
    page.features().iter().map(|feature| feature["id"].to_string()).collect()
}

/// How many features match, where the page says it.
fn matched(page: &Answer) -> Option<u64> {
    page.json()["numberMatched"].as_u64()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_assertion_has_a_name_of_its_own_below_its_class() {
        let ids: Vec<&str> = all().map(|assertion| assertion.id).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        for Assertion { id, class, sentence, source, .. } in all() {
            assert_eq!(id.split('/').next(), Some(class.name()), "{id}");
            assert!(!sentence.ends_with('.') && !source.is_empty(), "{id}");
        }
    }

    #[test]
    fn every_class_has_assertions_and_they_stand_together() {
        let mut classes: Vec<Class> = all().map(|assertion| assertion.class).collect();
        classes.dedup();
        assert_eq!(classes, Class::ALL);
    }
}
