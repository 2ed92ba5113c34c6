//! The parameter `filter`, whatever its language says.

use std::rc::Rc;

use crate::answer::Answer;
use crate::assertion::queryables::QUERYABLES;
use crate::assertion::{Assertion, each, ids, refuses};
use crate::class::Class::Filter;
use crate::collection::Collection;
use crate::finding::{Done, Findings};
use crate::geometry::Parts;
use crate::sample::{Kind, Sample, sample};
use crate::server::Server;

pub(crate) const FILTER: &[&[&str]] =
    &[&["ogcapi-features-3/filter"], &["ogcapi-features-3/features-filter"], &["cql2/cql2-text"]];

pub(crate) const ASSERTIONS: &[Assertion] = &[
    Assertion {
        id: "filter/documented",
        class: Filter,
        source: "19-079r2 /req/filter/filter-param, filter-lang-param, filter-crs-param",
        sentence: "the API document describes `filter`, `filter-lang` and `filter-crs`",
        needs: FILTER,
        check: documented,
    },
    Assertion {
        id: "filter/response",
        class: Filter,
        source: "19-079r2 /req/filter/response",
        sentence: "only features for which the filter holds are answered, and some",
        needs: FILTER,
        check: response,
    },
    Assertion {
        id: "filter/language",
        class: Filter,
        source: "19-079r2 /req/filter/filter-lang-param",
        sentence: "`filter-lang=cql2-text` changes nothing of a filter in CQL2 text",
        needs: FILTER,
        check: language,
    },
    Assertion {
        id: "filter/and-box",
        class: Filter,
        source: "19-079r2 /req/filter/mixing-expressions",
        sentence: "with a box beside it, both must hold",
        needs: FILTER,
        check: and_box,
    },
    Assertion {
        id: "filter/syntax",
        class: Filter,
        source: "19-079r2 /req/filter/expression-construction",
        sentence: "a filter that is none is refused with 400",
        needs: FILTER,
        check: |server, findings| {
            let questions = ["=", "(", "a = ", "AND", "'"];
            let asked = questions.map(|value| [("filter", value)]);
            refuses(server, findings, &asked.each_ref().map(|question| &question[..]))
        },
    },
    Assertion {
        id: "filter/unknown-property",
        class: Filter,
        source: "19-079r2 /req/queryables/expression-construction",
        sentence: "a property that may not be asked for is refused with 400",
        needs: FILTER,
        check: |server, findings| {
            refuses(server, findings, &[&[("filter", "no_such_property = 1")]])
        },
    },
    Assertion {
        id: "filter/unknown-language",
        class: Filter,
        source: "19-079r2 /req/filter/filter-lang-param",
        sentence: "a language that there is not is refused with 400",
        needs: FILTER,
        check: |server, findings| {
            refuses(
                server,
                findings,
                &[&[("filter", "1 = 1"), ("filter-lang", "no-such-language")]],
            )
        },
    },
    Assertion {
        id: "filter/unknown-crs",
        class: Filter,
        source: "19-079r2 /req/filter/filter-crs-param",
        sentence: "a coordinate system that there is not is refused with 400",
        needs: FILTER,
        check: |server, findings| {
            let nobodys = crate::assertion::crs::NOBODYS;
            refuses(server, findings, &[&[("filter", "1 = 1"), ("filter-crs", nobodys)]])
        },
    },
];

/// A property of a kind that may be asked for, with a value of it.
pub(crate) fn queryable(
    server: &mut Server,
    collection: &Collection,
    kind: Kind,
) -> Option<Sample> {
    let known = QUERYABLES.of(server, collection);
    sample(server, collection, known.json(), kind)
}

fn documented(server: &mut Server, findings: &mut Findings) -> Done {
    let api = server.api();
    let Some(document) = api.answer() else { return Ok(()) };
    each(server, findings, |_, collection, findings| {
        for name in ["filter", "filter-lang", "filter-crs"] {
            let is_there = api.parameter(&collection.id, name).is_some();
            let expected = format!("a parameter `{name}` of `{}`", collection.id);
            findings.check(is_there, document, || "none".into(), &expected);
        }
    })
}

/// The page of a filter that one property has a value, for each kind of property.
fn equals(
    server: &mut Server,
    collection: &Collection,
    more: &[(&str, &str)],
) -> Vec<(Sample, Rc<Answer>)> {
    let mut found = Vec::new();
    for kind in [Kind::Text, Kind::Number] {
        let Some(sample) = queryable(server, collection, kind) else { continue };
        let filter = format!("{} = {}", sample.property(), sample.literal());
        let asked = [&[("limit", "100"), ("filter", &*filter)], more].concat();
        let page = server.items(collection, &asked);
        found.push((sample, page));
    }
    found
}

fn response(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        for (sample, page) in equals(server, collection, &[]) {
            let found = || format!("{}, no features", page.seen());
            findings.check(!page.features().is_empty(), &page, found, "some features");
            for feature in page.features() {
                let value = &feature["properties"][&sample.name];
                findings.value(*value == sample.value, &page, value, &sample.value.to_string());
            }
        }
    })
}

fn language(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let plain = equals(server, collection, &[]);
        let said = equals(server, collection, &[("filter-lang", "cql2-text")]);
        for ((_, plain), (_, said)) in plain.iter().zip(&said) {
            let found = || format!("{}, {} features", said.seen(), said.features().len());
            let expected = format!("{} features", plain.features().len());
            findings.check(ids(plain) == ids(said), said, found, &expected);
        }
    })
}

fn and_box(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let Some([west, south, east, north]) = collection.extent() else { return };
        let edges = [west, south, west.midpoint(east), north];
        let bbox = edges.map(|edge| edge.to_string()).join(",");
        for (sample, page) in equals(server, collection, &[("bbox", &bbox)]) {
            findings.status(&page, 200);
            for feature in page.features() {
                let Ok(parts) = Parts::of(&feature["geometry"]) else { continue };
                let value = &feature["properties"][&sample.name];
                let is_so = *value == sample.value && parts.meets(edges);
                let found = || format!("feature {} with {value}", feature["id"]);
                findings.check(is_so, &page, found, "what has the value and meets the box");
            }
        }
    })
}
