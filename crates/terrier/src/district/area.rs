//! Areas: the streets in the sense of Chinese administration, and the communities.

use std::collections::HashSet;

use terrier_model::EventKind;

use super::chance::{Chance, mark};
use super::name::subdistrict_cell;
use super::plan::{Block, subdistrict_outline};
use super::programme::{Lights, Part};
use super::record::{Entry, Record};

/// The streets that have been told, by their cells.
#[derive(Default)]
pub(super) struct Streets(HashSet<[i32; 2]>);

impl Streets {
    /// The street that a block lies in, if it is the first block of it.
    pub(super) fn first_of(&mut self, seed: u64, block: &Block) -> Option<Entry> {
        let cell = subdistrict_cell(block.cell);
        if !self.0.insert(cell) {
            return None;
        }
        let [column, row] = cell;
        let mut chance = Chance::new(mark(seed, column, row, 100));
        // Every sub-district has a number, as the codes of divisions want it.
        let number = 100 * (column + 50) + row + 50;
        let mut record = Record::new(format!("JD{number:05}"), block);
        record.text("lifecycle_status", "in_service");
        record.text("owner", "河西区人民政府");
        record.text("division_code", format!("120103{:03}", number % 1_000));
        record.text("office_phone", format!("022-5550{:04}", chance.whole(0, 9_999)));
        record.text("duty_phone", format!("022-5551{:04}", chance.whole(0, 9_999)));
        record.integer("founded_year", chance.whole(1954, 2014));
        record.integer("population", chance.whole(30, 90) * 1_000);
        record.integer("population_year", 2020);
        record.integer("committee_count", chance.whole(6, 16));
        record.integer("grid_count", chance.whole(40, 110));
        record.integer("flood_spot_count", chance.weighted(&[(50, 0), (30, 1), (20, 3)]));
        Some(record.within(&subdistrict_outline(seed, cell)))
    }
}

/// The community of a block, if people live there.
pub(super) fn communities(block: &Block, part: &Part, chance: &mut Chance) -> Vec<Entry> {
    if !block.housing {
        return Vec::new();
    }
    let mut record = Record::new(format!("XQ{}", block.label), block);
    record.text("lifecycle_status", "in_service");
    record.text("community", block.community.as_str());
    record.integer("households", part.households);
    let old = block.year < 2000;
    let kinds = if old {
        [(60, "old_estate"), (15, "work_unit"), (20, "estate"), (5, "bungalows")]
    } else {
        [(70, "estate"), (20, "resettlement"), (6, "single_building"), (4, "unknown")]
    };
    record.text("community_kind", chance.weighted(&kinds));
    record.integer("building_count", chance.whole(6, 24));
    if chance.comes_true(0.93) {
        record.text("installed_on", format!("{:04}", block.year));
        record.integer("built_year", block.year.into());
    }
    record.number("floor_area_m2", part.households as f64 * chance.between(58.0, 96.0), 0);
    record.text("committee", format!("{}社区居委会", block.community));
    let managers = ["津和物业", "海河物业服务有限公司", "街道代管", "安居物业", "小区自管"];
    record.text("property_manager", chance.one_of(&managers));
    drainage(&mut record, part, old, chance);
    record.text("gas_supply", "piped");
    let risers = if part.risers.is_some() { "planned" } else { left_alone(chance) };
    record.text("gas_riser_status", risers);
    let positions = [(60, "indoor"), (25, "outdoor"), (10, "mixed"), (5, "unknown")];
    record.text("gas_riser_position", chance.weighted(&positions));
    record.text("heating", chance.weighted(&[(92, "district"), (5, "boiler_house"), (3, "none")]));
    let heated = matches!(part.heating, Some(("community", _)));
    record.text("heating_status", if heated { "planned" } else { left_alone(chance) });
    record.text(
        "lighting_status",
        match part.lights {
            Lights::ToCome => "planned",
            Lights::Done => "done",
            Lights::AsTheyAre => "not_needed",
        },
    );
    record
        .text("water_supply", chance.weighted(&[(70, "boosted"), (28, "direct"), (2, "unknown")]));
    record.perhaps(chance, 0.6, EventKind::Inspected, 2022);
    record.hazards(chance, 0.05, &["消防通道堵塞", "外墙皮脱落", "地下室积水"]);
    vec![record.within(&[
        block.at(0.07, 0.07),
        block.at(0.93, 0.07),
        block.at(0.93, 0.93),
        block.at(0.07, 0.93),
    ])]
}

/// Where the renewal of something stands that the year's programme is not about.
fn left_alone(chance: &mut Chance) -> &'static str {
    chance.weighted(&[(70, "not_needed"), (25, "done"), (5, "unknown")])
}

fn drainage(record: &mut Record, part: &Part, old: bool, chance: &mut Chance) {
    let (today, planned, status) = if part.separation {
        ("combined", "separate", "planned")
    } else if old {
        chance.weighted(&[
            (60, ("separate", "separate", "done")),
            (20, ("partial", "separate", "under_way")),
            (15, ("combined", "combined", "not_needed")),
            (5, ("unknown", "unknown", "unknown")),
        ])
    } else {
        ("separate", "separate", "not_needed")
    };
    record.text("drainage_regime", today);
    record.text("drainage_regime_planned", planned);
    record.text("separation_status", status);
}
