//! What the sender of a file may change by it.

use std::sync::Arc;

use terrier_exchange::Mapping;
use terrier_model::{
    AssetId, Checked, Class, Classes, Draft, Fault, FaultCode, Field, Permission, Place, Scope,
};
use terrier_store::Name;

/// Why somebody may not send a file.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoLeave {
    /// They may not bring in files for the class.
    #[error("you may not bring in files of `{class}`")]
    Import {
        /// The class.
        class: String,
    },
    /// They may not say where assets of the class lie, which each row does.
    #[error("you may not say where `{class}` lie, which each row of a file does")]
    Geometry {
        /// The class.
        class: String,
    },
    /// They see and change only what lies in an area.
    #[error(
        "you may change `{class}` in an area alone, to which a file is not held; change them one by \
         one, or in a transaction"
    )]
    Area {
        /// The class.
        class: String,
    },
    /// The mapping fills a field that does not exist for them.
    #[error("`{class}` has no field `{field}`")]
    Field {
        /// The class.
        class: String,
        /// The field.
        field: String,
    },
}

/// Whether somebody may send a file with a mapping into a registry of those classes. Which fields its rows
/// may fill is looked at row by row, for a row need not give each.
///
/// # Errors
/// The first reason why not.
pub fn may_import(scope: &Scope, mapping: &Mapping, classes: &Classes) -> Result<(), NoLeave> {
    for class in mapping.classes() {
        may_touch(scope, class)?;
        if !scope.writes_geometry(class.name()) {
            return Err(NoLeave::Geometry { class: class.name().into() });
        }
    }
    for class in mapping.classes_of_events() {
        match class {
            Some(class) => may_touch(scope, class)?,
            None => classes.iter().try_for_each(|class| may_touch(scope, class))?,
        }
    }
    for (class, name) in mapping.fields() {
        let field = class.fields().iter().find(|field| *field.name == *name);
        if field.is_some_and(|field| !scope.sees(Some(class.name()), field)) {
            return Err(NoLeave::Field { class: class.name().into(), field: name.into() });
        }
    }
    Ok(())
}

fn may_touch(scope: &Scope, class: &Class) -> Result<(), NoLeave> {
    let name = class.name();
    if !scope.allows(Permission::Import, name) {
        return Err(NoLeave::Import { class: name.into() });
    }
    match scope.area(name) {
        Some(_) => Err(NoLeave::Area { class: name.into() }),
        None => Ok(()),
    }
}

/// The fields that the sender of a file may not fill, class by class.
pub(crate) struct Writable {
    closed: Vec<(Arc<Class>, Vec<Box<str>>)>,
}

impl Writable {
    pub(crate) fn of(scope: &Scope, mapping: &Mapping) -> Self {
        let closed = mapping.classes().map(|class| {
            let closed = class.fields().iter().filter(|field| !may_fill(scope, class, field));
            (Arc::clone(class), closed.map(|field| field.name.clone()).collect::<Vec<_>>())
        });
        Self { closed: closed.filter(|(_, closed)| !closed.is_empty()).collect() }
    }

    /// Checks a row against its class, and that it fills nothing that its sender may not.
    pub(crate) fn check(
        &self,
        class: &Arc<Class>,
        draft: Draft,
    ) -> Result<(Name, Checked), Vec<Fault>> {
        if let Some((_, closed)) = self.closed.iter().find(|(other, _)| Arc::ptr_eq(other, class)) {
            let wrong = draft.values.iter().filter(|(field, _)| closed.contains(field));
            let faults: Vec<Fault> = wrong
                .map(|(field, _)| {
                    Fault::new(Place::Field(field.clone()), "a value", "none: you may not write it")
                        .of(FaultCode::NotAllowed)
                })
                .collect();
            if !faults.is_empty() {
                return Err(faults);
            }
        }
        let checked = draft.check(class)?;
        Ok((name(draft.id, draft.external_key), checked))
    }
}

/// Whether somebody may say something in a field; in one that shows events, who may change the assets.
fn may_fill(scope: &Scope, class: &Class, field: &Field) -> bool {
    let shows_event = field.event.is_some()
        && scope.sees(Some(class.name()), field)
        && scope.allows(Permission::Update, class.name());
    !field.is_given() || shows_event || scope.writes(class.name(), field)
}

