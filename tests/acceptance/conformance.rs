//! `terrier conformance`: our server keeps all that it declares, and every assertion can fail.

mod broken;
mod double;
mod editing;
mod extension;

use std::collections::BTreeSet;
use std::net::TcpListener;

use serde_json::{Value as Json, json};

use crate::issuer::LocalIssuer;
use crate::program::{self, Done, Server, district, fixture, folder, import, list, text};
use double::{Answerer, Double};

/// Runs `terrier conformance ARGUMENTS…`.
fn conformance(arguments: &[&str]) -> Done {
    let mut command = program::command();
    command.arg("conformance").args(arguments).output().expect("the program starts").into()
}

/// The assertions of a report with this verdict, by their ids.
fn with_verdict(report: &Json, verdict: &str) -> BTreeSet<String> {
    let assertions = list(&report["assertions"]).iter();
    let found = assertions.filter(|assertion| assertion["verdict"] == verdict);
    found.map(|assertion| text(&assertion["id"]).to_owned()).collect()
}

/// The assertion of that id.
fn assertion<'a>(report: &'a Json, id: &str) -> &'a Json {
    let mut assertions = list(&report["assertions"]).iter();
    assertions.find(|assertion| assertion["id"] == id).unwrap_or_else(|| panic!("no `{id}`"))
}

/// Asks of a double of the district, which answers with a change, and reports.
fn check_double(answerer: Answerer, arguments: &[&str], code: i32) -> Json {
    let double = Double::start(answerer);
    let fixed = [double.url(), "--json", "--collection", "gas_pipes"];
    let done = conformance(&[&fixed, arguments].concat());
    assert_eq!(done.code, Some(code), "{done:?}");
    done.json()
}

#[test]
fn our_server_keeps_everything_that_it_declares() {
    let done = conformance(&[district().url(), "--json"]);
    let report = done.json();
    let broken: Vec<&Json> = list(&report["assertions"])
        .iter()
        .filter(|assertion| assertion["verdict"] == "broken")
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
    assert_eq!(done.code, Some(0));
    for id in with_verdict(&report, "skipped") {
        let reason = text(&assertion(&report, &id)["reason"]);
        assert!(reason.starts_with("not declared: "), "{id}: {reason}");
    }
    let served = district().json("/collections");
    let served: Vec<&Json> = list(&served["collections"]).iter().map(|one| &one["id"]).collect();
    assert_eq!(list(&report["collections"]).iter().collect::<Vec<_>>(), served);
    assert_eq!((&report["left_out"], &report["broken"]), (&json!(0), &json!(0)));
}

/// A place in each of the boxes that the OGC's suite asks for, two in that over the antimeridian, and
/// three more in the western half of the world.
const PLACES: [[f64; 2]; 9] = [
    [0.1, 51.5],
    [-75.0, 0.5],
    [179.5, 67.0],
    [-179.5, 68.0],
    [20.0, 87.5],
    [-20.0, -87.5],
    [-100.0, 20.0],
    [-101.0, 20.0],
    [-102.0, 20.0],
];

#[test]
fn with_features_in_every_box_of_the_suite_none_is_judged_by_an_empty_answer() {
    let folder = folder();
    let light = |(number, place): (usize, &[f64; 2])| {
        let geometry = json!({ "type": "Point", "coordinates": place });
        // A day and a list, so that filters by them have something to look at.
        let day = format!("2001-05-1{number}");
        let properties = json!({ "installed_on": day, "carries": ["camera", "traffic_sign"] });
        json!({ "type": "Feature", "id": format!("L{number}"), "geometry": geometry,
            "properties": properties })
    };
    let lights: Vec<Json> = PLACES.iter().enumerate().map(light).collect();
    import(folder.path(), "light_poles", &lights, &[]).expect_done();
    let server = Server::start(folder.path(), &[]);
    for (edges, expected) in [
        ("-1.5,50,1.5,53", 1),
        ("-80,-5,-70,5", 1),
        ("177,65,-177,70", 2),
        ("-180,85,180,90", 1),
        ("-180,-90,180,-85", 1),
    ] {
        let page = server.json(&format!("/collections/light_poles/items?bbox={edges}"));
        assert_eq!(page["numberMatched"], expected, "{edges}");
    }
    let done = conformance(&[server.url(), "--json", "--collection", "light_poles"]).expect_done();
    let report = done.json();
    // All in the extent, which is the world, and six in the other boxes.
    assert_eq!(assertion(&report, "bbox/geometry")["looked"], 15);
    let skipped = with_verdict(&report, "skipped").into_iter();
    let unexplained: Vec<String> = skipped
        .filter(|id| !text(&assertion(&report, id)["reason"]).starts_with("not declared: "))
        .collect();
    assert!(unexplained.is_empty(), "{unexplained:?}");
}

