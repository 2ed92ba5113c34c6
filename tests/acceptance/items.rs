//! Which features a question gets: windows, times, values of fields, and how many at a time.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::program::{Server, district, folder, import, link, list, text};

/// A server with a few features all over the world, each with a code.
fn world() -> &'static Server {
    static WORLD: OnceLock<(TempDir, Server)> = OnceLock::new();
    let (_, server) = WORLD.get_or_init(|| {
        let folder = folder();
        let feature = |code: &str, kind: &str, coordinates: Json| {
            let geometry = json!({ "type": kind, "coordinates": coordinates });
            let properties = json!({ "code": code });
            json!({ "type": "Feature", "id": code, "geometry": geometry, "properties": properties })
        };
        let point = |code, lon, lat| feature(code, "Point", json!([lon, lat]));
        let lights = [
            point("origin", 0.0, 0.0),
            point("chukotka", 178.0, 67.0),
            point("alaska", -178.0, 67.0),
            point("dateline", 180.0, -10.0),
            point("north", 0.0, 90.0),
            point("south", 10.0, -90.0),
        ];
        let old = ["--valid-from", "2020-01-01"];
        import(folder.path(), "light_poles", &lights, &old).expect_done();
        let pipes = [
            feature("diagonal", "LineString", json!([[20.0, 20.0], [30.0, 30.0]])),
            feature("corner", "LineString", json!([[40.0, 20.0], [50.0, 20.0], [50.0, 30.0]])),
        ];
        let new = ["--valid-from", "2024-05-01T12:00:00Z"];
        import(folder.path(), "gas_pipes", &pipes, &new).expect_done();
        let lines = json!([[[60.0, 20.0], [61.0, 21.0]], [[69.0, 29.0], [70.0, 30.0]]]);
        let ways = feature("parts", "MultiLineString", lines);
        import(folder.path(), "greenway_segments", &[ways], &new).expect_done();
        let server = Server::start(folder.path(), &[]);
        (folder, server)
    });
    server
}

/// Checks which assets a question finds, by their codes, or how it is refused.
fn check(question: &str, expected: &str) {
    let answer = world().get(&format!("/collections/assets/items?{question}"));
    if answer.status != 200 {
        assert_eq!((answer.status, &*answer.problem()), (400, expected), "{question}");
        return;
    }
    let page = answer.json();
    let mut codes: Vec<&str> = list(&page["features"])
        .iter()
        .map(|feature| text(&feature["properties"]["code"]))
        .collect();
    codes.sort_unstable();
    assert_eq!(codes.join(" "), expected, "{question}");
    assert_eq!(page["numberMatched"], codes.len(), "{question}");
}

#[test]
fn a_window_finds_what_it_touches_and_not_what_lies_near() {
    check("bbox=24,24,26,26", "diagonal");
    // The line's own box is met, the line is not.
    check("bbox=26,20,30,24", "");
    check("bbox=25,20,30,25", "diagonal");
    check("bbox=41,21,49,29", "");
    check("bbox=41,21,50,29", "corner");
    check("bbox=62,22,68,28", "");
    check("bbox=69.5,29,70,29.5", "parts");
    check("bbox=20,20,20,20", "diagonal");
    check("bbox=22,22,22,22", "diagonal");
    check("bbox=0,0,0,0", "origin");
    check("bbox=0.0000001,0,1,1", "");
    check(
        "bbox=-180,-90,180,90",
        "alaska chukotka corner dateline diagonal north origin parts south",
    );
}

#[test]
fn a_window_may_cross_the_antimeridian_and_reach_the_poles() {
    check("bbox=177,65,-177,70", "alaska chukotka");
    check("bbox=178,67,-178,67", "alaska chukotka");
    check("bbox=179,65,-177,70", "alaska");
    check("bbox=177,65,-179,70", "chukotka");
    check("bbox=170,-20,-170,0", "dateline");
    check("bbox=-180,85,180,90", "north");
    check("bbox=-180,-90,180,-85", "south");
}

