//! What of a draft its sender may write.

use std::borrow::Cow;

use terrier_spatial::{Shape, Sketch};

use crate::draft::{show, unknown_field};
use crate::{Class, Draft, Fault, FaultCode, Field, Place, Scope};

/// What somebody may write of one asset of a class.
#[derive(Clone, Copy, Debug)]
pub struct Leave<'s> {
    scope: &'s Scope,
    /// Whether the asset is one of which they see a part, so that they cannot know what they would write.
    is_cut: bool,
}

impl<'s> Leave<'s> {
    /// That of a scope, for an asset that is there already and has this geometry, or for one that is new.
    pub fn new(scope: &'s Scope, class: &Class, known: Option<&Shape>) -> Self {
        let given = known.and_then(|shape| scope.given(class.name(), shape));
        Self { scope, is_cut: matches!(given, Some(Cow::Owned(_))) }
    }

    /// Whether a field may be written.
    pub fn writes(&self, class: &Class, field: &Field) -> bool {
        self.scope.writes(class.name(), field)
    }

    fn writes_geometry(&self, class: &Class) -> bool {
        self.scope.writes_geometry(class.name()) && !self.is_cut
    }

    /// Everything in a draft that may not be written. A field that is not seen is told of as one that the
    /// class does not have.
    pub fn faults(&self, draft: &Draft, class: &Class) -> Vec<Fault> {
        let mut faults = self.unknown(draft, class);
        for (name, value) in &draft.values {
            let field = class.fields().iter().find(|field| field.name == *name);
            let Some(field) = field.filter(|field| field.is_given()) else { continue };
            if self.sees(class, field) && !self.writes(class, field) {
                let fault = Fault::in_field(name, show(value), "a field that you may write");
                faults.push(fault.of(FaultCode::NotAllowed));
            }
        }
        if draft.sketch != Sketch::Missing && !self.writes_geometry(class) {
            let place = Place::Geometry { part: None, vertex: None };
            let fault = Fault::new(place, draft.sketch.name(), "none: you may not write it");
            faults.push(fault.of(FaultCode::NotAllowed));
        }
        faults
    }

    /// The fields of a draft that are not seen, as such that the class does not have.
    pub fn unknown(&self, draft: &Draft, class: &Class) -> Vec<Fault> {
        let is_hidden = |name: &str| {
            let field = class.fields().iter().find(|field| *field.name == *name);
            field.is_some_and(|field| !self.sees(class, field))
        };
        let hidden = draft.values.iter().filter(|(name, _)| is_hidden(name));
        hidden.map(|(name, value)| unknown_field(name, value, class)).collect()
    }

    /// The draft of a whole feature that is sent back, without what stays as it is because its sender may
    /// not write it.
    #[must_use]
    pub fn without_unwritable(&self, mut draft: Draft, class: &Class) -> Draft {
        let stays = |name: &str| {
            let field = class.fields().iter().find(|field| *field.name == *name);
            field.is_some_and(|field| field.is_given() && !self.writes(class, field))
        };
        draft.values.retain(|(name, _)| !stays(name));
        if !self.writes_geometry(class) {
            draft.sketch = Sketch::Missing;
        }
        draft
    }

    /// The fault of a geometry that does not lie where its sender may write.
    pub fn fault_of_place(&self, shape: &Shape, class: &Class) -> Option<Fault> {
        let place = Place::Geometry { part: None, vertex: None };
        let found = || shape.kind().geojson_name();
        match self.scope.area(class.name()) {
            Some((figure, _)) if !figure.holds(terrier_spatial::SpatialRelation::Within, shape) => {
                let fault = Fault::new(place, found(), "one that lies within your area");
                Some(fault.of(FaultCode::NotAllowed))
            }
            _ => None,
        }
    }

    fn sees(&self, class: &Class, field: &Field) -> bool {
        self.scope.sees(Some(class.name()), field)
    }
}