/// By what a row names its asset.
pub(crate) fn name(id: Option<AssetId>, external_key: Option<String>) -> Name {
    match (id, external_key) {
        (Some(id), _) => Name::Id(id),
        // The mapper refuses rows that have neither.
        (None, key) => Name::Key(key.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use terrier_model::{Area, Edge, Grant, Names, RawValue, Role, Text};
    use terrier_spatial::{GeometryKind, Shape, Sketch};

    fn class(name: &str) -> Class {
        let text = Text::new("X", "X");
        Class::try_new(name, text.clone(), text, GeometryKind::Point, Vec::new()).expect("a class")
    }

    fn grant() -> Grant {
        Grant {
            collections: these("benches"),
            permissions: BTreeSet::from([Permission::Read, Permission::Import]),
            restricted: Names::none(),
            hidden: Names::none(),
            writable: Names::All,
            writes_geometry: true,
            area: None,
        }
    }

    fn these(names: &str) -> Names {
        Names::These(names.split_whitespace().map(Into::into).collect())
    }

    fn scope(grant: Grant) -> Scope {
        Scope::of(&Role {
            name: "x".into(),
            title: Text::new("X", "X"),
            grants: vec![grant],
            limits: terrier_model::Limits::NONE,
        })
    }

    /// Whether files of a mapping may be sent by somebody into a registry of benches and bins.
    fn check(grant: Grant, mapping: &str, expected: Result<(), &str>) {
        let classes: Classes = [class("benches"), class("bins")].into_iter().collect();
        let mapping = Mapping::parse(&format!("source = \"s\"\n{mapping}"), &classes);
        let may = may_import(&scope(grant), &mapping.expect("a mapping"), &classes);
        assert_eq!(may.map_err(|no| no.to_string()), expected.map_err(Into::into));
    }

    #[test]
    fn who_may_import_a_class_whole_may_send_its_files() {
        let benches = "[[collection]]\ninto = \"benches\"\n[collection.fields]\ncode = \"code\"\n";
        let bins = benches.replace("benches", "bins");
        check(grant(), benches, Ok(()));
        let no = Err("you may not bring in files of `bins`");
        check(grant(), &bins, no);
        let some = benches.replacen("into", "where = { kind = \"bench\" }\ninto", 1);
        check(grant(), &format!("{some}{bins}"), no);
        let reads = BTreeSet::from([Permission::Read, Permission::Create, Permission::Update]);
        let no = Err("you may not bring in files of `benches`");
        check(Grant { permissions: reads, ..grant() }, benches, no);
        let no = Err("you may not say where `benches` lie, which each row of a file does");
        check(Grant { writes_geometry: false, ..grant() }, benches, no);
        let hidden = Grant { hidden: these("code"), ..grant() };
        check(hidden, benches, Err("`benches` has no field `code`"));
        let area = Area { shape: Shape::Point([117.2, 39.1]), edge: Edge::Whole };
        let within = Grant { area: Some(area), ..grant() };
        let no = "you may change `benches` in an area alone, to which a file is not held; change them \
                  one by one, or in a transaction";
        check(within, benches, Err(no));
    }

    #[test]
    fn events_of_any_class_are_for_who_may_import_all() {
        let any = "[[events]]\nkind = { value = \"inspected\" }\non = \"day\"\n";
        let one = format!("{any}class = \"benches\"\n");
        check(grant(), &one, Ok(()));
        check(grant(), any, Err("you may not bring in files of `bins`"));
        check(Grant { collections: Names::All, ..grant() }, any, Ok(()));
    }

    #[test]
    fn a_row_fills_no_field_that_its_sender_may_not_write() {
        let class = Arc::new(class("benches"));
        let mapping = Mapping::plain("s", &class);
        let faults = |writable: &str, given: &str| {
            let scope = scope(Grant { writable: these(writable), ..grant() });
            let values = given.split_whitespace();
            let draft = Draft {
                id: None,
                external_key: Some("1".into()),
                sketch: Sketch::Point([117.2, 39.1]),
                values: values.map(|name| (name.into(), RawValue::Text("x".into()))).collect(),
            };
            let checked = Writable::of(&scope, &mapping).check(&class, draft);
            let faults = checked.err().unwrap_or_default();
            let told = faults.iter().map(|fault| format!("{} {}", fault.place, fault.code.code()));
            told.collect::<Vec<_>>().join(", ")
        };
        assert_eq!(faults("code road", "code road"), "");
        assert_eq!(faults("road", "code road"), "code not_allowed");
        assert_eq!(faults("", "road code"), "road not_allowed, code not_allowed");
        assert_eq!(faults("code", ""), "");
    }
}
