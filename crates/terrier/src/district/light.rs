//! Street lights: in rows along the kerbs of streets, in clusters in the yards of communities,
//! and along the river; and the cabinets that feed them.

use terrier_model::EventKind;

use super::chance::{Chance, mark, unit};
use super::plan::{BANK_M, Block, Point, Street};
use super::programme::{Lights, Part, Programme};
use super::record::{Entry, Record, day};

const MAKERS: [&str; 8] = [
    "Northlight GmbH",
    "Lumenworks Ltd.",
    "Aurora Street Lighting",
    "BrightPath Co., Ltd.",
    "津辉照明有限公司",
    "华曜光电科技",
    "海津灯具厂",
    "天河照明电器",
];

const REMARKS: [&str; 8] = [
    "树木遮挡灯光，建议修剪",
    "与交通标志合杆",
    "基础外露",
    "检修门缺失，已报修",
    "Door of the pole does not lock",
    "Lantern turned away from the road",
    "Re-numbered in the 2019 survey",
    "夜间频闪",
];

/// The first of the marks that tell what a pole carries.
const CARRIED: u64 = 61;

/// Where a light stands and what for.
struct Spot<'a> {
    at: Point,
    place: Place<'a>,
    /// When the pole was put up.
    year: i16,
    cabinet: String,
}

#[derive(Clone, Copy)]
enum Place<'a> {
    Street(&'a Street),
    Yard(Power),
    Park,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Power {
    Mains,
    Solar,
    /// To be put up by the programme.
    SolarPlanned,
}

pub(super) fn poles(
    block: &Block,
    part: &Part,
    programme: &mut Programme,
    chance: &mut Chance,
) -> Vec<Entry> {
    let mut spots = Vec::new();
    for street in &block.streets {
        along_street(street, chance, &mut spots);
    }
    if block.housing {
        let planned =
            if part.lights == Lights::ToCome { &mut programme.solar_lights } else { &mut 0 };
        in_yard(block, planned, chance, &mut spots);
    }
    for reach in &block.reaches {
        for bank in [-BANK_M - 4.0, BANK_M + 4.0] {
            spots.extend((0..12).map(|place| Spot {
                at: reach.at((f64::from(place) + chance.between(0.45, 0.55)) / 12.0, bank),
                place: Place::Park,
                year: 2012 + reach.number.rem_euclid(9) as i16,
                cabinet: format!("XK{}P", block.label),
            }));
        }
    }
    let light = |(place, spot)| pole(block, place, spot, chance);
    spots.into_iter().enumerate().map(light).collect()
}

/// A row on each kerb of wide roads, and on one kerb of others; every 25 to 35 m, as the street was
/// planned.
fn along_street<'a>(street: &'a Street, chance: &mut Chance, spots: &mut Vec<Spot<'a>>) {
    let spacing_m = chance.between(25.0, 35.0);
    let kerb_m = if street.arterial { 15.0 } else { 6.5 };
    let count = (street.length_m / spacing_m).floor() as i32;
    for side in [1.0, -1.0] {
        if side < 0.0 && !street.arterial {
            continue;
        }
        for place in 0..count {
            let along = f64::from(place) + 0.5 + 0.25 * side + chance.between(-0.02, 0.02);
            let share = along * spacing_m / street.length_m;
            spots.push(Spot {
                at: street.at(share, side * (kerb_m + chance.between(-0.4, 0.4))),
                place: Place::Street(street),
                year: street.year,
                cabinet: format!("XK{}", street.label),
            });
        }
    }
}

