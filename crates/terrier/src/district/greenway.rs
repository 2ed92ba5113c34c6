//! Greenway segments: on both banks of the river, on the green strips of wide roads, and around
//! the gardens of communities; and pocket parks.

use terrier_model::EventKind;

use super::chance::Chance;
use super::plan::{BANK_M, Block, Point, Reach, Street, length_m};
use super::programme::{Part, Programme};
use super::record::{Entry, Record};

/// The phase of the greenway programme that is built in the year.
const THIS_PHASE: i64 = 3;

const REMARKS: [&str; 6] = [
    "铺装局部塌陷",
    "树根拱起路面",
    "三期工程新建",
    "Bench missing since the flood",
    "Signs in Chinese and English",
    "与非机动车道共用",
];

struct Path<'a> {
    parts: Vec<Vec<Point>>,
    route: String,
    class: &'static str,
    kind: &'static str,
    setting: &'static str,
    users: &'static str,
    width_m: f64,
    street: Option<&'a Street>,
    community: bool,
    /// The phase in which it was built, unless the programme takes it.
    phase: Option<i64>,
    /// Whether the programme may take it.
    open: bool,
}

pub(super) fn segments(
    block: &Block,
    programme: &mut Programme,
    chance: &mut Chance,
) -> Vec<Entry> {
    let mut paths = Vec::new();
    for reach in &block.reaches {
        along_river(reach, chance, &mut paths);
    }
    for street in block.streets.iter().filter(|street| street.arterial && !street.bridge) {
        along_road(street, chance, &mut paths);
    }
    if block.housing {
        in_yard(block, chance, &mut paths);
    }
    let drawn = |path: &Path<'_>| {
        let drawn_m: f64 = path.parts.iter().map(|part| length_m(part)).sum();
        (drawn_m * chance.between(1.0, 1.006) * 10.0).round() as i64
    };
    let lengths_dm: Vec<i64> = paths.iter().map(drawn).collect();
    let planned_dm = programme.greenway.among(&lengths_dm, |place| paths[place].open);
    let entry =
        |(place, path)| segment(block, place, path, (planned_dm[place], lengths_dm[place]), chance);
    paths.into_iter().enumerate().map(entry).collect()
}

/// A line of so many points; `at` gives the point at a share of the way, and how far to its side,
/// in the unit of `sway`, the most that it may be.
fn line(count: i64, sway: f64, chance: &mut Chance, at: impl Fn(f64, f64) -> Point) -> Vec<Point> {
    let (waves, start) = (chance.between(1.0, 3.0), chance.between(0.0, std::f64::consts::TAU));
    (0..count)
        .map(|place| {
            let share = place as f64 / (count - 1) as f64;
            // The ends lie where the next segment begins.
            let ends = 4.0 * share * (1.0 - share);
            let wave = 0.9 * (start + waves * std::f64::consts::TAU * share).sin();
            at(share, (wave + chance.between(-0.1, 0.1)) * sway * ends)
        })
        .collect()
}

fn along_river(reach: &Reach, chance: &mut Chance, out: &mut Vec<Path<'_>>) {
    let phase = Some(1 + i64::from(reach.number.rem_euclid(8)) / 4);
    for (side, bank) in [(1.0, "左岸"), (-1.0, "右岸")] {
        let path = |parts, kind, users, width_m| Path {
            parts,
            route: format!("柳河绿道{bank}"),
            class: "regional",
            kind,
            setting: "waterside",
            users,
            width_m,
            street: None,
            community: false,
            phase,
            open: false,
        };
        let walk = line(chance.whole(40, 80), 3.0, chance, |share, aside| {
            reach.at(share, side * (BANK_M + aside))
        });
        out.push(path(vec![walk], "main_line", "foot", 3.0));
        // The cycle path goes under a bridge here and there, and is in two parts.
        let halves =
            if chance.comes_true(0.3) { vec![(0.0, 0.47), (0.53, 1.0)] } else { vec![(0.0, 1.0)] };
        let parts: Vec<_> = halves
            .into_iter()
            .map(|(from, to)| {
                line(chance.whole(20, 40), 2.0, chance, |share, aside| {
                    reach.at(from + (to - from) * share, side * (BANK_M + 12.0 + aside))
                })
            })
            .collect();
        out.push(path(parts, "main_line", "cycle", 4.0));
        for _ in 0..chance.whole(1, 3) {
            let (from, slant) = (chance.between(0.1, 0.9), chance.between(-0.15, 0.15));
            let spur = line(chance.whole(20, 30), 2.0, chance, |share, aside| {
                reach.at(from + slant * share + aside / 300.0, side * (BANK_M + 60.0 * share))
            });
            let kind = chance.weighted(&[(50, "entrance"), (40, "branch"), (10, "nature_trail")]);
            out.push(path(vec![spur], kind, "shared", 2.5));
        }
    }
}

