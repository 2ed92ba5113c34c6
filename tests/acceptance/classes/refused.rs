//! Documents that are no class, or would lose or contradict what is registered.

use serde_json::json;

use super::{COLOUR, COST, City, HEAD, SEATS, WOOD, bench, benches};
use crate::sender::Sender;

/// A registry with two benches, one of which has a past version.
fn city() -> City {
    let city = City::new();
    city.import(&[
        bench("1", r#""code":"B1","wood":"oak","seats":9,"cost":70"#),
        bench("2", r#""code":"B2","seats":2"#),
    ]);
    city.import(&[bench("1", r#""seats":8"#)]);
    city
}

/// Puts a document that is refused, without and with a dry run; nothing is changed.
fn check(document: &str, expected: &[&str]) {
    let city = city();
    for options in [&["--dry-run"][..], &[]] {
        let refused = city.put(document, options);
        assert_eq!((refused.code, &*refused.stdout), (Some(1), ""));
        let (told, last) = refused.stderr.trim_end().rsplit_once('\n').unwrap_or_default();
        assert_eq!(told.lines().collect::<Vec<_>>(), expected);
        let count = expected.len();
        assert_eq!(last, format!("error: {count} differences are refused; nothing was changed"));
    }
    assert_eq!(city.0.last_change(), 4);
    let kept = city.0.run(&["classes", "benches"]).stdout;
    assert_eq!(kept.trim(), benches().trim());
}

#[test]
fn a_field_never_goes() {
    check(
        &[HEAD, WOOD, COST].concat(),
        &["benches: seats: gone (a whole number): held by 2 assets and 1 past versions; keep it, \
           with `retired = true`"],
    );
    let city = City::new();
    let refused = city.put(&[HEAD, SEATS, COST].concat(), &[]);
    let expected = "benches: wood: gone (a code): held by nothing; keep it, with `retired = true`";
    assert!(refused.stderr.starts_with(expected), "{refused:?}");
}

#[test]
fn a_code_that_is_in_use_never_goes() {
    let without = |code: &str| {
        let (_, rest) = WOOD.split_once(code).expect("the code");
        let title = rest.split(" }").next().expect("its title");
        let one = format!("{{ code = {code}{title} }}");
        [HEAD, &WOOD.replace(&one, "").replace("[, ", "["), SEATS, COST].concat()
    };
    check(
        &without("\"oak\""),
        &[
            "benches: wood, code `oak`: gone (Oak 橡木): held by 1 assets and 1 past versions; keep \
           the code, with `retired = true`",
        ],
    );
    let report = city().put(&without("\"pine\"").replace(", ]", "]"), &[]).expect_done();
    assert_eq!(report.stdout, "benches: wood, code `pine`: gone (Pine 松木)\nchange 5\n");
}

#[test]
fn a_range_never_becomes_narrower_than_the_numbers_that_there_are_or_were() {
    let range = |range: &str| benches().replace("[1, 10]", range);
    check(
        &range("[1, 8]"),
        &["benches: seats, range: 1 to 10 -> 1 to 8: held by 1 past versions; keep a range that \
           allows them"],
    );
    check(
        &range("[3, 10]"),
        &["benches: seats, range: 1 to 10 -> 3 to 10: held by 1 assets; keep a range that allows \
           them"],
    );
    let report = city().put(&range("[2, 9]"), &[]).expect_done();
    assert_eq!(report.stdout, "benches: seats, range: 1 to 10 -> 2 to 9\nchange 5\n");
    let report = city().put(&range("[0]"), &[]).expect_done();
    assert_eq!(report.stdout, "benches: seats, range: 1 to 10 -> from 0\nchange 5\n");
}

#[test]
fn everything_that_is_refused_is_told_at_once() {
    let instead = "add a field of another name, and keep this one with `retired = true`";
    let held = "held by 2 assets and 1 past versions";
    let seats = SEATS.replace("integer", "number").replace("range", "unit = \"m\"\nrange");
    let event =
        COST.replace("\"number\"", "\"date\"").replace("title", "event = \"cleaned.on\"\ntitle");
    check(
        &[&HEAD.replace("\"point\"", "\"line\""), COLOUR, &seats, &event].concat(),
        &[
            &format!("benches: geometry: Point -> LineString: {held}; put a class of another name"),
            "benches: wood: gone (a code): held by 1 assets and 1 past versions; keep it, with \
             `retired = true`",
            &format!("benches: seats, kind: a whole number -> a number: {held}; {instead}"),
            &format!("benches: seats, unit: none -> m: {held}; {instead}"),
            &format!(
                "benches: cost, kind: a number -> a date such as 2005-06-30: held by 1 assets and 1 \
                 past versions; {instead}"
            ),
            &format!(
                "benches: cost, event: none -> cleaned.on: held by 1 assets and 1 past versions; \
                 {instead}"
            ),
        ],
    );
}

#[test]
fn what_nothing_holds_may_become_anything() {
    let city = City::new();
    let seats = SEATS.replace("integer", "number").replace("[1, 10]", "[2, 3]");
    let document = [&HEAD.replace("\"point\"", "\"line\""), WOOD, &seats, COST].concat();
    let report = city.put(&document, &["--json"]).expect_done().json();
    assert_eq!((&report["change"], &report["refused"]), (&json!(3), &json!(0)));
    let parts: Vec<_> = report["classes"][0]["differences"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (one["part"].clone(), one["assets"].clone()))
        .collect();
    assert_eq!(json!(parts), json!([["geometry", 0], ["kind", 0], ["range", 0]]));
}

#[test]
fn what_is_restricted_becomes_public_only_when_that_is_said() {
    let open = benches().replace("sensitivity = \"restricted\"\n", "");
    check(
        &open,
        &[
            "benches: cost, sensitivity: restricted -> public: held by 1 assets and 1 past versions; \
           what was restricted becomes public only when that is allowed",
        ],
    );
    let city = city();
    city.put(&open, &["--allow-publish"]).expect_done();
    let server = city.serve();
    assert_eq!(server.json("/collections/benches/items?cost=70")["numberMatched"], 1);
}

#[test]
fn a_dry_run_tells_what_would_happen_and_changes_nothing() {
    let city = city();
    let document = [HEAD, WOOD, SEATS, COST, COLOUR].concat();
    let told = city.put(&document, &["--dry-run"]).expect_done();
    let line = "benches: colour: new (text)\n";
    assert_eq!(told.stdout, format!("{line}dry run, nothing was written\n"));
    assert_eq!(city.0.last_change(), 4);
    assert_eq!(city.put(&document, &[]).stdout, format!("{line}change 5\n"));

    let nowhere = Sender::new();
    let path = nowhere.file("benches.toml", benches());
    let told = nowhere.run(&["classes", "put", &path, "--dry-run"]).expect_done();
    assert_eq!(told.stdout, "benches: new, 3 fields\ndry run, nothing was written\n");
    assert!(!nowhere.registry().exists());
}

#[test]
fn the_same_document_changes_nothing_and_another_text_of_the_same_class_is_kept() {
    let city = city();
    let same = city.put(&format!("{}\n\n", benches()), &[]).expect_done();
    assert_eq!(same.stdout, "benches: unchanged\nno change\n");
    let commented = format!("# For sitting.\n{}", benches());
    let other = city.put(&commented, &[]).expect_done();
    assert_eq!(other.stdout, "benches: other text of the same class\nchange 5\n");
    assert_eq!(city.0.run(&["classes", "benches"]).stdout, commented);
}

#[test]
fn what_describes_no_class_is_refused_with_its_line_or_name() {
    let check = |document: &str, expected: &str| {
        let sender = Sender::new();
        let path = sender.file("benches.toml", document);
        let refused = sender.run(&["classes", "put", &path]);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.stderr.contains(expected), "{refused:?}\nexpected {expected}");
        assert!(!sender.registry().exists(), "it makes no registry");
    };
    check("", "benches.toml` describes no class: line 1: missing field `name`");
    check(&format!("{HEAD}colour = 1"), "line 6: unknown field `colour`");
    for name in ["assets", "due", "due_points", "due_lines", "due_areas"] {
        check(&HEAD.replace("benches", name), "name is taken by the register itself");
    }
    check(&HEAD.replace("benches", "Bench"), "`Bench` is no name, expected 1 to 40 of a-z");
    check(&[HEAD, &COLOUR.replace("colour", "owner")].concat(), "`owner`: this name is taken");
    check(&[HEAD, COLOUR, COLOUR].concat(), "field `colour` appears twice");
    let codes = |count: usize| {
        let codes: Vec<_> =
            (0..count).map(|n| format!("{{ code = \"c{n}\", en = \"C\", zh = \"码\" }}")).collect();
        let field = COLOUR.replace("\"text\"", "\"code\"");
        format!("{HEAD}{field}codes = [{}]", codes.join(", "))
    };
    check(&codes(1001), "field `colour`: 1001 codes, expected at most 1000");
    let city = City::new();
    city.put(&codes(1000).replace("benches", "trees"), &[]).expect_done();
    check(&format!("{HEAD}#{}", "木".repeat(90_000)), "the document is longer than 262144 bytes");
    let sender = Sender::new();
    let path = sender.file("benches.toml", b"\xff\xfe");
    let refused = sender.run(&["classes", "put", &path]);
    assert!(refused.stderr.contains("cannot read `"), "{refused:?}");
    let twice = sender.file("twice.toml", benches());
    let once = sender.file("once.toml", benches());
    let refused = sender.run(&["classes", "put", &twice, &once]);
    assert_eq!(refused.stderr, "error: two of the files describe `benches`\n");
    assert_eq!(sender.run(&["classes", "put"]).code, Some(2));
}

#[test]
fn there_may_be_as_many_classes_as_the_bound_and_no_more() {
    const MOST: usize = 256;
    let sender = Sender::new();
    let shipped = terrier_catalog::shipped_classes().len();
    let file = |number: usize| {
        let document = benches().replace("benches", &format!("class_{number}"));
        sender.file(&format!("{number}.toml"), document)
    };
    let files: Vec<String> = (shipped..=MOST).map(file).collect();
    let put = |files: &[String]| {
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        sender.run(&[&["classes", "put"], &files[..]].concat())
    };
    let refused = put(&files);
    assert_eq!(refused.stderr, "error: 257 classes, expected at most 256 in a registry\n");
    let (last, most) = files.split_last().expect("files");
    assert!(put(most).expect_done().stdout.ends_with("\nchange 2\n"));
    assert_eq!(put(std::slice::from_ref(last)).code, Some(1));
}

#[test]
fn the_programs_own_documents_come_only_when_they_are_asked_for() {
    let sender = Sender::new();
    sender.run(&["demo", "--assets", "100"]).expect_done();
    let shipped = sender.run(&["classes", "gas_pipes", "--shipped"]).expect_done().stdout;
    // What an older program has shipped: an older title, and a field less.
    let (older, _) = shipped.rsplit_once("[[field]]").expect("fields");
    let older = older.replace("Gas pipes", "Pipes");
    let ours = sender.file("older.toml", format!("{older}# older\n"));
    let refused = sender.run(&["classes", "put", &ours]);
    assert!(refused.stderr.starts_with("gas_pipes: remarks: gone (text)"), "{refused:?}");

    let older = shipped.replace("Gas pipes", "Pipes");
    let ours = sender.file("older.toml", &older);
    sender.run(&["classes", "put", &ours]).expect_done();
    assert_eq!(sender.run(&["classes", "gas_pipes"]).stdout, older, "nothing happens by itself");
    let line = "gas_pipes: title: Pipes 燃气管道 -> Gas pipes 燃气管道\n";
    let told = sender.run(&["classes", "put", "--shipped", "--dry-run"]).expect_done().stdout;
    assert!(told.contains(line) && told.contains("light_poles: unchanged\n"), "{told}");
    let one = sender.run(&["classes", "put", "--shipped", "light_poles"]).expect_done();
    assert_eq!(one.stdout, "light_poles: unchanged\nno change\n");
    let all = sender.run(&["classes", "put", "--shipped"]).expect_done().stdout;
    assert!(all.contains(line) && all.ends_with("\nchange 4\n"), "{all}");
    assert_eq!(sender.run(&["classes", "gas_pipes"]).stdout, shipped);
    let none = sender.run(&["classes", "put", "--shipped", "gas_pipe"]);
    assert_eq!(none.code, Some(2), "{none:?}");

    let retired = |document: &str| document.replacen("geometry", "retired = true\ngeometry", 1);
    let shipped = sender.run(&["classes", "greenway_segments", "--shipped"]).stdout;
    let empty = Sender::new();
    let ours = empty.file("retired.toml", retired(&shipped));
    empty.run(&["classes", "put", &ours]).expect_done();
    let left = empty.run(&["classes", "put", "--shipped"]).expect_done().stdout;
    assert!(!left.contains("greenway_segments") && left.ends_with("no change\n"), "{left}");
    let named = empty.run(&["classes", "put", "--shipped", "greenway_segments"]).expect_done();
    assert!(named.stdout.starts_with("greenway_segments: retired: true -> false\n"), "{named:?}");
}
