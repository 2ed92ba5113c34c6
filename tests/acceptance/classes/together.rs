//! Changes of classes beside each other and beside imports, and such as are killed.

use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value as Json;

use super::{COLOUR, COST, City, HEAD, SEATS, WOOD, bench, benches, wait_for_last};
use crate::program::command;
use crate::sender::Sender;

/// Starts to put a document in force.
fn start(sender: &Sender, file: &str) -> Child {
    let mut command = command();
    command.arg("--data").arg(sender.registry()).args(["classes", "put", file]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

fn finish(child: Child) -> String {
    let done = child.wait_with_output().expect("the program ends");
    assert!(done.status.success(), "{done:?}");
    String::from_utf8(done.stdout).expect("a report")
}

#[test]
fn classes_that_come_at_once_come_one_after_the_other() {
    let sender = Sender::new();
    sender.run(&["demo", "--assets", "0"]).expect_done();
    let before = sender.last_change();
    let file = |number: usize| {
        let document = benches().replace("benches", &format!("benches_{number}"));
        sender.file(&format!("{number}.toml"), document)
    };
    let files: Vec<String> = (0..6).map(file).collect();
    let children: Vec<Child> = files.iter().map(|file| start(&sender, file)).collect();
    let mut changes: Vec<String> = children
        .into_iter()
        .map(|child| finish(child).lines().last().unwrap_or_default().to_owned())
        .collect();
    changes.sort();
    let expected: Vec<String> = (1..7).map(|step| format!("change {}", before + step)).collect();
    assert_eq!((changes, sender.last_change()), (expected, before + 6));
}

#[test]
fn the_same_document_at_once_is_one_change() {
    let city = City::new();
    let file = city.0.file("new.toml", [HEAD, WOOD, SEATS, COST, COLOUR].concat());
    let children: Vec<Child> = (0..6).map(|_| start(&city.0, &file)).collect();
    let mut said: Vec<String> = children.into_iter().map(finish).collect();
    said.sort();
    let unchanged = "benches: unchanged\nno change\n";
    assert_eq!(said[0], "benches: colour: new (text)\nchange 3\n");
    assert_eq!(said[1..], [unchanged; 5]);
}

#[test]
fn an_import_that_is_under_way_ends_before_the_class_changes() {
    let city = City::new();
    let rows: Vec<String> =
        (0..2000).map(|key| bench(&key.to_string(), r#""wood":"oak","seats":9"#)).collect();
    let file = city.0.file("many.geojsonl", rows.join("\n"));
    let server = city.serve();
    let mut import = command();
    import.arg("--data").arg(city.0.registry()).args(["import", &file, "--as", "benches"]);
    let import =
        import.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    // Whichever comes first, both are taken whole: the numbers stand in the way, or are none yet.
    let narrow = city.put(&benches().replace("[1, 10]", "[1, 5]"), &[]);
    let report = import.wait_with_output().expect("the import ends");
    let imported = city.0.export("benches").len();
    let held = "seats, range: 1 to 10 -> 1 to 5: held by 2000 assets;";
    match (narrow.code, report.status.code()) {
        (Some(1), Some(0)) => assert!(narrow.stderr.contains(held) && imported == 2000),
        // The class had changed when the rows came, or while the import started.
        (Some(0), Some(3 | 5)) => assert_eq!(imported, 0),
        outcome => panic!("{outcome:?} {narrow:?} {report:?}"),
    }
    wait_for_last(&server, &city);
    let all = server.json("/collections/benches/items?limit=1");
    assert_eq!(all["numberMatched"], imported);
}

#[test]
fn a_reader_sees_the_fields_and_the_values_of_one_change() {
    let city = City::new();
    let rows: Vec<String> =
        (0..3000).map(|key| bench(&key.to_string(), r#""wood":"oak","seats":9"#)).collect();
    city.import(&rows);
    let server = city.serve();
    let grown = [HEAD, COLOUR, SEATS, WOOD, COST].concat();
    let forms: [&[&str]; 2] = [&["wood", "seats"], &["colour", "seats", "wood"]];
    std::thread::scope(|scope| {
        let changes = scope.spawn(|| {
            city.put(&grown, &[]).expect_done();
            wait_for_last(&server, &city);
        });
        while !changes.is_finished() {
            let page = server.json("/collections/benches/items?limit=3000&seats=9&wood=oak");
            let features = page["features"].as_array().expect("features");
            let form = |feature: &Json| {
                let names = super::names(&feature["properties"]).into_iter();
                forms.iter().position(|form| super::own(names.clone()) == **form)
            };
            let first = form(&features[0]);
            assert!(first.is_some() && features.iter().all(|feature| form(feature) == first));
            assert_eq!(features.len(), 3000);
        }
        changes.join().expect("the change is shown");
    });
}

#[test]
fn a_change_of_a_class_that_is_killed_is_whole_or_nothing() {
    let city = City::new();
    let server = city.serve();
    let other = [HEAD, WOOD, SEATS, COST, COLOUR].concat();
    let (mut last, mut killed) = (city.0.last_change(), 0);
    for round in 0..20_u64 {
        let title = format!("\"Benches {round}\"");
        let file = city.0.file("next.toml", other.replace("\"Benches\"", &title));
        let mut child = start(&city.0, &file);
        std::thread::sleep(Duration::from_millis(round * 2));
        let _ = child.kill();
        child.wait().expect("it ends");
        let now = city.0.last_change();
        assert!(now == last || now == last + 1, "change {now} after {last}");
        let document = city.0.run(&["classes", "benches"]).expect_done().stdout;
        assert_eq!(document.contains(&title), now > last);
        killed += u32::from(now == last);
        last = now;
    }
    assert!(killed > 0, "none was killed in time");
    wait_for_last(&server, &city);
}
