//! The points of the gas network: nodes, valves, regulators and risers.

use std::collections::BTreeMap;

use terrier_model::{Assessment, EventKind};

use super::chance::{Chance, mark, unit};
use super::gas::{House, Network, Node, Pipe};
use super::plan::{Block, on_the_way};
use super::programme::{Part, scaled};
use super::record::{Entry, Record};

const OWNER: &str = "津河燃气有限公司";

/// A node of the block with the pipes that meet there.
struct Junction<'a> {
    node: &'a Node,
    pipes: Vec<&'a Pipe<'a>>,
}

/// The nodes that the block's own pipes name, without those that lie in a neighbour's street.
pub(super) fn nodes(network: &Network<'_>, chance: &mut Chance) -> Vec<Entry> {
    let mut junctions: BTreeMap<&str, Junction<'_>> = BTreeMap::new();
    for pipe in &network.pipes {
        for node in [&pipe.from, &pipe.to] {
            // The code goes on with the label of the block that the node is of.
            if node.code[2..].starts_with(&network.block.label) {
                let new = || Junction { node, pipes: Vec::new() };
                junctions.entry(&node.code).or_insert_with(new).pipes.push(pipe);
            }
        }
    }
    junctions.into_values().map(|junction| node(network.block, &junction, chance)).collect()
}

fn node(block: &Block, junction: &Junction<'_>, chance: &mut Chance) -> Entry {
    let Junction { node, pipes } = junction;
    let mut record = Record::new(node.code.clone(), block);
    let street = pipes.iter().find_map(|pipe| pipe.street);
    record.life(chance, street.map_or(block.year.max(1983), |street| street.year), true);
    record.text("owner", OWNER);
    match street {
        Some(street) => record.text("road", street.name),
        None => record.text("community", block.community.as_str()),
    }
    let house = pipes.iter().all(|pipe| pipe.role == "service");
    let kind = match pipes.len() {
        _ if house => "riser_foot",
        1 if street.is_some() => "tee",
        1 => "end_cap",
        2 => chance.weighted(&[
            (60, "joint"),
            (25, "bend"),
            (8, "siphon"),
            (4, "test_post"),
            (3, "unknown"),
        ]),
        3 => "tee",
        _ => "cross",
    };
    record.text("node_kind", kind);
    record.text("pressure_class", pipes[0].pressure_class);
    let widest = pipes.iter().map(|pipe| pipe.diameter_mm).fold(0.0, f64::max);
    record.number("diameter_mm", widest, 0);
    if chance.comes_true(0.8) {
        let (ground_m, depth_m) = (chance.between(2.9, 3.9), chance.between(0.8, 1.6));
        record.number("ground_level_m", ground_m, 2);
        record.number("depth_m", depth_m, 2);
        record.number("pipe_top_level_m", ground_m - depth_m, 2);
    }
    let methods =
        [(45, "detected"), (35, "as_built"), (8, "exposed"), (8, "estimated"), (4, "unknown")];
    record.text("survey_method", chance.weighted(&methods));
    if chance.comes_true(0.5) {
        record.day_after(chance, "surveyed_on", 2011, 2012);
    }
    record.perhaps(chance, 0.15, EventKind::Inspected, 2022);
    record.at(node.at)
}

/// A valve at the start of every street's main and of every community.
pub(super) fn valves(network: &Network<'_>, chance: &mut Chance) -> Vec<Entry> {
    let is_first = |place: &usize| {
        let kind = |place: usize| network.pipes[place].street.map(|street| &street.label);
        *place == 0 || kind(*place) != kind(place - 1)
    };
    let places = (0..network.pipes.len()).filter(is_first);
    places.enumerate().map(|(number, place)| valve(network, number, place, chance)).collect()
}