fn along_road<'a>(street: &'a Street, chance: &mut Chance, out: &mut Vec<Path<'a>>) {
    let open = chance.comes_true(0.55);
    for side in [1.0, -1.0] {
        for half in [0.0, 0.5] {
            let parts = vec![line(chance.whole(20, 45), 1.5, chance, |share, aside| {
                street.at(half + 0.5 * share, side * (22.0 + aside))
            })];
            out.push(Path {
                parts,
                route: format!("{}绿道", street.name),
                class: "city",
                kind: "connector",
                setting: "roadside",
                users: "shared",
                width_m: 2.5,
                street: Some(street),
                community: false,
                phase: Some(2),
                open,
            });
        }
    }
}

/// Rounds through the gardens between the houses.
fn in_yard(block: &Block, chance: &mut Chance, out: &mut Vec<Path<'_>>) {
    let count = (2.4 * block.density).round() as i32;
    for place in 0..count {
        // Gardens lie three by three.
        let (column, row) = (place % 3, place / 3);
        let middle = [column, row].map(|side| 0.22 + 0.28 * f64::from(side));
        let size = chance.between(0.06, 0.12);
        let turn = chance.between(0.3, 1.0) * std::f64::consts::TAU;
        let round = line(chance.whole(20, 48), 0.01, chance, |share, aside| {
            let (sin, cos) = (share * turn).sin_cos();
            block.at(middle[0] + (size + aside) * cos, middle[1] + (size + aside) * sin)
        });
        out.push(Path {
            parts: vec![round],
            route: format!("{}健身步道", block.community),
            class: "community",
            kind: "branch",
            setting: "community",
            users: "foot",
            width_m: 1.8,
            street: None,
            community: true,
            phase: None,
            open: false,
        });
    }
}

fn segment(
    block: &Block,
    place: usize,
    path: Path<'_>,
    (planned_dm, drawn_dm): (Option<i64>, i64),
    chance: &mut Chance,
) -> Entry {
    let mut record = Record::new(format!("LDX{}-{:02}", block.label, place + 1), block);
    let phase = if planned_dm.is_some() { Some(THIS_PHASE) } else { path.phase };
    let first = phase.map_or(2008, |phase| 2006 + 4 * (phase - 1));
    let year = chance.whole(first, first + 4) as i16;
    let in_use = if planned_dm.is_some() {
        record.text("lifecycle_status", chance.one_of(&["planned", "under_construction"]));
        false
    } else {
        record.life(chance, year, false).in_use
    };
    record.text("name", format!("{}第{}段", path.route, place + 1));
    record.text("route_name", path.route);
    record.text("owner", "河西区园林绿化服务中心");
    if let Some(street) = path.street {
        record.text("road", street.name);
    }
    if path.community {
        record.text("community", block.community.as_str());
    }
    if let Some(phase) = phase {
        record.integer("phase", phase);
    }
    record.text("greenway_class", path.class);
    record.text("segment_kind", path.kind);
    record.text("setting", path.setting);
    record.text("users", path.users);
    record.number("width_m", path.width_m, 1);
    let surfaces: &[(u32, &str)] = match path.users {
        "cycle" => &[(70, "asphalt"), (30, "permeable_concrete")],
        "foot" => {
            &[(50, "permeable_brick"), (20, "boardwalk"), (20, "rubber"), (10, "paving_stone")]
        }
        _ => &[(40, "permeable_brick"), (40, "asphalt"), (15, "concrete"), (5, "unknown")],
    };
    record.text("surface", chance.weighted(surfaces));
    let recorded_m = planned_dm.unwrap_or(drawn_dm) as f64 / 10.0;
    record.number("length_m", recorded_m, 1);
    // The kerbs take their share of the width.
    record.number("area_m2", recorded_m * path.width_m * chance.between(0.96, 1.04), 0);
    equipment(&mut record, path.class, chance);
    if in_use {
        record.day_after(chance, "opened_on", year, year + 1);
        if year < 2014 && chance.comes_true(0.5) {
            record.day_after(chance, "resurfaced_on", year + 4, 2018);
        }
        record.perhaps(chance, 0.8, EventKind::Inspected, 2023);
        record.perhaps(chance, 0.1, EventKind::Repaired, 2019);
        record.hazards(chance, 0.04, &["铺装松动", "树枝低垂", "Handrail loose"]);
    }
    record.remark(chance, &REMARKS);
    record.along_all(&path.parts)
}

