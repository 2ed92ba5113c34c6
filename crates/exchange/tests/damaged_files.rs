//! Sound files of each format, damaged at random: reading them ends with rows, faults and at most one
//! error, in bounded memory, and never with a panic.
//!
//! A run of some seconds has the same cases each time. `tests/fuzz/run` runs it for longer, with other
//! seeds.

#[path = "../../../tests/fuzz/damage.rs"]
mod damage;
#[path = "damaged_files/seeds.rs"]
mod seeds;

use std::sync::Arc;

use damage::{Chance, damage};
use terrier_exchange::{
    FaultFile, GeoJsonFile, Mapper, Mapping, Outcome, ReadOptions, SourceFile, Survey,
};
use terrier_model::Class;
use terrier_spatial::GeometryKind;

/// How long a push tries each format.
const SECONDS: u64 = 2;

/// The most memory that all tests here together may take: some rows of the greatest length, and windows
/// onto files.
const MAX_PEAK_KIB: u64 = 512 * 1024;

/// A row takes a byte at least, which may be packed.
const MAX_ROWS_PER_BYTE: u64 = 1_100;

const KINDS: [GeometryKind; 3] =
    [GeometryKind::Point, GeometryKind::Line, GeometryKind::MultiPolygon];

/// One case in so many writes a file of its refused rows, which takes longer than the rest.
const KEEPS_ONE_IN: usize = 16;

/// What became of the rows of a file.
#[derive(Debug, Default)]
struct Read {
    good: u64,
    refused: u64,
    has_failed: bool,
}

fn mapping(kind: GeometryKind) -> Arc<Mapping> {
    let text = seeds::title();
    let class = Class::try_new("things", text.clone(), text, kind, seeds::fields());
    Arc::new(Mapping::plain("test", &Arc::new(class.expect("a class"))))
}

/// Reads a file, checks each row as an import does, and keeps those that are refused where there is
/// a file for them.
fn read(name: &str, bytes: &[u8], kind: GeometryKind, options: &ReadOptions, keeps: bool) -> Read {
    let mut read = Read::default();
    let Ok(file) = SourceFile::from_bytes(name, bytes, options) else {
        return Read { has_failed: true, ..read };
    };
    let description = file.description().clone();
    assert!(!description.to_string().is_empty());
    let mut mapper = Mapper::new(mapping(kind), &description);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("faults.geojson");
    let mut faults = keeps.then(|| FaultFile::create(&path, &description).expect("a file"));
    let mut number = 0;
    for row in file {
        assert!(!read.has_failed, "nothing comes behind an error");
        let Ok(row) = row else {
            read.has_failed = true;
            continue;
        };
        // A row of a survey may be a point and a line.
        let is_next = row.number > number || options.survey.is_some();
        assert!(is_next && row.start <= row.end, "{row:?}");
        number = row.number;
        let found = match mapper.read(&row) {
            Outcome::Draft { class, draft } => draft.check(&class).err(),
            Outcome::Refused(found) => Some(found),
            Outcome::Happened(_) | Outcome::NotTaken => None,
        };
        let Some(found) = found else {
            read.good += 1;
            continue;
        };
        assert!(!found.is_empty());
        read.refused += 1;
        if let Some(faults) = &mut faults {
            faults.write(&row, &found).expect("written");
        }
    }
    let count = read.good + read.refused;
    assert!(count <= MAX_ROWS_PER_BYTE * bytes.len() as u64, "{count} rows of {}", bytes.len());
    if let Some(faults) = faults {
        faults.finish().expect("finished");
        let again = GeoJsonFile::open(&path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        assert_eq!(again.expect("a sound file").len() as u64, read.refused);
    }
    let peak = peak_kib();
    assert!(peak < MAX_PEAK_KIB, "{peak} KiB");
    read
}

/// The most memory that this process has had so far, in KiB.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells of itself");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    peak.trim().trim_end_matches(" kB").parse().expect("a number of KiB")
}

/// Options that a sender may say, most often none.
fn options(chance: &mut Chance) -> ReadOptions {
    let mut options = ReadOptions::default();
    if chance.below(3) == 0 {
        options.encoding = Some(chance.one(&["gbk", "utf-8", "big5", "utf-16le"]).into());
    }
    if chance.below(3) == 0 {
        options.crs = Some(terrier_spatial::Crs::crs84());
    }
    if chance.below(6) == 0 {
        options.survey = Some(Survey::default());
    }
    if chance.below(4) == 0 {
        options.header_row = Some(1 + chance.below(4) as u32);
    }
    options
}

/// Files that are not damaged are read, so that damaged ones are not only refused.
fn check_sound(name: &str, bytes: &[u8], options: &ReadOptions) {
    let all = KINDS.map(|kind| read(name, bytes, kind, options, true));
    assert!(!all.iter().any(|read| read.has_failed || read.good + read.refused == 0), "{all:?}");
    // Some shapes fit no class, and the points of a survey have no id.
    let may_be_refused = name == "x.zip" || options.survey.is_some();
    assert!(all.iter().any(|read| read.good > 0) || may_be_refused, "{all:?}");
}

