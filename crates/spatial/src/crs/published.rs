//! The systems of the table that an authority has published, and their addresses: those in which
//! answers over a network can be given.

use std::sync::LazyLock;

use super::{Crs, CrsError, name, table};
use crate::Position;

impl Crs {
    /// The systems of the table that an authority has published, OGC:CRS84 first. Each is set up once
    /// and kept.
    pub fn published() -> &'static [Self] {
        static PUBLISHED: LazyLock<Vec<Crs>> =
            LazyLock::new(|| Crs::all().filter(|crs| crs.uri().is_some()).collect());
        &PUBLISHED
    }

    /// The published system of this name, as [`Crs::find`] reads it; costs nothing but the look.
    ///
    /// # Errors
    /// The system is none of the table, or one that no authority has published.
    pub fn find_published(name: &str) -> Result<&'static Self, CrsError> {
        let code = name::code(name)?;
        let unknown = || CrsError::Unknown { name: name::shown(name) };
        Self::published().iter().find(|crs| crs.code() == code).ok_or_else(unknown)
    }

    /// The address of the system, such as `http://www.opengis.net/def/crs/EPSG/0/4548`; `None` of one
    /// that no authority has published.
    pub fn uri(&self) -> Option<String> {
        table::entry(self.code())?;
        let (authority, code) = self.code().split_once(':')?;
        // An address has a version: EPSG's is 0 for whichever is the newest.
        let version = if authority == "OGC" { "1.3" } else { "0" };
        Some(format!("http://www.opengis.net/def/crs/{authority}/{version}/{code}"))
    }

    /// The numbers by which a place is told in the system, easting or longitude first: in a plane to a
    /// thousandth of its unit, of degrees as they are. `None` where [`Crs::position_of`] has none.
    pub fn told(&self, place: Position) -> Option<Position> {
        let position = self.position_of(place)?;
        if !self.is_projected() {
            return Some(position);
        }
        Some(position.map(|number| (number * 1000.0).round() / 1000.0))
    }
}
