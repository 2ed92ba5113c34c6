//! Drains: storm and foul water side by side, or both in one in the old parts, from manhole to
//! manhole along the streets and down towards the river; and the branches of communities.

use terrier_model::EventKind;

use super::chance::{Chance, mark};
use super::plan::{
    Block, Corner, Point, Street, Way, distance_m, from_river_m, length_m, on_the_way,
};
use super::programme::{Part, Programme};
use super::record::{Entry, Record};

const REMARKS: [&str; 8] = [
    "检查井盖破损",
    "淤积约三分之一管径",
    "雨污混接，待核实",
    "井位被绿化带覆盖",
    "Root intrusion seen on CCTV",
    "Manhole paved over, found by radar",
    "Depth taken from the design",
    "过街管，夜间施工",
];

/// What a line of drains carries, and where in the street it lies.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub(super) system: &'static str,
    /// Opens the codes of its manholes.
    prefix: &'static str,
    /// To the north of streets that run east, and to the east of streets that run north.
    aside_m: f64,
    /// Below the level that the river asks for.
    deeper_m: f64,
}

const STORM: Line = Line { system: "storm", prefix: "YS", aside_m: 4.0, deeper_m: 0.0 };
/// Wide roads have a second line of storm drains, under the other side.
const STORM_BESIDE: Line = Line { system: "storm", prefix: "YX", aside_m: 11.0, deeper_m: 0.0 };
const FOUL: Line = Line { system: "foul", prefix: "WS", aside_m: -3.0, deeper_m: 0.6 };
const COMBINED: Line = Line { system: "combined", prefix: "HL", aside_m: 1.0, deeper_m: 0.3 };

/// The end of a pipe.
#[derive(Clone)]
pub(super) struct Manhole {
    pub(super) code: String,
    pub(super) at: Point,
    pub(super) invert_m: f64,
}

pub(super) struct Drain<'a> {
    pub(super) line: Line,
    pub(super) from: Manhole,
    pub(super) to: Manhole,
    shape: Vec<Point>,
    pub(super) street: Option<&'a Street>,
    pub(super) year: i16,
    hierarchy: &'static str,
    pub(super) diameter_mm: f64,
    /// Whether nobody cleans it while the programme has room for it.
    neglected: bool,
}

/// The drains of a block.
pub(super) struct Network<'a> {
    pub(super) block: &'a Block,
    pub(super) drains: Vec<Drain<'a>>,
    /// Whether the community's drains carry both waters, to be split by the programme.
    separation: bool,
}

impl<'a> Network<'a> {
    pub(super) fn of(block: &'a Block, part: &Part) -> Self {
        let mut chance = Chance::new(mark(block.seed, 0, 0, 51));
        let mut drains = Vec::new();
        for street in &block.streets {
            let neglected = chance.comes_true(0.93);
            for line in lines_of(street) {
                along_street(street, line, neglected, &mut chance, &mut drains);
            }
        }
        let [south, _] = &block.streets;
        if let Some(line) = lines_of(south).pop()
            && block.housing
        {
            let joined = manholes_of(south, line);
            let own = if part.separation { COMBINED } else { line };
            let below = joined[joined.len() / 2].clone();
            in_yard(block, own, below, &mut chance, &mut drains);
        }
        Self { block, drains, separation: part.separation }
    }

    pub(super) fn pipes(&self, programme: &mut Programme, chance: &mut Chance) -> Vec<Entry> {
        let drawn = |drain: &Drain<'_>| length_m(&drain.shape) * chance.between(1.0005, 1.008);
        let lengths_cm: Vec<i64> =
            self.drains.iter().map(drawn).map(|drawn_m| (drawn_m * 100.0).round() as i64).collect();
        let due_cm = programme.drains.among(&lengths_cm, |place| is_ours(&self.drains[place]));
        let entry =
            |(place, drain)| self.entry(place, drain, (due_cm[place], lengths_cm[place]), chance);
        self.drains.iter().enumerate().map(entry).collect()
    }
}

