//! What may be asked for, and asking for it.

use crate::api::Parameter;
use crate::assertion::described::Described;
use crate::assertion::{Assertion, each, refuses};
use crate::class::Class::Queryables;
use crate::finding::{Done, Findings};
use crate::sample::{Kind, sample};
use crate::schema::{head, members, properties};
use crate::server::Server;

pub(super) const QUERYABLES: Described =
    Described { rel: "http://www.opengis.net/def/rel/ogc/1.0/queryables", path: "queryables" };
const DECLARED: &[&[&str]] = &[&["ogcapi-features-3/queryables", "ogcapi-common-3/queryables"]];
const PARAMETERS: &[&[&str]] = &[&["ogcapi-features-3/queryables-query-parameters"]];

pub(crate) const ASSERTIONS: &[Assertion] = &[
    Assertion {
        id: "queryables/link",
        class: Queryables,
        source: "19-079r2 /req/queryables/queryables-link",
        sentence: "every collection links what may be asked for",
        needs: DECLARED,
        check: |server, findings| QUERYABLES.link(server, findings),
    },
    Assertion {
        id: "queryables/document",
        class: Queryables,
        source: "19-079r2 /req/queryables/get-queryables-response",
        sentence: "they are a schema of an object, of a known draft, with its address as `$id`",
        needs: DECLARED,
        check: |server, findings| QUERYABLES.each(server, findings, head),
    },
    Assertion {
        id: "queryables/properties",
        class: Queryables,
        source: "19-079r2 /req/queryables/get-queryables-response",
        sentence: "each of them has a type, or is a geometry by its format",
        needs: DECLARED,
        check: |server, findings| QUERYABLES.each(server, findings, properties),
    },
    Assertion {
        id: "queryables/parameters",
        class: Queryables,
        source: "19-079r2 /req/queryables-query-parameters/parameters",
        sentence: "asked for a value of one, only features with that value are answered, and some",
        needs: PARAMETERS,
        check: parameters,
    },
    Assertion {
        id: "queryables/documented",
        class: Queryables,
        source: "19-079r2 /req/queryables-query-parameters/parameters",
        sentence: "each simple one is a parameter of the API document",
        needs: PARAMETERS,
        check: documented,
    },
    Assertion {
        id: "queryables/unknown",
        class: Queryables,
        source: "19-079r2 /req/queryables/expression-construction, 17-069r4 A.21",
        sentence: "a property that is none of them is refused as a parameter with 400",
        needs: PARAMETERS,
        check: |server, findings| refuses(server, findings, &[&[("no_such_property", "1")]]),
    },
];

fn parameters(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let known = QUERYABLES.of(server, collection);
        for kind in [Kind::Text, Kind::Number] {
            let Some(sample) = sample(server, collection, known.json(), kind) else { continue };
            let asked = [("limit", "100"), (&*sample.name, &*sample.plain())];
            let page = server.items(collection, &asked);
            let found = || format!("{}, no features", page.seen());
            findings.check(!page.features().is_empty(), &page, found, "some features");
            for feature in page.features() {
                let value = &feature["properties"][&sample.name];
                let is_so = *value == sample.value;
                findings.value(is_so, &page, value, &sample.value.to_string());
            }
        }
    })
}

fn documented(server: &mut Server, findings: &mut Findings) -> Done {
    let api = server.api();
    let Some(document) = api.answer() else { return Ok(()) };
    each(server, findings, |server, collection, findings| {
        let known = QUERYABLES.of(server, collection);
        let simple = ["string", "number", "integer", "boolean"];
        for (name, property) in members(&known) {
            if property["type"].as_str().is_some_and(|form| simple.contains(&form)) {
                let parameter = api.parameter(&collection.id, name);
                let is_so = matches!(parameter, Some(Parameter::Here(_) | Parameter::Elsewhere(_)));
                let found = || format!("no parameter `{name}` of `{}`", collection.id);
                findings.check(is_so, document, found, &format!("a parameter `{name}`"));
            }
        }
    })
}
