//! The directory at the end of an archive: where its entries lie and what they are called. Sizes in
//! it only say how far to look.

use std::io::{Read, Seek, SeekFrom};

use encoding_rs::GB18030;

use super::{MAX_ENTRIES, Wrong, read_at};

/// The most bytes that the directory may have.
const MAX_DIRECTORY_BYTES: u64 = 4 << 20;

const END_BYTES: usize = 22;
const MAX_COMMENT_BYTES: usize = 65_535;
const LOCATOR_BYTES: u64 = 20;
const LARGE_END_BYTES: u64 = 56;
const HEAD_BYTES: usize = 46;
const LOCAL_HEAD_BYTES: u64 = 30;

/// A file in an archive.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Entry {
    /// The name, folders in it between `/`.
    pub(crate) name: Box<str>,
    pub(super) is_encrypted: bool,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed_bytes: u64,
    /// Where its own head lies.
    pub(super) offset: u64,
}

impl Entry {
    /// The name without folders.
    pub(crate) fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }
}

/// Reads the entries that are files.
pub(super) fn read(read: &mut (impl Read + Seek)) -> Result<Vec<Entry>, Wrong> {
    let End { count, bytes, offset } = find_end(read)?;
    if count > MAX_ENTRIES as u64 {
        return Err(Wrong::new(format!("{count} entries"), format!("at most {MAX_ENTRIES}")));
    }
    if bytes > MAX_DIRECTORY_BYTES {
        let expected = format!("at most {MAX_DIRECTORY_BYTES}");
        return Err(Wrong::new(format!("a directory of {bytes} bytes"), expected));
    }
    let directory = read_at(read, offset, bytes)?;
    let mut entries: Vec<Entry> = Vec::new();
    let mut rest = &*directory;
    for _ in 0..count {
        let (entry, length) = entry(rest)?;
        rest = &rest[length..];
        // A folder.
        if entry.name.ends_with('/') {
            continue;
        }
        if entries.iter().any(|other| other.name == entry.name) {
            return Err(Wrong::of_entry(&entry.name, "twice", "each name once"));
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// Goes to the content of an entry; false when its head is not there.
pub(super) fn begin(read: &mut (impl Read + Seek), entry: &Entry) -> std::io::Result<bool> {
    let head = read_at(read, entry.offset, LOCAL_HEAD_BYTES)?;
    let (Some(name), Some(extra)) = (u16_at(&head, 26), u16_at(&head, 28)) else {
        return Ok(false);
    };
    if !head.starts_with(b"PK\x03\x04") {
        return Ok(false);
    }
    let behind = entry.offset + LOCAL_HEAD_BYTES + u64::from(name) + u64::from(extra);
    read.seek(SeekFrom::Start(behind))?;
    Ok(true)
}

/// What the end of an archive says.
struct End {
    count: u64,
    bytes: u64,
    offset: u64,
}

fn find_end(read: &mut (impl Read + Seek)) -> Result<End, Wrong> {
    let length = read.seek(SeekFrom::End(0))?;
    let start = length.saturating_sub((END_BYTES + MAX_COMMENT_BYTES) as u64);
    let tail = read_at(read, start, length - start)?;
    let is_end = |at: &usize| {
        tail[*at..].starts_with(b"PK\x05\x06")
            && u16_at(&tail, at + 20)
                .is_some_and(|comment| at + END_BYTES + usize::from(comment) == tail.len())
    };
    let wrong = || Wrong::new("no directory at its end", "a ZIP archive that is whole");
    let last = tail.len().checked_sub(END_BYTES).ok_or_else(wrong)?;
    let at = (0..=last).rev().find(is_end).ok_or_else(wrong)?;
    let end = &tail[at..];
    let (disk, disk_of_start) = (u16_at(end, 4), u16_at(end, 6));
    let count = u64::from(u16_at(end, 10).unwrap_or_default());
    let bytes = u64::from(u32_at(end, 12).unwrap_or_default());
    let offset = u64::from(u32_at(end, 16).unwrap_or_default());
    // The numbers of a large archive stand in a record of their own before it.
    if count == 0xffff || bytes == 0xffff_ffff || offset == 0xffff_ffff {
        let at = (start + at as u64).checked_sub(LOCATOR_BYTES).ok_or_else(wrong)?;
        let locator = read_at(read, at, LOCATOR_BYTES)?;
        let at = u64_at(&locator, 8).filter(|_| locator.starts_with(b"PK\x06\x07"));
        let end = read_at(read, at.ok_or_else(wrong)?, LARGE_END_BYTES)?;
        let numbers = (u64_at(&end, 32), u64_at(&end, 40), u64_at(&end, 48));
        let (Some(count), Some(bytes), Some(offset)) = numbers else { return Err(wrong()) };
        return if end.starts_with(b"PK\x06\x06") {
            Ok(End { count, bytes, offset })
        } else {
            Err(wrong())
        };
    }
    if (disk, disk_of_start) != (Some(0), Some(0)) {
        return Err(Wrong::new("one part of an archive in several files", "the whole in one"));
    }
    Ok(End { count, bytes, offset })
}

/// The entry at the beginning of a part of the directory, and its length there.
fn entry(bytes: &[u8]) -> Result<(Entry, usize), Wrong> {
    let wrong = || Wrong::new("a directory that breaks off", "a ZIP archive that is whole");
    let head = bytes.get(..HEAD_BYTES).filter(|head| head.starts_with(b"PK\x01\x02"));
    let head = head.ok_or_else(wrong)?;
    let short = |at| u16_at(head, at).unwrap_or_default();
    let long = |at| u32_at(head, at).unwrap_or_default();
    let (name, extra, comment) =
        (usize::from(short(28)), usize::from(short(30)), usize::from(short(32)));
    let length = HEAD_BYTES + name + extra + comment;
    if bytes.len() < length {
        return Err(wrong());
    }
    let (name, rest) = bytes[HEAD_BYTES..].split_at(name);
    let name = decoded(name);
    check_name(&name)?;
    // The mode of a file on Unix, where the archive comes from there.
    let (from_unix, mode) = (short(4) >> 8 == 3, long(38) >> 16);
    if from_unix && mode & 0o170_000 == 0o120_000 {
        return Err(Wrong::of_entry(&name, "that is a link", "files"));
    }
    let large = large_numbers(&rest[..extra], [long(24), long(20), long(42)]);
    let [_, packed_bytes, offset] = large.ok_or_else(wrong)?;
    let entry = Entry {
        name: name.into(),
        is_encrypted: short(8) & 1 == 1,
        method: short(10),
        crc: long(16),
        packed_bytes,
        offset,
    };
    Ok((entry, length))
}

/// Numbers of which those that have all bits set stand in an extra field, in the same order.
fn large_numbers(mut extra: &[u8], numbers: [u32; 3]) -> Option<[u64; 3]> {
    let mut large: &[u8] = &[];
    while let (Some(id), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let content = extra.get(4..4 + usize::from(length))?;
        if id == 1 {
            large = content;
        }
        extra = &extra[4 + content.len()..];
    }
    let mut whole = [0; 3];
    for (whole, number) in whole.iter_mut().zip(numbers) {
        *whole = u64::from(number);
        if number == u32::MAX {
            *whole = u64_at(large, 0)?;
            large = &large[8..];
        }
    }
    Some(whole)
}

/// A name in UTF-8, or else as Windows in China writes it.
fn decoded(name: &[u8]) -> String {
    let text = match std::str::from_utf8(name) {
        Ok(text) => text.into(),
        Err(_) => GB18030.decode_without_bom_handling(name).0,
    };
    // Some programs on Windows write their own sign between folders.
    text.replace('\\', "/")
}

fn check_name(name: &str) -> Result<(), Wrong> {
    let shown = name.escape_debug().to_string();
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(Wrong::of_entry(
            &shown,
            "whose name is none",
            "names without control characters",
        ));
    }
    let is_outside = name.starts_with('/')
        || name.as_bytes().get(1) == Some(&b':')
        || name.split('/').any(|part| part == "..");
    if is_outside {
        return Err(Wrong::of_entry(
            &shown,
            "that leads out of the archive",
            "names below its own",
        ));
    }
    Ok(())
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::made::{Made, archive, stored};
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        let answer = match read(&mut Cursor::new(bytes)) {
            Ok(entries) => entries.iter().map(|entry| &*entry.name).collect::<Vec<_>>().join(" "),
            Err(Wrong::Unsound { found, expected }) => {
                format!("found {found}, expected {expected}")
            }
            Err(Wrong::Read(error)) => error.to_string(),
        };
        assert_eq!(answer, expected);
    }

    fn named(name: &[u8]) -> Vec<u8> {
        archive(&[Made { name: name.into(), ..stored("", b"") }])
    }

    #[test]
    fn names_may_come_from_any_system() {
        check(&named("管线/雨水.shp".as_bytes()), "管线/雨水.shp");
        check(&named(b"\xd3\xea\xcb\xae.shp"), "雨水.shp");
        check(&named(b"a\\b.shp"), "a/b.shp");
        check(&named(b"..a/b..shp"), "..a/b..shp");
        // The second byte of a character of GB18030 may be that of a backslash.
        check(&named(b"\x81\x5c.shp"), "\u{4e57}.shp");
    }

    #[test]
    fn names_that_lead_out_of_the_archive_are_refused() {
        for name in ["/a", "C:\\a", "../a", "a/../../b", "a\\..\\b", ".."] {
            let shown = name.replace('\\', "/");
            check(
                &named(name.as_bytes()),
                &format!(
                    "found an entry `{shown}` that leads out of the archive, expected names below \
                     its own"
                ),
            );
        }
        let none = "whose name is none, expected names without control characters";
        check(&named(b""), &format!("found an entry `` {none}"));
        check(&named(b"a\nb"), &format!("found an entry `a\\nb` {none}"));
        let link = Made { mode: 0o120_777, ..stored("a", b"/etc/passwd") };
        check(&archive(&[link]), "found an entry `a` that is a link, expected files");
        let twice = [stored("a", b"1"), stored("a", b"2")];
        check(&archive(&twice), "found an entry `a` twice, expected each name once");
    }

    #[test]
    fn the_number_of_entries_has_a_bound() {
        let many = |count: usize| {
            let made: Vec<Made> = (0..count).map(|at| stored(&format!("{at}"), b"")).collect();
            archive(&made)
        };
        let names: Vec<String> = (0..MAX_ENTRIES).map(|at| at.to_string()).collect();
        check(&many(MAX_ENTRIES), &names.join(" "));
        check(&many(MAX_ENTRIES + 1), "found 1001 entries, expected at most 1000");
    }

    #[test]
    fn an_archive_that_is_cut_off_or_lies_is_refused() {
        let whole = archive(&[stored("a", b"1")]);
        for end in 0..whole.len() {
            assert!(read(&mut Cursor::new(&whole[..end])).is_err(), "{end}");
        }
        let at = whole.len() - END_BYTES;
        let lying = |place: usize, byte: u8| {
            let mut bytes = whole.clone();
            bytes[at + place] = byte;
            bytes
        };
        let breaks = "found a directory that breaks off, expected a ZIP archive that is whole";
        check(&lying(10, 2), breaks);
        check(&lying(12, 10), breaks);
        check(&lying(16, 1), breaks);
        check(&lying(15, 1), "found a directory of 16777263 bytes, expected at most 4194304");
        check(
            &lying(4, 1),
            "found one part of an archive in several files, expected the whole in one",
        );
    }

    #[test]
    fn numbers_of_a_large_archive_stand_elsewhere() {
        let numbers = |extra: &[u8]| large_numbers(extra, [u32::MAX, 5, u32::MAX]);
        let field = [
            &b"\x09\x00\x01\x00!\x01\x00\x10\x00"[..],
            &7_u64.to_le_bytes(),
            &(1_u64 << 40).to_le_bytes(),
        ];
        assert_eq!(numbers(&field.concat()), Some([7, 5, 1 << 40]));
        assert_eq!(numbers(&field[..2].concat()), None);
        assert_eq!(numbers(b""), None);
        assert_eq!(large_numbers(b"", [1, 2, 3]), Some([1, 2, 3]));
    }
}