/// Whether the programme may be about the drain: it is about those of the city that carry storm
/// water, alone or not.
fn is_ours(drain: &Drain<'_>) -> bool {
    drain.neglected && drain.street.is_some() && drain.line.system != "foul"
}

/// The lines under a street, that for foul water last; none under a bridge.
fn lines_of(street: &Street) -> Vec<Line> {
    let foul = street.way == Way::East || street.arterial;
    match (street.bridge, street.arterial, street.year) {
        (true, ..) => Vec::new(),
        (_, false, ..1982) => vec![COMBINED],
        (_, true, _) => vec![STORM, STORM_BESIDE, FOUL],
        _ if foul => vec![STORM, FOUL],
        _ => vec![STORM],
    }
}

/// The lowest point of the inside of a pipe: the ground is flat, and water must reach the river.
fn invert_m(at: Point, line: Line) -> f64 {
    -2.4 + 0.0011 * from_river_m(at).abs() - line.deeper_m
}

pub(super) fn ground_m(at: Point) -> f64 {
    3.4 + 0.3 * (at[0] / 1_700.0).sin() + 0.2 * (at[1] / 1_300.0).cos()
}

fn along_street<'a>(
    street: &'a Street,
    line: Line,
    neglected: bool,
    chance: &mut Chance,
    out: &mut Vec<Drain<'a>>,
) {
    let manholes = manholes_of(street, line);
    let falls = manholes[0].invert_m >= manholes[manholes.len() - 1].invert_m;
    let (hierarchy, sizes): (_, &[f64]) = match (line.system, street.arterial) {
        ("foul", true) => ("trunk", &[600.0, 800.0, 1000.0]),
        ("foul", false) => ("collector", &[300.0, 400.0, 500.0]),
        (_, true) => ("main", &[1000.0, 1200.0, 1500.0, 2000.0]),
        (_, false) => ("collector", &[400.0, 500.0, 600.0, 800.0]),
    };
    let diameter_mm = chance.one_of(sizes);
    let renewed = chance.comes_true(0.18).then(|| chance.whole(2010, 2021) as i16);
    let step = 1.0 / (manholes.len() - 1) as f64;
    let aside_m = left_m(street, line);
    for (place, pair) in manholes.windows(2).enumerate() {
        let mut shape = vec![pair[0].at];
        // A pipe follows the bend of its street when it is long or the street is not straight.
        for bend in 0..chance.weighted(&[(70, 0), (18, 1), (8, 2), (4, 3)]) {
            let along = (place as f64 + f64::from(bend + 1) / 5.0) * step;
            shape.push(street.at(along, aside_m + chance.between(-0.3, 0.3)));
        }
        shape.push(pair[1].at);
        let [mut from, mut to] = [pair[0].clone(), pair[1].clone()];
        if !falls {
            shape.reverse();
            std::mem::swap(&mut from, &mut to);
        }
        let year = renewed.unwrap_or(street.year);
        let street = Some(street);
        out.push(Drain { line, from, to, shape, street, year, hierarchy, diameter_mm, neglected });
    }
}

fn left_m(street: &Street, line: Line) -> f64 {
    match street.way {
        Way::East => line.aside_m,
        Way::North => -line.aside_m,
    }
}

