//! The changes of a registry, over HTTP and on the command line: who made them, and what they did.

use serde_json::{Value as Json, json};

use crate::program::{Server, link, list, text};
use crate::sender::{Sender, id, light, lights};

/// Two lights that were registered, one that was changed and corrected, one event, and one that was taken
/// down.
fn told() -> (Sender, Server, [String; 2]) {
    let sender = Sender::new();
    // It makes the registry, so it shows a key.
    let server = Server::start(&sender.registry(), &[]);
    let by = |actor| ["--actor", actor, "--valid-from", "2024-01-01", "--source", "survey"];
    let both = [light("7", r#""code":"L7","power_w":70"#), light("8", r#""code":"L8""#)];
    sender.import(&both, &by("小王")).expect_done();
    let again = ["--valid-from", "2025-01-01", "--source", "survey", "--reason", "新灯"];
    sender.import(&[light("7", r#""power_w":85,"households":4"#)], &again).expect_done();
    let wrong = ["--correct", "--source", "survey"];
    sender.import(&[light("7", r#""power_w":90"#)], &wrong).expect_done();
    let ids = ["L7", "L8"].map(|code| id(&sender.coded("light_poles", code)).to_owned());
    let event = ["event", "add", &ids[0], "--kind", "cleaned", "--on", "2025-05-01"];
    sender.run(&event).expect_done();
    let path = format!("/collections/light_poles/items/{}?reason=gone", ids[1]);
    assert_eq!(server.ask("DELETE", &path, &[]).status, 204);
    (sender, server, ids)
}

/// Each change of a page with what it did to street lights.
fn effects(page: &Json) -> Vec<String> {
    let one = |change: &Json| {
        let of_lights = list(&change["effects"]).iter();
        let counts = of_lights.map(|effect| {
            assert_eq!(effect["collection"], "light_poles");
            let names = ["created", "changed", "retired"];
            names.map(|name| effect[name].to_string()).join("/")
        });
        format!("{} {}", change["sequence"], counts.collect::<String>())
    };
    list(&page["changes"]).iter().map(one).collect()
}

#[test]
fn the_changes_are_told_the_newest_first_with_what_they_did() {
    let (sender, server, _) = told();
    let page = server.json("/change-sets");
    // That of the classes concerns no asset.
    assert_eq!(effects(&page), ["6 0/0/1", "5 0/0/0", "4 0/1/0", "3 0/1/0", "2 2/0/0"]);
    let newest = &list(&page["changes"])[3];
    let told = ["actor", "verb", "reason", "source"].map(|name| newest[name].clone());
    assert_eq!(json!(told), json!(["tester", "update", "新灯", "survey"]));
    let done = sender.run(&["changes", "--json"]).expect_done();
    let whole = json!({ "changes": done.json() });
    let all = effects(&whole);
    assert_eq!((all.len(), all[5].as_str()), (6, "1 "), "the operator sees every change");
    assert_eq!(list(&whole["changes"])[1]["effects"][0]["events"], 1);
    assert_eq!(sender.last_change(), 6, "the registry is sound");
}

#[test]
fn changes_are_found_by_who_made_them_when_and_of_what() {
    let (sender, server, _) = told();
    let check = |asked: &str, expected: &[&str]| {
        let found = effects(&server.json(&format!("/change-sets?{asked}")));
        let numbers: Vec<&str> =
            found.iter().map(|one| one.split(' ').next().unwrap_or_default()).collect();
        assert_eq!(numbers, expected, "{asked}");
    };
    check("actor=%E5%B0%8F%E7%8E%8B", &["2"]);
    check("actor=nobody", &[]);
    check("collection=light_poles", &["6", "5", "4", "3", "2"]);
    check("collection=gas_pipes", &[]);
    check("before=4", &["3", "2"]);
    check("before=0", &[]);
    check("limit=2", &["6", "5"]);
    check("since=2020-01-01&until=2099-01-01", &["6", "5", "4", "3", "2"]);
    check("until=2020-01-01", &[]);
    check("since=2099-01-01T00:00:00Z", &[]);
    let pages = server.pages("/change-sets?limit=2");
    let all: Vec<String> = pages.iter().flat_map(effects).collect();
    assert_eq!((all.len(), pages.len()), (5, 3));
    for (asked, parameter) in [
        ("before=x", "before"),
        ("since=x", "since"),
        ("collection=trees", "collection"),
        ("collection=due", "collection"),
        ("limit=0", "limit"),
        ("actr=x", "actr"),
    ] {
        let refused = server.get(&format!("/change-sets?{asked}"));
        assert_eq!((refused.status, text(&refused.json()["parameter"])), (400, parameter));
    }
    let listed = sender.run(&["changes", "list", "--actor", "小王"]).expect_done().stdout;
    let line = listed.lines().nth(1).expect("one change");
    assert!(line.contains("小王") && line.contains("light_poles 2 new"), "{listed}");
    assert_eq!(sender.run(&["changes", "--collection", "trees"]).code, Some(2));
    assert_eq!(sender.run(&["changes", "--since", "x"]).code, Some(2));
}

#[test]
fn a_change_tells_each_of_its_edits_with_the_fields_that_differ() {
    let (sender, server, [seven, eight]) = told();
    let edits = |number: u64| {
        let change = server.json(&format!("/change-sets/{number}"));
        let mut edits = list(&change["edits"]).to_vec();
        for edit in &mut edits {
            let history = edit.as_object_mut().expect("an edit").shift_remove("history");
            assert_eq!(server.get(text(&history.expect("a link"))).status, 200);
        }
        json!(edits)
    };
    let common = |asset: &str, effect: &str| json!({ "asset": asset, "collection": "light_poles", "effect": effect });
    let with = |mut edit: Json, more: Json| {
        let members = more.as_object().expect("members").clone();
        edit.as_object_mut().expect("an edit").extend(members);
        edit
    };
    let created = json!({
        "former": null, "version": 1, "valid_from": "2024-01-01T00:00:00Z", "changed": null,
    });
    let first = [&seven, &eight].map(|asset| with(common(asset, "created"), created.clone()));
    assert_eq!(edits(2), json!(first));
    // Restricted fields are not told.
    let changed = json!([{ "field": "power_w", "from": 70.0, "to": 85.0 }]);
    let second = json!({
        "former": 1, "version": 2, "valid_from": "2025-01-01T00:00:00Z", "changed": changed,
    });
    assert_eq!(edits(3), json!([with(common(&seven, "changed"), second)]));
    let retired = edits(6);
    assert_eq!((&retired[0]["asset"], &retired[0]["effect"]), (&json!(eight), &json!("retired")));
    assert!(retired[0]["valid_to"].is_string());
    assert_eq!(edits(5), json!([]), "no field of street lights shows when they were cleaned");
    let whole = sender.run(&["changes", "show", "3", "--json"]).expect_done().json();
    let fields: Vec<&str> =
        list(&whole["edits"][0]["changed"]).iter().map(|one| text(&one["field"])).collect();
    assert_eq!(fields, ["households", "power_w"]);
    let event = sender.run(&["changes", "show", "5", "--json"]).expect_done().json();
    assert_eq!(event["edits"][0]["event"]["kind"], "cleaned");
    let told = sender.run(&["changes", "show", "3"]).expect_done().stdout;
    assert!(told.contains("power_w: 70.0 -> 85.0") && told.contains("reason: 新灯"), "{told}");
    for missing in ["1", "7", "0", "x", "18446744073709551615", "18446744073709551616"] {
        assert_eq!(server.get(&format!("/change-sets/{missing}")).status, 404, "{missing}");
    }
    assert_eq!(sender.run(&["changes", "show", "7"]).code, Some(1));
}

#[test]
fn a_large_change_comes_in_pages() {
    let sender = Sender::new();
    let source = ["--source", "s", "--valid-from", "2024-01-01"];
    sender.import(&lights(23, r#""power_w":70"#), &source).expect_done();
    let server = Server::start(&sender.registry(), &[]);
    let whole = server.json("/change-sets/2");
    assert_eq!((list(&whole["edits"]).len(), link(&whole, "next")), (23, None));
    for limit in [1, 10, 22, 23, 24] {
        let pages = server.pages(&format!("/change-sets/2?limit={limit}"));
        let edits = pages.iter().flat_map(|page| list(&page["edits"]).to_vec());
        assert_eq!(json!(edits.collect::<Vec<_>>()), whole["edits"], "by {limit}");
        assert_eq!(pages.len(), 23_usize.div_ceil(limit), "by {limit}");
    }
    let refused = server.get("/change-sets/2?token=x");
    assert_eq!((refused.status, text(&refused.json()["parameter"])), (400, "token"));
}

#[test]
fn the_changes_can_be_read_by_a_person() {
    let (_sender, server, [seven, _]) = told();
    let page = |path: &str| {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}");
        answer.text()
    };
    let all = page("/change-sets?f=html");
    assert!(all.contains("Street lights: 2 registered") && all.contains("新灯"), "{all}");
    assert!(page("/change-sets?f=html&lang=zh").contains("新登记2项"));
    let one = page("/change-sets/3?f=html");
    assert!(one.contains("70") && one.contains("85") && one.contains(&seven), "{one}");
    let history = page(&format!("/collections/light_poles/items/{seven}/history?f=html"));
    assert!(history.contains("/change-sets/3"), "each version leads to its change");
}
