//! Gas pipes: mains under the streets, and from them a tree of courtyard pipes, services and
//! risers for each community.

use terrier_model::Draft;

use super::chance::{Chance, mark, unit};
use super::plan::{Block, Corner, Point, Street, Way, length_m, on_the_way};
use super::record::Record;

const REMARKS: [&str; 8] = [
    "穿越道路段加套管",
    "与热力管道并行，间距不足",
    "阀井积水",
    "竣工图缺失，按探测成果",
    "Third-party damage in 2016, repaired",
    "Tracer wire broken",
    "Squeezed off during works, checked",
    "压占，已告知业主",
];

/// Mains lie to the south and west of their streets.
const ASIDE_M: f64 = -8.5;

#[derive(Clone)]
struct Node {
    code: String,
    at: Point,
}

struct Pipe<'a> {
    role: &'static str,
    from: Node,
    to: Node,
    shape: Vec<Point>,
    street: Option<&'a Street>,
    year: i16,
    pressure_class: &'static str,
    diameter_mm: f64,
    households: Option<i64>,
    /// What a riser rises.
    rise_m: f64,
}

pub(super) fn pipes(block: &Block, chance: &mut Chance) -> Vec<Draft> {
    let mut pipes = Vec::new();
    for street in &block.streets {
        if has_main(block, street) {
            along_street(street, chance, &mut pipes);
        }
    }
    let [south, _] = &block.streets;
    if block.housing && has_main(block, south) {
        Yard { block, count: 0, year: courtyard_year(block), pipes: &mut pipes }
            .grow(south, chance);
    }
    let draft = |(place, pipe)| draft(block, place, pipe, chance);
    pipes.into_iter().enumerate().map(draft).collect()
}

/// Every street to the south of a community has a main, so that it can be served.
fn has_main(block: &Block, street: &Street) -> bool {
    let wanted =
        street.arterial || street.way == Way::East || unit(mark(block.seed, 0, 0, 10)) < 0.25;
    wanted && !street.bridge
}

/// Gas came to the old yards later, and a fifth of them have been renewed since.
fn courtyard_year(block: &Block) -> i16 {
    let renewed = unit(mark(block.seed, 0, 0, 11));
    if renewed < 0.2 { 2012 + (renewed * 50.0) as i16 } else { block.year.max(1983) }
}

/// The nodes of a main from one crossing to the other, both included.
fn nodes_of(street: &Street) -> Vec<Node> {
    let crossing = |corner: &Corner| Node {
        code: format!("RQ{}", corner.label),
        at: [corner.at[0] + ASIDE_M, corner.at[1] + ASIDE_M],
    };
    let count = ((street.length_m / 85.0).round() as usize).max(2);
    let mut nodes = vec![crossing(&street.from)];
    for place in 1..count {
        nodes.push(Node {
            code: format!("RQ{}{place:02}", street.label),
            at: street.at(place as f64 / count as f64, left_m(street)),
        });
    }
    nodes.push(crossing(&street.to));
    nodes
}

fn left_m(street: &Street) -> f64 {
    match street.way {
        Way::East => ASIDE_M,
        Way::North => -ASIDE_M,
    }
}

fn along_street<'a>(street: &'a Street, chance: &mut Chance, out: &mut Vec<Pipe<'a>>) {
    let nodes = nodes_of(street);
    let pressure_class = match (street.arterial, street.year) {
        (true, 1995..) => chance.weighted(&[(70, "medium_a"), (30, "subhigh_b")]),
        (true, _) => chance.weighted(&[(60, "medium_a"), (40, "medium_b")]),
        (false, _) => chance.weighted(&[(55, "medium_b"), (45, "medium_a")]),
    };
    let sizes: &[f64] =
        if street.arterial { &[250.0, 300.0, 400.0, 500.0] } else { &[110.0, 160.0, 200.0] };
    let diameter_mm = chance.one_of(sizes);
    let renewed = chance.comes_true(0.2).then(|| chance.whole(2006, 2021) as i16);
    let step = 1.0 / (nodes.len() - 1) as f64;
    for (place, pair) in nodes.windows(2).enumerate() {
        let mut shape = vec![pair[0].at];
        let bends = chance.whole(0, 10);
        for bend in 1..=bends {
            let along = (place as f64 + bend as f64 / (bends + 1) as f64) * step;
            shape.push(street.at(along, left_m(street) + chance.between(-0.8, 0.8)));
        }
        shape.push(pair[1].at);
        out.push(Pipe {
            role: "municipal_main",
            from: pair[0].clone(),
            to: pair[1].clone(),
            shape,
            street: Some(street),
            year: renewed.unwrap_or(street.year),
            pressure_class,
            diameter_mm,
            households: None,
            rise_m: 0.0,
        });
    }
}

