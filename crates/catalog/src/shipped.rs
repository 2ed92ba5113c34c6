//! The classes that the program ships, and what is true of all of them.

/// The classes that the program ships, each with its document, in the order of their names.
pub fn shipped_classes() -> &'static [(&'static str, &'static str)] {
    &[
        ("communities", include_str!("../packs/classes/communities.toml")),
        ("drain_pipes", include_str!("../packs/classes/drain_pipes.toml")),
        ("drain_structures", include_str!("../packs/classes/drain_structures.toml")),
        ("gas_nodes", include_str!("../packs/classes/gas_nodes.toml")),
        ("gas_pipes", include_str!("../packs/classes/gas_pipes.toml")),
        ("gas_regulators", include_str!("../packs/classes/gas_regulators.toml")),
        ("gas_risers", include_str!("../packs/classes/gas_risers.toml")),
        ("gas_valves", include_str!("../packs/classes/gas_valves.toml")),
        ("greenway_segments", include_str!("../packs/classes/greenway_segments.toml")),
        ("gullies", include_str!("../packs/classes/gullies.toml")),
        ("heat_pipes", include_str!("../packs/classes/heat_pipes.toml")),
        ("heat_stations", include_str!("../packs/classes/heat_stations.toml")),
        ("light_cabinets", include_str!("../packs/classes/light_cabinets.toml")),
        ("light_poles", include_str!("../packs/classes/light_poles.toml")),
        ("manholes", include_str!("../packs/classes/manholes.toml")),
        ("outfalls", include_str!("../packs/classes/outfalls.toml")),
        ("pocket_parks", include_str!("../packs/classes/pocket_parks.toml")),
        ("road_sections", include_str!("../packs/classes/road_sections.toml")),
        ("streets", include_str!("../packs/classes/streets.toml")),
    ]
}

#[cfg(test)]
mod tests {
    use terrier_model::{Class, Sensitivity, Text};
    use terrier_spatial::GeometryKind;

    use super::*;
    use crate::class_from_toml;

    fn shipped() -> impl Iterator<Item = Class> {
        shipped_classes().iter().map(|(name, text)| {
            let class = class_from_toml(text).unwrap_or_else(|error| panic!("{name}: {error:?}"));
            assert_eq!(class.name(), *name);
            class
        })
    }

    #[test]
    fn a_shipped_class_of_pipes_is_an_edge_and_one_of_its_points_is_not() {
        for class in shipped() {
            if let Some(network) = class.network() {
                let is_edge = network.role.name() == "edge";
                assert_eq!(is_edge, class.geometry() == GeometryKind::Line, "{}", class.name());
            }
        }
    }

    #[test]
    fn the_shipped_classes_are_lean_and_in_the_order_of_their_names() {
        assert!(shipped_classes().is_sorted_by_key(|(name, _)| name));
        for class in shipped() {
            let count = class.own_fields().len();
            assert!((12..=27).contains(&count), "{}: {count} fields", class.name());
        }
    }

    #[test]
    fn every_code_list_that_is_shipped_can_say_that_it_is_not_known() {
        for class in shipped() {
            for field in class.own_fields() {
                if let Some(codes) = field.kind.codes() {
                    let known = codes.iter().any(|code| &*code.code == "unknown");
                    assert!(known, "{} {}", class.name(), field.name);
                }
            }
        }
    }

    #[test]
    fn every_unit_that_is_shipped_closes_the_name_of_its_field() {
        for class in shipped() {
            for field in class.own_fields() {
                if let Some(unit) = &field.unit {
                    let ending = unit.to_lowercase().replace('/', "_").replace('°', "");
                    let ending = format!("_{ending}");
                    assert!(field.name.ends_with(&ending), "{} {}", class.name(), field.name);
                }
            }
        }
    }

    #[test]
    fn every_text_that_is_shipped_is_in_two_languages() {
        let differ = |text: &Text, of: &str| {
            assert_ne!(text.en, text.zh, "{of}");
            assert!(text.en.is_ascii() && !text.zh.is_ascii(), "{of}: {text:?}");
        };
        for class in shipped() {
            differ(class.title(), class.name());
            differ(class.description(), class.name());
            for field in class.own_fields() {
                differ(&field.title, &field.name);
                field.description.iter().for_each(|text| differ(text, &field.name));
                if let Some(codes) = field.kind.codes() {
                    codes.iter().for_each(|code| differ(&code.title, &field.name));
                }
            }
        }
    }

    #[test]
    fn of_the_shipped_fields_only_pressures_are_restricted() {
        for class in shipped() {
            for field in class.own_fields() {
                let is_restricted = field.sensitivity == Sensitivity::Restricted;
                let is_pressure = field.name.ends_with("_pressure_mpa");
                assert_eq!(is_restricted, is_pressure, "{} {}", class.name(), field.name);
            }
        }
    }
}
