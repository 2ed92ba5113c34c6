//! Walks through the members of a `FeatureCollection` as they come, and hands on its features.

use std::io::Read;

use serde::{Deserialize, Serialize};

use crate::crs;
use crate::geometry::read_box;
use crate::json::{Cursor, Json};
use crate::position::PositionColumns;
use crate::read_error::ReadError;
use crate::reader::GeoJsonFile;
use crate::row::{Row, excerpt};
use crate::scan::Scanner;

/// The most bytes of the name of a member, and of a member that is looked at.
const MAX_MEMBER_BYTES: usize = 64 * 1024;

/// The member of a file of refused rows that says what their own file was.
pub(crate) const FILE_MEMBER: &str = "terrier_file";

/// What GeoJSON cannot say of a file from which rows have come.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RowsOf {
    /// The columns with their positions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) positions: Option<PositionColumns>,
    /// The decimal sign of their numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decimal: Option<char>,
}

/// What has been seen of the collection.
#[derive(Debug, Default)]
pub(crate) struct Members {
    place: Place,
    has_crs: bool,
    has_type: bool,
    has_features: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Place {
    /// Before the opening brace.
    #[default]
    Outside,
    /// Behind the opening brace, or behind a member.
    Members { begun: bool },
    /// In the list of features: behind its opening bracket, or behind a feature.
    Features { begun: bool },
}

impl<R: Read> GeoJsonFile<R> {
    /// Reads the members before the list of features.
    pub(crate) fn find_features(&mut self) -> Result<(), ReadError> {
        self.step(b'{', "`{`")?;
        self.members.place = Place::Members { begun: false };
        while !self.members.has_features && self.next_member()? {}
        Ok(())
    }

    /// The next feature, or `None` behind the collection's end.
    pub(crate) fn next_in_collection(&mut self) -> Result<Option<Row>, ReadError> {
        if let Place::Features { begun } = self.members.place {
            if self.goes_on(begun, b']', "`,` or `]` behind a feature")? {
                self.members.place = Place::Features { begun: true };
                return match self.peek()? {
                    None => Err(self.ends_after_rows()),
                    Some(b',' | b']' | b'}') => Err(self.malformed("a Feature")),
                    Some(_) => self.take_value().map(Some),
                };
            }
            self.members.place = Place::Members { begun: true };
        }
        while self.next_member()? {}
        Ok(None)
    }

    /// Reads a member, or checks what ends where there is none.
    fn next_member(&mut self) -> Result<bool, ReadError> {
        let begun = self.members.place != Place::Members { begun: false };
        if !self.goes_on(begun, b'}', "`,` or `}` behind a member")? {
            return self.end().map(|()| false);
        }
        self.members.place = Place::Members { begun: true };
        self.member().map(|()| true)
    }

    /// Steps over a comma, where one is due, or over the closing bracket; says whether another
    /// value follows.
    fn goes_on(
        &mut self,
        begun: bool,
        closing: u8,
        expected: &'static str,
    ) -> Result<bool, ReadError> {
        match self.peek()? {
            Some(byte) if byte == closing => {
                self.step(closing, expected)?;
                Ok(false)
            }
            _ if begun => self.step(b',', expected).map(|()| true),
            _ => Ok(true),
        }
    }

    fn step(&mut self, byte: u8, expected: &'static str) -> Result<(), ReadError> {
        match self.peek()? {
            Some(other) if other == byte => {
                self.step_over(1);
                Ok(())
            }
            Some(_) => Err(self.malformed(expected)),
            None => Err(self.ends_after_rows()),
        }
    }

