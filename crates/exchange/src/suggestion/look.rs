//! Looks at the first rows of a file: what its properties hold, and where its geometries lie.

use std::collections::{BTreeMap, HashMap};

use terrier_model::AssetId;
use terrier_spatial::{Position, Sketch};

use super::alias::{KEYS, WEAK_KEYS};
use super::name::Words;
use super::place::{self, Found, MAX_SAMPLES};
use super::seen::Seen;
use crate::description::Description;
use crate::fault_feature::FAULTS_PROPERTY;
use crate::feature::{Feature, MAX_PROPERTIES};
use crate::format::Format;
use crate::mapping::text_of;
use crate::read_error::ReadError;
use crate::source_file::SourceFile;

/// So many rows of a file are looked at, from its first one on.
pub const MAX_LOOKED_ROWS: u64 = 10_000;

/// So many rows are searched for columns with positions.
const MAX_SEARCHED_ROWS: u64 = 100;

/// What was found in a file.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) description: Description,
    /// Rows that could be read.
    pub(super) rows: u64,
    /// Rows that could not.
    pub(super) unread: u64,
    /// Whether there were no more rows.
    pub(super) is_all: bool,
    /// In the order in which they were met.
    pub(super) properties: Vec<Seen>,
    places: HashMap<Box<str>, usize>,
    /// What the file itself calls its rows.
    pub(super) ids: Seen,
    /// Rows whose id is that of an asset of a register.
    pub(super) assets: u64,
    /// How many rows have which geometry, by its name in GeoJSON.
    pub(super) geometries: BTreeMap<&'static str, u64>,
    /// The first position of some rows.
    pub(super) samples: Vec<Position>,
    /// The columns with positions that the reader of the file did not know of.
    pub(super) found: Option<Found>,
}

impl Look {
    /// Looks at a file.
    ///
    /// # Errors
    /// When it cannot be read that far.
    pub(super) fn at(mut file: SourceFile) -> Result<Self, ReadError> {
        let mut look = Self {
            description: file.description().clone(),
            rows: 0,
            unread: 0,
            is_all: true,
            properties: Vec::new(),
            places: HashMap::new(),
            ids: Seen::new("@id", true),
            assets: 0,
            geometries: BTreeMap::new(),
            samples: Vec::new(),
            found: None,
        };
        for row in file.by_ref() {
            if look.rows + look.unread == MAX_LOOKED_ROWS {
                look.is_all = false;
                break;
            }
            match row?.feature() {
                Ok(feature) => look.take(feature),
                Err(_) => look.unread += 1,
            }
        }
        look.description = file.description().clone();
        let found = look.found.take();
        look.found = found.map(|found| {
            if found.is_sure || !place::are_swapped(&look.samples) {
                return found;
            }
            look.samples.iter_mut().for_each(|position| position.reverse());
            found.swapped()
        });
        Ok(look)
    }

    fn take(&mut self, mut feature: Feature<'_>) {
        self.rows += 1;
        self.place(&mut feature);
        if !matches!(feature.sketch, Sketch::Missing) {
            *self.geometries.entry(feature.sketch.name()).or_default() += 1;
        }
        if self.samples.len() < MAX_SAMPLES {
            self.samples.extend(place::first_position(&feature.sketch));
        }
        self.ids.take(&feature.id, None);
        let is_asset = text_of(&feature.id).is_some_and(|id| AssetId::parse(&id).is_some());
        self.assets += u64::from(is_asset);
        let decimal = self.description.decimal;
        for (name, value) in &feature.properties {
            if let Some(seen) = self.seen(name) {
                seen.take(value, decimal);
            }
        }
    }

    /// Gives a row the geometry that its columns hold.
    fn place(&mut self, feature: &mut Feature<'_>) {
        let decimal = self.description.decimal;
        if let Some(positions) = &self.description.positions {
            positions.place(feature, decimal);
            return;
        }
        if self.found.is_none()
            && self.rows <= MAX_SEARCHED_ROWS
            && feature.sketch == Sketch::Missing
        {
            self.found = place::columns(feature);
        }
        if let Some(found) = &self.found {
            found.columns.place(feature, decimal);
        }
    }

    fn seen(&mut self, name: &str) -> Option<&mut Seen> {
        let place = match self.places.get(name) {
            Some(place) => *place,
            None if self.properties.len() == MAX_PROPERTIES || name == FAULTS_PROPERTY => {
                return None;
            }
            None => {
                self.places.insert(name.into(), self.properties.len());
                self.properties.push(Seen::new(name, key_rank(&Words::of(name)).is_some()));
                self.properties.len() - 1
            }
        };
        Some(&mut self.properties[place])
    }

    /// Whether a column is one of those with positions.
    pub(super) fn is_position(&self, name: &str) -> bool {
        let found = self.found.as_ref().map(|found| &found.columns);
        self.description.positions.as_ref().or(found).is_some_and(|columns| columns.has(name))
    }

    /// The name of a property, taken apart.
    pub(super) fn words(&self, name: &str) -> Words {
        match self.description.format {
            Format::Shapefile => Words::in_shapefile(name),
            _ => Words::of(name),
        }
    }

    /// The geometry that most rows have.
    pub(super) fn main_geometry(&self) -> Option<&'static str> {
        self.geometries.iter().max_by_key(|(_, rows)| **rows).map(|(name, _)| *name)
    }

    /// Whether positions are degrees on WGS 84 only because nobody says another thing, and cannot be.
    pub(super) fn is_beyond_degrees(&self) -> bool {
        self.samples.iter().any(|[x, y]| x.abs() > 180.0 || y.abs() > 90.0)
    }
}

/// From this place on, a name is that of a key only where there is nothing better.
pub(super) const WEAK_RANK: usize = 2 * KEYS.len();

/// Which place a name has among those of keys, the first being the best; `None` when it is none.
pub(super) fn key_rank(words: &Words) -> Option<usize> {
    let is = |key: &&str| words.whole == **key;
    let ends = |key: &&str| {
        if key.is_ascii() { words.ends_in(key) } else { words.whole.ends_with(*key) }
    };
    let weak = WEAK_KEYS.iter().position(is).map(|rank| rank + WEAK_RANK);
    let good = || KEYS.iter().position(is);
    let ending = || KEYS.iter().position(ends).map(|rank| rank + KEYS.len());
    weak.or_else(good).or_else(ending)
}
