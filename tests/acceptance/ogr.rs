//! What GDAL says of a file, compared with what the program says after taking it.

use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use crate::program::Server;
use crate::sender::Sender;

/// West, south, east, north.
type Window = [f64; 4];

/// Runs `ogrinfo` of Debian's gdal-bin on a file.
fn ogrinfo(file: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("ogrinfo");
    command.arg("-ro").args(arguments).arg(file);
    let done = command.output().expect("ogrinfo (Debian: gdal-bin) is installed");
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("ogrinfo writes UTF-8")
}

/// What follows on a text in a line of an answer.
fn after<'a>(answer: &'a str, text: &str) -> &'a str {
    let found = answer.lines().find_map(|line| line.trim().strip_prefix(text));
    found.unwrap_or_else(|| panic!("no `{text}` in {answer}"))
}

fn count(file: &Path, window: Option<Window>) -> u64 {
    let numbers = window.iter().flatten().map(f64::to_string).collect::<Vec<_>>();
    let mut arguments = vec!["-so", "-al"];
    if window.is_some() {
        arguments.push("-spat");
        arguments.extend(numbers.iter().map(String::as_str));
    }
    after(&ogrinfo(file, &arguments), "Feature Count: ").parse().expect("a count")
}

/// The sum of the lengths along the ellipsoid, in metres.
fn length_m(file: &Path) -> f64 {
    let summary = ogrinfo(file, &["-so", "-al"]);
    let layer = after(&summary, "Layer name: ");
    let sql = format!("select sum(ST_Length(geometry, 1)) as length from \"{layer}\"");
    let answer = ogrinfo(file, &["-q", "-dialect", "sqlite", "-sql", &sql]);
    after(&answer, "length (Real) = ").parse().expect("a length")
}

/// Ten windows over the extent of a file, from all of it to a small part.
fn windows(file: &Path) -> Vec<Window> {
    let summary = ogrinfo(file, &["-so", "-al"]);
    let extent = after(&summary, "Extent: ").replace(['(', ')', ','], " ").replace(" - ", " ");
    let numbers: Vec<f64> =
        extent.split_whitespace().map(|n| n.parse().expect("a number")).collect();
    let [west, south, east, north] = numbers.try_into().expect("four numbers");
    let window = |number: u32| {
        // Steps of the golden section lie evenly, and on no position of anybody.
        let share = |step: f64| (0.5 + f64::from(number) * step).fract();
        let size = 1.07 / 2_f64.powi(number as i32 / 2);
        let (width, height) = ((east - west) * size, (north - south) * size);
        let x = west + (east - west) * share(0.618_033_988_7);
        let y = south + (north - south) * share(0.754_877_666_2);
        [x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0]
    };
    (0..10).map(window).collect()
}

/// Imports a file with a mapping. Counts, total lengths and ten windows of the collection must agree
/// with what GDAL says of the file. Answers how many assets there are.
pub(crate) fn check(file: &Path, mapping: &Path, collection: &str) -> u64 {
    let text = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
    let sender = Sender::new();
    let report = sender
        .run(&["import", &text(file), "--mapping", &text(mapping), "--json"])
        .expect_done()
        .json();
    let all = count(file, None);
    assert!(all > 0, "{}", file.display());
    assert_eq!((&report["created"], &report["not_taken"]), (&Json::from(all), &Json::from(0)));

    let features = sender.export(collection);
    assert_eq!(features.len() as u64, all);
    let ours: f64 =
        features.iter().filter_map(|one| one["properties"]["geom_length_m"].as_f64()).sum();
    let theirs = length_m(file);
    // Ours are rounded to millimetres one by one; SpatiaLite's hold to a millionth.
    let tolerance = 0.000_5 * all as f64 + 1e-6 * theirs;
    assert!((ours - theirs).abs() <= tolerance, "{ours} m, GDAL: {theirs} m");

    let server = Server::start(&sender.registry(), &[]);
    let matched = |query: &str| {
        let path = format!("/collections/{collection}/items?limit=1{query}");
        server.json(&path)["numberMatched"].as_u64().expect("a count")
    };
    assert_eq!(matched(""), all);
    let mut counts = Vec::new();
    for window in windows(file) {
        let [west, south, east, north] = window;
        let found = matched(&format!("&bbox={west},{south},{east},{north}"));
        assert_eq!(found, count(file, Some(window)), "{window:?}");
        counts.push(found);
    }
    assert!(counts.iter().any(|found| (1..all).contains(found)), "{counts:?} of {all}");
    all
}