#[test]
fn a_window_outside_the_world_is_empty_and_no_fault() {
    check("bbox=190,0,200,10", "");
    check("bbox=190,0,-190,10", "");
    check("bbox=-1,100,1,200", "");
    check("bbox=4333000,520000,4334000,521000", "");
    check(
        "bbox=-1e300,-1e300,1e300,1e300",
        "alaska chukotka corner dateline diagonal north origin parts south",
    );
}

#[test]
fn a_window_of_six_numbers_does_not_look_at_heights() {
    check("bbox=-1,-1,0,1,1,100", "origin");
    check("bbox=-1,-1,-50,1,1,-50", "origin");
    check("bbox=177,65,0,-177,70,9", "alaska chukotka");
    check("bbox=-1,-1,9,1,1,8", "parameter `bbox`: height 9 is above height 8");
    check("bbox=-1,-1,NaN,1,1,8", "parameter `bbox`: found `NaN`, expected a finite number");
}

#[test]
fn numbers_of_a_window_are_read_as_people_and_programs_write_them() {
    check("bbox=-.5,-.5,.5,.5", "origin");
    check("bbox=-1.,-1.,5.,5.", "origin");
    check("bbox=-1.50,-1.50,%2B1,%2B1", "origin");
    check("bbox=-1,-1,+1,+1", "origin");
    check("bbox=-.0000000,-1.5000000,1.5000000,.0000000", "origin");
    check("bbox=-1e0,-1E0,1e%2B0,1e-0", "origin");
    check("bbox=-1%2C-1%2C1%2C1", "origin");
    check("bbox=-1,%20-1,%201,%201", "origin");
    check("bbox=-0,-0,0,0", "origin");
    check("bbox=19.99999999999999999999999,20,21,21", "diagonal");
}

#[test]
fn what_is_no_window_is_refused_with_what_was_found() {
    let no_number =
        |found: &str| format!("parameter `bbox`: found `{found}`, expected a finite number");
    for (bbox, found) in [
        ("NaN,0,1,1", "NaN"),
        ("0,0,inf,1", "inf"),
        ("-infinity,0,1,1", "-infinity"),
        ("0,0,1e999,1", "1e999"),
        ("0,0,1,-1e999", "-1e999"),
        ("0,0,1,0x1", "0x1"),
        ("0,0,1,1_0", "1_0"),
        ("0,0,1,%EF%BC%91", "１"),
        ("0;0;1;1", "0;0;1;1"),
        ("0,0,1,", ""),
        ("", ""),
        ("gas", "gas"),
    ] {
        check(&format!("bbox={bbox}"), &no_number(found));
    }
    check("bbox=1", "parameter `bbox`: found 1 numbers, expected 4 or 6");
    check("bbox=0,0,1", "parameter `bbox`: found 3 numbers, expected 4 or 6");
    check("bbox=0,0,0,1,1", "parameter `bbox`: found 5 numbers, expected 4 or 6");
    check("bbox=0,0,0,1,1,1,1", "parameter `bbox`: more than six numbers");
    check("bbox=0,39.2,1,39", "parameter `bbox`: south 39.2 is above north 39");
}

const OLD: &str = "alaska chukotka dateline north origin south";
const ALL: &str = "alaska chukotka corner dateline diagonal north origin parts south";

#[test]
fn a_time_finds_what_is_valid_then() {
    check("datetime=2019-12-31T23:59:59Z", "");
    check("datetime=2020-01-01T00:00:00Z", OLD);
    check("datetime=2024-05-01T11:59:59.999Z", OLD);
    check("datetime=2024-05-01T12:00:00Z", ALL);
    check("datetime=2024-05-01T20:00:00%2B08:00", ALL);
    check("datetime=2024-05-01T19:59:59%2B08:00", OLD);
    check("datetime=2024-05-01T20:00:00+08:00", ALL);
    check("datetime=2024-05-01T19:59:59+08:00", OLD);
    check("datetime=2024-05-01t12:00:00z", ALL);
    check("datetime=2019-12-31", "");
    // A day is all of it.
    check("datetime=2024-05-01", ALL);
    check("datetime=2024-04-30", OLD);
    check("datetime=2024-02-29", OLD);
}

