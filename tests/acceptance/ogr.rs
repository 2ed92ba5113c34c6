//! What GDAL says of a file, compared with what the program says after taking it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

use crate::program::Server;
use crate::sender::Sender;

/// West, south, east, north.
pub(crate) type Window = [f64; 4];

/// Runs `ogrinfo` of Debian's gdal-bin on a file.
pub(crate) fn ogrinfo(file: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("ogrinfo");
    command.arg("-ro").args(arguments).arg(file);
    let done = command.output().expect("ogrinfo (Debian: gdal-bin) is installed");
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("ogrinfo writes UTF-8")
}

/// Makes a file with `ogr2ogr` of Debian's gdal-bin, and answers what it writes to `/vsistdout/`.
pub(crate) fn ogr2ogr(arguments: &[&str]) -> String {
    let mut command = Command::new("ogr2ogr");
    let done = command.args(arguments).output().expect("ogr2ogr (Debian: gdal-bin) is installed");
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("ogr2ogr writes UTF-8")
}

/// What follows on a text in a line of an answer.
pub(crate) fn after<'a>(answer: &'a str, text: &str) -> &'a str {
    let found = answer.lines().find_map(|line| line.trim().strip_prefix(text));
    found.unwrap_or_else(|| panic!("no `{text}` in {answer}"))
}

/// The sum of an expression of GDAL's SQLite dialect, such as a field, over the rows of a file for
/// which a condition holds; nothing where there are none.
fn sum_where(file: &Path, expression: &str, condition: &str) -> Option<f64> {
    let summary = ogrinfo(file, &["-so", "-al"]);
    let layer = after(&summary, "Layer name: ");
    let sql = format!("select sum({expression}) * 1.0 as total from \"{layer}\" where {condition}");
    let answer = ogrinfo(file, &["-q", "-dialect", "sqlite", "-sql", &sql]);
    let total = answer.lines().find_map(|line| line.trim().strip_prefix("total (Real) = "));
    total.filter(|total| *total != "(null)").map(|total| total.parse().expect("a sum"))
}

/// An expression of GDAL's SQLite dialect for each group of a file, by the text of the group.
pub(crate) fn groups(file: &Path, label: &str, expression: &str) -> BTreeMap<String, f64> {
    let summary = ogrinfo(file, &["-so", "-al"]);
    let layer = after(&summary, "Layer name: ");
    let sql = format!(
        "select {label} || '' as label, {expression} * 1.0 as total from \"{layer}\" group by 1"
    );
    let answer = ogrinfo(file, &["-q", "-dialect", "sqlite", "-sql", &sql]);
    let all =
        |start: &'static str| answer.lines().filter_map(move |l| l.trim().strip_prefix(start));
    let totals = all("total (Real) = ").map(|total| total.parse().expect("a number"));
    all("label (String) = ").map(str::to_owned).zip(totals).collect()
}

pub(crate) fn count(file: &Path, window: Option<Window>) -> u64 {
    let numbers = window.iter().flatten().map(f64::to_string).collect::<Vec<_>>();
    let mut arguments = vec!["-so", "-al"];
    if window.is_some() {
        arguments.push("-spat");
        arguments.extend(numbers.iter().map(String::as_str));
    }
    after(&ogrinfo(file, &arguments), "Feature Count: ").parse().expect("a count")
}

/// The sum of the values of a property.
pub(crate) fn total(features: &[Json], property: &str) -> f64 {
    features.iter().filter_map(|one| one["properties"][property].as_f64()).sum()
}

/// Compares a sum over many assets, each rounded to a thousandth, with GDAL's.
pub(crate) fn check_sum(ours: f64, file: &Path, expression: &str, count: u64) {
    let theirs = sum_where(file, expression, "1").expect("rows");
    check_total(ours, theirs, expression, count);
}

fn check_total(ours: f64, theirs: f64, expression: &str, count: u64) {
    // SpatiaLite's lengths hold to a millionth, its areas to a little more than one.
    let tolerance = 0.000_5 * count as f64 + 1.5e-6 * theirs.abs();
    assert!((ours - theirs).abs() <= tolerance, "{expression}: {ours}, GDAL: {theirs}");
}

/// Ten windows over the extent of a file, from all of it to a small part.
pub(crate) fn windows(file: &Path) -> Vec<Window> {
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
    // The length along the ellipsoid.
    check_sum(total(&features, "geom_length_m"), file, "ST_Length(geometry, 1)", all);

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

/// What one collection takes of a file: the rows for which a condition holds, in GDAL's SQLite
/// dialect, with sums of which each is of a property of ours and of an expression for GDAL.
#[derive(Clone, Copy)]
pub(crate) struct Share<'a> {
    pub(crate) collection: &'a str,
    pub(crate) condition: &'a str,
    pub(crate) sums: &'a [(&'a str, &'a str)],
}

/// Imports a file with a mapping, or without one into the only collection, after putting classes into
/// the registry. The counts and sums of its shares must be those that GDAL finds in the file, and so
/// must the count of refused rows, those of a condition. Whatever is left is not taken. Answers the
/// counts of the shares.
pub(crate) fn check_shares(
    file: &Path,
    mapping: Option<&Path>,
    classes: &[PathBuf],
    shares: &[Share<'_>],
    refused: &str,
) -> Vec<u64> {
    let text = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
    let into = match mapping {
        Some(mapping) => ["--mapping".to_owned(), text(mapping)],
        None => ["--as".to_owned(), shares[0].collection.to_owned()],
    };
    let sender = Sender::new();
    for class in classes {
        sender.run(&["classes", "put", &text(class)]).expect_done();
    }
    let count_of =
        |condition: &str| sum_where(file, "1", condition).map_or(0, |count| count as u64);
    let counts: Vec<u64> = shares.iter().map(|share| count_of(share.condition)).collect();
    let (taken, refused) = (counts.iter().sum::<u64>(), count_of(refused));
    let import = sender.run(&["import", &text(file), &into[0], &into[1], "--json"]);
    assert_eq!(import.code, Some(if refused > 0 { 3 } else { 0 }), "{}", import.stderr);
    let report = import.json();
    let found = ["created", "refused", "not_taken"].map(|name| report[name].clone());
    let left = count(file, None) - taken - refused;
    assert_eq!(found, [taken, refused, left].map(Json::from), "{}", file.display());
    for (share, count) in shares.iter().zip(&counts) {
        let features = sender.export(share.collection);
        assert_eq!(features.len() as u64, *count, "{}", share.collection);
        for (property, expression) in share.sums {
            let theirs = sum_where(file, expression, share.condition);
            let theirs = theirs.unwrap_or_else(|| panic!("no {expression} in {}", file.display()));
            check_total(total(&features, property), theirs, expression, *count);
        }
    }
    counts
}
