//! Writes a suggestion as a mapping in TOML, with what was found in comments.

use std::fmt::Write;

use terrier_model::{CoreField, Field};
use toml::Value;

use super::Wish;
use super::fill::{CodeLine, Filling};
use super::look::{Look, MAX_LOOKED_ROWS};
use super::place;
use super::plan::{KeyOf, Plan, Use, is_taken};
use super::seen::Seen;
use crate::description::Description;
use crate::format::Format;
use crate::position::PositionColumns;
use crate::survey;

/// So many values are shown of a property that nobody knows.
const SHOWN_VALUES: usize = 3;

/// So much of a value is shown.
const SHOWN_CHARS: usize = 30;

/// So many coordinate systems are listed in which the positions may be.
const SHOWN_SYSTEMS: usize = 30;

/// So many layers are named.
const SHOWN_LAYERS: usize = 100;

/// What is written.
pub(super) struct Document<'a> {
    pub(super) wish: &'a Wish<'a>,
    pub(super) look: &'a Look,
    pub(super) plan: &'a Plan,
    /// Other classes that have something for them.
    pub(super) others: &'a [String],
    pub(super) key: KeyOf,
    /// What has to be said before the file can be imported.
    pub(super) open: Vec<&'static str>,
    pub(super) text: String,
}