#[test]
fn an_interval_finds_what_is_valid_within_and_its_ends_may_be_open() {
    check("datetime=2019-01-01/2019-12-31", "");
    check("datetime=2019-01-01/2020-01-01", OLD);
    check("datetime=2019-01-01T00:00:00Z/2024-05-01T12:00:00Z", ALL);
    check("datetime=2024-05-01T12:00:00Z/2024-05-01T12:00:00Z", ALL);
    check("datetime=../2020-01-01T00:00:00Z", OLD);
    check("datetime=/2019-12-31", "");
    check("datetime=2024-04-30/..", ALL);
    check("datetime=2030-01-01/", ALL);
    check("datetime=2030-01-01%2F..", ALL);
    for open in ["../..", "/", "../", "/.."] {
        check(&format!("datetime={open}"), ALL);
    }
}

#[test]
fn the_first_and_the_last_day_of_the_calendar_are_open_ends() {
    check("datetime=0000-01-01T00:00:00Z/2020-01-01T00:00:00Z", OLD);
    check("datetime=2024-04-30T00:00:00Z/9999-12-31T00:00:00Z", ALL);
    check("datetime=0000-01-01T00:00:00Z/9999-12-31T00:00:00Z", ALL);
    check("datetime=0000-01-01/9999-12-31", ALL);
    check("datetime=2020-01-01T00:00:00Z/9999-12-31T23:59:59Z", ALL);
    check("datetime=0000-01-01T00:00:00Z", "");
    check("datetime=9999-12-31", ALL);
    check("datetime=9999-12-31T00:00:00Z", ALL);
    check("datetime=9999-12-31T23:59:59.999%2B08:00", ALL);
}

#[test]
fn what_is_no_time_is_refused_with_what_was_found() {
    for (given, found) in [
        ("", ""),
        ("..", ".."),
        ("foo", "foo"),
        ("2024", "2024"),
        ("2024-05", "2024-05"),
        ("2024-02-30", "2024-02-30"),
        ("2023-02-29", "2023-02-29"),
        ("2024-13-01", "2024-13-01"),
        ("2024-05-01T12:00:00", "2024-05-01T12:00:00"),
        ("2024-05-01T25:00:00Z", "2024-05-01T25:00:00Z"),
        ("10000-01-01T00:00:00Z", "10000-01-01T00:00:00Z"),
        ("9999-12-31T00:00:00", "9999-12-31T00:00:00"),
        ("2024-05-02/2024-05-01", "2024-05-02/2024-05-01"),
        ("2024-05-01/foo", "2024-05-01/foo"),
        ("2024-05-01/2024-05-02/2024-05-03", "2024-05-01/2024-05-02/2024-05-03"),
        ("%E4%BB%8A%E5%A4%A9", "今天"),
    ] {
        let expected = format!(
            "parameter `datetime`: found `{found}`, expected a time such as 2024-05-01T00:00:00Z, a \
             day such as 2024-05-01, or an interval such as 2024-05-01/.. whose start is not after \
             its end"
        );
        check(&format!("datetime={given}"), &expected);
    }
}

#[test]
fn conditions_must_all_hold() {
    check("bbox=177,65,-177,70&datetime=2020-01-01&code=alaska&class=light_poles", "alaska");
    check("bbox=177,65,-177,70&datetime=2019-01-01&code=alaska", "");
    check("bbox=177,65,-177,70&code=origin", "");
    check("code=alaska&class=gas_pipes", "");
}

/// The parts of a geometry as lines; a point is a line without length.
fn lines(coordinates: &Json, found: &mut Vec<Vec<[f64; 2]>>) {
    let position = |json: &Json| match list(json) {
        [Json::Number(lon), Json::Number(lat)] => {
            Some([lon, lat].map(|number| number.as_f64().expect("a number")))
        }
        _ => None,
    };
    if let Some(point) = position(coordinates) {
        found.push(vec![point, point]);
    } else if let Some(line) = list(coordinates).iter().map(position).collect() {
        found.push(line);
    } else {
        list(coordinates).iter().for_each(|part| lines(part, found));
    }
}

