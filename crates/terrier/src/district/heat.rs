//! Heat: a station for most communities, the primary network from the street to it, and the
//! secondary network from it to the houses, flow and return side by side.

use terrier_model::EventKind;

use super::chance::{Chance, mark, unit};
use super::plan::{Block, Point, length_m, on_the_way};
use super::programme::Part;
use super::record::{Entry, Record};

const REMARKS: [&str; 5] = [
    "补偿器渗漏",
    "保温层局部脱落",
    "与燃气管道交叉",
    "Channel under water after rain",
    "Balancing valve stuck",
];
const SOURCES: [&str; 3] = ["陈塘庄热电厂", "柳林供热站", "东北郊热电厂"];

/// What is heated: the community, or a few buildings of it.
fn served(block: &Block, part: &Part) -> Option<(&'static str, i64)> {
    let heated = block.housing && unit(mark(block.seed, 0, 0, 12)) < 0.75;
    part.heating.or(heated.then_some(("community", part.households)))
}

fn station_at(block: &Block) -> Point {
    block.at(0.30, 0.11)
}

fn source(block: &Block) -> &'static str {
    SOURCES[(block.cell[0].div_euclid(6).rem_euclid(3)) as usize]
}

pub(super) fn stations(block: &Block, part: &Part, chance: &mut Chance) -> Vec<Entry> {
    let Some((serves, households)) = served(block, part) else { return Vec::new() };
    let mut record = Record::new(format!("RZ{}", block.label), block);
    let planned = part.heating.is_some();
    let year = if planned {
        record.sure_life(chance, block.year.clamp(1984, 2000));
        block.year.clamp(1984, 2000)
    } else {
        // Whatever is not of the programme has been rebuilt in the last twenty years.
        let year = block.year.max(chance.whole(2006, 2019) as i16);
        record.life(chance, year, true);
        year
    };
    record.text("owner", chance.one_of(&["天津市热电有限公司", "河西供热服务中心"]));
    record.text("community", block.community.as_str());
    record.integer("households", households);
    record.text("serves", serves);
    let point = serves == "point";
    record.text("station_kind", if point { "building_unit" } else { "heat_exchange" });
    let heated_m2 = households as f64 * chance.between(62.0, 84.0);
    record.number("heated_area_m2", heated_m2, 0);
    record.number("power_kw", heated_m2 * 0.045, 0);
    let (flow, back) = chance.one_of(&[(75.0, 50.0), (60.0, 45.0), (55.0, 40.0)]);
    record.number("flow_temperature_c", flow, 0);
    record.number("return_temperature_c", back, 0);
    record.integer("exchanger_count", if point { 1 } else { chance.whole(2, 4) });
    record.text("exchanger_kind", "plate");
    record.integer("pump_count", chance.whole(2, 6));
    record.truth("metered", year > 2010 || chance.comes_true(0.3));
    record.truth("telemetry", year > 2012 || chance.comes_true(0.2));
    record.text("duty_kind", chance.weighted(&[(60, "unmanned"), (40, "heating_season")]));
    record.text("heat_source", source(block));
    let others = [(72, "not_needed"), (24, "done"), (4, "unknown")];
    record.text("renewal_status", if planned { "planned" } else { chance.weighted(&others) });
    record.event(chance, EventKind::Inspected, 2023, [(9, 1), (11, 10)]);
    record.perhaps(chance, 0.2, EventKind::Repaired, 2019);
    record.hazards(chance, 0.04, &["循环泵渗漏", "安全阀失效"]);
    record.remark(chance, &REMARKS);
    vec![record.at(station_at(block))]
}

/// A pipe of the network, once for the flow and once for the return.
struct Run {
    level: &'static str,
    from: (String, Point),
    to: (String, Point),
    diameter_mm: f64,
}

