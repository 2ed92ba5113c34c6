//! Features that are not shown as their ready texts have them: composed of columns and shapes.

use std::fmt::Write;

use terrier_catalog::{
    Collection, DISTANCE, DueField, FeatureWriter, Presentation, ToldReason, told_reasons, told_why,
};
use terrier_model::{Asset, Scope, ValueRef};
use terrier_spatial::Shape;

use super::due::LeafDue;
use super::leaf::Leaf;
use super::{Item, Page, Work};

/// A feature on its way into an answer.
#[derive(Debug)]
pub struct Shown<'a> {
    pub(super) held: Held<'a>,
    pub(super) due: Option<ShownWork<'a>>,
    pub(super) distance_m: Option<f64>,
}

/// Where what is said of the asset is held.
#[derive(Clone, Copy, Debug)]
pub(super) enum Held<'a> {
    /// In a row of a leaf.
    Row(&'a Leaf, usize),
    /// By itself.
    Asset(&'a Asset),
}

/// What of it is work that falls due.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShownWork<'a> {
    pub(super) due: &'a LeafDue,
    /// The place of the item.
    pub(super) at: usize,
    /// The properties, as [`terrier_catalog::write_due`] wrote them.
    pub(super) text: &'a [u8],
}

impl<'a> Shown<'a> {
    /// The feature of an asset that no leaf holds, because it is of the past.
    pub fn of(asset: &'a Asset) -> Self {
        Self { held: Held::Asset(asset), due: None, distance_m: None }
    }

    /// The feature of the asset of a row.
    pub(super) fn of_row(leaf: &'a Leaf, row: usize) -> Self {
        Self { held: Held::Row(leaf, row), due: None, distance_m: None }
    }

    /// Writes the id of the feature, in place of what was there.
    pub fn id<'t>(&self, text: &'t mut String) -> &'t str {
        text.clear();
        let id = match self.held {
            Held::Row(leaf, row) => leaf.id(row),
            Held::Asset(asset) => asset.id,
        };
        write!(text, "{id}").expect("a string takes whatever is written");
        if let Some(work) = &self.due {
            text.push('.');
            text.push_str(work.due.kind(work.at));
        }
        text
    }

    /// Where it is, in longitude and latitude on WGS 84.
    pub fn shape(&self) -> Shape {
        match self.held {
            Held::Row(leaf, row) => leaf.shape(row),
            Held::Asset(asset) => asset.content.shape.clone(),
        }
    }

    /// The value of a field by its place in [`Collection::fields`].
    pub fn value(&self, position: usize) -> Option<ValueRef<'_>> {
        match &self.due {
            Some(work) if let Some(field) = DueField::at(position) => {
                work.due.value(work.at, field)
            }
            _ => match self.held {
                Held::Row(leaf, row) => leaf.value(row, position),
                Held::Asset(asset) => asset.value(position),
            },
        }
    }

    /// The line that says why it is due; `None` when it is no work.
    pub fn why(&self) -> Option<String> {
        self.due.as_ref().and_then(|work| told_why(work.text))
    }

    /// The reasons for which it is due; none when it is no work.
    pub fn reasons(&self) -> Vec<ToldReason> {
        self.due.as_ref().map_or_else(Vec::new, |work| told_reasons(work.text))
    }

    /// How far it is from the position that was asked about, in metres; `None` where none was.
    pub fn distance_m(&self) -> Option<f64> {
        self.distance_m
    }

    /// Writes it as GeoJSON; its id is put in place of what was there.
    pub fn write(&self, writer: &FeatureWriter<'_>, id: &mut String, out: &mut Vec<u8>) {
        let text = self.due.as_ref().map(|work| work.text);
        writer.write(out, self.id(id), &self.shape(), |position| self.value(position), text);
        if let Some(distance_m) = self.distance_m {
            write_distance(distance_m, out);
        }
    }
}

/// Adds its distance to a feature that has been written.
pub(super) fn write_distance(distance_m: f64, out: &mut Vec<u8>) {
    // The closing brace of the feature comes behind it.
    out.pop();
    out.extend(format!(r#","{DISTANCE}":{distance_m}}}"#).as_bytes());
}

impl Page {
    /// Writes the features of the page as they are to be shown, with commas between. Where that is not
    /// as [`Page::write_features`] writes them, each costs about a microsecond.
    pub fn write_shown(&self, presentation: &Presentation, out: &mut Vec<u8>) {
        if presentation.is_plain() {
            return self.write_features(out);
        }
        self.compose(presentation, out);
    }

    /// Writes the features of the page of columns and shapes, with commas between.
    pub(super) fn compose(&self, presentation: &Presentation, out: &mut Vec<u8>) {
        self.write_by(&FeatureWriter::new(presentation, self.collection(), self.scope()), out);
    }

    /// Writes the features of the page with a writer, with commas between.
    pub fn write_by(&self, writer: &FeatureWriter<'_>, out: &mut Vec<u8>) {
        let mut id = String::new();
        self.for_each(|shown| {
            shown.write(writer, &mut id, out);
            out.push(b',');
        });
        if self.returned() > 0 {
            out.pop();
        }
    }
}

impl Item {
    /// The feature.
    pub fn shown(&self) -> Shown<'_> {
        Shown::of_row(&self.leaf, self.row)
    }

    /// Writes the feature as the collection serves it, and as it is to be shown.
    pub fn write_shown(
        &self,
        collection: &Collection,
        scope: &Scope,
        presentation: &Presentation,
        out: &mut Vec<u8>,
    ) {
        let ready = collection.breadth(scope).filter(|_| presentation.is_plain());
        if let Some(breadth) = ready {
            return self.write_ready(collection, breadth, out);
        }
        let writer = FeatureWriter::new(presentation, collection, scope);
        self.shown().write(&writer, &mut String::new(), out);
    }
}

impl Work {
    /// Hands out the feature.
    pub fn show(&self, scope: &Scope, mut visit: impl FnMut(&Shown<'_>)) {
        self.sheet.show(self.row..self.row + 1, scope, &mut visit);
    }

    /// Writes the feature as it is to be shown.
    pub fn write_shown(&self, scope: &Scope, presentation: &Presentation, out: &mut Vec<u8>) {
        let ready = self.collection.breadth(scope).filter(|_| presentation.is_plain());
        if let Some(breadth) = ready {
            return self.write_ready((scope, breadth), out);
        }
        let writer = FeatureWriter::new(presentation, &self.collection, scope);
        self.show(scope, |shown| shown.write(&writer, &mut String::new(), out));
    }
}
