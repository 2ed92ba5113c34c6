//! Walks through the XML of a part of a workbook. Entities that a document defines for itself are not
//! known, so that none can grow.

use std::borrow::Cow;
use std::io::BufRead;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Error, Reader, XmlVersion};

use super::Wrong;

/// The XML of a part.
pub(super) struct Xml<R> {
    reader: Reader<R>,
    buffer: Vec<u8>,
    part: Box<str>,
}

impl<R: BufRead> Xml<R> {
    pub(super) fn new(part: &str, read: R) -> Self {
        let mut reader = Reader::from_reader(read);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Vec::new(), part: part.into() }
    }

    /// What stands next. An empty element is one with a beginning and an end.
    pub(super) fn next(&mut self) -> Result<Event<'_>, Wrong> {
        self.buffer.clear();
        self.reader.read_event_into(&mut self.buffer).map_err(|error| of_xml(&self.part, error))
    }

    /// How many bytes have been read.
    pub(super) fn position(&self) -> u64 {
        self.reader.buffer_position()
    }

    /// The part ends before something.
    pub(super) fn ends_before(&self, what: &str) -> Wrong {
        Wrong::new(format!("`{}` that ends before {what}", self.part), "a workbook that is whole")
    }

    /// Adds the text of an element that has begun to `text`, up to its end; of text that is set in
    /// pieces, all but what tells how it is read aloud (`rPh`). Beyond `most` bytes, it is cut.
    pub(super) fn text(&mut self, text: &mut String, most: usize) -> Result<(), Wrong> {
        let (mut depth, mut aloud) = (1_u32, None);
        while depth > 0 {
            let part = &self.part;
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer);
            let piece: Cow<str> = match event.map_err(|error| of_xml(part, error))? {
                Event::Start(start) => {
                    depth += 1;
                    if aloud.is_none() && start.local_name().as_ref() == "rPh" {
                        aloud = Some(depth);
                    }
                    continue;
                }
                Event::End(_) => {
                    if aloud == Some(depth) {
                        aloud = None;
                    }
                    depth -= 1;
                    continue;
                }
                Event::Text(piece) => piece.xml10_content(),
                Event::CData(piece) => piece.xml10_content(),
                Event::GeneralRef(entity) => {
                    let sign = entity.resolve_char_ref().map_err(|error| of_xml(part, error))?;
                    match (sign, resolve_predefined_entity(&entity)) {
                        (Some(sign), _) => sign.to_string().into(),
                        (None, Some(text)) => text.into(),
                        (None, None) => {
                            let found = format!("`&{};` in `{part}`", shown(&entity));
                            return Err(Wrong::new(found, "no entity of its own"));
                        }
                    }
                }
                Event::Eof => return Err(self.ends_before("the end of an element")),
                _ => continue,
            };
            if aloud.is_none() {
                let room = most.saturating_sub(text.len());
                text.push_str(&piece[..piece.floor_char_boundary(room)]);
            }
        }
        Ok(())
    }

    /// The value of an attribute, by its name without prefix.
    pub(super) fn attribute(
        &self,
        start: &BytesStart,
        name: &str,
    ) -> Result<Option<String>, Wrong> {
        attribute(&self.part, start, name)
    }
}

/// The value of an attribute of an element of a part, by its name without prefix.
pub(super) fn attribute(
    part: &str,
    start: &BytesStart,
    name: &str,
) -> Result<Option<String>, Wrong> {
    // To look for attributes that come twice takes a time that grows with the square of their number.
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| of_xml(part, error.into()))?;
        if attribute.key.local_name().as_ref() == name {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            return value
                .map(|value| Some(value.into_owned()))
                .map_err(|error| of_xml(part, error));
        }
    }
    Ok(None)
}

fn of_xml(part: &str, error: Error) -> Wrong {
    match error {
        Error::Io(error) => {
            Wrong::new(format!("`{part}` that cannot be read ({error})"), "a workbook")
        }
        error => Wrong::new(format!("`{part}` that is no XML ({error})"), "a workbook"),
    }
}

fn shown(text: &str) -> &str {
    &text[..text.floor_char_boundary(32)]
}
