//! Coordinate systems on the command line: each of the table is as PROJ has it, the one of Debian's
//! pyproj, and what is refused says why.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::Rng;
use serde_json::{Value as Json, json};

use crate::program::{Done, command, folder, list, terrier, text};

/// Of the places.
const SEED: u128 = 4;
/// How many places are drawn in each area of use, beside its corners and its middle.
const DRAWN: usize = 50;

/// No authority has published them, so PROJ does not have them: their tests lie beside their
/// formulas.
const UNPUBLISHED: [&str; 2] = ["GCJ-02", "BD-09"];

/// Areas of use that differ from those of Debian's PROJ by more than a hundredth of a degree. That
/// of EPSG:4269 ends at the antimeridian here; the others were drawn anew in EPSG's data set since.
const OTHER_AREAS: [&str; 4] = ["EPSG:4269", "EPSG:4258", "EPSG:25832", "EPSG:25833"];

pub(crate) type Pair = [f64; 2];

/// A system of the table: how it is described here and by PROJ, with places in its area of use.
pub(crate) struct Compared {
    pub(crate) system: Json,
    pub(crate) proj: Json,
    pub(crate) places: Vec<Pair>,
}

/// Runs `terrier crs` with an input.
fn crs(arguments: &[&str], input: &str) -> Done {
    let mut program = command();
    program.arg("crs").args(arguments).stdin(Stdio::piped());
    fed(&mut program, input.as_bytes())
}

fn fed(program: &mut Command, input: &[u8]) -> Done {
    let mut child =
        program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    std::thread::scope(|scope| {
        // What comes back must be read meanwhile. A program that has read enough may go away.
        scope.spawn(move || stdin.write_all(input));
        child.wait_with_output().expect("it ends").into()
    })
}

/// Every system that PROJ has too.
pub(crate) fn compared() -> &'static [Compared] {
    static COMPARED: OnceLock<Vec<Compared>> = OnceLock::new();
    COMPARED.get_or_init(|| {
        let mut chance = Pcg64Mcg::new(SEED << 64 | 1);
        let systems = crs(&["--json"], "").expect_done().json();
        let is_published = |system: &&Json| !UNPUBLISHED.contains(&text(&system["code"]));
        let systems: Vec<Json> = list(&systems).iter().filter(is_published).cloned().collect();
        let places: Vec<_> = systems.iter().map(|system| places_in(system, &mut chance)).collect();
        let questions = systems.iter().zip(&places).map(|(system, places)| {
            let operation = operation(text(&system["to_wgs84"]));
            let question = json!({
                "code": system["code"],
                "operation": operation,
                "wkt": system["wkt"],
                "places": places,
            });
            format!("{question}\n")
        });
        let questions: String = questions.collect();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/proj_positions.py");
        // Not any python3 of the path, but Debian's, which has Debian's packages.
        let mut python = Command::new("/usr/bin/python3");
        let done =
            fed(python.arg(script).stdin(Stdio::piped()), questions.as_bytes()).expect_done();
        let answers: Vec<&str> = done.stdout.lines().collect();
        assert_eq!(answers.len(), systems.len());
        let answers = answers.iter().map(|line| serde_json::from_str(line).expect("JSON"));
        let compared = systems.into_iter().zip(answers).zip(places);
        compared.map(|((system, proj), places)| Compared { system, proj, places }).collect()
    })
}

