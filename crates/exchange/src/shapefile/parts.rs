//! The files of a Shapefile: beside each other in a folder, or in an archive.

use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::path::Path;

use terrier_spatial::MAX_WKT_BYTES;

use super::{option, unsound};
use crate::archive::{Archive, Entry};
use crate::format::Format;
use crate::listed::listed;
use crate::options::ReadOptions;
use crate::read_error::ReadError;

/// The most bytes that are read of a `.cpg`.
const MAX_LABEL_BYTES: usize = 100;

/// The files of one layer, each at its beginning.
pub(super) struct Parts {
    pub(super) layer: Box<str>,
    pub(super) layers: Vec<Box<str>>,
    pub(super) shp: File,
    pub(super) shx: Option<File>,
    pub(super) dbf: File,
    /// The text of the coordinate system.
    pub(super) prj: Option<String>,
    /// The name of the encoding.
    pub(super) cpg: Option<String>,
}

impl Parts {
    /// Opens the files of a layer.
    ///
    /// # Errors
    /// When one of them is missing or cannot be read, and when the layer is to be chosen.
    pub(super) fn open(name: &str, path: &Path, options: &ReadOptions) -> Result<Self, ReadError> {
        let failed = |source| ReadError::Open { file: name.into(), source };
        let mut file = File::open(path).map_err(failed)?;
        if !file.metadata().map_err(failed)?.is_file() {
            let expected = "a file, for it is read at any place";
            return Err(unsound(name, "a pipe or a device", expected));
        }
        let mut begin = [0; 2];
        let count = file.read(&mut begin).map_err(failed)?;
        file.rewind().map_err(failed)?;
        if begin[..count] == *b"PK" {
            return of_archive(name, file, options);
        }
        of_folder(name, path, file, options.layer.as_deref())
    }

    /// Opens an archive that is in memory.
    ///
    /// # Errors
    /// The same, and when it is none: nothing lies beside what is in memory.
    pub(super) fn from_bytes(
        name: &str,
        bytes: &[u8],
        options: &ReadOptions,
    ) -> Result<Self, ReadError> {
        if bytes.starts_with(b"PK") {
            return of_archive(name, Cursor::new(bytes), options);
        }
        Err(unsound(name, "its shapes alone", "a ZIP archive with all its files"))
    }
}

fn of_folder(name: &str, path: &Path, shp: File, layer: Option<&str>) -> Result<Parts, ReadError> {
    let stem: Box<str> = path.file_stem().unwrap_or_default().to_string_lossy().into();
    if let Some(other) = layer.filter(|layer| **layer != *stem) {
        return Err(option(name, format!("layer {stem}"), format!("a layer `{other}`")));
    }
    let beside = |ending: &str| match sibling(path, ending) {
        Some(Ok(file)) => Ok(Some(file)),
        Some(Err(source)) => Err(ReadError::Open { file: format!("{name}, .{ending}"), source }),
        None => Ok(None),
    };
    let text = |ending: &str, most: usize| {
        let Some(file) = beside(ending)? else { return Ok(None) };
        let mut bytes = Vec::new();
        let read = file.take(most as u64).read_to_end(&mut bytes);
        read.map_err(|source| ReadError::Read {
            file: format!("{name}, .{ending}"),
            at: 0,
            source,
        })?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    };
    let (prj, cpg) = (text("prj", MAX_WKT_BYTES + 1)?, text("cpg", MAX_LABEL_BYTES)?);
    let dbf = beside("dbf")?.ok_or_else(|| without_table(name))?;
    Ok(Parts { layer: stem.clone(), layers: vec![stem], shp, shx: beside("shx")?, dbf, prj, cpg })
}

fn without_table(name: &str) -> ReadError {
    unsound(name, "no .dbf beside its .shp", "all files of the Shapefile")
}

/// The file beside a path that has another ending of three letters, in any case of them.
fn sibling(path: &Path, ending: &str) -> Option<std::io::Result<File>> {
    for upper in 0..1_u8 << ending.len() {
        let cased = ending.char_indices().map(|(place, letter)| {
            if upper >> place & 1 == 1 { letter.to_ascii_uppercase() } else { letter }
        });
        let path = path.with_extension(cased.collect::<String>());
        match File::open(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            found => return Some(found),
        }
    }
    None
}

fn of_archive(
    name: &str,
    read: impl Read + Seek,
    options: &ReadOptions,
) -> Result<Parts, ReadError> {
    let mut archive = Archive::open(name.into(), Format::Shapefile, read)?;
    let entries: Vec<Entry> =
        archive.entries().iter().filter(|it| !is_hidden(it)).cloned().collect();
    let layers: Vec<&str> = entries.iter().filter_map(|entry| stem(&entry.name, "shp")).collect();
    if layers.is_empty() {
        return Err(unsound(name, "an archive without a .shp", "one with a Shapefile"));
    }
    let chosen = match choose(name, &layers, options.layer.as_deref()) {
        Err(_) if options.only_look && options.layer.is_none() => layers[0],
        chosen => chosen?,
    };
    let part =
        |ending: &str| entries.iter().find(|entry| stem(&entry.name, ending) == Some(chosen));
    let dbf = part("dbf").ok_or_else(|| without_table(name))?;
    let shp = part("shp").expect("the layer was found by it");
    let mut text = |ending: &str, most: usize| match part(ending) {
        None => Ok(None),
        Some(entry) => {
            let bytes = archive.unpack_some(entry, most)?;
            Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
        }
    };
    let (prj, cpg) = (text("prj", MAX_WKT_BYTES + 1)?, text("cpg", MAX_LABEL_BYTES)?);
    Ok(Parts {
        layer: chosen.into(),
        layers: layers.iter().map(|layer| Box::from(*layer)).collect(),
        shp: archive.unpack(shp)?,
        shx: part("shx").map(|shx| archive.unpack(shx)).transpose()?,
        dbf: archive.unpack(dbf)?,
        prj,
        cpg,
    })
}

/// Whether an entry is what macOS keeps beside each file, or a file that is hidden.
fn is_hidden(entry: &Entry) -> bool {
    entry.name.starts_with("__MACOSX/") || entry.file_name().starts_with('.')
}

/// A name without an ending, which may be in any case; `None` when it has another.
fn stem<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    let (stem, other) = name.rsplit_once('.')?;
    other.eq_ignore_ascii_case(ending).then_some(stem)
}

/// The layer that is named, with its folders or without, otherwise the only one.
fn choose<'a>(file: &str, layers: &[&'a str], name: Option<&str>) -> Result<&'a str, ReadError> {
    let shown = || listed("layer", "layers", layers);
    let candidates: Vec<&str> = match name {
        None => layers.to_vec(),
        Some(name) => {
            let is = |layer: &&&str| layer.rsplit('/').next() == Some(name);
            let whole = layers.iter().find(|layer| **layer == name);
            whole.map_or_else(|| layers.iter().filter(is).copied().collect(), |layer| vec![*layer])
        }
    };
    match (&*candidates, name) {
        ([only], _) => Ok(only),
        ([], Some(name)) => Err(option(file, shown(), format!("a layer `{name}`"))),
        _ => {
            let expected = "to be told which: --layer, or `layer` in the mapping";
            Err(option(file, shown(), expected.into()))
        }
    }
}