/// Along the lanes between the rows of houses.
fn in_yard(block: &Block, planned: &mut usize, chance: &mut Chance, spots: &mut Vec<Spot<'_>>) {
    let lanes = (2.0 * block.density).round() as i32;
    let usual = if unit(mark(block.seed, 0, 0, 8)) < 0.1 { Power::Solar } else { Power::Mains };
    for lane in 0..lanes {
        let north = 0.15 + 0.7 * (f64::from(lane) + 0.5) / f64::from(lanes);
        let count = chance.whole(4, 8) as i32;
        for place in 0..count {
            let east =
                0.14 + 0.72 * (f64::from(place) + chance.between(0.3, 0.7)) / f64::from(count);
            let power = if *planned > 0 { Power::SolarPlanned } else { usual };
            *planned = planned.saturating_sub(1);
            spots.push(Spot {
                at: block.at(east, north + chance.between(-0.008, 0.008)),
                place: Place::Yard(power),
                year: block.year.max(1988),
                cabinet: format!("XK{}Y", block.label),
            });
        }
    }
}

fn pole(block: &Block, place: usize, spot: Spot<'_>, chance: &mut Chance) -> Entry {
    let mut record = Record::new(format!("LD{}-{:03}", block.label, place + 1), block);
    let year = if chance.comes_true(0.15) { chance.whole(2009, 2022) as i16 } else { spot.year };
    let planned = matches!(spot.place, Place::Yard(Power::SolarPlanned));
    let in_use = if planned {
        record.text("lifecycle_status", "planned");
        false
    } else {
        record.life(chance, year, false).in_use
    };
    match spot.place {
        Place::Street(street) => {
            record.text("road", street.name);
            record.text("location_category", if street.bridge { "bridge" } else { "road" });
            record.text("owner", "天津市河西区照明管理所");
        }
        Place::Yard(_) => {
            record.text("community", block.community.as_str());
            record.text("location_category", "yard");
            record.text("owner", chance.one_of(&["河西区住房和建设委员会", "小区物业管理处"]));
        }
        Place::Park => {
            record.text("location_category", "park");
            record.text("owner", "河西区园林绿化服务中心");
        }
    }
    column(&mut record, &spot, year, chance);
    if in_use {
        record.list("carries", &carried(block, place, spot.place));
    }
    lamp(&mut record, spot.place, year, in_use, chance);
    if !matches!(spot.place, Place::Yard(Power::Solar | Power::SolarPlanned)) {
        record.text("circuit_code", format!("{}-L{}", spot.cabinet, place % 4 + 1));
        record.text("cabinet_code", spot.cabinet);
    }
    if in_use {
        record.text(
            "fault_state",
            chance.weighted(&[
                (930, "ok"),
                (32, "defective_lamp"),
                (12, "column_issue"),
                (10, "broken_lantern"),
                (16, "unknown"),
            ]),
        );
        if chance.comes_true(0.4) {
            record.day_after(chance, "electrical_tested_on", year, 2018);
        }
        record.perhaps(chance, 0.6, EventKind::Inspected, 2022);
        record.perhaps(chance, 0.06, EventKind::Repaired, 2020);
        record.hazards(chance, 0.01, &["漏电", "灯杆倾斜", "Door open, wires bare"]);
    }
    record.remark(chance, &REMARKS);
    record.at(spot.at)
}

fn column(record: &mut Record, spot: &Spot<'_>, year: i16, chance: &mut Chance) {
    let (kind, height_m, arms) = match spot.place {
        Place::Street(Street { arterial: true, .. }) => {
            let kinds = [(80, "dedicated"), (16, "shared"), (1, "high_mast"), (3, "unknown")];
            (chance.weighted(&kinds), chance.one_of(&[10.0, 12.0, 12.0, 14.0]), 2)
        }
        Place::Street(_) => {
            let kinds = [(84, "dedicated"), (8, "shared"), (4, "catenary"), (4, "wall")];
            (chance.weighted(&kinds), chance.one_of(&[7.0, 8.0, 8.0, 9.0]), 1)
        }
        Place::Yard(_) | Place::Park => ("dedicated", chance.one_of(&[3.0, 3.5, 3.5, 4.0, 4.5]), 0),
    };
    record.text("pole_kind", kind);
    record.number("height_m", height_m, 1);
    record.integer("arm_count", arms);
    record.integer("lamp_count", arms.max(1));
    let materials = if year < 1990 {
        [(60, "concrete"), (25, "steel"), (10, "cast_iron"), (5, "unknown")]
    } else {
        [(85, "steel"), (12, "aluminium"), (2, "frp"), (1, "unknown")]
    };
    record.text("material", chance.weighted(&materials));
    if chance.comes_true(0.6) {
        let old = u32::from(year < 2005);
        let grades = [
            (60 - 35 * old, "none"),
            (28 + 10 * old, "light"),
            (8 + 16 * old, "moderate"),
            (2 + 6 * old, "severe"),
            (2, "unknown"),
        ];
        record.text("corrosion_grade", chance.weighted(&grades));
    }
}

