//! Schemas of features.

use std::collections::BTreeSet;

use crate::answer::Answer;
use crate::assertion::described::Described;
use crate::assertion::{Assertion, each};
use crate::class::Class::Schema;
use crate::finding::{Done, Findings};
use crate::schema::{head, members, properties};
use crate::server::Server;

const SCHEMA_OF_FIELDS: Described =
    Described { rel: "http://www.opengis.net/def/rel/ogc/1.0/schema", path: "schema" };
const SCHEMAS: &[&[&str]] = &[&["ogcapi-common-3/schemas", "ogcapi-features-5/schemas"]];
const RETURNABLES: &[&[&str]] = &[&[
    "ogcapi-common-3/returnables-and-receivables",
    "ogcapi-features-5/returnables-and-receivables",
]];
const ROLES: &[&[&str]] =
    &[SCHEMAS[0], &["ogcapi-features-5/core-roles-features", "ogcapi-common-3/schemas"]];

pub(crate) const ASSERTIONS: &[Assertion] = &[
    Assertion {
        id: "schema/link",
        class: Schema,
        source: "23-058 /req/schemas",
        sentence: "every collection links its schema as application/schema+json",
        needs: SCHEMAS,
        check: |server, findings| SCHEMA_OF_FIELDS.link(server, findings),
    },
    Assertion {
        id: "schema/document",
        class: Schema,
        source: "23-058 /req/schemas",
        sentence: "the schema is one of an object, of a known draft, with its address as `$id`",
        needs: SCHEMAS,
        check: |server, findings| SCHEMA_OF_FIELDS.each(server, findings, head),
    },
    Assertion {
        id: "schema/properties",
        class: Schema,
        source: "23-058 /req/schemas/properties",
        sentence: "each property of the schema has a type, or is a geometry by its format",
        needs: SCHEMAS,
        check: |server, findings| SCHEMA_OF_FIELDS.each(server, findings, properties),
    },
    Assertion {
        id: "schema/roles",
        class: Schema,
        source: "23-058 /req/core-roles-features",
        sentence: "at most one property has the role of the id, of the geometry, of the time",
        needs: ROLES,
        check: |server, findings| SCHEMA_OF_FIELDS.each(server, findings, roles),
    },
    Assertion {
        id: "schema/features",
        class: Schema,
        source: "23-058 /req/returnables-and-receivables",
        sentence: "features have no property that the schema does not tell",
        needs: RETURNABLES,
        check: features,
    },
];

fn roles(answer: &Answer, findings: &mut Findings) {
    findings.status(answer, 200);
    for role in ["id", "primary-geometry", "primary-instant"] {
        let has = members(answer).filter(|(_, property)| property["x-ogc-role"] == role);
        let names: Vec<&String> = has.map(|(name, _)| name).collect();
        let found = || format!("{names:?} as `{role}`");
        findings.check(names.len() <= 1, answer, found, "one at most");
    }
}

fn features(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let schema = SCHEMA_OF_FIELDS.of(server, collection);
        let known: BTreeSet<&String> = members(&schema).map(|(name, _)| name).collect();
        let page = server.items(collection, &[("limit", "10")]);
        for feature in page.features() {
            let names = feature["properties"].as_object().into_iter().flat_map(|all| all.keys());
            let unknown: Vec<&String> = names.filter(|name| !known.contains(name)).collect();
            let found = || format!("feature {}: {unknown:?}", feature["id"]);
            findings.check(unknown.is_empty(), &page, found, "properties of the schema");
        }
    })
}