impl Document<'_> {
    pub(super) fn write(&mut self) {
        self.head();
        self.crs();
        self.geometry();
        self.file();
        self.collection();
        self.fields();
        self.rest();
    }

    fn line(&mut self, line: impl AsRef<str>) {
        self.text.push_str(line.as_ref());
        self.text.push('\n');
    }

    fn comment(&mut self, text: impl AsRef<str>) {
        let text = one_line(text.as_ref());
        self.line(format!("# {text}").trim_end());
    }

    fn head(&mut self) {
        let Look { rows, unread, is_all, .. } = *self.look;
        let mut description = self.look.description.clone();
        description.columns.clear();
        self.comment(
            "A mapping that `terrier import --suggest` made. Read each line: it was told from the",
        );
        self.comment(
            "names and values of a file, and what stands behind a # does nothing yet. Then try it:",
        );
        self.comment(format!("  terrier import {} --mapping THIS.toml --dry-run", self.wish.path));
        self.comment("");
        self.comment(format!("`{}` is {description}.", self.wish.path));
        if is_all {
            self.comment(format!("All of its {rows} rows were looked at."));
        } else {
            self.comment(format!(
                "Its first {MAX_LOOKED_ROWS} rows were looked at; there are more."
            ));
        }
        if unread > 0 {
            self.comment(format!("Of these, {unread} could not be read."));
        }
        self.line("");
        self.line(format!(
            "source = {} # whose keys these are; the same from one file to the next",
            quoted(self.wish.source)
        ));
    }

    fn crs(&mut self) {
        let look = self.look;
        if let Some(said) = &self.wish.crs {
            self.line(format!("crs = {} # as --crs says", quoted(said.code())));
            return;
        }
        let is_doubtful = look.description.format == Format::GeoJson && look.is_beyond_degrees();
        match look.description.crs.as_ref().filter(|_| !is_doubtful) {
            Some(crs) if crs.is_wgs84() && look.description.format != Format::GeoPackage => {
                self.comment("Positions are taken for longitude and latitude on WGS 84.");
            }
            Some(crs) => {
                self.comment(format!("The file says that positions are in {}.", crs.code()));
            }
            None if look.samples.is_empty() => self.comment("crs = \"EPSG:4548\""),
            None => self.candidates(),
        }
    }

    /// Lists the systems in which the positions may be, with where they would lie.
    fn candidates(&mut self) {
        let candidates = place::candidates(&self.look.samples);
        self.open.push("the coordinate system");
        let only = match &*candidates {
            [only] => only.crs.code(),
            _ => "",
        };
        self.comment(
            "Nothing says in which coordinate system the positions are. Say it, here or by --crs:",
        );
        self.comment(format!("crs = {}", quoted(only)));
        if candidates.is_empty() {
            self.comment("None that Terrier knows has such numbers; `terrier crs` lists them.");
            return;
        }
        self.comment("These have such numbers. Where the first row would lie, in degrees, tells which one it is:");
        for candidate in candidates.iter().take(SHOWN_SYSTEMS) {
            let ([lon, lat], crs) = (candidate.place, &candidate.crs);
            self.comment(format!("  {:<11} {lon:.4}, {lat:.4}  {}", crs.code(), crs.name()));
        }
        if candidates.len() > SHOWN_SYSTEMS {
            self.comment("  …");
        }
        if candidates.iter().any(|candidate| candidate.crs.code() == "EPSG:4490") {
            self.comment(
                "Degrees of Chinese map services are GCJ-02 or BD-09, some hundred metres away.",
            );
        } else if candidates.iter().any(|candidate| place::is_chinese(&candidate.crs)) {
            self.comment("Xian 1980 and Beijing 1954 have such numbers too, and want parameters.");
        }
    }

    fn geometry(&mut self) {
        if survey::may_be(&self.look.description.columns) {
            self.comment(
                "The columns are those of a survey of points and lines, which is read as such with",
            );
            self.comment("table = { kind = \"point_line\" }");
            self.comment(
                "in the place of `geometry`, and a collection each for the points and the lines.",
            );
        }
        let Some(found) = &self.look.found else {
            if self.look.geometries.is_empty() {
                self.open.push("the columns with the positions");
                self.comment("No positions were found. The columns that hold them:");
                self.comment("geometry = { easting = \"\", northing = \"\" }");
            }
            return;
        };
        let (columns, is_sure) = (found.columns.clone(), found.is_sure);
        let line = match columns {
            PositionColumns::Unwanted => return,
            PositionColumns::Wkt(name) => format!("geometry = {{ wkt = {} }}", quoted(&name)),
            PositionColumns::Numbers { east, north } => {
                let how = if is_sure {
                    ""
                } else {
                    " # as their numbers tell; surveyors call the northing X"
                };
                format!(
                    "geometry = {{ easting = {}, northing = {} }}{how}",
                    quoted(&east),
                    quoted(&north)
                )
            }
        };
        self.line(line);
    }

    fn file(&mut self) {
        let Description {
            format,
            layer,
            layers,
            encoding,
            delimiter,
            decimal,
            is_guessed,
            header_row,
            ..
        } = &self.look.description;
        let mut keys: Vec<(&str, String)> = Vec::new();
        if let Some(encoding) = encoding.as_ref().filter(|_| *is_guessed) {
            keys.push(("encoding", quoted(encoding)));
        }
        if *format == Format::Csv {
            let sign = |c: &char| if *c == '\t' { quoted("tab") } else { quoted(&c.to_string()) };
            keys.extend(delimiter.as_ref().map(|delimiter| ("delimiter", sign(delimiter))));
            keys.extend(decimal.as_ref().map(|decimal| ("decimal", sign(decimal))));
        }
        let key = if *format == Format::Xlsx { "sheet" } else { "layer" };
        let named = layer.as_ref().filter(|_| layers.len() > 1);
        keys.extend(named.map(|layer| (key, quoted(layer))));
        if let Some(row) = header_row.filter(|_| *is_guessed) {
            keys.push(("header_row", row.to_string()));
        }
        let others = layers.iter().filter(|other| named.is_some_and(|layer| layer != *other));
        let others: Vec<&str> = others.take(SHOWN_LAYERS).map(|layer| &**layer).collect();
        let others = others.join(", ");
        if keys.is_empty() {
            return;
        }
        self.line("\n[file]");
        for (key, value) in keys {
            self.line(format!("{key} = {value}"));
        }
        if !others.is_empty() {
            self.comment(format!("There are also {others}."));
        }
    }

    fn collection(&mut self) {
        let class = &self.plan.class;
        self.line("\n[[collection]]");
        let title = format!("{}, {}", class.title().en, class.title().zh);
        self.line(format!("into = {} # {}", quoted(class.name()), one_line(&title)));
        if self.wish.class.is_none() {
            let others = match self.others {
                [] => String::new(),
                others => format!(" It may be {} too.", others.join(" or ")),
            };
            self.comment(format!("The class is a guess; --class says another.{others}"));
        }
        for (geometry, rows) in &self.look.geometries {
            if !is_taken(geometry, class.geometry()) {
                let kind = class.geometry().geojson_name();
                self.comment(format!("{rows} rows are of {geometry}, and the class takes {kind}."));
            }
        }
        match self.key {
            KeyOf::Feature => {
                let number = self.look.description.number_column();
                let note = if number.is_some_and(|name| name != crate::header::ID_COLUMN) {
                    "the number of the row in the file, which another file may give to another asset"
                } else {
                    "the id of the row"
                };
                self.line(format!("key = \"@id\" # {note}"));
            }
            KeyOf::Property(at) => {
                let name = &self.look.properties[at].name;
                self.line(format!("key = {} # a value of its own in each row", quoted(name)));
            }
            KeyOf::Nothing => {
                self.open.push("the key");
                self.comment("key = \"\" # no property is called a key and has a value of its own in each row");
            }
        }
    }

    fn fields(&mut self) {
        self.line("\n[collection.fields]");
        if self.plan.filling_of(CoreField::LifecycleStatus).is_none() {
            self.comment("lifecycle_status = { value = \"in_service\" } # the same for all rows");
        }
        if let (KeyOf::Property(at), None) = (self.key, self.plan.filling_of(CoreField::Code)) {
            self.line(format!("code = {} # the key", quoted(&self.look.properties[at].name)));
        }
        for is_table in [false, true] {
            for (seen, use_) in self.look.properties.iter().zip(&self.plan.uses) {
                match use_ {
                    Use::Fills(field, filling) if filling.codes.is_empty() != is_table => {
                        self.field(seen, *field, filling, "");
                    }
                    Use::MayFill(field, filling) if filling.codes.is_empty() != is_table => {
                        self.field(seen, *field, filling, "# ");
                    }
                    _ => {}
                }
            }
        }
    }

    /// Writes how a property fills a field; with a sign before each line that makes a comment of it.
    fn field(&mut self, seen: &Seen, field: usize, filling: &Filling, sign: &str) {
        let Field { name, .. } = &self.plan.class.fields()[field];
        let words = seen.in_words(self.look.rows);
        let from = quoted(&seen.name);
        let keys: String = filling.keys.iter().fold(String::new(), |mut keys, (key, value)| {
            let _ = write!(keys, ", {key} = {}", in_toml(value));
            keys
        });
        let notes = filling.notes.iter().map(|note| one_line(note));
        let refused = (filling.refused > 0 && filling.codes.is_empty())
            .then(|| format!("{} rows are refused", filling.refused));
        for note in notes.chain(refused) {
            self.comment(note);
        }
        if filling.codes.is_empty() && keys.is_empty() {
            self.line(format!("{sign}{name} = {from} # {words}"));
        } else if filling.codes.is_empty() {
            self.line(format!("{sign}{name} = {{ from = {from}{keys} }} # {words}"));
        } else {
            self.line("");
            self.line(format!("{sign}[collection.fields.{name}] # {words}"));
            self.line(format!("{sign}from = {from}"));
            for (key, value) in &filling.keys {
                self.line(format!("{sign}{key} = {}", in_toml(value)));
            }
            for line in &filling.codes {
                self.code(line, sign);
            }
        }
    }

    fn code(&mut self, line: &CodeLine, sign: &str) {
        let CodeLine { text, rows, value, is_sure } = line;
        let text = quoted(text);
        match value {
            Some(value) => {
                let guess = if *is_sure { "" } else { ", a guess" };
                self.line(format!("{sign}codes.{text} = {} # {rows} rows{guess}", in_toml(value)));
            }
            None => self.line(format!("# codes.{text} = \"\" # {rows} rows, to be filled in")),
        }
    }

    /// Tells of what nobody knows.
    fn rest(&mut self) {
        let rest: Vec<&Seen> = self
            .look
            .properties
            .iter()
            .zip(&self.plan.uses)
            .enumerate()
            .filter(|(at, (_, use_))| {
                matches!(use_, Use::Unknown | Use::Computed) && self.key != KeyOf::Property(*at)
            })
            .map(|(_, (seen, _))| seen)
            .collect();
        if rest.is_empty() {
            return;
        }
        self.line("");
        self.comment("What is not taken. Put the name of a field before it, and the line under [collection.fields]:");
        for seen in rest {
            let field = self.plan.class.position(&seen.name);
            let is_computed = field.is_some_and(|at| !self.plan.class.fields()[at].is_given());
            let words = if is_computed {
                "the register computes it".into()
            } else {
                let shown = shown_values(seen);
                format!("{}{shown}", seen.in_words(self.look.rows))
            };
            self.line(format!("#  = {} # {}", quoted(&seen.name), one_line(&words)));
        }
    }
}

/// The most frequent values of a property that are texts.
fn shown_values(seen: &Seen) -> String {
    if seen.values().is_empty() || seen.numbers == seen.filled || seen.truths == seen.filled {
        return String::new();
    }
    let values = seen.by_frequency().into_iter().take(SHOWN_VALUES).map(|value| {
        let shown: String = value.text.chars().take(SHOWN_CHARS).collect();
        let more = if shown.len() < value.text.len() { "…" } else { "" };
        format!("`{shown}{more}` ({})", value.rows)
    });
    format!(": {}", values.collect::<Vec<_>>().join(", "))
}

/// A text as TOML has it in quotes, on one line.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn in_toml(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(in_toml).collect();
            format!("[{}]", values.join(", "))
        }
        other => other.to_string(),
    }
}

/// A text without signs that would end a comment, or that TOML has in none.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_may_stand_in_quotes() {
        for text in ["", "a\"b\\c", "管径\n(mm)\t", "\u{0}\u{7f}\u{85}", "'''", "\u{feff}😀"] {
            let line = format!("a = {}", quoted(text));
            let table: toml::Table = line.parse().expect("TOML");
            assert_eq!((table["a"].as_str(), line.lines().count()), (Some(text), 1));
        }
    }
}