/// The manholes of a street from its start to its end, both crossings included. They hang on
/// nothing but street and line, so whatever joins the street finds them.
fn manholes_of(street: &Street, line: Line) -> Vec<Manhole> {
    let crossing = |corner: &Corner| {
        let at = [corner.at[0] + line.aside_m, corner.at[1] + line.aside_m];
        Manhole {
            code: format!("{}{}", line.prefix, corner.label),
            at,
            invert_m: invert_m(at, line),
        }
    };
    let (first, last) = (crossing(&street.from), crossing(&street.to));
    let spacing_m = if street.arterial { 75.0 } else { 55.0 };
    let count = ((street.length_m / spacing_m).round() as usize).max(2);
    let mut manholes = Vec::with_capacity(count + 1);
    manholes.push(first.clone());
    for place in 1..count {
        let share = place as f64 / count as f64;
        manholes.push(Manhole {
            code: format!("{}{}{place:02}", line.prefix, street.label),
            at: street.at(share, left_m(street, line)),
            invert_m: first.invert_m + (last.invert_m - first.invert_m) * share,
        });
    }
    manholes.push(last);
    manholes
}

/// A tree: a trunk from a manhole of the street into the block, and a branch to each side for every
/// row of houses.
fn in_yard(
    block: &Block,
    line: Line,
    mut below: Manhole,
    chance: &mut Chance,
    out: &mut Vec<Drain<'_>>,
) {
    let rows = (2.0 * block.density).round() as i32;
    let mut count = 0;
    let mut join = |below: &Manhole, east: f64, north: f64, trunk: bool, chance: &mut Chance| {
        count += 1;
        let at = block.at(east, north);
        let from = Manhole {
            code: format!("{}{}Y{count:02}", line.prefix, block.label),
            at,
            invert_m: below.invert_m + 0.003 * distance_m(at, below.at),
        };
        let mut shape = vec![from.at];
        let bends = if trunk { 0 } else { chance.whole(1, 10) };
        for bend in 1..=bends {
            let [x, y] = on_the_way(from.at, below.at, bend as f64 / (bends + 1) as f64);
            shape.push([x + chance.between(-1.5, 1.5), y + chance.between(-1.5, 1.5)]);
        }
        shape.push(below.at);
        out.push(Drain {
            line,
            from: from.clone(),
            to: below.clone(),
            shape,
            street: None,
            year: block.year,
            hierarchy: if trunk { "branch" } else { "house" },
            diameter_mm: if trunk { 300.0 } else { chance.one_of(&[150.0, 200.0, 200.0]) },
            neglected: false,
        });
        from
    };
    for row in 0..rows {
        let north = 0.12 + 0.76 * (f64::from(row) + 0.5) / f64::from(rows);
        below = join(&below, 0.5, north, true, chance);
        for side in [-1.0, 1.0] {
            let near = join(&below, 0.5 + side * 0.19, north + 0.02, false, chance);
            if chance.comes_true(0.3) {
                join(&near, 0.5 + side * 0.38, north + 0.03, false, chance);
            }
        }
    }
}

impl Network<'_> {
    fn entry(
        &self,
        place: usize,
        drain: &Drain<'_>,
        (due_cm, drawn_cm): (Option<i64>, i64),
        chance: &mut Chance,
    ) -> Entry {
        let Drain { line, from, to, shape, street, year, hierarchy, diameter_mm, .. } = drain;
        let block = self.block;
        let mut record = Record::new(format!("PS{}-{:03}", block.label, place + 1), block);
        let life = match due_cm {
            // Some dates tell no more than three years, and all of them are to lie before the last.
            Some(_) => record.sure_life(chance, (*year).min(2019)),
            None => record.life(chance, *year, true),
        };
        if let Some(street) = street {
            record.text("road", street.name);
            record.text("owner", chance.one_of(&["河西区排水管理所", "天津市排水管理处"]));
            record.text("pipe_type", "municipal");
        } else {
            record.text("community", block.community.as_str());
            record.text("owner", "小区物业管理处");
            record.text("pipe_type", "community");
        }
        let unsure = due_cm.is_none() && chance.comes_true(0.01);
        record.text("system", if unsure { "unknown" } else { line.system });
        let planned = match line.system {
            "combined" if self.separation && street.is_none() => "foul",
            "combined" => chance.weighted(&[(70, "foul"), (20, "storm"), (10, "combined")]),
            system => system,
        };
        record.text("system_planned", planned);
        record.text("hydraulic_function", "gravity");
        record.text("hierarchy", *hierarchy);
        body(&mut record, *line, *year, *diameter_mm, chance);
        record.number("invert_start_m", from.invert_m, 2);
        record.number("invert_end_m", to.invert_m, 2);
        record.number("depth_start_m", ground_m(from.at) - from.invert_m, 2);
        record.number("depth_end_m", ground_m(to.at) - to.invert_m, 2);
        record.number("length_m", due_cm.unwrap_or(drawn_cm) as f64 / 100.0, 2);
        record.text("from_node", from.code.as_str());
        record.text("to_node", to.code.as_str());
        if life.in_use {
            let yearly = street.is_some() || line.system != "foul";
            cleaning(&mut record, due_cm.is_some(), yearly, chance);
            record.hazards(
                chance,
                0.02,
                &["管道塌陷", "雨污混接", "Grease blocks half of the pipe"],
            );
        }
        record.remark(chance, &REMARKS);
        record.along(shape)
    }
}

