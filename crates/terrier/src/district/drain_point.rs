//! The points of the drains: manholes, gullies, outfalls and structures.

use std::collections::BTreeMap;

use terrier_model::EventKind;

use super::chance::Chance;
use super::drain::{Drain, Manhole, Network, ground_m};
use super::plan::{BANK_M, Block};
use super::record::{Entry, Record};

const OWNER: &str = "河西区排水管理所";
const RIVER: &str = "柳河";
const BEFORE_THE_FLOODS: [(i8, i8); 2] = [(4, 10), (6, 12)];

/// The manholes that the block's own drains name, without those that lie in a neighbour's street.
pub(super) fn manholes(network: &Network<'_>, chance: &mut Chance) -> Vec<Entry> {
    let mut found: BTreeMap<&str, (&Manhole, Vec<&Drain<'_>>)> = BTreeMap::new();
    for drain in &network.drains {
        for manhole in [&drain.from, &drain.to] {
            // The code goes on with the label of the block that the manhole is of.
            if manhole.code[2..].starts_with(&network.block.label) {
                found.entry(&manhole.code).or_insert_with(|| (manhole, Vec::new())).1.push(drain);
            }
        }
    }
    let found = found.into_values();
    found.map(|(manhole, drains)| cover(network.block, manhole, &drains, chance)).collect()
}

fn cover(block: &Block, manhole: &Manhole, drains: &[&Drain<'_>], chance: &mut Chance) -> Entry {
    let mut record = Record::new(manhole.code.clone(), block);
    let street = drains.iter().find_map(|drain| drain.street);
    let year = drains[0].year;
    let in_use = record.life(chance, year, true).in_use;
    match street {
        Some(street) => record.text("road", street.name),
        None => record.text("community", block.community.as_str()),
    }
    record.text("owner", if street.is_some() { OWNER } else { "小区物业管理处" });
    let function = match drains.len() {
        ..=2 => chance.weighted(&[(88, "manhole"), (6, "bend"), (3, "settling"), (3, "unknown")]),
        _ => "junction",
    };
    record.text("function", function);
    // Where a community's combined drain joins, the manhole stays that of the street's line.
    let line = drains.iter().find(|drain| drain.street.is_some()).unwrap_or(&drains[0]).line;
    record.text("system", line.system);
    let ground_m = ground_m(manhole.at);
    record.number("cover_level_m", ground_m, 2);
    record.number("invert_m", manhole.invert_m, 2);
    record.number("depth_m", ground_m - manhole.invert_m, 2);
    record.text(
        "shaft_shape",
        chance.weighted(&[(85, "round"), (13, "rectangular"), (2, "unknown")]),
    );
    let widest = drains.iter().map(|drain| drain.diameter_mm).fold(0.0, f64::max);
    record.number("shaft_width_mm", if widest > 800.0 { 1500.0 } else { 1000.0 }, 0);
    let materials = if year < 2000 {
        [(80, "brick"), (15, "concrete"), (5, "unknown")]
    } else {
        [(30, "brick"), (50, "precast_concrete"), (20, "plastic")]
    };
    record.text("material", chance.weighted(&materials));
    record.text("cover_shape", chance.weighted(&[(93, "round"), (7, "square")]));
    record.number("cover_diameter_mm", chance.one_of(&[700.0, 700.0, 800.0]), 0);
    let covers = [(75, "ductile_iron"), (10, "grey_cast_iron"), (10, "composite"), (5, "concrete")];
    record.text("cover_material", chance.weighted(&covers));
    record.text("cover_load_class", if street.is_some() { "d400" } else { "b125" });
    record.truth("fall_net", chance.comes_true(0.8));
    let reach = [(92, "accessible"), (5, "covered"), (2, "inaccessible"), (1, "unknown")];
    record.text("accessibility", chance.weighted(&reach));
    if in_use {
        record.perhaps(chance, 0.4, EventKind::Inspected, 2022);
        record.perhaps(chance, 0.2, EventKind::Cleaned, 2021);
        record.hazards(chance, 0.02, &["井盖缺失", "井盖沉陷", "Cover rattles"]);
    }
    record.at(manhole.at)
}

/// Gullies on both kerbs of the streets.
pub(super) fn gullies(network: &Network<'_>, chance: &mut Chance) -> Vec<Entry> {
    let mut entries = Vec::new();
    for street in network.block.streets.iter().filter(|street| !street.bridge) {
        let kerb_m = if street.arterial { 14.6 } else { 6.1 };
        let connects = |drain: &&Drain<'_>| {
            drain.street.is_some_and(|other| other.label == street.label)
                && drain.line.system != "foul"
        };
        let drains: Vec<&Drain<'_>> = network.drains.iter().filter(connects).collect();
        let count = if street.arterial { 4 } else { 2 };
        for place in 0..count {
            let share = (f64::from(place) + chance.between(0.4, 0.6)) / f64::from(count);
            for side in [1.0, -1.0] {
                let near = (share * drains.len() as f64) as usize;
                let code = format!("YK{}-{:02}", network.block.label, entries.len() + 1);
                let mut record = Record::new(code, network.block);
                let in_use = record.life(chance, street.year, false).in_use;
                record.text("owner", OWNER);
                record.text("road", street.name);
                if let Some(drain) = drains.get(near) {
                    record.text("connects_to", drain.to.code.as_str());
                }
                gully(&mut record, in_use, chance);
                entries.push(record.at(street.at(share, side * kerb_m)));
            }
        }
    }
    entries
}

fn gully(record: &mut Record, in_use: bool, chance: &mut Chance) {
    let kinds = [(60, "flat"), (20, "kerb"), (18, "combined"), (2, "unknown")];
    record.text("grate_kind", chance.weighted(&kinds));
    record.integer("grate_count", chance.weighted(&[(60, 1), (32, 2), (8, 3)]));
    record.number("grate_width_mm", 450.0, 0);
    record.number("grate_length_mm", 750.0, 0);
    let materials =
        [(60, "ductile_iron"), (20, "composite"), (15, "grey_cast_iron"), (5, "unknown")];
    record.text("grate_material", chance.weighted(&materials));
    record.number("depth_m", chance.between(0.7, 1.3), 2);
    record.number("connection_length_m", chance.between(3.0, 15.0), 1);
    record.number("connection_diameter_mm", chance.one_of(&[200.0, 300.0, 300.0]), 0);
    record.truth("trap", chance.comes_true(0.3));
    record.truth("basket", chance.comes_true(0.4));
    record.truth("misconnected", chance.comes_true(0.02));
    if in_use {
        record.event(chance, EventKind::Cleaned, 2023, BEFORE_THE_FLOODS);
        record.hazards(chance, 0.02, &["箅子缺失", "雨水口堵塞"]);
    }
}

/// Where storm water reaches the river, on the banks of every second reach.
pub(super) fn outfalls(block: &Block, chance: &mut Chance) -> Vec<Entry> {
    let mut entries = Vec::new();
    for reach in &block.reaches {
        for side in [1.0, -1.0] {
            let code = format!("PK{}-{}", block.label, entries.len() + 1);
            let mut record = Record::new(code, block);
            let year = chance.whole(1978, 2016) as i16;
            let in_use = record.life(chance, year, false).in_use;
            record.text("owner", OWNER);
            record.text("receiving_water", RIVER);
            record.text("receiving_water_kind", "river");
            let kinds = [(70, "storm"), (20, "combined_overflow"), (10, "pump_station")];
            record.text("outfall_kind", chance.weighted(&kinds));
            record.number("invert_m", chance.between(-2.4, -0.6), 2);
            record.number("ground_level_m", chance.between(2.9, 3.6), 2);
            record.number("flood_level_m", 2.6, 2);
            record.number("width_mm", chance.one_of(&[800.0, 1000.0, 1500.0, 2000.0]), 0);
            let levels =
                [(30, "free"), (40, "partly_submerged"), (28, "submerged"), (2, "unknown")];
            record.text("submergence", chance.weighted(&levels));
            let closures = [(30, "none"), (50, "flap"), (12, "gate"), (8, "duckbill")];
            record.text("closure", chance.weighted(&closures));
            record.truth("dry_weather_flow", chance.comes_true(0.15));
            record.truth("monitored", chance.comes_true(0.3));
            record.truth("sign", chance.comes_true(0.8));
            if in_use {
                record.event(chance, EventKind::Inspected, 2023, BEFORE_THE_FLOODS);
                record.perhaps(chance, 0.5, EventKind::Cleaned, 2022);
                record.hazards(chance, 0.05, &["旱天排污", "拍门损坏"]);
            }
            entries.push(record.at(reach.at(chance.between(0.2, 0.8), side * (BANK_M - 2.0))));
        }
    }
    entries
}

/// Septic tanks of communities, and now and then a works of the city.
pub(super) fn structures(block: &Block, chance: &mut Chance) -> Vec<Entry> {
    let kinds = [
        (48, None),
        (34, Some(("septic_tank", "化粪池"))),
        (6, Some(("pump_station", "雨水泵站"))),
        (4, Some(("interceptor", "截流设施"))),
        (3, Some(("storage", "调蓄池"))),
        (3, Some(("overflow_weir", "溢流堰"))),
        (2, Some(("gate", "闸门井"))),
    ];
    let Some((kind, name)) = chance.weighted(&kinds) else { return Vec::new() };
    let mut record = Record::new(format!("PG{}", block.label), block);
    let year = chance.whole(1980, 2018) as i16;
    let in_use = record.life(chance, year, true).in_use;
    let pumps = kind == "pump_station";
    record.text("owner", if kind == "septic_tank" { "小区物业管理处" } else { OWNER });
    record.text("structure_kind", kind);
    record.text("name", format!("{}{name}", block.community));
    record.text(
        "system",
        match kind {
            "septic_tank" => "foul",
            "pump_station" | "storage" => "storm",
            _ => "combined",
        },
    );
    if pumps {
        record.number("capacity_m3_s", chance.between(0.8, 6.0), 1);
        record.integer("pump_count", chance.whole(2, 6));
        record.number("pump_power_kw", chance.one_of(&[110.0, 220.0, 440.0, 660.0]), 0);
        record.number("start_level_m", chance.between(-1.8, -0.6), 2);
        record.text(
            "power_supply",
            chance.weighted(&[(30, "single"), (60, "double"), (10, "generator")]),
        );
        record.text("duty_kind", chance.one_of(&["manned", "unmanned", "flood_season"]));
    } else {
        record.number("volume_m3", chance.one_of(&[20.0, 30.0, 50.0, 100.0]), 0);
    }
    record.text("control", if pumps { "remote" } else { "manual" });
    record.truth("telemetry", pumps);
    if in_use {
        record.event(chance, EventKind::Inspected, 2023, BEFORE_THE_FLOODS);
        record.perhaps(chance, 0.5, EventKind::Cleaned, 2022);
        record.hazards(chance, 0.04, &["盖板破损", "水泵振动过大"]);
    }
    vec![record.at(block.at(chance.between(0.15, 0.85), chance.between(0.02, 0.06)))]
}
