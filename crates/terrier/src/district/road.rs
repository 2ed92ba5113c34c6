//! Road sections: a street from crossing to crossing, and for a wide one each carriageway.

use terrier_model::EventKind;

use super::chance::Chance;
use super::plan::{Block, Street, length_m};
use super::programme::Part;
use super::record::{Entry, Record};

const REMARKS: [&str; 5] = [
    "雨天积水",
    "井周沉陷",
    "公交站处车辙明显",
    "Kerb raised in 2015",
    "Cracks along the trench of the heat pipe",
];

pub(super) fn sections(block: &Block, part: &Part, chance: &mut Chance) -> Vec<Entry> {
    let streets = block.streets.iter().zip([part.road_m2, None]);
    streets.map(|(street, planned_m2)| section(block, street, planned_m2, chance)).collect()
}

fn section(block: &Block, street: &Street, planned_m2: Option<i64>, chance: &mut Chance) -> Entry {
    let mut record = Record::new(format!("DL{}", street.label), block);
    if planned_m2.is_some() {
        record.sure_life(chance, street.year);
    } else {
        record.life(chance, street.year, false);
    }
    record.text("road", street.name);
    record.text("owner", "河西区城市管理委员会");
    let classes = [(30, "secondary"), (65, "branch"), (5, "lane")];
    let class = if street.arterial { "arterial" } else { chance.weighted(&classes) };
    record.text("road_class", class);
    record.text("from_crossing", format!("LK{}", street.from.label));
    record.text("to_crossing", format!("LK{}", street.to.label));
    // The carriageways of a wide road lie on both sides of its middle; its length is that of one.
    let middles: &[f64] = if street.arterial { &[-7.0, 7.0] } else { &[0.0] };
    let line = |left_m: &f64| {
        (0..=6).map(|place| street.at(f64::from(place) / 6.0, *left_m)).collect::<Vec<_>>()
    };
    let lines: Vec<_> = middles.iter().map(line).collect();
    let length_m = length_m(&lines[0]) * chance.between(0.995, 1.005);
    record.number("length_m", length_m, 1);
    let wide_m = if street.arterial { 23.0 } else { chance.one_of(&[7.0, 9.0, 10.5, 12.0]) };
    let area_m2 = planned_m2.map_or(length_m * wide_m, |area_m2| area_m2 as f64);
    record.number("area_m2", area_m2, 0);
    record.number("carriageway_width_m", area_m2 / length_m, 1);
    record.number("footway_width_m", chance.one_of(&[3.0, 4.0, 5.0, 6.0]), 1);
    record.integer("lane_count", if street.arterial { 6 } else { chance.whole(2, 3) });
    let pavements = [(90, "asphalt"), (6, "concrete"), (2, "block"), (2, "unknown")];
    record.text("pavement", chance.weighted(&pavements));
    let traffic = if street.arterial { "heavy" } else { chance.one_of(&["light", "medium"]) };
    record.text("traffic_class", traffic);
    record.text("maintained_by", "河西道路养护所");
    condition(&mut record, planned_m2.is_some(), chance);
    record.hazards(chance, 0.05, &["路面塌陷", "检查井周边沉陷", "Pothole"]);
    record.remark(chance, &REMARKS);
    record.along_all(&lines)
}

/// What the programme is about is bad, and nothing else is.
fn condition(record: &mut Record, planned: bool, chance: &mut Chance) {
    let (grade, pci) = if planned {
        ("D", chance.between(45.0, 59.0))
    } else {
        let (grade, least) =
            chance.weighted(&[(45, ("A", 90.0)), (42, ("B", 75.0)), (8, ("C", 65.0))]);
        (grade, chance.between(least, least + 9.0))
    };
    record.number("pci", pci, 1);
    record.number("rqi", chance.between(pci - 5.0, pci + 5.0).min(100.0), 1);
    let event = record.event(chance, EventKind::Graded, 2023, [(3, 1), (10, 31)]);
    event.grade = Some(grade.into());
    event.scheme = Some("CJJ 36".into());
    record.event(chance, EventKind::Inspected, 2023, [(6, 1), (12, 20)]);
    if planned {
        record.text("works_kind", chance.one_of(&["milling", "resurfacing", "reconstruction"]));
        record.text("works_status", "planned");
        return;
    }
    record.text("works_kind", "none");
    record
        .text("works_status", chance.weighted(&[(84, "not_needed"), (14, "done"), (2, "unknown")]));
    if chance.comes_true(0.5) {
        record.day_after(chance, "resurfaced_on", 2006, 2007);
    }
}
