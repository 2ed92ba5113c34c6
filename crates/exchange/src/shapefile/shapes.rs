//! The `.shp` file: its head, and one record after the other, found by the `.shx` file where there
//! is one. Programs that edit a file leave old records between those that count, so the index goes
//! before the order.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use terrier_model::{Fault, Place};
use terrier_spatial::Sketch;

use super::shape::Kind;
use super::{read_error, unsound};
use crate::read_error::ReadError;
use crate::row::MAX_ROW_BYTES;

const HEAD_BYTES: usize = 100;
const RECORD_HEAD_BYTES: u64 = 8;

/// A file of shapes that is open.
pub(super) struct Shapes {
    name: String,
    read: BufReader<File>,
    kind: Kind,
    /// How long the file is.
    length: u64,
    /// Where the reader is.
    at: u64,
    /// The number of the record that was read last.
    number: u32,
    /// The bytes of all records read so far.
    taken: u64,
    index: Option<BufReader<File>>,
    content: Vec<u8>,
}

/// A shape and whether it had heights, or what is wrong with it.
pub(super) type Found = Result<(Sketch, bool), Fault>;

impl Shapes {
    /// Begins to read the shapes of so many rows.
    ///
    /// # Errors
    /// When a file is no such file, is cut off, has shapes that are not read here, or when the index
    /// has another number of shapes.
    pub(super) fn open(
        name: String,
        shp: File,
        shx: Option<File>,
        rows: u32,
    ) -> Result<Self, ReadError> {
        let mut read = BufReader::new(shp);
        let (length, kind) = head(&name, &mut read, "the file of its shapes")?;
        let kind = match Kind::of(kind) {
            Some(kind) => kind,
            None if kind == 31 => {
                return Err(unsound(
                    &name,
                    "shapes of kind 31 (MultiPatch)",
                    "points, lines or surfaces",
                ));
            }
            None => {
                return Err(unsound(
                    &name,
                    format!("shapes of kind {kind}"),
                    "a kind that there is",
                ));
            }
        };
        let index = match shx {
            None => None,
            Some(shx) => {
                let mut index = BufReader::new(shx);
                let (length, _) = head(&name, &mut index, "the index of its shapes")?;
                let count = (length - HEAD_BYTES as u64) / 8;
                if count != u64::from(rows) {
                    let expected = format!("{rows}, as many as rows in its table");
                    return Err(unsound(&name, format!("{count} shapes in its index"), expected));
                }
                Some(index)
            }
        };
        Ok(Self {
            name,
            read,
            kind,
            length,
            at: HEAD_BYTES as u64,
            number: 0,
            taken: 0,
            index,
            content: Vec::new(),
        })
    }

    /// Reads the next shape.
    ///
    /// # Errors
    /// When the file ends before it, or its record is none.
    pub(super) fn next(&mut self) -> Result<Found, ReadError> {
        self.number += 1;
        if let Some(index) = &mut self.index {
            let mut place = [0; 8];
            index.read_exact(&mut place).map_err(|source| read_error(&self.name, 0, source))?;
            let offset = 2 * u64::from(big(&place, 0));
            // Mostly the next one, which is held already.
            let step = offset as i64 - self.at as i64;
            let moved = self.read.seek_relative(step);
            moved.map_err(|source| read_error(&self.name, offset, source))?;
            self.at = offset;
        }
        if self.at + RECORD_HEAD_BYTES > self.length {
            return Err(self.ends());
        }
        let mut head = [0; RECORD_HEAD_BYTES as usize];
        self.fill(&mut head)?;
        let number = big(&head, 0);
        if self.index.is_none() && number != self.number {
            let found = format!("shape {number} where {} should be", self.number);
            return Err(unsound(&self.name, found, "its .shx, which tells where each shape is"));
        }
        let bytes = 2 * u64::from(big(&head, 4));
        if self.at + bytes > self.length {
            return Err(self.ends());
        }
        // Records that lie over each other could be read without an end.
        self.taken += RECORD_HEAD_BYTES + bytes;
        if self.taken > self.length {
            let found = format!("shape {} over others", self.number);
            return Err(unsound(&self.name, found, "each shape at a place of its own"));
        }
        if bytes > MAX_ROW_BYTES as u64 {
            self.read
                .seek_relative(bytes as i64)
                .map_err(|source| read_error(&self.name, self.at, source))?;
            self.at += bytes;
            let place = Place::Geometry { part: None, vertex: None };
            let expected = format!("at most {MAX_ROW_BYTES}");
            return Ok(Err(Fault::new(place, format!("{bytes} bytes"), expected)));
        }
        let mut content = std::mem::take(&mut self.content);
        content.resize(bytes as usize, 0);
        self.fill(&mut content)?;
        let found = self.kind.read(&content);
        self.content = content;
        Ok(found)
    }

    /// Checks that there is nothing more, where nobody else tells how many shapes there are.
    ///
    /// # Errors
    /// When there is.
    pub(super) fn end(&self) -> Result<(), ReadError> {
        if self.index.is_some() || self.at == self.length {
            return Ok(());
        }
        let found = format!("more than {} shapes", self.number);
        Err(unsound(&self.name, found, "as many as rows in its table"))
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), ReadError> {
        let read = self.read.read_exact(bytes);
        read.map_err(|source| read_error(&self.name, self.at, source))?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn ends(&self) -> ReadError {
        let found = format!("the end of the file before that of shape {}", self.number);
        unsound(&self.name, found, "a file that is whole")
    }
}

/// Reads the head of a file of shapes or of its index: how long it says to be, and its kind.
fn head(name: &str, read: &mut BufReader<File>, what: &str) -> Result<(u64, i32), ReadError> {
    let length = read.seek(SeekFrom::End(0)).and_then(|length| read.rewind().map(|()| length));
    let length = length.map_err(|source| read_error(name, 0, source))?;
    let mut head = [0; HEAD_BYTES];
    if length >= HEAD_BYTES as u64 {
        read.read_exact(&mut head).map_err(|source| read_error(name, 0, source))?;
    }
    if big(&head, 0) != 9994 {
        return Err(unsound(name, format!("{what} without its head"), "a file that is whole"));
    }
    let said = 2 * u64::from(big(&head, 24));
    if said > length || said < HEAD_BYTES as u64 {
        let found = format!("{length} bytes of {what}");
        return Err(unsound(name, found, format!("{said}, as its head says")));
    }
    let kind = i32::from_le_bytes([head[32], head[33], head[34], head[35]]);
    Ok((said, kind))
}

/// A number with the high byte first.
fn big(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
