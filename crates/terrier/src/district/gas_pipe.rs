//! Gas pipes: what became of each, of the programme or not, and what is recorded of it.

use terrier_model::{Assessment, EventKind};

use super::chance::Chance;
use super::gas::{Network, Pipe};
use super::plan::length_m;
use super::programme::Programme;
use super::record::{Entry, Record};

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

/// What the programme or the years have made of a pipe.
#[derive(Clone, Copy)]
enum Fate {
    /// Of the programme: to be renewed, with its recorded length.
    Renew(i64),
    /// Of the programme: to be assessed, with its recorded length.
    Assess(i64),
    Abandoned,
    Kept,
}

impl Network<'_> {
    /// The code of the pipe at a place.
    pub(super) fn code(&self, place: usize) -> String {
        format!("RQ{}-{:03}", self.block.label, place + 1)
    }

    pub(super) fn pipes(&self, programme: &mut Programme, chance: &mut Chance) -> Vec<Entry> {
        let drawn = |pipe: &Pipe<'_>| length_m(&pipe.shape) * chance.between(1.0005, 1.01);
        let lengths_cm: Vec<i64> =
            self.pipes.iter().map(drawn).map(|drawn_m| (drawn_m * 100.0).round() as i64).collect();
        let may_renew = |place: usize| {
            let pipe = &self.pipes[place];
            is_ours(pipe) && pipe.laid.is_old() && pipe.laid.care < 0.3
        };
        let renew_cm = programme.gas_renewals.among(&lengths_cm, may_renew);
        let may_assess = |place: usize| {
            let pipe = &self.pipes[place];
            let aged = (1996..=2001).contains(&pipe.laid.today());
            is_ours(pipe) && aged && pipe.laid.care < 0.7 && renew_cm[place].is_none()
        };
        let assess_cm = programme.gas_assessments.among(&lengths_cm, may_assess);
        let entry = |(place, pipe)| {
            let fate = match (renew_cm[place], assess_cm[place]) {
                (Some(cm), _) => Fate::Renew(cm),
                (None, Some(cm)) => Fate::Assess(cm),
                (None, None) => usual_fate(pipe, chance),
            };
            self.entry(place, pipe, (fate, lengths_cm[place]), chance)
        };
        self.pipes.iter().enumerate().map(entry).collect()
    }

    fn entry(
        &self,
        place: usize,
        pipe: &Pipe<'_>,
        (fate, drawn_cm): (Fate, i64),
        chance: &mut Chance,
    ) -> Entry {
        let mut record = Record::new(self.code(place), self.block);
        let old = pipe.laid.year.min(1990);
        let (year, life, recorded_cm) = match fate {
            Fate::Renew(cm) => (old, record.sure_life(chance, old), cm),
            Fate::Assess(cm) => {
                let year = pipe.laid.today();
                (year, record.sure_life(chance, year), cm)
            }
            Fate::Abandoned => (old, record.abandoned(chance, old), drawn_cm),
            Fate::Kept => {
                let year = pipe.laid.today();
                (year, record.life(chance, year, true), drawn_cm)
            }
        };
        record
            .text("owner", chance.weighted(&[(80, "津河燃气有限公司"), (20, "天津海津能源集团")]));
        match pipe.street {
            Some(street) => record.text("road", street.name),
            None => record.text("community", self.block.community.as_str()),
        }
        record.text("pipe_role", pipe.role);
        record.text("medium", "natural_gas");
        pressure(&mut record, pipe.pressure_class, year, chance);
        body(&mut record, pipe, year, matches!(fate, Fate::Renew(_) | Fate::Abandoned), chance);
        record.number("length_m", recorded_cm as f64 / 100.0, 2);
        if let Some(households) = pipe.households {
            record.integer("households", households);
        }
        record.text("from_node", pipe.from.code.as_str());
        record.text("to_node", pipe.to.code.as_str());
        if life.in_use {
            if chance.comes_true(0.5) {
                record.truth("encroached", chance.comes_true(0.03));
            }
            assessment(&mut record, fate, year, life.dated, chance);
            record.perhaps(chance, 0.8, EventKind::Inspected, 2023);
            record.perhaps(chance, 0.03, EventKind::Repaired, 2015.max(year + 3));
            record.hazards(
                chance,
                0.02,
                &["管道占压", "阀井内检出燃气", "Third-party works close by"],
            );
        }
        record.remark(chance, &REMARKS);
        record.along(&pipe.shape)
    }
}

/// Whether the programme may be about the pipe: it is about mains and the pipes of courtyards.
fn is_ours(pipe: &Pipe<'_>) -> bool {
    matches!(pipe.role, "municipal_main" | "courtyard")
}

fn usual_fate(pipe: &Pipe<'_>, chance: &mut Chance) -> Fate {
    let forgotten = chance.comes_true(0.05) && pipe.street.is_some() && pipe.laid.is_old();
    if forgotten { Fate::Abandoned } else { Fate::Kept }
}

/// Whatever is twenty years old has been assessed, and found in order, but for what the programme
/// is about and for pipes whose age nobody knows.
fn assessment(record: &mut Record, fate: Fate, year: i16, dated: bool, chance: &mut Chance) {
    let result = match fate {
        Fate::Renew(_) => {
            chance.weighted(&[(7, Assessment::ContinueWithControls), (3, Assessment::RenewAtOnce)])
        }
        Fate::Kept if year <= 2005 && dated => {
            chance.weighted(&[(8, Assessment::Meets), (2, Assessment::ContinueWithControls)])
        }
        Fate::Assess(_) | Fate::Abandoned | Fate::Kept => return,
    };
    record.assessed(chance, result);
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

/// Grey cast iron lies where nobody renewed; `iron` says whether it may.
fn body(record: &mut Record, pipe: &Pipe<'_>, year: i16, iron: bool, chance: &mut Chance) {
    let grey = u32::from(iron);
    let material = match (year, pipe.street.is_some()) {
        (..1986, _) => {
            chance.weighted(&[(72 * grey, "grey_cast_iron"), (22, "steel"), (6, "unknown")])
        }
        (..2000, true) => {
            chance.weighted(&[(66, "steel"), (22, "ductile_iron"), (12 * grey, "grey_cast_iron")])
        }
        (..2000, false) => chance.weighted(&[
            (62, "steel"),
            (16 * grey, "grey_cast_iron"),
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
    if material == "steel" {
        let coating = if year < 1998 { "asphalt" } else { "three_layer_pe" };
        record.text("coating", if chance.comes_true(0.06) { "unknown" } else { coating });
        let protections = [(55, "sacrificial"), (15, "impressed"), (22, "none"), (8, "unknown")];
        record.text("cathodic_protection", chance.weighted(&protections));
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