/// The pipes of a community as they grow from the main.
struct Yard<'a, 'b> {
    block: &'a Block,
    count: usize,
    year: i16,
    pipes: &'b mut Vec<Pipe<'a>>,
}

/// What a pipe within a community is.
#[derive(Clone, Copy)]
struct Part {
    role: &'static str,
    diameter_mm: f64,
    households: i64,
    rise_m: f64,
}

impl Yard<'_, '_> {
    /// A trunk into the block, two branches for every row of houses, and services to the houses.
    fn grow(&mut self, street: &Street, chance: &mut Chance) {
        let nodes = nodes_of(street);
        let mut trunk = nodes[nodes.len() / 2].clone();
        let rows = (2.4 * self.block.density).round() as i32;
        let row_households: Vec<i64> = (0..rows).map(|_| chance.whole(6, 20) * 12).collect();
        for row in 0..rows {
            let north = 0.13 + 0.76 * (f64::from(row) + 0.5) / f64::from(rows);
            let households = row_households[row as usize..].iter().sum();
            let part = Part { role: "courtyard", diameter_mm: 110.0, households, rise_m: 0.0 };
            trunk = self.join(&trunk, [0.47, north], part, chance);
            for side in [-1.0, 1.0] {
                let households = row_households[row as usize] / 2;
                let part = Part { role: "courtyard", diameter_mm: 90.0, households, rise_m: 0.0 };
                let near = self.join(&trunk, [0.47 + side * 0.18, north], part, chance);
                self.serve(&near, [0.47 + side * 0.19, north + 0.03], households / 2, chance);
                if chance.comes_true(0.9) {
                    let households = households / 2;
                    let part =
                        Part { role: "courtyard", diameter_mm: 63.0, households, rise_m: 0.0 };
                    let far = self.join(&near, [0.47 + side * 0.36, north], part, chance);
                    self.serve(&far, [0.47 + side * 0.37, north + 0.03], households, chance);
                }
            }
        }
    }

    /// A service to a house; of every second house the riser is registered too.
    fn serve(&mut self, from: &Node, at: Point, households: i64, chance: &mut Chance) {
        let part = Part { role: "service", diameter_mm: 57.0, households, rise_m: 0.0 };
        let house = self.join(from, at, part, chance);
        if chance.comes_true(0.5) {
            let rise_m = 2.8 * chance.one_of(&[5.0, 6.0, 6.0, 11.0, 18.0]);
            let part = Part { role: "riser", diameter_mm: 32.0, households, rise_m };
            self.join(&house, [at[0] + 0.002, at[1]], part, chance);
        }
    }

    fn join(&mut self, from: &Node, [east, north]: Point, part: Part, chance: &mut Chance) -> Node {
        let Part { role, diameter_mm, households, rise_m } = part;
        self.count += 1;
        let to = Node {
            code: format!("RQ{}Y{:02}", self.block.label, self.count),
            at: self.block.at(east, north),
        };
        let bends = if role == "courtyard" { chance.whole(0, 6) } else { 0 };
        let mut shape = vec![from.at];
        for bend in 1..=bends {
            let [x, y] = on_the_way(from.at, to.at, bend as f64 / (bends + 1) as f64);
            shape.push([x + chance.between(-1.2, 1.2), y + chance.between(-1.2, 1.2)]);
        }
        shape.push(to.at);
        self.pipes.push(Pipe {
            role,
            from: from.clone(),
            to: to.clone(),
            shape,
            street: None,
            year: self.year,
            pressure_class: "low",
            diameter_mm,
            households: Some(households),
            rise_m,
        });
        to
    }
}