pub(super) fn pipes(block: &Block, part: &Part, chance: &mut Chance) -> Vec<Entry> {
    if served(block, part).is_none() {
        return Vec::new();
    }
    let [street, _] = &block.streets;
    let station = (format!("RZ{}", block.label), station_at(block));
    let main = (format!("RL{}30", street.label), street.at(0.3, 9.5));
    let node = |number: i32, east, north| {
        (format!("RL{}Y{number:02}", block.label), block.at(east, north))
    };
    let primary = if street.arterial { 300.0 } else { 200.0 };
    let mut runs = vec![Run { level: "primary", from: main, to: station, diameter_mm: primary }];
    let mut from = runs[0].to.clone();
    let rows = (2.0 * block.density).round() as i32;
    for row in 0..rows {
        let north = 0.2 + 0.66 * (f64::from(row) + 0.5) / f64::from(rows);
        let to = node(row + 1, 0.32, north);
        let diameter_mm = if row == 0 { 150.0 } else { 125.0 };
        runs.push(Run { level: "secondary", from, to: to.clone(), diameter_mm });
        from = to;
    }
    let renewed = chance.whole(2005, 2021) as i16;
    let year = chance.weighted(&[(40, block.year.max(1984)), (60, renewed)]);
    let mut entries = Vec::new();
    for run in &runs {
        for (kind, aside_m) in [("flow", 0.3), ("return", -0.3)] {
            let code = format!("RL{}-{:02}", block.label, entries.len() + 1);
            entries.push(pipe(block, code, run, (kind, aside_m), year, chance));
        }
    }
    entries
}

fn pipe(
    block: &Block,
    code: String,
    run: &Run,
    (kind, aside_m): (&str, f64),
    year: i16,
    chance: &mut Chance,
) -> Entry {
    let mut record = Record::new(code, block);
    let in_use = record.life(chance, year, true).in_use;
    record.text("owner", "天津市热电有限公司");
    let primary = run.level == "primary";
    if !primary {
        record.text("community", block.community.as_str());
    }
    record.text("network_level", run.level);
    record.text("pipe_kind", kind);
    record.text("fluid", if primary { "hot_water" } else { "warm_water" });
    let temperature_c = match (primary, kind) {
        (true, "flow") => 115.0,
        (true, _) | (false, "flow") => 60.0,
        _ => 45.0,
    };
    record.number("operating_temperature_c", temperature_c, 0);
    record.number("operating_pressure_mpa", if primary { 1.2 } else { 0.5 }, 2);
    record.text(
        "material",
        chance.weighted(&[(88, "steel"), (10, "seamless_steel"), (2, "unknown")]),
    );
    record.number("diameter_mm", run.diameter_mm, 0);
    let modern = year >= 1998;
    record.text("insulation", if modern { "bonded" } else { "wool" });
    record.number("insulation_thickness_mm", chance.one_of(&[40.0, 50.0, 60.0]), 0);
    record.text("jacket", if modern { "hdpe" } else { "glass_fibre" });
    record.text("laying_method", if modern { "direct_buried" } else { "channel" });
    let depth_m = chance.between(0.9, 1.8);
    record.number("depth_start_m", depth_m, 2);
    record.number("depth_end_m", depth_m + chance.between(-0.2, 0.2), 2);
    record.truth("leak_detection", year >= 2008 && chance.comes_true(0.5));
    record.text("heat_source", source(block));
    record.text("from_node", run.from.0.as_str());
    record.text("to_node", run.to.0.as_str());
    // Flow and return lie side by side between the same ends.
    let beside = |share: f64| {
        let [x, y] = on_the_way(run.from.1, run.to.1, share);
        [x + aside_m, y + aside_m]
    };
    let shape = [run.from.1, beside(0.06), beside(0.94), run.to.1];
    record.number("length_m", length_m(&shape) * chance.between(1.001, 1.01), 2);
    if in_use {
        record.perhaps(chance, 0.7, EventKind::Inspected, 2022);
        record.perhaps(chance, 0.08, EventKind::Repaired, 2018.max(year + 3));
        record.hazards(chance, 0.02, &["管道泄漏", "保温破损"]);
    }
    record.remark(chance, &REMARKS);
    record.along(&shape)
}
