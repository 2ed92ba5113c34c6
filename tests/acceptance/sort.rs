//! Answers that are sorted by fields: in which order, page by page, and what is refused.

use std::cmp::Ordering;
use std::sync::OnceLock;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::program::{Server, district, folder, import, link, list, text};

/// What a light is sorted by: code, installed on, recorded length, owner.
type Light = (&'static str, Option<&'static str>, Option<f64>, Option<&'static str>);

const LIGHTS: [Light; 7] = [
    ("b", Some("2001-05-01"), Some(10.0), Some("路灯处")),
    ("a", Some("1999-12-31"), Some(-0.0), Some("路灯处")),
    ("Z", None, Some(2.5), None),
    ("ä", Some("2001-05-01"), None, Some("A")),
    ("路", Some("1964-01-01"), Some(2.5), Some("a")),
    ("\u{ff5e}", Some("2020-02-29"), Some(1e9), Some("")),
    ("\u{10000}", None, None, None),
];

fn lights() -> &'static Server {
    static SERVER: OnceLock<(TempDir, Server)> = OnceLock::new();
    let (_, server) = SERVER.get_or_init(|| {
        let folder = folder();
        let features: Vec<Json> = (0..)
            .zip(LIGHTS)
            .map(|(at, (code, installed_on, length_m, owner))| {
                let properties = json!({
                    "code": code, "installed_on": installed_on, "length_m": length_m, "owner": owner,
                });
                let geometry = json!({ "type": "Point", "coordinates": [117.2 + 0.001 * f64::from(at), 39.1] });
                json!({ "type": "Feature", "id": code, "geometry": geometry, "properties": properties })
            })
            .collect();
        import(folder.path(), "light_poles", &features, &[]).expect_done();
        let server = Server::start(folder.path(), &[]);
        (folder, server)
    });
    server
}

/// Checks the codes of the lights in an order, in one page and in pages of one.
fn check(order: &str, expected: &str) {
    for limit in [1, 3, 100] {
        let features = lights()
            .features(&format!("/collections/light_poles/items?limit={limit}&sortby={order}"));
        let codes: Vec<&str> =
            features.iter().map(|feature| text(&feature["properties"]["code"])).collect();
        assert_eq!(codes.join(" "), expected, "{order} by {limit}");
    }
}

#[test]
fn texts_stand_in_the_order_of_their_code_points() {
    check("code", "Z a b ä 路 \u{ff5e} \u{10000}");
    check("-code", "\u{10000} \u{ff5e} 路 ä b a Z");
    check("owner,code", "ä 路 a b Z \u{ff5e} \u{10000}");
}

#[test]
fn what_has_no_value_comes_last_either_way() {
    check("installed_on,code", "路 a b ä \u{ff5e} Z \u{10000}");
    check("-installed_on,code", "\u{ff5e} b ä a 路 Z \u{10000}");
    check("length_m,-code", "a 路 Z b \u{ff5e} \u{10000} ä");
    check("-length_m,code", "\u{ff5e} b Z 路 a ä \u{10000}");
}

#[test]
fn a_sign_may_be_a_plus_a_space_or_none() {
    let expected = "Z a b ä 路 \u{ff5e} \u{10000}";
    for order in ["code", "%2Bcode", "+code", "%20code", "+code,-id", "%2Bcode,%2Bid"] {
        check(order, expected);
    }
}

#[test]
fn an_order_is_refused_by_the_field_that_is_not_known() {
    let refused = |order: &str, expected: &str| {
        let answer = lights().get(&format!("/collections/light_poles/items?{order}"));
        assert_eq!((answer.status, &*answer.problem()), (400, expected), "{order}");
    };
    refused(
        "sortby=cod",
        "parameter `sortby`: field `cod` is not known here; did you mean `code`?",
    );
    refused("sortby=", "parameter `sortby`: field `` is not known here");
    refused("sortby=code,-code", "parameter `sortby`: field `code` comes twice");
    refused("sortby=geometry", "parameter `sortby`: field `geometry` is not known here");
    refused("sortby=households", "parameter `sortby`: field `households` is not known here");
    refused("sortby=code,road,owner,street,class", "parameter `sortby`: more than 4 fields");
    refused("sort=code", "parameter `sort`: not known here; did you mean `sortby`?");
    refused(
        "sortby=code&offset=100001",
        "parameter `offset`: found 100001, expected at most 100000 where features are sorted; the \
         `next` links go further",
    );
    let most = lights().json("/collections/light_poles/items?sortby=code&offset=100000");
    assert_eq!((&most["features"], &most["numberMatched"]), (&json!([]), &json!(7)));
    let four = lights().get("/collections/light_poles/items?sortby=code,road,owner,-street");
    assert_eq!(four.status, 200);
    let summary = lights().get("/collections/light_poles/summary?sortby=code");
    assert_eq!(&*summary.problem(), "parameter `sortby`: a summary has no pages");
}

/// How two values of JSON stand to each other in an order: those that are missing last.
fn compare(a: &Json, b: &Json, descending: bool) -> Ordering {
    if a.is_null() || b.is_null() {
        return a.is_null().cmp(&b.is_null());
    }
    let order = match (a, b) {
        (Json::String(a), Json::String(b)) => a.cmp(b),
        (Json::Bool(a), Json::Bool(b)) => a.cmp(b),
        _ => a.as_f64().partial_cmp(&b.as_f64()).expect("numbers"),
    };
    if descending { order.reverse() } else { order }
}

