//! The parts of a workbook in its archive, and how they refer to each other (ECMA-376, part 2).

use std::fs::File;
use std::io::{BufReader, Read, Seek};

use quick_xml::events::Event;

use super::xml::Xml;
use super::{MAX_PART_BYTES, Wrong};
use crate::archive::Archive;
use crate::format::Format;

/// Something that a workbook is read from.
pub(super) trait Source: Read + Seek {}

impl<T: Read + Seek> Source for T {}

/// A part of a workbook, from a file that has no name and vanishes with its reader.
pub(super) type PartXml = Xml<BufReader<File>>;

/// A workbook's archive.
pub(super) struct Package<'a>(Archive<&'a mut dyn Source>);

/// What a part says of another one.
#[derive(Debug)]
pub(super) struct Relation {
    pub(super) id: String,
    /// The last word of what kind of part it is: the words before differ between two editions.
    pub(super) kind: String,
    /// Its path from the root of the archive.
    pub(super) target: String,
}

impl<'a> Package<'a> {
    pub(super) fn open(file: &str, source: &'a mut dyn Source) -> Result<Self, Wrong> {
        Ok(Self(Archive::open(file.into(), Format::Xlsx, source)?))
    }

    /// The XML of a part and its length in bytes, if it is there. Upper and lower case are the same.
    pub(super) fn part(&mut self, path: &str, most: u64) -> Result<Option<(PartXml, u64)>, Wrong> {
        let is_part = |name: &str| name.eq_ignore_ascii_case(path);
        let entry = self.0.entries().iter().find(|entry| is_part(&entry.name)).cloned();
        let Some(entry) = entry else { return Ok(None) };
        let file = self.0.unpack(&entry)?;
        let unread =
            |error| Wrong::new(format!("`{path}` that cannot be read ({error})"), "a workbook");
        let length = file.metadata().map_err(unread)?.len();
        if length > most {
            return Err(Wrong::new(
                format!("`{path}` of {length} bytes"),
                format!("at most {most}"),
            ));
        }
        Ok(Some((Xml::new(path, BufReader::new(file)), length)))
    }

    /// The XML of a part that has to be there, and its length in bytes.
    pub(super) fn needed(&mut self, path: &str, most: u64) -> Result<(PartXml, u64), Wrong> {
        let missing =
            || Wrong::new(format!("no part `{path}`"), "a workbook in XML (.xlsx, .xlsm)");
        self.part(path, most)?.ok_or_else(missing)
    }

    /// What an archive (`""`) or a part says of others; nothing when it says so nowhere.
    pub(super) fn relations(&mut self, of: &str) -> Result<Vec<Relation>, Wrong> {
        let (folder, name) = of.rsplit_once('/').unwrap_or(("", of));
        let path = join(folder, &format!("_rels/{name}.rels"));
        let Some((mut xml, _)) = self.part(&path, MAX_PART_BYTES)? else { return Ok(Vec::new()) };
        let mut relations = Vec::new();
        loop {
            let start = match xml.next()? {
                Event::Start(start) if start.local_name().as_ref() == "Relationship" => {
                    start.into_owned()
                }
                Event::Eof => return Ok(relations),
                _ => continue,
            };
            let of = |name| Ok::<_, Wrong>(xml.attribute(&start, name)?.unwrap_or_default());
            let kind = of("Type")?;
            relations.push(Relation {
                id: of("Id")?,
                kind: kind.rsplit('/').next().unwrap_or_default().into(),
                target: join(folder, &of("Target")?),
            });
        }
    }
}

/// A path from the root, of one that may begin in a folder.
fn join(folder: &str, path: &str) -> String {
    let mut steps: Vec<&str> = Vec::new();
    let folder = if path.starts_with('/') { "" } else { folder };
    for step in folder.split('/').chain(path.split('/')) {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_begin_in_a_folder_or_at_the_root() {
        let check = |folder: &str, path: &str, expected: &str| {
            assert_eq!(join(folder, path), expected);
        };
        check("xl", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml");
        check("xl", "/xl/styles.xml", "xl/styles.xml");
        check("xl/a", "../b.xml", "xl/b.xml");
        check("", "../../b.xml", "b.xml");
    }
}