fn equipment(record: &mut Record, class: &str, chance: &mut Chance) {
    record.truth("lit", chance.comes_true(0.8));
    record.truth("barrier_free", chance.comes_true(0.6));
    record.truth("signage", chance.comes_true(0.7));
    let shades = [(20, "none"), (50, "partial"), (25, "full"), (5, "unknown")];
    record.text("shade", chance.weighted(&shades));
    record.integer("bench_count", chance.whole(0, 8));
    if class == "regional" {
        record.integer("service_station_count", chance.weighted(&[(80, 0), (20, 1)]));
        if chance.comes_true(0.4) {
            let parks = ["柳林公园", "梅江公园", "银河公园", "Riverside Park"];
            record.text("linked_parks", chance.one_of(&parks));
        }
    }
    let keeper =
        if class == "community" { "小区物业管理处" } else { "河西绿化养护一队" };
    record.text("maintained_by", keeper);
    record.text(
        "maintenance_class",
        match class {
            "regional" => "first",
            "city" => "second",
            _ => "third",
        },
    );
}

/// A pocket park, in a block of the programme and in one of four others.
pub(super) fn parks(block: &Block, part: &Part, chance: &mut Chance) -> Vec<Entry> {
    if !(part.park || block.housing && chance.comes_true(0.2)) {
        return Vec::new();
    }
    let mut record = Record::new(format!("KD{}", block.label), block);
    let phase = if part.park { THIS_PHASE } else { chance.whole(1, 2) };
    let year = chance.whole(2009 + 5 * (phase - 1), 2013 + 5 * (phase - 1)) as i16;
    let in_use = if part.park {
        record.text("lifecycle_status", chance.one_of(&["planned", "under_construction"]));
        false
    } else {
        record.life(chance, year, false).in_use
    };
    record.text("owner", "河西区园林绿化服务中心");
    record.text("community", block.community.as_str());
    record.text("name", format!("{}口袋公园", block.community));
    record.text("park_kind", chance.weighted(&[(80, "pocket_park"), (20, "small_garden")]));
    record.integer("phase", phase);
    let (east, north) = (chance.between(0.60, 0.66), chance.between(0.91, 0.92));
    let [width, height] = [chance.between(0.08, 0.2), chance.between(0.04, 0.06)];
    let area_m2 = 330.0 * width * 315.0 * height * chance.between(0.97, 1.03);
    record.number("area_m2", area_m2, 0);
    let green = chance.between(0.5, 0.75);
    record.number("green_area_m2", area_m2 * green, 0);
    record.number("paved_area_m2", area_m2 * (1.0 - green), 0);
    record.integer("tree_count", chance.whole(8, 60));
    record.integer("bench_count", chance.whole(4, 18));
    record.integer("light_count", chance.whole(3, 14));
    record.truth("play_area", chance.comes_true(0.5));
    record.truth("fitness_area", chance.comes_true(0.6));
    record.truth("barrier_free", chance.comes_true(0.8));
    record.text("irrigation", chance.one_of(&["manual", "sprinkler", "drip"]));
    record.text("maintenance_class", chance.one_of(&["second", "third"]));
    record.text("maintained_by", "河西绿化养护一队");
    if in_use {
        record.day_after(chance, "opened_on", year, year + 1);
        record.perhaps(chance, 0.8, EventKind::Inspected, 2023);
        record.hazards(chance, 0.05, &["健身器材松动", "铺装松动"]);
    }
    let corners = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)];
    vec![record.within(&corners.map(|(x, y)| block.at(east + x, north + y)))]
}
