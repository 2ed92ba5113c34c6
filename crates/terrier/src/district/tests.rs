//! Tests of the district: what it holds, where, and that the same seed makes the same.

mod programme;

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::date;
use terrier_catalog::{class_from_toml, shipped_classes};
use terrier_model::{Classes, Draft, RawValue};
use terrier_spatial::{Bounds, Sketch};

use super::{Found, district};

fn text<'a>(draft: &'a Draft, name: &str) -> Option<&'a str> {
    draft.values.iter().find_map(|(field, value)| match value {
        RawValue::Text(text) if &**field == name => Some(text.as_str()),
        _ => None,
    })
}

fn has(draft: &Draft, name: &str) -> bool {
    draft.values.iter().any(|(field, _)| &**field == name)
}

/// Share of the drafts of a class (of all, for an empty name) for which the question is true.
fn share(class: &str, asks: impl Fn(&Draft) -> bool) -> f64 {
    let all = district(20_000, 7).filter(|found| class.is_empty() || found.class == class);
    let drafts: Vec<_> = all.map(|found| found.draft).collect();
    drafts.iter().filter(|draft| asks(draft)).count() as f64 / drafts.len() as f64
}

fn check_share(class: &str, of: &str, expected: f64, asks: impl Fn(&Draft) -> bool) {
    let found = share(class, asks);
    assert!((found / expected - 1.0).abs() < 0.2, "{of}: found {found}, expected {expected}");
}

#[test]
fn every_draft_is_as_its_class_wants_it() {
    let classes: Classes = shipped_classes()
        .iter()
        .map(|(_, document)| class_from_toml(document).expect("a shipped class"))
        .collect();
    let today = date(2024, 1, 1);
    for Found { class: name, draft, events } in district(20_000, 1) {
        let class = classes.get(name).expect("a shipped class");
        if let Err(faults) = draft.check(class) {
            panic!("{name} {:?}: {}", draft.external_key, faults[0]);
        }
        for event in &events {
            assert_eq!(event.faults(), [], "{name} {:?}", draft.external_key);
        }
        assert!(events.iter().all(|event| event.on < today), "{:?}", draft.external_key);
        assert!(events.is_sorted_by_key(|event| event.on), "{:?}", draft.external_key);
    }
}

#[test]
fn a_district_has_as_many_assets_as_were_asked_for() {
    for assets in [0, 1, 2, 117, 5_000] {
        assert_eq!(district(assets, 1).count() as u64, assets);
    }
}

#[test]
fn the_same_seed_gives_the_same_district_and_another_seed_another() {
    assert!(district(2_000, 42).eq(district(2_000, 42)));
    let differ = district(2_000, 42).zip(district(2_000, 43)).all(|(one, other)| one != other);
    assert!(differ);
}

#[test]
fn a_greater_district_holds_a_smaller_one() {
    assert!(district(700, 3).eq(district(1_500, 3).take(700)));
}

#[test]
fn no_id_and_no_key_comes_twice_and_ids_follow_each_other() {
    let drafts: Vec<Draft> = district(5_000, 1).map(|found| found.draft).collect();
    assert!(drafts.is_sorted_by(|one, next| one.id < next.id));
    let keys: HashSet<_> = drafts.iter().map(|draft| &draft.external_key).collect();
    assert_eq!(keys.len(), drafts.len());
    assert!(drafts.iter().all(|draft| draft.external_key.is_some()));
}

#[test]
fn sixty_thousand_assets_lie_in_the_box_of_hexi_and_fill_most_of_it() {
    let bounds = district(60_000, 20_231)
        .filter_map(|found| match found.draft.sketch {
            Sketch::Point(position) => Some(Bounds::at(position)),
            _ => None,
        })
        .reduce(Bounds::union)
        .expect("lights");
    let hexi = Bounds { west: 117.1728, south: 39.0321, east: 117.2861, north: 39.1165 };
    assert!(hexi.contains(&bounds), "{bounds:?}");
    assert!(bounds.east - bounds.west > 0.8 * (hexi.east - hexi.west), "{bounds:?}");
    assert!(bounds.north - bounds.south > 0.8 * (hexi.north - hexi.south), "{bounds:?}");
}

#[test]
fn the_mix_is_that_of_a_city() {
    let mut counts: BTreeMap<&str, f64> = BTreeMap::new();
    for Found { class, .. } in district(20_000, 7) {
        *counts.entry(class).or_default() += 1.0 / 20_000.0;
    }
    for (class, expected) in [
        ("light_poles", 0.21),
        ("drain_pipes", 0.14),
        ("manholes", 0.14),
        ("gas_pipes", 0.13),
        ("gas_nodes", 0.12),
        ("gas_risers", 0.10),
        ("gullies", 0.05),
        ("heat_pipes", 0.03),
        ("greenway_segments", 0.025),
        ("light_cabinets", 0.015),
        ("gas_valves", 0.012),
        ("road_sections", 0.01),
        ("communities", 0.005),
    ] {
        let found = counts[class];
        assert!((found / expected - 1.0).abs() < 0.2, "{class}: found {found}");
    }
}

