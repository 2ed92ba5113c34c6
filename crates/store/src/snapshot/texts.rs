//! The feature texts of a leaf, in fragments that are copied into an answer.

use std::ops::Range;

use terrier_catalog::{CLOSING, Collection, Fragments, ID_END};
use terrier_model::{Asset, Breadth};

use super::leaf::emptied;

/// What follows each feature in a list.
const SEPARATOR: u8 = b',';

/// The texts of the rows. Heads and the class's own properties each end as a feature in a list does,
/// so that rows in a run, seen by the public, are one copy from the heads for the collection of all
/// assets, and a head and a tail each for that of their class.
#[derive(Debug)]
pub(super) struct Texts {
    heads: Pieces,
    own: Pieces,
    restricted_core: Pieces,
    restricted_own: Pieces,
}

/// Texts one after another, each found by its row.
#[derive(Debug)]
struct Pieces {
    bytes: Box<[u8]>,
    ends: Box<[u32]>,
}

impl Pieces {
    fn of(&self, rows: Range<usize>) -> &[u8] {
        let start = if rows.start == 0 { 0 } else { self.ends[rows.start - 1] as usize };
        &self.bytes[start..self.ends[rows.end - 1] as usize]
    }

    /// The text of a row without the end of a feature in a list.
    fn open(&self, row: usize) -> &[u8] {
        let text = self.of(row..row + 1);
        &text[..text.len() - CLOSING.len() - 1]
    }

    fn heap_bytes(&self) -> usize {
        self.bytes.len() + size_of_val(&*self.ends)
    }
}

impl Texts {
    fn all(&self) -> [&Pieces; 4] {
        [&self.heads, &self.own, &self.restricted_core, &self.restricted_own]
    }

    /// Writes the features of the rows as the collection serves them, each with a comma behind it.
    pub(super) fn write(
        &self,
        rows: Range<usize>,
        collection: &Collection,
        breadth: Breadth,
        out: &mut Vec<u8>,
    ) {
        let of_class = collection.class().is_some();
        match (of_class, breadth) {
            (false, Breadth::Public) => out.extend(self.heads.of(rows)),
            (true, Breadth::Public) => {
                for row in rows {
                    out.extend(self.heads.open(row));
                    out.extend(self.own.of(row..row + 1));
                }
            }
            (_, Breadth::Everything) => {
                for row in rows {
                    out.extend(self.heads.open(row));
                    if of_class {
                        out.extend(self.own.open(row));
                    }
                    out.extend(self.restricted_core.of(row..row + 1));
                    if of_class {
                        out.extend(self.restricted_own.of(row..row + 1));
                    }
                    out.extend(CLOSING);
                    out.push(SEPARATOR);
                }
            }
        }
    }

    /// How many bytes [`Texts::write`] writes.
    pub(super) fn written_bytes(
        &self,
        rows: Range<usize>,
        collection: &Collection,
        breadth: Breadth,
    ) -> usize {
        let bytes = |pieces: &Pieces| pieces.of(rows.clone()).len();
        let ends = rows.len() * (CLOSING.len() + 1);
        let public = match collection {
            Collection::Assets | Collection::Due(..) => bytes(&self.heads),
            Collection::Class(_) => bytes(&self.heads) + bytes(&self.own) - ends,
        };
        let restricted = match (breadth, collection) {
            (Breadth::Public, _) => 0,
            (Breadth::Everything, Collection::Assets | Collection::Due(..)) => {
                bytes(&self.restricted_core)
            }
            (Breadth::Everything, Collection::Class(_)) => {
                bytes(&self.restricted_core) + bytes(&self.restricted_own)
            }
        };
        public + restricted
    }

    /// Writes the feature of work on the asset of a row, with a comma behind it: that of the asset
    /// with another id, and the properties of the work behind those of the core.
    pub(super) fn write_due(
        &self,
        row: usize,
        kind: &str,
        properties: &[u8],
        breadth: Breadth,
        out: &mut Vec<u8>,
    ) {
        let (id, asset) = self.heads.open(row).split_at(ID_END);
        out.extend(id);
        out.push(b'.');
        out.extend(kind.as_bytes());
        out.extend(asset);
        out.extend(properties);
        if breadth == Breadth::Everything {
            out.extend(self.restricted_core.of(row..row + 1));
        }
        out.extend(CLOSING);
        out.push(SEPARATOR);
    }

    /// Bytes of text that are held.
    pub(super) fn text_bytes(&self) -> usize {
        self.all().iter().map(|pieces| pieces.bytes.len()).sum()
    }

    /// Bytes held in memory, the text included.
    pub(super) fn heap_bytes(&self) -> usize {
        self.all().iter().map(|pieces| pieces.heap_bytes()).sum()
    }
}

/// Gathers the texts of a leaf, row by row.
#[derive(Default)]
pub(super) struct TextsBuilder {
    heads: PiecesBuilder,
    own: PiecesBuilder,
    restricted_core: PiecesBuilder,
    restricted_own: PiecesBuilder,
    fragments: Fragments,
}

#[derive(Default)]
struct PiecesBuilder {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl PiecesBuilder {
    fn push(&mut self, piece: &[u8], closing: bool) {
        self.bytes.extend(piece);
        if closing {
            self.bytes.extend(CLOSING);
            self.bytes.push(SEPARATOR);
        }
        // A row's texts are bounded by the model: fields, bytes a field and vertices.
        let end = u32::try_from(self.bytes.len()).expect("the texts of a leaf are below 4 GiB");
        self.ends.push(end);
    }

    fn take(&mut self) -> Pieces {
        Pieces { bytes: emptied(&mut self.bytes), ends: emptied(&mut self.ends) }
    }
}

impl TextsBuilder {
    /// Writes the texts of an asset.
    pub(super) fn push(&mut self, asset: &Asset) {
        self.fragments.clear();
        self.fragments.push(asset);
        self.heads.push(&self.fragments.head, true);
        self.own.push(&self.fragments.own, true);
        self.restricted_core.push(&self.fragments.restricted_core, false);
        self.restricted_own.push(&self.fragments.restricted_own, false);
    }

    /// Copies the texts of a row of another leaf whose class is laid out alike.
    pub(super) fn push_row(&mut self, texts: &Texts, row: usize) {
        let row = row..row + 1;
        self.heads.push(texts.heads.of(row.clone()), false);
        self.own.push(texts.own.of(row.clone()), false);
        self.restricted_core.push(texts.restricted_core.of(row.clone()), false);
        self.restricted_own.push(texts.restricted_own.of(row), false);
    }

    /// The texts so far; the builder is empty then and keeps its memory.
    pub(super) fn take(&mut self) -> Texts {
        Texts {
            heads: self.heads.take(),
            own: self.own.take(),
            restricted_core: self.restricted_core.take(),
            restricted_own: self.restricted_own.take(),
        }
    }
}
