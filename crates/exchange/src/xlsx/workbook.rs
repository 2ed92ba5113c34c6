//! What a workbook says of its sheets, and what they share: texts and styles.

use std::sync::Arc;

use quick_xml::events::Event;

use super::package::{Package, PartXml, Source};
use super::sheet::Sheet;
use super::style::{self, Shown};
use super::{MAX_PART_BYTES, MAX_SHARED_TEXT_BYTES, MAX_SHEET_BYTES, Wrong};

/// A workbook of which all but the sheets has been read.
pub(super) struct Workbook<'a> {
    package: Package<'a>,
    pub(super) sheets: Vec<SheetName>,
    shared: Arc<Shared>,
}

/// A sheet by its name.
#[derive(Debug)]
pub(super) struct SheetName {
    pub(super) name: Box<str>,
    pub(super) is_hidden: bool,
    path: String,
}

/// What the cells of all sheets refer to.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) texts: Texts,
    pub(super) styles: Vec<Shown>,
    pub(super) is_1904: bool,
}

impl<'a> Workbook<'a> {
    pub(super) fn open(file: &str, source: &'a mut dyn Source) -> Result<Self, Wrong> {
        let mut package = Package::open(file, source)?;
        let of_package = package.relations("")?;
        let main = of_package.into_iter().find(|relation| relation.kind == "officeDocument");
        let main = main.map_or_else(|| "xl/workbook.xml".into(), |relation| relation.target);
        let relations = package.relations(&main)?;
        let target = |kind: &str| {
            relations
                .iter()
                .find(|relation| relation.kind == kind)
                .map(|relation| &*relation.target)
        };
        let mut shared = Shared::default();
        if let Some(path) = target("sharedStrings")
            && let Some((xml, _)) = package.part(path, MAX_SHARED_TEXT_BYTES)?
        {
            shared.texts = Texts::read(xml)?;
        }
        if let Some(path) = target("styles")
            && let Some((xml, _)) = package.part(path, MAX_PART_BYTES)?
        {
            shared.styles = style::read(xml, path)?;
        }
        let (mut xml, _) = package.needed(&main, MAX_PART_BYTES)?;
        let mut sheets = Vec::new();
        loop {
            let start = match xml.next()? {
                Event::Start(start) => start.into_owned(),
                Event::Eof => break,
                _ => continue,
            };
            match start.local_name().as_ref() {
                "workbookPr" => {
                    let is_1904 = xml.attribute(&start, "date1904")?;
                    shared.is_1904 |= is_1904.is_some_and(|is| is == "1" || is == "true");
                }
                "sheet" => {
                    let id = xml.attribute(&start, "id")?.unwrap_or_default();
                    let relation = relations.iter().find(|relation| relation.id == id);
                    // Others are diagrams and dialogues.
                    if let Some(relation) = relation.filter(|other| other.kind == "worksheet") {
                        let state = xml.attribute(&start, "state")?;
                        sheets.push(SheetName {
                            name: xml.attribute(&start, "name")?.unwrap_or_default().into(),
                            is_hidden: state.is_some_and(|state| state != "visible"),
                            path: relation.target.clone(),
                        });
                    }
                }
                _ => {}
            }
        }
        Ok(Self { package, sheets, shared: Arc::new(shared) })
    }

    /// Begins to read a sheet, by its place in the list.
    pub(super) fn sheet(&mut self, place: usize) -> Result<Sheet, Wrong> {
        let path = &self.sheets[place].path;
        let (xml, bytes) = self.package.needed(path, MAX_SHEET_BYTES)?;
        Ok(Sheet::new(xml, bytes, path, Arc::clone(&self.shared)))
    }
}

/// The texts that cells refer to by their place, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Texts {
    all: String,
    ends: Vec<usize>,
}

impl Texts {
    fn read(mut xml: PartXml) -> Result<Self, Wrong> {
        let mut texts = Self::default();
        loop {
            match xml.next()? {
                Event::Start(start) if start.local_name().as_ref() == "si" => {
                    xml.text(&mut texts.all, usize::MAX)?;
                    texts.ends.push(texts.all.len());
                }
                Event::End(end) if end.local_name().as_ref() == "sst" => return Ok(texts),
                Event::Eof => return Err(xml.ends_before("the end of its texts")),
                _ => {}
            }
        }
    }

    pub(super) fn get(&self, place: usize) -> Option<&str> {
        let end = *self.ends.get(place)?;
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        Some(&self.all[start..end])
    }
}
