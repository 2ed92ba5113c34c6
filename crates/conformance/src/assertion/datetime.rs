//! Times.

use crate::assertion::features::times;
use crate::assertion::{Assertion, defined, each, matched, refuses};
use crate::class::Class::Datetime;
use crate::finding::{Done, Findings};
use crate::server::Server;

pub(crate) const ASSERTIONS: &[Assertion] = &[
    Assertion {
        id: "datetime/definition",
        class: Datetime,
        source: "17-069r4 A.18 /conf/core/fc-time-definition",
        sentence: "the API document describes `datetime` as a text",
        needs: &[&["ogcapi-features-1/oas30"]],
        check: definition,
    },
    Assertion {
        id: "datetime/response",
        class: Datetime,
        source: "17-069r4 A.19 /conf/core/fc-time-response",
        sentence: "all features are found in the time of the extent, and no more in a part of it",
        needs: &[],
        check: response,
    },
    Assertion {
        id: "datetime/refused",
        class: Datetime,
        source: "17-069r4 /req/core/query-param-invalid",
        sentence: "what is no time and no interval is refused with 400",
        needs: &[],
        check: refused,
    },
];

fn definition(server: &mut Server, findings: &mut Findings) -> Done {
    let expected = "a text in the query, not exploded";
    defined(server, findings, "datetime", expected, |schema| schema["type"] == "string")
}

fn response(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let all = server.items(collection, &[("limit", "10")]);
        let Some(most) = matched(&all) else { return };
        // The second of the times is the whole extent.
        for (place, time) in times(collection).iter().enumerate() {
            let page = server.items(collection, &[("limit", "10"), ("datetime", time)]);
            let count = matched(&page);
            let found = || format!("`numberMatched` {}", page.json()["numberMatched"]);
            if place == 1 {
                findings.check(
                    count == Some(most),
                    &page,
                    found,
                    &format!("{most}, which are all"),
                );
            } else {
                let is_so = count.is_some_and(|count| count <= most);
                findings.check(is_so, &page, found, &format!("{most} at most, which are all"));
            }
        }
    })
}

fn refused(server: &mut Server, findings: &mut Findings) -> Done {
    let questions =
        ["foo", "2024-13-01", "2024-02-30T00:00:00Z", "2024-01-01/foo", "2024-01-01/2024-02-01/.."];
    let asked = questions.map(|value| [("datetime", value)]);
    refuses(server, findings, &asked.each_ref().map(|question| &question[..]))
}