/// The drains of the city, and whatever carries storm water, were cleaned before the last flood
/// season, but for those that the programme is about; others when they were blocked.
fn cleaning(record: &mut Record, due: bool, yearly: bool, chance: &mut Chance) {
    const BEFORE_THE_FLOODS: [(i8, i8); 2] = [(5, 2), (6, 12)];
    if due {
        if chance.comes_true(0.7) {
            let year = chance.whole(2018, 2022) as i16;
            record.event(chance, EventKind::Cleaned, year, BEFORE_THE_FLOODS);
        }
    } else if yearly {
        record.event(chance, EventKind::Cleaned, 2023, BEFORE_THE_FLOODS);
    } else {
        record.perhaps(chance, 0.2, EventKind::Cleaned, 2020);
    }
    let grade = chance.weighted(&[(40, "1"), (35, "2"), (18, "3"), (7, "4")]);
    if yearly && let Some(event) = record.perhaps(chance, 0.25, EventKind::Graded, 2019) {
        event.grade = Some(grade.into());
        event.scheme = Some("CJJ 181".into());
    }
}

fn body(record: &mut Record, line: Line, year: i16, diameter_mm: f64, chance: &mut Chance) {
    if diameter_mm >= 1500.0 && chance.comes_true(0.3) {
        record.text("section", "rectangular");
        record.number("width_mm", diameter_mm, 0);
        record.number("height_mm", chance.one_of(&[1200.0, 1500.0, 1800.0]), 0);
    } else {
        record.text("section", if chance.comes_true(0.02) { "unknown" } else { "circle" });
        record.number("diameter_mm", diameter_mm, 0);
    }
    let material = match (year, diameter_mm >= 600.0) {
        (..1975, _) => chance.weighted(&[(40, "brick"), (50, "concrete"), (10, "unknown")]),
        (..2000, false) => chance.weighted(&[(75, "concrete"), (15, "clay"), (10, "unknown")]),
        (..2000, true) => chance.weighted(&[(80, "reinforced_concrete"), (20, "concrete")]),
        (_, false) => chance.weighted(&[(62, "hdpe"), (20, "upvc"), (15, "concrete"), (3, "pe")]),
        (_, true) => chance.weighted(&[
            (70, "reinforced_concrete"),
            (14, "hdpe"),
            (10, "frpm"),
            (6, "ductile_iron"),
        ]),
    };
    record.text("material", material);
    let joint = match material {
        "hdpe" | "pe" | "upvc" | "frpm" | "ductile_iron" => "flexible",
        "unknown" => "unknown",
        _ if year >= 1995 => "flexible",
        _ => "rigid",
    };
    record.text("joint", joint);
    let lined = year < 1995 && line.system != "storm" && chance.comes_true(0.08);
    record.text("lining", if lined { chance.one_of(&["full", "partial"]) } else { "none" });
}