#[test]
fn a_report_for_people_tells_what_was_found_and_what_was_expected() {
    let double = Double::start(|path, ask| {
        let mut reply = ask(path);
        if path.contains("limit=unlimited") {
            reply.status = 200;
        }
        reply
    });
    let done = conformance(&[double.url(), "--collection", "gas_pipes", "--class", "error"]);
    assert_eq!(done.code, Some(1));
    let expected = [
        "What is refused".to_owned(),
        "  broken   error/invalid            `limit=unlimited` is refused with 400 [17-069r4 A.20 \
         /conf/core/query-param-invalid]"
            .into(),
        format!("           GET {}/collections/gas_pipes/items?limit=unlimited", double.url()),
        "               found 200 application/problem+json, expected 400".into(),
    ];
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert_eq!(lines[..4], expected);
    let last = lines.last().copied().unwrap_or_default();
    assert!(last.starts_with("4 assertions: 3 kept, 1 broken, 0 skipped; "), "{last}");
    assert!(last.ends_with(" requests to 1 collections (23 others were not asked)"), "{last}");
}

#[test]
fn what_cannot_be_asked_ends_with_2_and_a_reason() {
    let check = |arguments: &[&str], expected: &str| {
        let done = conformance(arguments);
        assert_eq!((done.code, &*done.stdout), (Some(2), ""), "{done:?}");
        assert!(done.stderr.contains(expected), "{done:?}");
    };
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let nobody = format!("http://{}", free.expect("a free port"));
    check(&[&nobody], "does not answer");
    check(&["ftp://127.0.0.1"], "is no address");
    check(&["127.0.0.1:8080"], "is no address");
    check(&[district().url(), "--collection", "trees"], "has no collection `trees`");
    check(&[district().url(), "--class", "boxes"], "expected one of http, landing, api");
}

#[test]
fn a_server_over_https_is_judged_when_who_is_trusted_has_signed_for_it() {
    // It is no server of features, but it answers.
    let other = LocalIssuer::start_encrypted(Vec::new());
    let asked = [&other.name(), "--class", "http", "--json"];
    let done = conformance(&asked);
    assert_eq!(done.code, Some(2), "{done:?}");
    assert!(done.stderr.contains("does not answer"), "{done:?}");
    assert_eq!(other.asked(), Vec::<String>::new());
    let certificates = |file: &str| {
        let file = fixture(file);
        let file = file.to_str().expect("a plain path");
        conformance(&[&asked[..], &["--certificates", file]].concat())
    };
    let done = certificates("identity/authority.pem").expect_done();
    assert_eq!(with_verdict(&done.json(), "kept").len(), 1);
    let done = certificates("identity/server.der");
    assert!(done.code != Some(0), "{done:?}");
    let done = certificates("made-up/drains.toml");
    assert_eq!(done.code, Some(2), "{done:?}");
    assert!(done.stderr.contains("the certificates are none in PEM"), "{done:?}");
}

#[test]
fn an_answer_beyond_the_bound_counts_as_none() {
    let report = check_double(
        |path, ask| {
            let mut reply = ask(path);
            if path == "/conformance" {
                // Longer than 64 MiB by one byte.
                reply.body.resize(64 * 1024 * 1024 + 1, b' ');
            }
            reply
        },
        &["--class", "conformance"],
        1,
    );
    let fault = &assertion(&report, "conformance/success")["faults"][0];
    assert!(text(&fault["found"]).starts_with("no answer ("), "{fault}");
}

#[test]
fn a_list_without_an_end_is_walked_only_so_far() {
    let report = check_double(
        |path, ask| {
            let mut reply = ask(path);
            reply.edit(|page| {
                // Every page leads to another one, by a number that grows.
                let href = format!("{}/collections/gas_pipes/items?limit=1&n={}", "", path.len());
                if path.contains("/items") {
                    page["numberMatched"] = json!(12);
                    page["links"] = json!([{ "rel": "next", "href": format!("/ogc{href}1") }]);
                }
            });
            reply
        },
        &["--class", "paging"],
        1,
    );
    assert!(report["requests"].as_u64().expect("a number") < 100, "{}", report["requests"]);
}

#[test]
fn collections_beyond_the_bound_are_told_and_not_asked() {
    let double = Double::start(|path, ask| {
        let mut reply = ask(path);
        if path == "/collections" {
            reply.edit(|document| {
                let one = document["collections"][1].clone();
                let many = (0..33).map(|number| {
                    let mut one = one.clone();
                    one["id"] = json!(format!("c{number}"));
                    one
                });
                document["collections"] = many.collect();
            });
        }
        reply
    });
    let report = conformance(&[double.url(), "--json", "--class", "http"]).expect_done().json();
    assert_eq!((list(&report["collections"]).len(), &report["left_out"]), (32, &json!(1)));
}

#[test]
fn for_every_assertion_there_is_an_answer_that_breaks_it() {
    let done = conformance(&[district().url(), "--json", "--collection", "gas_pipes"]);
    let report = done.json();
    let known: Vec<&str> = list(&report["assertions"]).iter().map(|one| text(&one["id"])).collect();
    let told: BTreeSet<&str> = broken::TABLE
        .iter()
        .chain(extension::TABLE)
        .map(|(id, _)| *id)
        .chain(broken::PAGES.iter().flat_map(|(class, ..)| {
            known.iter().copied().filter(move |id| broken::is_of_pages(id, class))
        }))
        .collect();
    assert_eq!(told, known.into_iter().collect());
}
