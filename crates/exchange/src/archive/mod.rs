//! Reads entries of a ZIP archive of anybody, of bounded number and size, whatever its directory
//! says of them.
//!
//! No name in an archive becomes a name on the disk.

mod directory;
#[cfg(test)]
pub(crate) mod made;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

pub(crate) use self::directory::Entry;
use crate::format::Format;
use crate::read_error::ReadError;

/// The most entries that an archive may have.
pub(crate) const MAX_ENTRIES: usize = 1_000;

/// The most bytes that are unpacked of one archive.
pub(crate) const MAX_UNPACKED_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// The most bytes that one packed byte may become; deflate makes up to 1,032 of one.
pub(crate) const MAX_RATIO: u64 = 200;

/// So much may be unpacked without a look at the ratio, for what is small may be as empty as it likes.
pub(crate) const ANY_RATIO_BYTES: u64 = 64 * 1024 * 1024;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// An archive that is open.
pub(crate) struct Archive<R> {
    file: String,
    /// The format of what is in it, for messages.
    format: Format,
    read: R,
    entries: Vec<Entry>,
    limits: Limits,
    packed: u64,
    unpacked: u64,
}

#[derive(Clone, Copy)]
struct Limits {
    unpacked: u64,
    any_ratio: u64,
}

impl<R: Read + Seek> Archive<R> {
    /// Reads the directory of an archive.
    ///
    /// # Errors
    /// When it has none, more than [`MAX_ENTRIES`] entries, a name twice, one that leads out of the
    /// archive, or a link.
    pub(crate) fn open(file: String, format: Format, mut read: R) -> Result<Self, ReadError> {
        let entries = directory::read(&mut read);
        let entries = entries.map_err(|wrong| wrong.into_error(&file, format))?;
        let limits = Limits { unpacked: MAX_UNPACKED_BYTES, any_ratio: ANY_RATIO_BYTES };
        Ok(Self { file, format, read, entries, limits, packed: 0, unpacked: 0 })
    }

    /// The entries that are files, in the order of the directory.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Unpacks an entry into a file that has no name and vanishes with its last user.
    ///
    /// # Errors
    /// When it is damaged, encrypted, packed in another way than deflate, or larger than is allowed;
    /// and when there is no room for it.
    pub(crate) fn unpack(&mut self, entry: &Entry) -> Result<File, ReadError> {
        let mut out = tempfile::tempfile().map_err(|source| no_room(&self.file, source))?;
        self.copy(entry, &mut out, u64::MAX)?;
        out.rewind().map_err(|source| no_room(&self.file, source))?;
        Ok(out)
    }

    /// Unpacks the first bytes of an entry, no more than so many.
    ///
    /// # Errors
    /// As for [`Self::unpack`].
    pub(crate) fn unpack_some(&mut self, entry: &Entry, most: usize) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        self.copy(entry, &mut bytes, most as u64)?;
        Ok(bytes)
    }

    fn copy(&mut self, entry: &Entry, out: &mut impl Write, most: u64) -> Result<(), ReadError> {
        let wrong = |found: &str, expected: &str| {
            Wrong::of_entry(&entry.name, found, expected).into_error(&self.file, self.format)
        };
        let lost = |source| ReadError::Read { file: self.file.clone(), at: entry.offset, source };
        if entry.is_encrypted {
            return Err(wrong("that is encrypted", "one without a password"));
        }
        let begun = directory::begin(&mut self.read, entry).map_err(lost)?;
        if !begun {
            return Err(wrong("that is not where the directory says", "it there"));
        }
        let packed = BufReader::new((&mut self.read).take(entry.packed_bytes));
        let mut source = match entry.method {
            STORED => Source::Stored { read: packed, taken: 0 },
            DEFLATED => Source::Deflated(DeflateDecoder::new(packed)),
            other => {
                return Err(wrong(&format!("packed by method {other}"), "stored or deflate"));
            }
        };
        let mut chunk = vec![0; 64 * 1024];
        let (mut crc, mut written) = (Crc::new(), 0);
        loop {
            let most_now = (chunk.len() as u64).min(most - written) as usize;
            let Ok(count) = source.read(&mut chunk[..most_now]) else {
                return Err(wrong("that cannot be unpacked", "a sound archive"));
            };
            if count == 0 {
                break;
            }
            crc.update(&chunk[..count]);
            written += count as u64;
            let unpacked = self.unpacked + written;
            if unpacked > self.limits.unpacked {
                let expected = format!("at most {} in all", self.limits.unpacked);
                return Err(wrong("beyond the bytes that may be unpacked", &expected));
            }
            let packed = self.packed + source.taken();
            if unpacked > self.limits.any_ratio && unpacked / MAX_RATIO > packed {
                let found = format!("that is {unpacked} bytes of {packed} packed ones");
                return Err(wrong(&found, &format!("at most {MAX_RATIO} of one")));
            }
            out.write_all(&chunk[..count]).map_err(|source| no_room(&self.file, source))?;
        }
        // Of a part, nobody knows the sum.
        if written < most && crc.sum() != entry.crc {
            return Err(wrong("whose check sum is another", "a sound archive"));
        }
        self.packed += source.taken();
        self.unpacked += written;
        Ok(())
    }
}

fn no_room(file: &str, source: std::io::Error) -> ReadError {
    ReadError::Unpack { file: file.into(), source }
}

/// What unpacks an entry, and counts what it takes.
enum Source<R> {
    Stored { read: R, taken: u64 },
    Deflated(DeflateDecoder<R>),
}