/// Whether some of the way from one position to the other lies in the box: the way is cut at the
/// box's edges, one after another, until nothing is left.
fn crosses([from, to]: [[f64; 2]; 2], edges: [f64; 4]) -> bool {
    let (mut start, mut end) = (0.0_f64, 1.0_f64);
    for axis in 0..2 {
        let (least, most) = (edges[axis], edges[axis + 2]);
        let step = to[axis] - from[axis];
        if step == 0.0 {
            if from[axis] < least || from[axis] > most {
                return false;
            }
            continue;
        }
        let (a, b) = ((least - from[axis]) / step, (most - from[axis]) / step);
        (start, end) = (start.max(a.min(b)), end.min(a.max(b)));
    }
    start <= end
}

/// Whether a surface holds a position, by the count of edges to the north of it.
fn holds(geometry: &Json, [x, y]: [f64; 2]) -> bool {
    if !text(&geometry["type"]).ends_with("Polygon") {
        return false;
    }
    let mut rings = Vec::new();
    lines(&geometry["coordinates"], &mut rings);
    let edges = rings.iter().flat_map(|ring| ring.windows(2));
    let north = edges.filter(|edge| {
        let ([from_x, from_y], [to_x, to_y]) = (edge[0], edge[1]);
        (from_x > x) != (to_x > x) && from_y + (to_y - from_y) * (x - from_x) / (to_x - from_x) > y
    });
    north.count() % 2 == 1
}

#[test]
fn any_window_finds_what_a_look_at_every_line_finds() {
    let all = district().features("/collections/assets/items?limit=10000");
    // Steps of a generator of numbers that look random: the same ones in every run.
    let mut state = 7_u64;
    let mut random = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    for round in 0..60 {
        let size = 0.03 * 0.5_f64.powi(round % 10);
        let (west, south) = (117.21 + 0.03 * random(), 39.06 + 0.03 * random());
        let edges = [west, south, west + size * random(), south + size * random()];
        let expected: BTreeSet<&str> = all
            .iter()
            .filter(|feature| {
                let mut parts = Vec::new();
                lines(&feature["geometry"]["coordinates"], &mut parts);
                parts.iter().any(|line| line.windows(2).any(|way| crosses([way[0], way[1]], edges)))
                    || holds(&feature["geometry"], [west, south])
            })
            .map(|feature| text(&feature["id"]))
            .collect();
        let [west, south, east, north] = edges;
        let path =
            format!("/collections/assets/items?limit=10000&bbox={west},{south},{east},{north}");
        let page = district().json(&path);
        let found: BTreeSet<&str> =
            list(&page["features"]).iter().map(|f| text(&f["id"])).collect();
        assert_eq!(found, expected, "{path}");
        assert_eq!(page["numberMatched"], expected.len(), "{path}");
    }
}

#[test]
fn a_page_says_how_many_there_are_how_many_it_has_and_when_it_was_made() {
    for question in
        ["limit=7", "limit=7&offset=2998", "limit=3&bbox=117.22,39.07,117.225,39.075", "code=x"]
    {
        let before = Timestamp::now();
        let page = district().json(&format!("/collections/assets/items?{question}"));
        let stamp: Timestamp = text(&page["timeStamp"]).parse().expect("a time");
        assert!(
            (before.as_millisecond()..=Timestamp::now().as_millisecond())
                .contains(&stamp.as_millisecond())
        );
        assert_eq!(page["type"], "FeatureCollection");
        assert_eq!(page["numberReturned"], list(&page["features"]).len());
        let rest = question
            .split('&')
            .filter(|part| !part.starts_with("limit") && !part.starts_with("offset"));
        let rest: Vec<&str> = rest.collect();
        let all = district()
            .features(&format!("/collections/assets/items?limit=10000&{}", rest.join("&")));
        assert_eq!(page["numberMatched"], all.len(), "{question}");
        let own = link(&page, "self").expect("a link to itself");
        assert_eq!(own, format!("{}/collections/assets/items?{question}", district().url()));
    }
}
