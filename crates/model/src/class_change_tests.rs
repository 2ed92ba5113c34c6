//! What differs between two descriptions of a class, and what of it is refused.

use terrier_spatial::GeometryKind;

use super::*;
use crate::{EventKind, Kind, TextList};

fn field(name: &str, kind: Kind) -> Field {
    Field {
        name: name.into(),
        kind,
        unit: None,
        title: Text::new(name, "名"),
        description: None,
        sensitivity: Sensitivity::Public,
        range: None,
        core: None,
        event: None,
        retired: false,
    }
}

fn code(code: &str) -> Code {
    Code { code: code.into(), title: Text::new(code, "码"), retired: false }
}

fn fields() -> Vec<Field> {
    vec![
        field("wood", Kind::Code([code("oak"), code("pine")].into())),
        Field { range: Some((1.0, 9.0)), ..field("seats", Kind::Integer) },
        Field { sensitivity: Sensitivity::Restricted, ..field("cost", Kind::Number) },
        Field { event: Some(EventPart::On(EventKind::Cleaned)), ..field("washed", Kind::Date) },
    ]
}

fn class_of(fields: Vec<Field>) -> Class {
    let text = Text::new("Benches", "座椅");
    Class::try_new("benches", text.clone(), text, GeometryKind::Point, fields).expect("a class")
}

/// Compares the class of [`fields`] with another, of which one bench says this; tells each
/// difference, and what is said against it.
fn check_class(new: &Class, own: &[Option<Value>; 4], expected: &[&str]) {
    let differences = class_of(fields()).differences(new);
    let told: Vec<String> = differences
        .iter()
        .map(|difference| {
            let Difference { field, part, old, new, .. } = difference;
            let concerned =
                difference.needs_look() && difference.concerns(&Core::default(), own, true);
            let held = Held { standing: u64::from(concerned), past: 0 };
            let refusal = difference.refusal(held, false).map_or("", |_| " refused");
            let place = [field.as_deref().unwrap_or("class"), part].join(" ");
            let text = |side: &Option<String>| side.clone().unwrap_or_default();
            format!("{}: {} -> {}{refusal}", place.trim_end(), text(old), text(new))
        })
        .collect();
    assert_eq!(told, expected);
}

const BENCH: [Option<Value>; 4] = [None, Some(Value::Integer(4)), Some(Value::Number(10.0)), None];

fn check(change: impl FnOnce(&mut Vec<Field>), expected: &[&str]) {
    let mut changed = fields();
    change(&mut changed);
    let mut own = BENCH;
    own[0] = Some(Value::Text("oak".into()));
    check_class(&class_of(changed), &own, expected);
}

fn codes(field: &mut Field, codes: &[Code]) {
    field.kind = Kind::Code(codes.into());
}

#[test]
fn the_same_description_has_no_difference() {
    check(|_| {}, &[]);
}

#[test]
fn what_is_only_said_otherwise_is_taken() {
    check(
        |fields| {
            fields[0].title = Text::new("Timber", "木材");
            fields[1].description = Some(Text::new("How many may sit.", "座位数。"));
            fields[2].retired = true;
        },
        &[
            "wood title: wood 名 -> Timber 木材",
            "seats description:  -> How many may sit. 座位数。",
            "cost retired: false -> true",
        ],
    );
}

#[test]
fn another_part_in_a_network_is_taken() {
    let network = Network { kind: "seating".into(), role: NetworkRole::Node };
    let joined = class_of(fields()).with_network(network).expect("a part");
    check_class(&joined, &BENCH, &["class network: none -> seating, node"]);
}

#[test]
fn a_class_may_grow() {
    check(
        |fields| {
            codes(&mut fields[0], &[code("oak"), code("pine"), code("teak")]);
            fields[1].range = Some((1.0, 20.0));
            fields[2].range = None;
            fields.push(field("arms", Kind::Boolean));
        },
        &[
            "wood code `teak`:  -> teak 码",
            "seats range: 1 to 9 -> 1 to 20",
            "arms:  -> true or false",
        ],
    );
}

#[test]
fn another_order_of_fields_is_told_and_taken() {
    check(
        |fields| fields.swap(0, 1),
        &["class order of fields: wood, seats, cost, washed -> seats, wood, cost, washed"],
    );
}

#[test]
fn a_field_that_is_missing_is_refused_whether_it_holds_anything_or_not() {
    check(|fields| drop(fields.remove(1)), &["seats: a whole number ->  refused"]);
    let mut fewer = fields();
    fewer.remove(1);
    check_class(&class_of(fewer), &[const { None }; 4], &["seats: a whole number ->  refused"]);
}

#[test]
fn a_code_may_go_while_nothing_has_it() {
    let kept = |kept: &str| {
        let kept = [code(kept)];
        move |fields: &mut Vec<Field>| codes(&mut fields[0], &kept)
    };
    check(kept("oak"), &["wood code `pine`: pine 码 -> "]);
    check(kept("pine"), &["wood code `oak`: oak 码 ->  refused"]);
    let retired = [Code { retired: true, ..code("oak") }, code("pine")];
    check(|fields| codes(&mut fields[0], &retired), &["wood code `oak`, retired: false -> true"]);
}