fn check(name: &'static str, sound: Vec<Vec<u8>>, words: &'static [&'static [u8]]) {
    let said = ReadOptions { crs: Some(terrier_spatial::Crs::crs84()), ..ReadOptions::default() };
    sound.iter().for_each(|bytes| check_sound(name, bytes, &said));
    damage::run(name, SECONDS, move |chance| {
        let mut bytes = sound[chance.below(sound.len())].clone();
        damage(&mut bytes, words, chance);
        let kind = chance.one(&KINDS);
        let keeps = chance.below(KEEPS_ONE_IN) == 0;
        read(name, &bytes, kind, &options(chance), keeps);
    });
}

#[test]
fn damaged_geojson_ends_with_rows_and_faults() {
    let words: &[&[u8]] = &[
        b"{\"type\":\"Feature\",",
        b"\"features\":[",
        b"\"coordinates\":",
        b"[[[[",
        b"]]]]",
        b"\"crs\":{\"type\":\"EPSG\",\"properties\":{\"code\":4548}},",
        b"\"terrier_rows_of\":",
        b"1e999",
        b"\\ud800",
        b"\xff\xfe",
        b"\x1e",
        b"null",
    ];
    check("x.geojson", seeds::geojson(), words);
}

#[test]
fn damaged_tables_end_with_rows_and_faults() {
    let words: &[&[u8]] = &[
        b"\"",
        b"\r\n",
        b"\t",
        b";",
        b"lon,lat",
        b"POINT EMPTY",
        b"MULTIPOLYGON (((",
        b"\xb8\xd6\xb9\xdc",
        b"\xef\xbb\xbf",
        b"1,5",
        b"'=",
    ];
    check("x.csv", seeds::tables(), words);
}

#[test]
fn damaged_geopackages_end_with_rows_and_faults() {
    let words: &[&[u8]] = &[
        b"SQLite format 3\0",
        b"create view things as select ",
        b"gpkg_contents",
        b"GP\0\x01",
        b"\x0d",
        b"\x05",
        b"zeroblob(1000000000)",
        b"randomblob(9e8)",
    ];
    check("x.gpkg", seeds::geopackages(), words);
}

#[test]
fn damaged_flatgeobufs_end_with_rows_and_faults() {
    let words: &[&[u8]] =
        &[b"fgb\x03fgb\0", b"\x04\0\0\0", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\x06\0"];
    check("x.fgb", seeds::flatgeobufs(), words);
}

#[test]
fn damaged_shapefiles_end_with_rows_and_faults() {
    let words: &[&[u8]] = &[
        b"\0\0\x27\x0a",
        b"\xb8\xd6\xb9\xdc",
        b"****",
        b"PK\x01\x02",
        b"../",
        b"\r",
        b"GEOGCS[\"GCS_WGS_1984\"",
        b"CP936",
    ];
    check_archives("x.zip", seeds::shapefiles(), words);
}

#[test]
fn damaged_workbooks_end_with_rows_and_faults() {
    let words: &[&[u8]] = &[
        b"<row r=\"1048576\">",
        b"<c r=\"XFD1\"><v>1</v></c>",
        b"<!DOCTYPE x [<!ENTITY a \"b\">]>",
        b"&#0;",
        b"&amp;",
        b"</sheetData>",
        b"<v>1e999</v>",
        b"t=\"s\"",
        b"s=\"4294967295\"",
        b"PK\x01\x02",
        b"<![CDATA[",
    ];
    check_archives("x.xlsx", seeds::workbooks(), words);
}

/// Damages the entries of archives, and sometimes the archives themselves.
fn check_archives(name: &'static str, sound: Vec<seeds::Parts>, words: &'static [&'static [u8]]) {
    for (place, parts) in sound.iter().enumerate() {
        let survey = (name == "x.xlsx" && place == 1).then(Survey::default);
        let crs = survey.as_ref().map(|_| terrier_spatial::Crs::crs84());
        let options = ReadOptions { survey, crs, ..ReadOptions::default() };
        check_sound(name, &seeds::archive(parts, true), &options);
    }
    damage::run(name, SECONDS, move |chance| {
        let mut parts = sound[chance.below(sound.len())].clone();
        // Of most archives one part, so that the others still lead there.
        for _ in 0..chance.below(3) {
            let at = chance.below(parts.len());
            damage(&mut parts[at].1, words, chance);
        }
        let mut bytes = seeds::archive(&parts, chance.below(2) == 0);
        if chance.below(4) == 0 {
            damage(&mut bytes, words, chance);
        }
        let kind = chance.one(&KINDS);
        let keeps = chance.below(KEEPS_ONE_IN) == 0;
        read(name, &bytes, kind, &options(chance), keeps);
    });
}