/// Checks an order of the district against that of a program that sorts what it was given, in pages.
fn check_district(question: &str, order: &[(&str, bool)], limit: usize) {
    let plain = format!("/collections/{question}");
    let mut expected = district().features(&format!("{plain}&limit=10000"));
    let value = |feature: &Json, name: &str| match name {
        "id" => feature["id"].clone(),
        name => feature["properties"][name].clone(),
    };
    // The order of places stays where nothing tells two apart.
    expected.sort_by(|a, b| {
        let keys =
            order.iter().map(|(name, down)| compare(&value(a, name), &value(b, name), *down));
        keys.fold(Ordering::Equal, Ordering::then)
    });
    let names = order.iter().map(|(name, down)| format!("{}{name}", if *down { "-" } else { "" }));
    let by = names.collect::<Vec<_>>().join(",");
    let pages = district().pages(&format!("{plain}&limit={limit}&sortby={by}"));
    let found: Vec<&Json> = pages.iter().flat_map(|page| list(&page["features"])).collect();
    assert!(found.len() == expected.len() && expected.len() > 20, "{question} by {by}");
    for (place, (found, expected)) in found.iter().zip(&expected).enumerate() {
        assert_eq!(found["id"], expected["id"], "{question} by {by}, feature {place}");
    }
    for page in &pages {
        assert_eq!(page["numberMatched"], expected.len(), "{question} by {by}");
    }
    let middle = expected.len() / 2;
    let answer = district().json(&format!("{plain}&limit=5&sortby={by}&offset={middle}"));
    assert_eq!(list(&answer["features"]), &expected[middle..middle + 5], "{question} by {by}");
    // The pages behind it go on from there.
    let next = district().json(&link(&answer, "next").expect("there are more"));
    assert_eq!(list(&next["features"]), &expected[middle + 5..middle + 10], "{question} by {by}");
}

#[test]
fn any_list_can_be_sorted_by_any_of_its_fields() {
    check_district("gas_pipes/items?f=json", &[("diameter_mm", true), ("material", false)], 7);
    check_district("gas_pipes/items?f=json", &[("encroached", true), ("length_m", false)], 50);
    check_district("gas_pipes/items?f=json", &[("geom_length_m", true)], 100);
    check_district("gas_pipes/items?material=steel", &[("installed_on", false)], 10);
    check_district("assets/items?f=json", &[("road", false), ("code", true)], 999);
    check_district("assets/items?f=json", &[("id", true)], 500);
    check_district("assets/items?bbox=117.20,39.05,117.23,39.08", &[("valid_from", true)], 40);
    check_district("light_poles/items?filter=code%20LIKE%20'%255'", &[("street", true)], 9);
    check_district("due/items?f=json", &[("priority", false), ("due_on", true)], 100);
    check_district("due/items?on=2040-01-01", &[("state", true), ("kind", false)], 300);
    check_district("due_lines/items?state=overdue", &[("due_on", false), ("id", true)], 30);
    check_district("due/items?f=json", &[("owner", false), ("id", false)], 250);
}

#[test]
fn a_token_holds_for_its_order_and_nothing_made_up_does_harm() {
    let items = "/collections/light_poles/items?limit=2&sortby=-installed_on,code";
    let next = link(&lights().json(items), "next").expect("there are more");
    let token = next.rsplit_once("token=").expect("a token").1;
    for other in ["-code", "installed_on,code", "-installed_on,-code", "-installed_on"] {
        let address =
            format!("/collections/light_poles/items?limit=2&sortby={other}&token={token}");
        assert_eq!(lights().get(&address).status, 400, "{other}");
    }
    for end in 0..token.len() {
        let answer = lights().get(&format!("{items}&token={}", &token[..end]));
        assert_eq!(answer.status, 400, "{end}");
    }
    for place in 0..token.len() {
        for letter in ["A", "z", "_", "-"] {
            let mut changed = token.to_owned();
            changed.replace_range(place..=place, letter);
            let answer = lights().get(&format!("{items}&token={changed}"));
            assert!(matches!(answer.status, 200 | 400), "{changed}: {}", answer.text());
        }
    }
}

#[test]
fn long_texts_are_compared_by_their_beginning_and_page_all_the_same() {
    let folder = folder();
    // 255 bytes are the same; what tells them apart lies at the 256th, and behind it.
    let code = |ending: &str| format!("{}{ending}", "钢".repeat(85));
    let codes = [code("b1"), code("a2"), code("b0"), code("a1"), code("")];
    let feature = |(at, code): (u8, &String)| {
        let geometry =
            json!({ "type": "Point", "coordinates": [117.2 + 0.01 * f64::from(at), 39.1] });
        let properties = json!({ "code": code });
        json!({ "type": "Feature", "id": at, "geometry": geometry, "properties": properties })
    };
    let features: Vec<Json> = (0..).zip(&codes).map(feature).collect();
    import(folder.path(), "light_poles", &features, &[]).expect_done();
    let server = Server::start(folder.path(), &[]);
    let codes = |question: &str| -> Vec<String> {
        let features = server.features(&format!("/collections/light_poles/items?{question}"));
        features.iter().map(|f| text(&f["properties"]["code"]).to_owned()).collect()
    };
    let places = codes("limit=10");
    let mut expected = places.clone();
    expected.sort_by_key(|code| code.chars().take(86).collect::<String>());
    for limit in [1, 2, 10] {
        assert_eq!(codes(&format!("limit={limit}&sortby=code,road,owner,street")), expected);
    }
}