impl<R: BufRead> Source<R> {
    fn read(&mut self, chunk: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Stored { read, taken } => {
                let count = read.read(chunk)?;
                *taken += count as u64;
                Ok(count)
            }
            Self::Deflated(decoder) => decoder.read(chunk),
        }
    }

    fn taken(&self) -> u64 {
        match self {
            Self::Stored { taken, .. } => *taken,
            Self::Deflated(decoder) => decoder.total_in(),
        }
    }
}

/// What is wrong with an archive.
#[derive(Debug)]
enum Wrong {
    Read(std::io::Error),
    Unsound { found: String, expected: String },
}

impl From<std::io::Error> for Wrong {
    fn from(error: std::io::Error) -> Self {
        Self::Read(error)
    }
}

impl Wrong {
    fn new(found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Unsound { found: found.into(), expected: expected.into() }
    }

    fn of_entry(name: &str, found: &str, expected: &str) -> Self {
        Self::new(format!("an entry `{name}` {found}"), expected)
    }

    fn into_error(self, file: &str, format: Format) -> ReadError {
        match self {
            Self::Read(source) => ReadError::Read { file: file.into(), at: 0, source },
            Self::Unsound { found, expected } => {
                ReadError::Unsound { file: file.into(), format, found, expected, source: None }
            }
        }
    }
}

/// Goes to a place and reads so many bytes; fewer at the end.
fn read_at(read: &mut (impl Read + Seek), at: u64, count: u64) -> std::io::Result<Vec<u8>> {
    read.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    read.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::made::{Made, archive, stored};
    use super::*;

    fn unpack(bytes: &[u8], limits: Limits) -> Result<Vec<(String, String)>, ReadError> {
        let mut opened = Archive::open("x".into(), Format::Shapefile, Cursor::new(bytes))?;
        opened.limits = limits;
        let entries = opened.entries().to_vec();
        let text = |entry: &Entry| {
            let mut text = String::new();
            opened.unpack(entry)?.read_to_string(&mut text).expect("text");
            let begin = opened.unpack_some(entry, 2)?;
            assert_eq!(begin, &text.as_bytes()[..text.len().min(2)]);
            Ok((entry.name.to_string(), text))
        };
        entries.iter().map(text).collect()
    }

    fn check(bytes: &[u8], expected: &str) {
        let limits = Limits { unpacked: MAX_UNPACKED_BYTES, any_ratio: ANY_RATIO_BYTES };
        check_within(bytes, limits, expected);
    }

    fn check_within(bytes: &[u8], limits: Limits, expected: &str) {
        let answer = match unpack(bytes, limits) {
            Ok(entries) => {
                let shown = entries.iter().map(|(name, text)| format!("{name}={text}"));
                shown.collect::<Vec<_>>().join(" ")
            }
            Err(error) => error.to_string(),
        };
        let begin = "cannot read `x` as Shapefile: found ";
        assert_eq!(answer.strip_prefix(begin).unwrap_or(&answer), expected);
    }

    #[test]
    fn entries_are_unpacked_as_they_were_packed() {
        check(&archive(&[]), "");
        let made =
            [stored("a.shp", b"abc"), Made::deflated("b/管.dbf", b"aaaaaaaa"), stored("c/", b"")];
        check(&archive(&made), "a.shp=abc b/管.dbf=aaaaaaaa");
        let with_comment = [archive(&made), b"!".to_vec()].concat();
        check(&with_comment, "no directory at its end, expected a ZIP archive that is whole");
    }

    #[test]
    fn what_is_damaged_or_cannot_be_unpacked_is_refused() {
        let one = |change: fn(&mut Made)| {
            let mut made = Made::deflated("a", b"aaaaaaaa");
            change(&mut made);
            archive(&[made])
        };
        check(
            &one(|made| made.crc ^= 1),
            "an entry `a` whose check sum is another, expected a sound archive",
        );
        check(
            &one(|made| made.packed.truncate(2)),
            "an entry `a` that cannot be unpacked, expected a sound archive",
        );
        check(
            &one(|made| made.flags |= 1),
            "an entry `a` that is encrypted, expected one without a password",
        );
        check(
            &one(|made| made.method = 14),
            "an entry `a` packed by method 14, expected stored or deflate",
        );
        let mut moved = one(|_| ());
        moved[0] = b'Q';
        check(&moved, "an entry `a` that is not where the directory says, expected it there");
    }

    #[test]
    fn what_is_unpacked_has_a_bound_whatever_the_directory_says() {
        let made = || archive(&[stored("a", b"1234"), stored("b", b"5678")]);
        let limits = |unpacked| Limits { unpacked, any_ratio: 100 };
        // Each is read twice here, the second time two bytes of it.
        check_within(&made(), limits(12), "a=1234 b=5678");
        check_within(
            &made(),
            limits(11),
            "an entry `b` beyond the bytes that may be unpacked, expected at most 11 in all",
        );
        let zeros = vec![b'0'; 100_000];
        let dense = archive(&[Made::deflated("a", &zeros)]);
        let shown = String::from_utf8(zeros).expect("text");
        let any = Limits { unpacked: 1 << 20, any_ratio: 100_002 };
        check_within(&dense, any, &format!("a={shown}"));
        let answer = unpack(&dense, Limits { unpacked: 1 << 20, any_ratio: 1_000 });
        let answer = answer.expect_err("too dense").to_string();
        assert!(answer.ends_with("packed ones, expected at most 200 of one"), "{answer}");
    }
}