fn valve(network: &Network<'_>, number: usize, place: usize, chance: &mut Chance) -> Entry {
    let (block, pipe) = (network.block, &network.pipes[place]);
    let mut record = Record::new(format!("FM{}-{}", block.label, number + 1), block);
    let year = chance.whole(1998, 2021) as i16;
    let in_use = record.life(chance, year, true).in_use;
    record.text("owner", OWNER);
    match pipe.street {
        Some(street) => record.text("road", street.name),
        None => record.text("community", block.community.as_str()),
    }
    record.text(
        "valve_kind",
        chance.weighted(&[(60, "ball"), (30, "gate"), (6, "butterfly"), (4, "unknown")]),
    );
    record.text("purpose", if pipe.street.is_some() { "section" } else { "branch" });
    record.text("pressure_class", pipe.pressure_class);
    record.number("diameter_mm", pipe.diameter_mm, 0);
    record.text("material", chance.weighted(&[(60, "steel"), (25, "ductile_iron"), (15, "pe")]));
    record.text("actuator", chance.weighted(&[(96, "manual"), (4, "electric")]));
    record.text("position", chance.weighted(&[(97, "open"), (2, "closed"), (1, "unknown")]));
    record.text("normal_position", "open");
    record.truth("operable", chance.comes_true(0.95));
    record.truth("accessible", chance.comes_true(0.94));
    record
        .text("installation", chance.weighted(&[(70, "chamber"), (28, "buried"), (2, "unknown")]));
    record.text("on_pipe", network.code(place));
    if in_use {
        record.perhaps(chance, 0.9, EventKind::Inspected, 2023);
        record.perhaps(chance, 0.05, EventKind::Repaired, 2019);
        record.hazards(chance, 0.04, &["阀井积水", "阀门锈死", "井盖被占压"]);
    }
    record.at(on_the_way(pipe.from.at, pipe.to.at, 0.12))
}

/// The cabinet where the gas enters a community.
pub(super) fn regulators(network: &Network<'_>, chance: &mut Chance) -> Vec<Entry> {
    let first = network.pipes.iter().find(|pipe| pipe.role == "courtyard");
    let cabinet = |pipe| regulator(network, pipe, chance);
    first.map(cabinet).into_iter().collect()
}

fn regulator(network: &Network<'_>, pipe: &Pipe<'_>, chance: &mut Chance) -> Entry {
    let block = network.block;
    let mut record = Record::new(format!("TY{}", block.label), block);
    let in_use = record.life(chance, chance_year(block), false).in_use;
    record.text("owner", OWNER);
    record.text("community", block.community.as_str());
    let households: i64 = network.houses.iter().map(|house| house.households).sum();
    record.integer("households", households);
    record.text("regulator_kind", "district_cabinet");
    record.text("inlet_pressure_class", chance.one_of(&["medium_a", "medium_b"]));
    record.text("outlet_pressure_class", "low");
    record.number("inlet_pressure_mpa", chance.one_of(&[0.1, 0.2, 0.3]), 2);
    record.number("outlet_pressure_mpa", 0.0025, 4);
    record.number("capacity_m3_h", (households as f64 * 0.6 / 50.0).ceil() * 50.0, 0);
    let two = chance.comes_true(0.7);
    record.integer("line_count", 1 + i64::from(two));
    record.truth("standby_line", two);
    record.truth("shutoff_device", chance.comes_true(0.97));
    record.truth("telemetry", chance.comes_true(0.4));
    record.text("enclosure", "cabinet");
    record.text("manufacturer", chance.one_of(&["津燃设备厂", "海河调压器公司", "Regulus GmbH"]));
    record.text("building_name", format!("{}全部楼栋", block.community));
    if in_use {
        record.event(chance, EventKind::Inspected, 2023, [(2, 1), (12, 20)]);
        record.perhaps(chance, 0.1, EventKind::Repaired, 2020);
        record.hazards(chance, 0.03, &["出口压力偏高", "箱门损坏"]);
    }
    record.at(on_the_way(pipe.from.at, pipe.to.at, 0.5))
}

fn chance_year(block: &Block) -> i16 {
    2004 + (unit(mark(block.seed, 0, 0, 13)) * 17.0) as i16
}

