//! The year's programme, summed asset by asset: what falls due by the rules that ship, and the rest
//! by the fields that the programme is told by.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use terrier_catalog::{RulePack, class_from_toml, shipped_classes, shipped_rule_packs};
use terrier_model::{Asset, Checked, Classes, DueState, Judge, Rule, WorkKind};

use super::{Found, district};

const ON: Date = Date::constant(2024, 1, 1);

/// Sums and counts by action and measure, lengths in whole centimetres.
#[derive(Default)]
struct Sums {
    sums: BTreeMap<String, i64>,
    names: BTreeMap<String, BTreeSet<Box<str>>>,
}

impl Sums {
    /// Takes an asset into the sums of an action.
    fn add(&mut self, action: &str, asset: &Asset) {
        let core = &asset.content.core;
        let measures = [
            ("count", 1),
            ("length_m", core.length_m.map_or(0, |length_m| (length_m * 100.0).round() as i64)),
            ("area_m2", core.area_m2.map_or(0, |area_m2| area_m2.round() as i64)),
            ("households", core.households.unwrap_or(0)),
        ];
        for (measure, value) in measures {
            *self.sums.entry(format!("{action} {measure}")).or_default() += value;
        }
        for (measure, name) in [("communities", &core.community), ("streets", &core.street)] {
            let names = self.names.entry(format!("{action} {measure}")).or_default();
            names.extend(name.clone());
        }
    }

    /// What is told by fields of the asset.
    fn take_fields(&mut self, asset: &Asset) {
        let is = |field: &str, wanted: &str| {
            let position = asset.class.fields().iter().position(|known| &*known.name == field);
            let value = asset.value(position.expect("a field"));
            value.is_some_and(|value| value.to_string() == wanted)
        };
        match asset.class.name() {
            "greenway_segments" if is("phase", "3") => self.add("greenway", asset),
            "pocket_parks" if is("phase", "3") => self.add("pocket_parks", asset),
            "heat_stations" if is("renewal_status", "planned") => {
                self.add("heating", asset);
                let serves = if is("serves", "point") { "points" } else { "communities" };
                self.add(&format!("heating of {serves}"), asset);
            }
            "road_sections" if is("works_status", "planned") => self.add("roads", asset),
            "communities" => {
                let planned = is("drainage_regime_planned", "separate");
                if planned && is("drainage_regime", "combined") {
                    assert!(is("separation_status", "planned"));
                    self.add("separation", asset);
                }
                if is("lighting_status", "done") {
                    self.add("solar_lights done", asset);
                }
            }
            "light_poles" if is("lamp_kind", "solar_led") && is("lifecycle_status", "planned") => {
                self.add("solar_lights", asset);
            }
            _ => {}
        }
    }

    /// What falls due on it, with what nobody can tell apart.
    fn take_due(&mut self, asset: &Asset, judge: &Judge<'_>) {
        let mut found = Vec::new();
        judge.judge(&asset.view(), &asset.events, |item| found.push(item));
        for item in found {
            let action = match (asset.class.name(), item.kind) {
                ("gas_pipes", WorkKind::Renew) => "gas_renewal",
                ("gas_pipes", WorkKind::Assess) => "gas_assessment",
                ("gas_risers", WorkKind::Renew) => "gas_risers",
                ("drain_pipes", WorkKind::Clean) => "drains",
                ("road_sections", WorkKind::Repair) => "roads due",
                _ => continue,
            };
            match item.state {
                DueState::Due | DueState::Overdue => self.add(action, asset),
                DueState::Unknown => self.add(&format!("{action} unknown"), asset),
                DueState::NotDue | DueState::Upcoming => {}
            }
        }
    }
}

fn sums(assets: u64, seed: u64) -> BTreeMap<String, i64> {
    let classes: Classes = shipped_classes()
        .iter()
        .map(|(_, document)| class_from_toml(document).expect("a shipped class"))
        .collect();
    let packs = shipped_rule_packs().iter();
    let rules: Vec<Rule> = packs
        .flat_map(|(_, document)| {
            let pack = RulePack::from_toml(document).expect("a shipped pack");
            pack.checked(&classes).expect("its classes ship too")
        })
        .collect();
    let judges: BTreeMap<&str, Judge<'_>> =
        classes.iter().map(|class| (class.name(), Judge::new(class, &rules, ON))).collect();
    let mut sums = Sums::default();
    for Found { class: name, draft, events } in district(assets, seed) {
        let class = Arc::clone(classes.get(name).expect("a shipped class"));
        let Checked { content, .. } = draft.check(&class).expect("a sound draft");
        let asset = Asset {
            id: draft.id.expect("an id"),
            class,
            version: 1,
            valid_from: Timestamp::UNIX_EPOCH,
            valid_to: None,
            content,
            events,
        };
        sums.take_fields(&asset);
        sums.take_due(&asset, &judges[name]);
    }
    let names = sums.names.into_iter().map(|(name, names)| (name, names.len() as i64));
    sums.sums.into_iter().chain(names).collect()
}

/// The figures of the programme by action and measure, lengths in centimetres.
fn expected() -> BTreeMap<String, i64> {
    let file = include_str!("../../../../../fixtures/programme/2024.toml");
    let file: toml::Table = file.parse().expect("it is TOML");
    let mut expected = BTreeMap::new();
    for action in file["action"].as_array().expect("actions") {
        let id = action["id"].as_str().expect("an id");
        for figure in action["figure"].as_array().expect("figures") {
            let command = figure["command"].as_str().expect("a command");
            for (measure, value) in figure["expected"].as_table().expect("measures") {
                let centi = if measure == "length_m" { 100 } else { 1 };
                let value = centi * value.as_integer().expect("a whole number");
                // Some commands are about a part of the action, or ask it in another way.
                let part = [
                    ("--lighting_status=done", " done"),
                    ("--serves=community", " of communities"),
                    ("--serves=point", " of points"),
                    ("summary due --on=2024-01-01 --class=road_sections", " due"),
                ];
                let part = part.iter().find(|(option, _)| command.contains(option));
                let part = part.map_or("", |(_, part)| part);
                expected.insert(format!("{id}{part} {measure}"), value);
            }
        }
    }
    assert_eq!(expected.len(), 17, "{expected:?}");
    expected
}

fn check(assets: u64, seed: u64, but: &[&str]) {
    let found = sums(assets, seed);
    for (name, value) in expected() {
        if !but.contains(&name.as_str()) {
            let found = found.get(name.as_str()).copied().unwrap_or(0);
            assert_eq!(found, value, "{name} of {assets} assets by seed {seed}");
        }
    }
    for action in ["gas_renewal", "gas_assessment"] {
        let found = found[&format!("{action} unknown count")];
        assert!(found > 50, "{action}: of {found} pipes nobody can tell");
    }
}

#[test]
fn the_years_programme_lies_in_twenty_thousand_assets_but_for_a_part_of_its_drains() {
    for seed in [120_103, 7, 8] {
        check(20_000, seed, &["drains length_m"]);
    }
}

#[test]
fn the_years_programme_lies_in_fifty_thousand_assets_and_no_more_of_it_in_any_greater_district() {
    for (assets, seed) in [(50_000, 120_103), (50_000, 9), (60_000, 7), (150_000, 3)] {
        check(assets, seed, &[]);
    }
}

#[test]
fn a_district_of_a_few_assets_has_a_part_of_the_programme() {
    let found = sums(1_000, 120_103);
    for (name, value) in expected() {
        let found = found.get(name.as_str()).copied().unwrap_or(0);
        assert!(found <= value, "{name}: {found}");
    }
}
