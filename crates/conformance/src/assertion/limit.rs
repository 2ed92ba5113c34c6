//! The limit of a page.

use crate::assertion::features::limits;
use crate::assertion::{Assertion, defined, each, refuses};
use crate::class::Class::Limit;
use crate::finding::{Done, Findings};
use crate::server::Server;

const RESPONSE: &str = "17-069r4 A.17 /conf/core/fc-limit-response";
const INVALID: &str = "17-069r4 /req/core/query-param-invalid";

pub(crate) const ASSERTIONS: &[Assertion] = &[
    Assertion {
        id: "limit/definition",
        class: Limit,
        source: "17-069r4 A.16 /conf/core/fc-limit-definition",
        sentence: "the API document describes `limit` as a number with a least, a most and a default",
        needs: &[&["ogcapi-features-1/oas30"]],
        check: definition,
    },
    Assertion {
        id: "limit/most",
        class: Limit,
        source: RESPONSE,
        sentence: "no page has more features than its limit",
        needs: &[],
        check: most,
    },
    Assertion {
        id: "limit/beyond",
        class: Limit,
        source: RESPONSE,
        sentence: "a limit beyond the documented most is taken as the most, not refused",
        needs: &[],
        check: beyond,
    },
    Assertion {
        id: "limit/refused",
        class: Limit,
        source: INVALID,
        sentence: "a limit of zero, below zero, of a word or of nothing is refused with 400",
        needs: &[],
        check: refused,
    },
    Assertion {
        id: "limit/twice",
        class: Limit,
        source: INVALID,
        sentence: "two limits in one question are refused with 400",
        needs: &[],
        check: twice,
    },
];

fn definition(server: &mut Server, findings: &mut Findings) -> Done {
    let expected = "an integer in the query, not exploded, minimum ≤ default ≤ maximum";
    defined(server, findings, "limit", expected, |schema| {
        let bounds = ["minimum", "default", "maximum"].map(|word| schema[word].as_u64());
        let is_bounded = matches!(bounds, [Some(least), Some(default), Some(most)]
            if least <= default && default <= most);
        schema["type"] == "integer" && is_bounded
    })
}

fn most(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        for limit in limits(server, collection) {
            let page = server.items(collection, &[("limit", &limit.to_string())]);
            let count = page.features().len() as u64;
            let is_so = page.status == 200 && count <= limit;
            let found = || format!("{}, {count} features", page.seen());
            findings.check(is_so, &page, found, &format!("{limit} at most"));
        }
    })
}

fn beyond(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let Some(most) = server.api().of_limit(&collection.id, "maximum") else { return };
        let page = server.items(collection, &[("limit", &(most + 1).to_string())]);
        let count = page.features().len() as u64;
        let found = || format!("{}, {count} features", page.seen());
        findings.check(page.status == 200 && count <= most, &page, found, "200, as with the most");
    })
}

fn refused(server: &mut Server, findings: &mut Findings) -> Done {
    let questions = ["0", "-1", "true", "", "1.5"];
    refuses(server, findings, &questions.map(|value| [("limit", value)]).each_ref().map(|q| &q[..]))
}

fn twice(server: &mut Server, findings: &mut Findings) -> Done {
    refuses(server, findings, &[&[("limit", "1"), ("limit", "2")]])
}