/// The risers of the houses: of the programme's communities all of them, of others that of the
/// first entrance of some houses.
pub(super) fn risers(network: &Network<'_>, part: &Part, chance: &mut Chance) -> Vec<Entry> {
    let mut rises: Vec<Rise<'_>> = Vec::new();
    for (number, house) in network.houses.iter().enumerate() {
        if part.risers.is_none() && chance.comes_true(0.6) {
            continue;
        }
        let floors = chance.weighted(&[(50, 6), (15, 5), (20, 11), (15, 18)]);
        let mut left = house.households;
        let mut entrance = 0;
        while left > 0 && (entrance == 0 || part.risers.is_some()) {
            // Two flats a floor.
            let households = left.min(2 * floors);
            entrance += 1;
            left -= households;
            let inlet_m = chance.between(8.0, 24.0);
            let length_cm = 280 * floors + (inlet_m * 100.0).round() as i64;
            rises.push(Rise { house, number: number + 1, entrance, floors, households, length_cm });
        }
    }
    if let Some(risers) = part.risers {
        let lengths_cm: Vec<i64> = rises.iter().map(|rise| rise.length_cm).collect();
        for (rise, length_cm) in rises.iter_mut().zip(scaled(&lengths_cm, risers.length_cm)) {
            rise.length_cm = length_cm;
        }
    }
    rises.iter().map(|rise| riser(network.block, rise, part.risers.is_some(), chance)).collect()
}

struct Rise<'a> {
    house: &'a House,
    number: usize,
    entrance: i64,
    floors: i64,
    households: i64,
    length_cm: i64,
}

fn riser(block: &Block, rise: &Rise<'_>, planned: bool, chance: &mut Chance) -> Entry {
    let code = format!("LG{}-{:02}-{}", block.label, rise.number, rise.entrance);
    let mut record = Record::new(code, block);
    let year = block.year.clamp(1983, 2000);
    // Others were renewed, or are of the age and have been assessed.
    let year =
        if planned || chance.comes_true(0.3) { year } else { chance.whole(2007, 2021) as i16 };
    let life =
        if planned { record.sure_life(chance, year) } else { record.life(chance, year, false) };
    record.text("owner", OWNER);
    record.text("community", block.community.as_str());
    record.number("length_m", rise.length_cm as f64 / 100.0, 2);
    record.integer("households", rise.households);
    record.text("riser_kind", "riser_with_inlet");
    let indoor = [(50, "indoor_kitchen"), (20, "indoor_shaft"), (30, "stairwell")];
    let outdoor = [(80, "outdoor_wall"), (20, "balcony")];
    let positions: &[(u32, &str)] = if planned || year < 2004 { &indoor } else { &outdoor };
    record.text("position", chance.weighted(positions));
    record.text("medium", "natural_gas");
    record.text("pressure_class", "low");
    let old = [(80, "galvanised_steel"), (15, "steel"), (5, "unknown")];
    let new = [(70, "galvanised_steel"), (20, "stainless_steel"), (10, "corrugated_stainless")];
    record.text("material", chance.weighted(if year < 2004 { &old } else { &new }));
    record.number("diameter_mm", chance.one_of(&[25.0, 32.0, 40.0, 50.0]), 0);
    record.text("joint", if year < 2004 { "thread" } else { "press" });
    record.text("coating", if year < 2004 { "paint" } else { "galvanised" });
    record.text("building", format!("{}号楼", rise.number));
    record.text("entrance", format!("{}单元", rise.entrance));
    record.integer("floors", rise.floors);
    record.truth("wrapped", chance.comes_true(0.2));
    let grades: &[(u32, &str)] = if planned {
        &[(60, "moderate"), (40, "severe")]
    } else {
        &[(60, "none"), (35, "light"), (5, "unknown")]
    };
    record.text("corrosion_grade", chance.weighted(grades));
    record.text("foot_node", rise.house.node.code.as_str());
    if life.in_use {
        if planned {
            let result = chance.one_of(&[Assessment::RenewBy, Assessment::RenewAtOnce]);
            record.assessed(chance, result);
        } else if year < 2004 && life.dated {
            let results = [(7, Assessment::Meets), (3, Assessment::ContinueWithControls)];
            let result = chance.weighted(&results);
            record.assessed(chance, result);
        }
        record.perhaps(chance, 0.8, EventKind::Inspected, 2023);
        record.hazards(chance, 0.03, &["立管锈蚀", "立管包封", "穿墙处无套管"]);
    }
    let [x, y] = rise.house.node.at;
    // Entrances lie along the house, twelve metres from one to the next.
    record.at([x + 1.0 + 12.0 * (rise.entrance - 1) as f64, y + 1.5])
}