    fn member(&mut self) -> Result<(), ReadError> {
        if self.peek()? != Some(b'"') {
            return Err(self.malformed("a name in quotes"));
        }
        let (at, text) = self.small_value()?;
        let Ok(name) = Cursor::new(&text).string() else {
            return Err(self.malformed_at(at, excerpt(&text), "a text of JSON"));
        };
        self.step(b':', "`:`")?;
        self.peek()?;
        match &*name {
            "type" => self.check_type(at),
            "features" => {
                if std::mem::replace(&mut self.members.has_features, true) {
                    return Err(self.malformed_at(at, "features", "each member once"));
                }
                self.step(b'[', "a list of features")?;
                self.members.place = Place::Features { begun: false };
                Ok(())
            }
            "crs" => self.check_crs(at),
            FILE_MEMBER => {
                let (at, text) = self.small_value()?;
                match serde_json::from_slice(&text) {
                    Ok(file) if !self.members.has_features => {
                        self.rows_come_from(file);
                        Ok(())
                    }
                    _ => {
                        let expected =
                            format!("`{FILE_MEMBER}` before the features, as Terrier writes it");
                        Err(self.malformed_at(at, excerpt(&text), expected))
                    }
                }
            }
            "bbox" => {
                let (at, text) = self.small_value()?;
                match read_box(&mut Cursor::new(&text)) {
                    Ok(None) => Ok(()),
                    _ => {
                        Err(self.malformed_at(at, excerpt(&text), "four or six numbers as `bbox`"))
                    }
                }
            }
            "coordinates" | "geometries" | "geometry" | "properties" => Err(self.malformed_at(
                at,
                name,
                "no such member in a FeatureCollection (RFC 7946, 7.1)",
            )),
            _ => {
                let mut scanner = Scanner::default();
                match self.take(0, |chunk| scanner.feed(chunk))? {
                    (_, true) => Ok(()),
                    (_, false) => Err(self.ends_after_rows()),
                }
            }
        }
    }

    fn check_crs(&mut self, at: u64) -> Result<(), ReadError> {
        if std::mem::replace(&mut self.members.has_crs, true) {
            return Err(self.malformed_at(at, "crs", "each member once"));
        }
        let (at, text) = self.small_value()?;
        match crs::name_in(&String::from_utf8_lossy(&text)) {
            Ok(None) => Ok(()),
            Ok(Some(name)) => self.state_crs(at, &name, self.members.has_features),
            Err(_) => Err(self.malformed_at(at, excerpt(&text), "the name of a system as `crs`")),
        }
    }

    fn check_type(&mut self, at: u64) -> Result<(), ReadError> {
        if std::mem::replace(&mut self.members.has_type, true) {
            return Err(self.malformed_at(at, "type", "each member once"));
        }
        let (at, text) = self.small_value()?;
        match Cursor::new(&text).value() {
            Ok(Json::Text(kind)) if kind == "FeatureCollection" => Ok(()),
            _ => Err(self.malformed_at(at, excerpt(&text), "`FeatureCollection` as `type`")),
        }
    }

    /// A value that is looked at, and where it begins.
    fn small_value(&mut self) -> Result<(u64, Box<[u8]>), ReadError> {
        let at = self.offset();
        let mut scanner = Scanner::default();
        let (text, is_ended) = self.take(MAX_MEMBER_BYTES, |chunk| scanner.feed(chunk))?;
        if !is_ended {
            return Err(self.ends_after_rows());
        }
        if self.offset() - at > text.len() as u64 {
            let expected = format!("at most {MAX_MEMBER_BYTES} bytes for it");
            return Err(self.malformed_at(at, excerpt(&text), expected));
        }
        Ok((at, text))
    }

    fn end(&mut self) -> Result<(), ReadError> {
        let Members { has_type, has_features, has_crs: _, place: _ } = self.members;
        for (has, expected) in [
            (has_type, "a member `type` that is `FeatureCollection`"),
            (has_features, "a member `features`"),
        ] {
            if !has {
                return Err(self.malformed_at(self.offset(), "the end of the object", expected));
            }
        }
        match self.peek()? {
            None => Ok(()),
            Some(_) => Err(self.malformed("nothing after the collection")),
        }
    }
}
