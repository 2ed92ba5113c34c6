//! Boxes in longitude and latitude.

use serde_json::json;

use crate::answer::shown;
use crate::assertion::features::{boxes, written};
use crate::assertion::{Assertion, defined, each, ids, matched, refuses};
use crate::class::Class::Bbox;
use crate::finding::{Done, Findings};
use crate::geometry::Parts;
use crate::server::Server;

const RESPONSE: &str = "17-069r4 A.15 /conf/core/fc-bbox-response";
const INVALID: &str = "17-069r4 /req/core/query-param-invalid";

pub(crate) const ASSERTIONS: &[Assertion] = &[
    Assertion {
        id: "bbox/definition",
        class: Bbox,
        source: "17-069r4 A.14 /conf/core/fc-bbox-definition",
        sentence: "the API document describes `bbox` as four to six numbers with commas between",
        needs: &[&["ogcapi-features-1/oas30"]],
        check: definition,
    },
    Assertion {
        id: "bbox/geometry",
        class: Bbox,
        source: RESPONSE,
        sentence: "each feature that is answered meets the box, not only with its own box",
        needs: &[],
        check: geometry,
    },
    Assertion {
        id: "bbox/whole",
        class: Bbox,
        source: RESPONSE,
        sentence: "all features are found in the box of the whole world",
        needs: &[],
        check: whole,
    },
    Assertion {
        id: "bbox/six-numbers",
        class: Bbox,
        source: RESPONSE,
        sentence: "a box with heights is answered as the one without, where features have none",
        needs: &[],
        check: six,
    },
    Assertion {
        id: "bbox/not-finite",
        class: Bbox,
        source: INVALID,
        sentence: "a box with a number that is none, or without end, is refused with 400",
        needs: &[],
        check: not_finite,
    },
    Assertion {
        id: "bbox/count",
        class: Bbox,
        source: INVALID,
        sentence: "a box of three or of five numbers, or of words, is refused with 400",
        needs: &[],
        check: count,
    },
    Assertion {
        id: "bbox/upside-down",
        class: Bbox,
        source: INVALID,
        sentence: "a box whose south is above its north is refused with 400",
        needs: &[],
        check: upside_down,
    },
];

fn definition(server: &mut Server, findings: &mut Findings) -> Done {
    let expected = "an array of 4 to 6 numbers in the query, not exploded";
    defined(server, findings, "bbox", expected, |schema| {
        schema["type"] == "array"
            && schema["minItems"] == json!(4)
            && schema["maxItems"] == json!(6)
            && schema["items"]["type"] == "number"
    })
}

fn geometry(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        for edges in boxes(collection) {
            let page = server.items(collection, &[("limit", "10"), ("bbox", &written(edges))]);
            for feature in page.features() {
                let Ok(parts) = Parts::of(&feature["geometry"]) else { continue };
                let found =
                    || format!("feature {}: {}", feature["id"], shown(&feature["geometry"]));
                findings.check(parts.meets(edges), &page, found, "a geometry that meets the box");
            }
        }
    })
}

fn whole(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let all = server.items(collection, &[("limit", "1")]);
        let within = server.items(collection, &[("limit", "1"), ("bbox", "-180,-90,180,90")]);
        if let Some(expected) = matched(&all) {
            let found = || format!("`numberMatched` {}", within.json()["numberMatched"]);
            let is_so = matched(&within) == Some(expected);
            findings.check(is_so, &within, found, &format!("{expected}, as without the box"));
        }
    })
}

fn six(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let [west, south, east, north] =
            collection.extent().unwrap_or([-180.0, -90.0, 180.0, 90.0]);
        let flat = format!("{west},{south},{east},{north}");
        let high = format!("{west},{south},-12000,{east},{north},12000");
        let flat = server.items(collection, &[("limit", "10"), ("bbox", &flat)]);
        let high = server.items(collection, &[("limit", "10"), ("bbox", &high)]);
        findings.status(&high, 200);
        let found = || format!("the features {:?}", ids(&high));
        let expected = format!("the features {:?}", ids(&flat));
        findings.check(ids(&high) == ids(&flat), &high, found, &expected);
    })
}

fn not_finite(server: &mut Server, findings: &mut Findings) -> Done {
    let questions = ["NaN,0,1,1", "0,0,inf,1", "-Infinity,0,1,1", "0,0,1,1e999"];
    refuses(server, findings, &questions.map(|value| [("bbox", value)]).each_ref().map(|q| &q[..]))
}

fn count(server: &mut Server, findings: &mut Findings) -> Done {
    let questions = ["1,2,3", "1,2,3,4,5", "1,2,3,4,5,6,7", "a,b,c,d", "", "1,,3,4"];
    refuses(server, findings, &questions.map(|value| [("bbox", value)]).each_ref().map(|q| &q[..]))
}

fn upside_down(server: &mut Server, findings: &mut Findings) -> Done {
    refuses(server, findings, &[&[("bbox", "0,10,10,0")]])
}
