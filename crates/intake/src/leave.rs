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
