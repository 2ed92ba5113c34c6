//! What must be refused, and how.

use crate::assertion::{Assertion, each, refuses};
use crate::class::Class::Error;
use crate::finding::{Done, Findings};
use crate::server::{GEOJSON, JSON, Server};

/// A name that no parameter, collection or feature is likely to have.
const NOBODY: &str = "unknown-to-everyone-12345";

pub(crate) const ASSERTIONS: &[Assertion] = &[
    Assertion {
        id: "error/invalid",
        class: Error,
        source: "17-069r4 A.20 /conf/core/query-param-invalid",
        sentence: "`limit=unlimited` is refused with 400",
        needs: &[],
        check: |server, findings| refuses(server, findings, &[&[("limit", "unlimited")]]),
    },
    Assertion {
        id: "error/unknown-parameter",
        class: Error,
        source: "17-069r4 A.21 /conf/core/query-param-unknown",
        sentence: "a parameter that is not documented is refused with 400",
        needs: &[],
        check: |server, findings| refuses(server, findings, &[&[(NOBODY, "1")]]),
    },
    Assertion {
        id: "error/collection",
        class: Error,
        source: "17-069r4 7.5.1, table 5",
        sentence: "a collection that there is not is answered with 404",
        needs: &[],
        check: collection,
    },
    Assertion {
        id: "error/feature",
        class: Error,
        source: "17-069r4 7.5.1, table 5",
        sentence: "a feature that there is not is answered with 404",
        needs: &[],
        check: feature,
    },
];

fn collection(server: &mut Server, findings: &mut Findings) -> Done {
    let list = server.list().address.clone();
    let own = format!("{}/{NOBODY}", crate::address::without_query(&list));
    for address in [own.clone(), format!("{own}/items")] {
        let answer = server.get(&address, JSON);
        findings.status(&answer, 404);
    }
    Ok(())
}

fn feature(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let answer = server.get(&format!("{}/{NOBODY}", collection.items), GEOJSON);
        findings.status(&answer, 404);
    })
}