#[test]
fn pipes_that_name_the_same_node_meet_there() {
    let mut nodes: HashMap<String, [f64; 2]> = HashMap::new();
    let mut joined = 0;
    for Found { draft, .. } in district(5_000, 1) {
        let Sketch::Line(line) = &draft.sketch else { continue };
        for (name, at) in [("from_node", line[0]), ("to_node", line[line.len() - 1])] {
            let node = text(&draft, name).expect("every pipe names its nodes").to_owned();
            if let Some(before) = nodes.insert(node, at) {
                assert_eq!(before, at, "{:?} {name}", draft.external_key);
                joined += 1;
            }
        }
    }
    // As many ends as nodes would be pipes without a network.
    assert!(joined > nodes.len() / 2, "{joined} of {}", nodes.len());
}

#[test]
fn drains_run_downhill() {
    for Found { class, draft, .. } in district(5_000, 1) {
        if class == "drain_pipes" {
            let number = |name: &str| match draft.values.iter().find(|(field, _)| &**field == name)
            {
                Some((_, RawValue::Number(number))) => *number,
                _ => panic!("{name} of {:?}", draft.external_key),
            };
            assert!(number("invert_start_m") >= number("invert_end_m"), "{draft:?}");
        }
    }
}

#[test]
fn some_dates_are_not_known_and_some_records_held_a_placeholder() {
    let built = |draft: &Draft| {
        !matches!(text(draft, "lifecycle_status"), Some("planned" | "under_construction"))
    };
    // 8 in 100 not known, 3 in 100 placeholders.
    check_share("light_poles", "no date", 0.11, |draft| {
        built(draft) && !has(draft, "installed_on")
    });
    check_share("light_poles", "a placeholder in the remarks", 0.015, |draft| {
        text(draft, "remarks").is_some_and(|remarks| remarks.starts_with("档案记"))
    });
}

#[test]
fn dates_are_known_to_the_day_the_month_the_year_or_within_years() {
    for (length, example) in [(10, "2005-06-30"), (7, "2005-06"), (4, "2005"), (9, "2003/2005")] {
        let found = share("", |draft| text(draft, "installed_on").map_or(0, str::len) == length);
        assert!(found > 0.05, "{example}: {found}");
    }
}

#[test]
fn old_gas_pipes_are_of_iron_and_new_ones_of_plastic() {
    let year = |draft: &Draft| {
        text(draft, "installed_on").and_then(|date| date[..4].parse().ok()).unwrap_or(0)
    };
    for Found { class, draft, .. } in district(20_000, 7) {
        if class != "gas_pipes" {
            continue;
        }
        match text(&draft, "material") {
            Some("grey_cast_iron" | "ductile_iron") => assert!(year(&draft) < 2000, "{draft:?}"),
            Some("pe80" | "pe100") => assert!(!(1..1998).contains(&year(&draft)), "{draft:?}"),
            _ => {}
        }
    }
}

#[test]
fn lamps_are_led_since_2015() {
    for Found { class, draft, .. } in district(5_000, 1) {
        let year = text(&draft, "lamp_installed_on").map(|day| &day[..4]);
        if class == "light_poles" && year.is_some_and(|year| year >= "2015") {
            assert!(matches!(text(&draft, "lamp_kind"), Some("led" | "solar_led")), "{draft:?}");
        }
    }
}

#[test]
fn of_the_gas_pipes_only_those_of_communities_tell_households() {
    for Found { class, draft, .. } in district(5_000, 1) {
        let courtyard = matches!(text(&draft, "pipe_role"), Some(role) if role != "municipal_main");
        if class == "gas_pipes" {
            assert_eq!(has(&draft, "households"), courtyard, "{draft:?}");
        }
    }
}

/// Of the codes that the assets of a class name in a field, how many are of assets of the other
/// class; and whether each asset lies where its line ends.
fn check_names(class: &str, field: &str, of: &str) {
    let mut codes: HashMap<String, Sketch> = HashMap::new();
    let mut names = Vec::new();
    for found in district(20_000, 1) {
        if found.class == of {
            let code = text(&found.draft, "code").expect("a code").to_owned();
            codes.insert(code, found.draft.sketch.clone());
        }
        if found.class == class
            && let Some(name) = text(&found.draft, field)
        {
            names.push((name.to_owned(), found.draft.sketch));
        }
    }
    let mut known = 0;
    for (name, sketch) in &names {
        let Some(at) = codes.get(name) else { continue };
        known += 1;
        let (Sketch::Line(line), Sketch::Point(at)) = (sketch, at) else { continue };
        let end = if field == "from_node" { line.first() } else { line.last() };
        assert_eq!(end, Some(at), "{class} {field} {name}");
    }
    let share = f64::from(known) / names.len() as f64;
    // At the edge of the district a neighbour is missing, or the last assets of a block.
    assert!(share > 0.95, "{class} {field}: {known} of {} are {of}", names.len());
}

#[test]
fn what_an_asset_names_is_there_and_lies_where_it_says() {
    for (class, field, of) in [
        ("gas_pipes", "from_node", "gas_nodes"),
        ("gas_pipes", "to_node", "gas_nodes"),
        ("gas_risers", "foot_node", "gas_nodes"),
        ("gas_valves", "on_pipe", "gas_pipes"),
        ("drain_pipes", "from_node", "manholes"),
        ("drain_pipes", "to_node", "manholes"),
        ("gullies", "connects_to", "manholes"),
        ("light_poles", "cabinet_code", "light_cabinets"),
    ] {
        check_names(class, field, of);
    }
}

#[test]
fn every_class_that_ships_is_in_the_district() {
    let found: HashSet<&str> = district(60_000, 1).map(|found| found.class).collect();
    for (class, _) in shipped_classes() {
        assert!(found.contains(class), "{class}");
    }
}