fn draft(block: &Block, place: usize, pipe: Pipe<'_>, chance: &mut Chance) -> Draft {
    let mut record = Record::new(format!("RQ{}-{:03}", block.label, place + 1), block);
    let year = pipe.year;
    let in_use = record.life(chance, year, true);
    record.text("owner", chance.weighted(&[(80, "津河燃气有限公司"), (20, "天津海津能源集团")]));
    match pipe.street {
        Some(street) => record.text("road", street.name),
        None => record.text("community", block.community.as_str()),
    }
    record.text("pipe_role", pipe.role);
    record.text("medium", "natural_gas");
    pressure(&mut record, pipe.pressure_class, year, chance);
    body(&mut record, &pipe, chance);
    let drawn_m = length_m(&pipe.shape) * chance.between(1.0005, 1.01);
    record.number("length_m", drawn_m + pipe.rise_m, 2);
    if let Some(households) = pipe.households {
        record.integer("households", households);
    }
    record.text("from_node", pipe.from.code);
    record.text("to_node", pipe.to.code);
    if in_use && chance.comes_true(0.5) {
        record.truth("encroached", chance.comes_true(0.03));
    }
    record.remark(chance, &REMARKS);
    record.along(&pipe.shape)
}

fn pressure(record: &mut Record, class: &str, year: i16, chance: &mut Chance) {
    record.text("pressure_class", class);
    let (design_mpa, operating_mpa) = match class {
        "subhigh_b" => (0.8, chance.one_of(&[0.5, 0.6, 0.7])),
        "medium_a" => (0.4, chance.one_of(&[0.25, 0.3, 0.35])),
        "medium_b" => (0.2, chance.one_of(&[0.08, 0.1, 0.15])),
        _ => (0.01, chance.one_of(&[0.002, 0.0025, 0.003])),
    };
    record.number("design_pressure_mpa", design_mpa, 4);
    if year >= 1990 || chance.comes_true(0.6) {
        record.number("operating_pressure_mpa", operating_mpa, 4);
    }
}

fn body(record: &mut Record, pipe: &Pipe<'_>, chance: &mut Chance) {
    let upright = pipe.role == "riser";
    let material = match (pipe.year, pipe.street.is_some()) {
        _ if upright => chance.weighted(&[(80, "galvanised_steel"), (15, "steel"), (5, "unknown")]),
        (..1986, _) => chance.weighted(&[(72, "grey_cast_iron"), (22, "steel"), (6, "unknown")]),
        (..2000, true) => {
            chance.weighted(&[(66, "steel"), (22, "ductile_iron"), (12, "grey_cast_iron")])
        }
        (..2000, false) => chance.weighted(&[
            (62, "steel"),
            (16, "grey_cast_iron"),
            (8, "ductile_iron"),
            (14, "galvanised_steel"),
        ]),
        (..2009, _) => chance.weighted(&[(68, "pe80"), (26, "steel"), (6, "pe100")]),
        _ => chance.weighted(&[(86, "pe100"), (14, "steel")]),
    };
    let plastic = matches!(material, "pe80" | "pe100");
    record.text("material", material);
    record.number("diameter_mm", pipe.diameter_mm, 0);
    record.text("diameter_kind", if plastic { "outer" } else { "nominal" });
    let joint = match material {
        "pe80" | "pe100" => "electrofusion",
        "steel" => "weld",
        "galvanised_steel" => "thread",
        "grey_cast_iron" => chance.weighted(&[(45, "lead"), (55, "mechanical")]),
        "ductile_iron" => "mechanical",
        _ => "unknown",
    };
    record.text("joint", joint);
    if material == "steel" && !upright {
        let coating = if pipe.year < 1998 { "asphalt" } else { "three_layer_pe" };
        record.text("coating", if chance.comes_true(0.06) { "unknown" } else { coating });
        let protections = [(55, "sacrificial"), (15, "impressed"), (22, "none"), (8, "unknown")];
        record.text("cathodic_protection", chance.weighted(&protections));
    }
    if upright {
        record.text("laying_method", "exposed_indoor");
        return;
    }
    let methods =
        [(88, "direct_buried"), (4, "casing"), (3, "hdd"), (1, "jacking"), (4, "unknown")];
    record.text("laying_method", chance.weighted(&methods));
    if chance.comes_true(0.85) {
        let depth_m = chance.between(0.8, 1.6);
        record.number("depth_start_m", depth_m, 2);
        record.number("depth_end_m", depth_m + chance.between(-0.15, 0.15), 2);
    }
}