#[test]
fn a_range_may_become_narrower_as_far_as_the_values_let_it() {
    let range = |range| move |fields: &mut Vec<Field>| fields[1].range = Some(range);
    check(range((4.0, 9.0)), &["seats range: 1 to 9 -> 4 to 9"]);
    check(range((5.0, 9.0)), &["seats range: 1 to 9 -> 5 to 9 refused"]);
    check(range((1.0, 3.0)), &["seats range: 1 to 9 -> 1 to 3 refused"]);
    check(
        |fields| fields[2].range = Some((11.0, f64::MAX)),
        &["cost range: any number -> from 11 refused"],
    );
}

#[test]
fn what_values_mean_does_not_change_while_there_are_any() {
    check(|fields| fields[1].unit = Some("m".into()), &["seats unit: none -> m refused"]);
    check(
        |fields| fields[1].kind = Kind::Number,
        &["seats kind: a whole number -> a number refused"],
    );
    let free = |fields: &mut Vec<Field>| {
        fields[0].kind = Kind::Text;
        fields[3].event = None;
    };
    let mut changed = fields();
    free(&mut changed);
    let told = ["wood kind: a code -> text", "washed event: cleaned.on -> none"];
    check_class(&class_of(changed), &BENCH, &told);
    check(
        |fields| {
            fields[1].kind = Kind::Integer;
            fields[1].range = None;
            fields[1].event = Some(EventPart::OpenHazards);
        },
        &["seats event: none -> hazard.open refused", "seats range: 1 to 9 -> any number"],
    );
}

#[test]
fn what_is_restricted_becomes_public_only_when_that_is_allowed() {
    let told = ["cost sensitivity: restricted -> public refused"];
    check(|fields| fields[2].sensitivity = Sensitivity::Public, &told);
    let mut open = fields();
    open[2].sensitivity = Sensitivity::Public;
    let differences = class_of(fields()).differences(&class_of(open));
    let held = Held { standing: 0, past: 1 };
    assert_eq!(differences[0].refusal(held, true), None);
    assert_eq!(differences[0].refusal(Held::default(), false), None);
    check(
        |fields| fields[0].sensitivity = Sensitivity::Restricted,
        &["wood sensitivity: public -> restricted"],
    );
}

#[test]
fn a_class_with_assets_keeps_its_geometry() {
    let text = Text::new("Benches", "座椅");
    let lines = Class::try_new("benches", text.clone(), text, GeometryKind::Line, fields());
    let told = ["class geometry: Point -> LineString refused"];
    check_class(&lines.expect("a class"), &BENCH, &told);
}

#[test]
fn a_class_is_retired_when_all_its_assets_are_removed() {
    let retired = class_of(fields()).retired(true);
    check_class(&retired, &BENCH, &["class retired: false -> true refused"]);
    let removed = Core { lifecycle: Some(Lifecycle::Removed), ..Core::default() };
    let differences = class_of(fields()).differences(&retired);
    assert!(!differences[0].concerns(&removed, &BENCH, true));
    assert!(!differences[0].concerns(&Core::default(), &BENCH, false), "it has ended");
    let back = retired.differences(&class_of(fields()));
    assert_eq!(back[0].refusal(Held { standing: 1, past: 1 }, false), None);
}

#[test]
fn other_words_are_laid_out_alike_and_other_fields_are_not() {
    let alike = |change: &dyn Fn(&mut Vec<Field>)| {
        let mut changed = fields();
        change(&mut changed);
        class_of(fields()).is_laid_out_as(&class_of(changed))
    };
    assert!(alike(&|fields| fields[0].title = Text::new("Timber", "木材")));
    assert!(alike(&|fields| codes(&mut fields[0], &[code("oak")])));
    assert!(alike(&|fields| fields[1].range = None));
    assert!(!alike(&|fields| fields[0].retired = true));
    assert!(!alike(&|fields| fields[0].sensitivity = Sensitivity::Restricted));
    assert!(!alike(&|fields| fields.swap(0, 1)));
    assert!(!alike(&|fields| fields.push(field("arms", Kind::Boolean))));
}

#[test]
fn a_list_may_get_more_codes_and_loses_none_that_it_holds() {
    let with = |kind: Kind| class_of(vec![field("parts", kind)]);
    let codes = |codes: &[&str]| Kind::List(Some(codes.iter().map(|text| code(text)).collect()));
    let check = |new: Kind, expected: &[&str]| {
        let held = TextList::try_new(["seat", "arm"]).expect("a list");
        let own = [Some(Value::List(held))];
        let told: Vec<String> = with(codes(&["seat", "arm", "back"]))
            .differences(&with(new))
            .iter()
            .map(|difference| {
                let is_held =
                    difference.needs_look() && difference.concerns(&Core::default(), &own, true);
                let held = Held { standing: u64::from(is_held), past: 0 };
                let refusal = difference.refusal(held, false).map_or("", |_| " refused");
                format!("{difference}{refusal}")
            })
            .collect();
        assert_eq!(told, expected);
    };
    check(codes(&["seat", "arm", "back"]), &[]);
    check(codes(&["seat", "arm", "back", "leg"]), &["parts, code `leg`: new (leg 码)"]);
    check(codes(&["seat", "arm"]), &["parts, code `back`: gone (back 码)"]);
    check(codes(&["seat", "back"]), &["parts, code `arm`: gone (arm 码) refused"]);
    for other in [Kind::List(None), Kind::Text] {
        let expected = format!("parts, kind: a list of codes -> {} refused", other.words());
        check(other, &[&expected]);
    }
    assert!(!with(codes(&["seat"])).is_laid_out_as(&with(Kind::Text)));
    assert!(with(codes(&["seat"])).is_laid_out_as(&with(codes(&["arm"]))));
}