/// The corners of the area of use, its middle, and what chance gives.
fn places_in(system: &Json, chance: &mut Pcg64Mcg) -> Vec<Pair> {
    let area: Vec<f64> = list(&system["area"]).iter().filter_map(Json::as_f64).collect();
    let [west, south, east, north] = area[..] else { panic!("no area: {system}") };
    let mut part = || (chance.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let mut places = vec![[west, south], [east, south], [west, north], [east, north]];
    places.push([f64::midpoint(west, east), f64::midpoint(south, north)]);
    places.extend(
        (0..DRAWN).map(|_| [west + part() * (east - west), south + part() * (north - south)]),
    );
    places
}

/// The number of the operation that a system says it takes to WGS 84, as in `EPSG:1188; 4 m`.
fn operation(tie: &str) -> Option<u32> {
    let (_, rest) = tie.split_once("EPSG:")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    Some(digits.parse().unwrap_or_else(|error| panic!("{error} in {tie}")))
}

pub(crate) fn pairs(json: &Json) -> Vec<Pair> {
    let pair = |json: &Json| serde_json::from_value(json.clone()).expect("two numbers");
    list(json).iter().map(pair).collect()
}

/// What the command makes of positions.
fn converted(code: &str, way: &str, positions: &[Pair]) -> Vec<Pair> {
    let lines: Vec<String> = positions.iter().map(|[x, y]| format!("{x},{y}")).collect();
    let done = crs(&[code, way, "-"], &lines.join("\n")).expect_done();
    let pair = |line: &str| {
        let (x, y) = line.split_once(',').unwrap_or_else(|| panic!("{code} {way}: {line}"));
        [x, y].map(|number| number.parse().expect("a number"))
    };
    done.stdout.lines().map(pair).collect()
}

#[test]
fn every_system_is_described_as_proj_describes_it() {
    for Compared { system, proj, .. } in compared() {
        let code = text(&system["code"]);
        assert_eq!((&system["name"], &system["axes"]), (&proj["name"], &proj["axes"]), "{code}");
        let unit = match proj["metres"].as_f64() {
            None => "degree",
            Some(1.0) => "metre",
            Some(metres) if (metres - 1200.0 / 3937.0).abs() < 1e-15 => "US survey foot",
            Some(metres) => panic!("{code}: {metres} m"),
        };
        assert_eq!(system["unit"], unit, "{code}");
        assert_eq!(system["approximate"], false, "{code}");
        assert_eq!(system["wkt"].is_string(), code.starts_with("EPSG:"), "{code}");
        assert_eq!(proj["faults"], json!([]), "{code}: {}", system["wkt"]);
        let area = |json: &Json| list(&json["area"]).iter().filter_map(Json::as_f64).collect();
        let (here, there): (Vec<f64>, Vec<f64>) = (area(system), area(proj));
        assert_eq!((here.len(), there.len()), (4, 4), "{code}");
        let mut edges = here.iter().zip(&there);
        let is_same = edges.all(|(here, there)| (here - there).abs() < 0.015);
        assert_eq!(is_same, !OTHER_AREAS.contains(&code), "{code}: {here:?}, {there:?} in PROJ");
    }
}

/// How far apart two lists of positions are at most, in metres on the ground. Both are in a unit of
/// so many metres, or are longitudes and latitudes.
fn apart_m(here: &[Pair], there: &[Pair], metres: Option<f64>) -> f64 {
    assert_eq!(here.len(), there.len());
    let apart = here.iter().zip(there).map(|(here, there)| {
        let [across, along] = [here[0] - there[0], here[1] - there[1]];
        match metres {
            Some(metres) => across.hypot(along) * metres,
            None => (across * there[1].to_radians().cos()).hypot(along) * 111_320.0,
        }
    });
    apart.fold(0.0, f64::max)
}

#[test]
fn every_system_puts_places_where_proj_puts_them_and_finds_them_again() {
    assert!(compared().len() > 60, "{}", compared().len());
    for Compared { system, proj, places } in compared() {
        let code = text(&system["code"]);
        let positions = pairs(&proj["positions"]);
        let there = converted(code, "--from-wgs84", places);
        let back = converted(code, "--to-wgs84", &positions);
        let apart = [
            apart_m(&there, &positions, proj["metres"].as_f64()),
            apart_m(&back, &pairs(&proj["places"]), None),
        ];
        assert!(apart.iter().all(|apart| *apart < 0.001), "{code}, seed {SEED}: {apart:?} m");
    }
}

/// Checks the exit code of a command, and what it says on stdout and on stderr.
fn check(arguments: &[&str], input: &str, code: i32, stdout: &str, stderr: &str) {
    let done = crs(arguments, input);
    let found = (done.code, &*done.stdout, &*done.stderr);
    assert_eq!(found, (Some(code), stdout, stderr), "{arguments:?}");
}

#[test]
fn a_position_that_cannot_be_meant_is_refused_and_says_why() {
    let zone = "EPSG:4548: longitude 115.5 to 118.5, latitude 22.6 to 49.88";
    let expected = format!("expected a position in the area of use of {zone}");
    for (position, fault) in [
        (
            "4329624.5,517300.5",
            "found [4329624.5, 517300.5], expected easting first, then northing; the two look \
             swapped, for [517300.5, 4329624.5] lies in the area of use of EPSG:4548"
                .to_owned(),
        ),
        (
            "900000,4329624.5",
            format!(
                "found [900000, 4329624.5], which is longitude 121.61705, latitude 39.00868, \
                 {expected}"
            ),
        ),
        (
            "39517300.5,4329624.5",
            format!("found [39517300.5, 4329624.5], {expected}; it would lie in that of EPSG:4527"),
        ),
        ("-517300.5,-4e99", format!("found [-517300.5, -4{}], {expected}", "0".repeat(99))),
        ("nan,4329624.5", "found [NaN, 4329624.5], expected finite numbers".into()),
    ] {
        let said = format!("position 1: {fault}\n");
        check(&["EPSG:4548", "--to-wgs84", position], "", 3, "\n", &said);
    }
    let said = "position 1: found [39.1, 117.2], expected longitude first, then latitude; the two \
                look swapped, for [117.2, 39.1] lies in the area of use of EPSG:4548\n";
    check(&["EPSG:4548", "--from-wgs84", "39.1,117.2"], "", 3, "\n", said);
    let said = format!("position 1: found [-88.25, 40.1], {expected}\n");
    check(&["EPSG:4548", "--from-wgs84", "-88.25,40.1"], "", 3, "\n", &said);
}

#[test]
fn answers_stay_in_step_with_the_lines_of_the_input() {
    let wanted = "expected two numbers with a comma between, such as 117.2,39.1";
    let said = format!(
        "position 3: found ``, {wanted}\nposition 4: found `117.2;39.1`, {wanted}\nposition 6: \
         found `1,2,3`, {wanted}\nposition 7: found `\u{fffd},1`, {wanted}\n"
    );
    let mut input = b"117.2, 39.1\r\n\n117.2;39.1\n -7.25,1e1 \n1,2,3\n".to_vec();
    input.extend(b"\xff,1\n180,90");
    let mut program = command();
    program.args(["crs", "4326", "--to-wgs84", "1,2", "--to-wgs84", "-"]).stdin(Stdio::piped());
    let done = fed(&mut program, &input);
    let stdout = "1,2\n117.2,39.1\n\n\n-7.25,10\n\n\n180,90\n";
    assert_eq!((done.code, &*done.stdout, &*done.stderr), (Some(3), stdout, &*said));
    check(&["CRS84", "--from-wgs84", "-"], "", 0, "", "");
}

#[test]
fn a_report_of_positions_has_what_was_given_and_what_came_of_it() {
    let arguments = ["OGC:CRS84", "--to-wgs84", "1,2.5", "--to-wgs84", "1,200", "--json"];
    let done = crs(&arguments, "");
    let expected = "a position in the area of use of OGC:CRS84: longitude -180 to 180, latitude \
                    -90 to 90";
    let expected = json!({ "code": "OGC:CRS84", "positions": [
        { "given": "1,2.5", "position": [1.0, 2.5] },
        { "given": "1,200", "fault": { "found": "[1, 200]", "expected": expected } },
    ]});
    assert_eq!((done.code, &*done.stderr, done.json()), (Some(3), "", expected));
}

#[test]
fn a_system_that_takes_parameters_or_is_not_known_is_refused_by_name() {
    let said = "error: `EPSG:9999` is not a coordinate system that Terrier knows; `terrier crs` \
                lists them\n";
    check(&["EPSG:9999"], "", 2, "", said);
    let said = "error: `EPSG:2415` is on Beijing 1954, whose way to WGS 84 is not published; give \
                the 7 parameters `towgs84`, or a plane transformation (`dx`, `dy`, `rotation_deg`, \
                `scale`) onto a system that Terrier knows\n";
    check(&["EPSG:2415", "--to-wgs84", "39517233,4329671"], "", 2, "", said);
}

#[test]
fn shifted_degrees_say_that_they_are_approximate() {
    for code in UNPUBLISHED {
        assert_eq!(crs(&[code, "--json"], "").json()["approximate"], true);
        let told = crs(&[code], "").expect_done().stdout;
        assert!(told.contains("\nto WGS 84   approximate: "), "{told}");
    }
}

#[test]
fn coordinate_systems_need_no_registry_and_make_none() {
    let parent = folder();
    let none = parent.path().join("none");
    terrier(&none, &["crs"]).expect_done();
    terrier(&none, &["crs", "4548"]).expect_done();
    terrier(&none, &["crs", "4548", "--from-wgs84", "117.2,39.1"]).expect_done();
    assert!(!none.exists());
}

#[test]
fn the_bounds_on_positions_are_kept_on_both_sides() {
    let arguments = ["CRS84", "--to-wgs84", "-"];
    let lines = "1,2\n".repeat(100_000);
    check(&arguments, &lines, 0, &lines, "");
    let said = "error: more than 100000 lines on stdin\n";
    check(&arguments, &format!("{lines}1,2"), 1, "", said);
    let line = format!("1,{}2", " ".repeat(253));
    for end in ["", "\n"] {
        check(&arguments, &format!("{line}{end}"), 0, "1,2\n", "");
        let said = "error: line 2 on stdin has more than 256 bytes\n";
        check(&arguments, &format!("1,2\n {line}{end}"), 1, "", said);
    }
}