/// What a pole carries besides lamps: signs along streets, cameras and calls for help where people walk.
/// What nobody has looked at is not known.
fn carried(block: &Block, place: usize, of: Place<'_>) -> Vec<&'static str> {
    let chances: &[(f64, &str)] = match of {
        Place::Street(Street { arterial: true, .. }) => &[
            (0.2, "traffic_sign"),
            (0.06, "traffic_signal"),
            (0.12, "camera"),
            (0.08, "base_station"),
            (0.03, "display"),
        ],
        Place::Street(_) => &[(0.15, "traffic_sign"), (0.05, "camera"), (0.01, "charger")],
        Place::Yard(_) => &[(0.06, "camera"), (0.03, "loudspeaker")],
        Place::Park => &[
            (0.1, "camera"),
            (0.1, "loudspeaker"),
            (0.05, "emergency_call"),
            (0.05, "environment_sensor"),
            (0.05, "wifi"),
        ],
    };
    let chance = |purpose: u64| unit(mark(block.seed, place as i32, 0, purpose));
    let comes_true = |(purpose, (share, _)): &(u64, &(f64, &str))| chance(*purpose) < *share;
    let found: Vec<&str> =
        (CARRIED..).zip(chances).filter(comes_true).map(|(_, (_, code))| *code).collect();
    if found.is_empty() && chance(CARRIED - 1) < 0.3 { vec!["none"] } else { found }
}

fn lamp(record: &mut Record, place: Place<'_>, pole_year: i16, in_use: bool, chance: &mut Chance) {
    // From 2015 on, whatever was put up or replaced became LED.
    let year = if pole_year < 2015 && chance.comes_true(0.68) {
        chance.whole(2015, 2022) as i16
    } else if pole_year < 2005 {
        chance.whole(2005, 2014) as i16
    } else {
        pole_year
    };
    let wide = matches!(place, Place::Street(Street { arterial: true, .. }));
    let road = matches!(place, Place::Street(_));
    // What is planned otherwise runs on mains, so that the programme's lights can be told by it.
    let solar = match place {
        Place::Yard(Power::SolarPlanned) => true,
        Place::Yard(Power::Solar) => year >= 2015 && in_use,
        _ => false,
    };
    let kind = if solar {
        "solar_led"
    } else if year >= 2015 {
        "led"
    } else if road {
        chance.weighted(&[(82, "hps"), (14, "mh"), (2, "mercury"), (2, "unknown")])
    } else {
        chance.weighted(&[(50, "mh"), (30, "fluorescent"), (14, "hps"), (6, "unknown")])
    };
    record.text("lamp_kind", kind);
    record.number("power_w", power_w(kind, wide, road, chance), 0);
    match kind {
        "led" | "solar_led" => record.integer("cct_k", chance.one_of(&[3000, 4000, 4000, 5000])),
        "hps" => record.integer("cct_k", 2000),
        _ => {}
    }
    if chance.comes_true(0.75) {
        record.text("manufacturer", chance.one_of(&MAKERS));
    }
    if solar {
        battery(record, year, in_use, chance);
    }
    if !in_use {
        return;
    }
    record.text("lamp_installed_on", day(chance, year));
    if year >= 2015 && chance.comes_true(0.6) {
        record.text("warranty_expires_on", day(chance, year + 5));
    }
}

fn battery(record: &mut Record, lamp_year: i16, in_use: bool, chance: &mut Chance) {
    record.number("panel_w", chance.one_of(&[60.0, 80.0, 120.0]), 0);
    let batteries = [
        (60, "lithium_iron_phosphate"),
        (25, "lead_acid"),
        (10, "lithium_ternary"),
        (5, "unknown"),
    ];
    record.text("battery_chemistry", chance.weighted(&batteries));
    if in_use && chance.comes_true(0.8) {
        record.day_after(chance, "battery_installed_on", lamp_year, lamp_year + 1);
    }
}

fn power_w(kind: &str, wide: bool, road: bool, chance: &mut Chance) -> f64 {
    let list: &[f64] = match (kind, wide, road) {
        ("led", true, _) => &[240.0, 300.0, 360.0],
        ("led", false, true) => &[80.0, 100.0, 120.0, 150.0],
        ("led" | "solar_led", ..) => &[20.0, 30.0, 40.0],
        (_, true, _) => &[500.0, 800.0],
        (_, false, true) => &[150.0, 250.0],
        _ => &[35.0, 70.0, 100.0],
    };
    chance.one_of(list)
}

/// The cabinets that the lights of a block name.
pub(super) fn cabinets(block: &Block, chance: &mut Chance) -> Vec<Entry> {
    let mut places: Vec<(String, Point, Option<&Street>)> = Vec::new();
    for street in &block.streets {
        let kerb_m = if street.arterial { 16.5 } else { 8.0 };
        places.push((format!("XK{}", street.label), street.at(0.5, kerb_m), Some(street)));
    }
    if block.housing {
        places.push((format!("XK{}Y", block.label), block.at(0.1, 0.12), None));
    }
    if let Some(reach) = block.reaches.first() {
        places.push((format!("XK{}P", block.label), reach.at(0.5, BANK_M + 6.0), None));
    }
    let cabinet = |(code, at, street)| cabinet(block, code, at, street, chance);
    places.into_iter().map(cabinet).collect()
}

fn cabinet(
    block: &Block,
    code: String,
    at: Point,
    street: Option<&Street>,
    chance: &mut Chance,
) -> Entry {
    let mut record = Record::new(code, block);
    let year = chance.whole(1995, 2021) as i16;
    let in_use = record.life(chance, year, false).in_use;
    record.text("owner", "天津市河西区照明管理所");
    match street {
        Some(street) => record.text("road", street.name),
        None => record.text("community", block.community.as_str()),
    }
    let wide = street.is_some_and(|street| street.arterial);
    record.text("cabinet_kind", if wide { "compact_substation" } else { "control_cabinet" });
    record.text(
        "enclosure",
        chance.weighted(&[(60, "metal"), (36, "stainless_steel"), (4, "unknown")]),
    );
    record.integer("circuit_count", 4);
    record.integer("phase_count", 3);
    record.number("contracted_power_kw", if wide { 40.0 } else { 15.0 }, 0);
    if wide {
        record.number("transformer_kva", chance.one_of(&[50.0, 80.0, 100.0]), 0);
    }
    record.text("meter_no", format!("12{:08}", chance.whole(0, 99_999_999)));
    record.text("working_mode", "automatic");
    let controls = [(55, "astronomical_clock"), (25, "remote"), (12, "clock"), (8, "light_sensor")];
    record.text("control", chance.weighted(&controls));
    record.truth("earth_leakage_protection", chance.comes_true(0.85));
    record.truth("surge_protection", chance.comes_true(0.7));
    record.truth("remote_terminal", chance.comes_true(0.5));
    record.number("earth_resistance_ohm", chance.between(0.8, 9.0), 1);
    record.text("manufacturer", chance.one_of(&MAKERS));
    if in_use {
        record.day_after(chance, "earth_tested_on", 2018, 2019);
        record.perhaps(chance, 0.9, EventKind::Inspected, 2023);
        record.perhaps(chance, 0.1, EventKind::Repaired, 2020);
        record.hazards(chance, 0.03, &["箱门缺失", "接地电阻超标"]);
    }
    record.at(at)
}
