//! The gas network of a block: mains under the streets, and from them a tree of courtyard pipes and
//! services for each community, down to the houses.

use super::chance::{Chance, mark, unit};
use super::plan::{Block, Corner, Point, Street, Way, on_the_way};
use super::programme::{Part, scaled};

/// Mains lie to the south and west of their streets.
const ASIDE_M: f64 = -8.5;

#[derive(Clone)]
pub(super) struct Node {
    pub(super) code: String,
    pub(super) at: Point,
}

pub(super) struct Pipe<'a> {
    pub(super) role: &'static str,
    pub(super) from: Node,
    pub(super) to: Node,
    pub(super) shape: Vec<Point>,
    pub(super) street: Option<&'a Street>,
    pub(super) laid: Laid,
    pub(super) pressure_class: &'static str,
    pub(super) diameter_mm: f64,
    pub(super) households: Option<i64>,
}

/// When the pipes of a street or community were laid, and what became of the old ones.
#[derive(Clone, Copy)]
pub(super) struct Laid {
    pub(super) year: i16,
    /// From 0 to 1: of pipes with little, nobody renewed or assessed them while the programme has
    /// room for it.
    pub(super) care: f64,
    /// The year of renewal of old ones, if they were.
    renewed: i16,
}

impl Laid {
    fn new(year: i16, chance: &mut Chance) -> Self {
        let care = chance.unit();
        let [before, since] =
            [(1996, 2001), (2006, 2021)].map(|(first, last)| chance.whole(first, last) as i16);
        Self { year, care, renewed: chance.weighted(&[(35, before), (65, since)]) }
    }

    /// Whether they are more than thirty years old on 2024-01-01, or would be.
    pub(super) fn is_old(self) -> bool {
        self.year <= 1994
    }

    /// The year of what lies there after the renewal of what was old.
    pub(super) fn today(self) -> i16 {
        match if self.is_old() { self.renewed } else { self.year } {
            // Not so near to twenty years that an assessment in time would have come too early.
            year @ 2002..=2005 => year + 5,
            year => year,
        }
    }
}

/// A house that gas comes to.
pub(super) struct House {
    pub(super) node: Node,
    pub(super) households: i64,
}

/// The gas pipes of a block.
pub(super) struct Network<'a> {
    pub(super) block: &'a Block,
    pub(super) pipes: Vec<Pipe<'a>>,
    pub(super) houses: Vec<House>,
}

impl<'a> Network<'a> {
    pub(super) fn of(block: &'a Block, part: &Part) -> Self {
        let mut chance = Chance::new(mark(block.seed, 0, 0, 50));
        let mut network = Self { block, pipes: Vec::new(), houses: Vec::new() };
        for street in &block.streets {
            if has_main(block, street) {
                along_street(street, &mut chance, &mut network.pipes);
            }
        }
        let [south, _] = &block.streets;
        if block.housing && has_main(block, south) {
            let laid = Laid::new(courtyard_year(block), &mut chance);
            Yard { count: 0, laid, network: &mut network }.grow(south, part, &mut chance);
        }
        network
    }
}

/// Every street to the south of a community has a main, so that it can be served.
fn has_main(block: &Block, street: &Street) -> bool {
    let wanted =
        street.arterial || street.way == Way::East || unit(mark(block.seed, 0, 0, 10)) < 0.25;
    wanted && !street.bridge
}

/// Gas came to the old yards later.
fn courtyard_year(block: &Block) -> i16 {
    block.year.max(1983)
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
    let laid = Laid::new(street.year, chance);
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
            laid,
            pressure_class,
            diameter_mm,
            households: None,
        });
    }
}

/// The pipes of a community as they grow from the main.
struct Yard<'a, 'b> {
    count: usize,
    laid: Laid,
    network: &'b mut Network<'a>,
}

/// What a pipe within a community is.
#[derive(Clone, Copy)]
struct Kind {
    role: &'static str,
    diameter_mm: f64,
    households: i64,
}

impl Yard<'_, '_> {
    /// A trunk into the block, two branches for every row of houses, and services to the houses.
    fn grow(&mut self, street: &Street, part: &Part, chance: &mut Chance) {
        let nodes = nodes_of(street);
        let mut trunk = nodes[nodes.len() / 2].clone();
        let rows = (2.0 * self.network.block.density).round() as i32;
        // For each side of each row one house or two.
        let sides: Vec<bool> = (0..2 * rows).map(|_| chance.comes_true(0.6)).collect();
        let houses: Vec<i64> = sides.iter().map(|two| 1 + i64::from(*two)).collect();
        let households = scaled(&houses, part.households);
        for row in 0..rows {
            let north = 0.13 + 0.76 * (f64::from(row) + 0.5) / f64::from(rows);
            let first = 2 * row as usize;
            let behind = households[first..].iter().sum();
            let kind = Kind { role: "courtyard", diameter_mm: 110.0, households: behind };
            trunk = self.join(&trunk, [0.47, north], kind, chance);
            for (place, side) in [(first, -1.0), (first + 1, 1.0)] {
                let all = households[place];
                let kind = Kind { role: "courtyard", diameter_mm: 90.0, households: all };
                let near = self.join(&trunk, [0.47 + side * 0.18, north], kind, chance);
                let beyond = if sides[place] { all / 2 } else { 0 };
                self.serve(&near, [0.47 + side * 0.19, north + 0.03], all - beyond, chance);
                if sides[place] {
                    let kind = Kind { role: "courtyard", diameter_mm: 63.0, households: beyond };
                    let far = self.join(&near, [0.47 + side * 0.36, north], kind, chance);
                    self.serve(&far, [0.47 + side * 0.37, north + 0.03], beyond, chance);
                }
            }
        }
    }

    /// A service to a house.
    fn serve(&mut self, from: &Node, at: Point, households: i64, chance: &mut Chance) {
        let kind = Kind { role: "service", diameter_mm: 57.0, households };
        let node = self.join(from, at, kind, chance);
        self.network.houses.push(House { node, households });
    }

    fn join(&mut self, from: &Node, [east, north]: Point, kind: Kind, chance: &mut Chance) -> Node {
        let Kind { role, diameter_mm, households } = kind;
        self.count += 1;
        let block = self.network.block;
        let to = Node {
            code: format!("RQ{}Y{:02}", block.label, self.count),
            at: block.at(east, north),
        };
        let bends = if role == "courtyard" { chance.whole(0, 6) } else { 0 };
        let mut shape = vec![from.at];
        for bend in 1..=bends {
            let [x, y] = on_the_way(from.at, to.at, bend as f64 / (bends + 1) as f64);
            shape.push([x + chance.between(-1.2, 1.2), y + chance.between(-1.2, 1.2)]);
        }
        shape.push(to.at);
        self.network.pipes.push(Pipe {
            role,
            from: from.clone(),
            to: to.clone(),
            shape,
            street: None,
            laid: self.laid,
            pressure_class: "low",
            diameter_mm,
            households: Some(households),
        });
        to
    }
}
