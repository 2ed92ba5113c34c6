//! Writes `docs/collections.md` from the classes that the program ships.

use std::fmt::Write;

use terrier_catalog::{class_from_toml, shipped_classes};
use terrier_model::{Class, Field, Kind, Network, NetworkRole, Sensitivity, Text, core_fields};

const HEAD: &str = "\
# Collections

<!-- Made from the classes by tests/acceptance/docs/collections.rs. To make it anew:
     UPDATE_DOCS=1 cargo test -p terrier --test acceptance docs::the_reference -->

Each class of asset is a collection of the same name. The collection `assets` holds the assets of
all classes, with the [fields of every asset](#fields-of-every-asset) alone.

A class may have a part in a *network*: its assets are *edges*, whose fields name the codes of what
stands at their ends; *nodes*, where edges meet; or *devices*, which act on what flows.

Every feature has every field of its collection, `null` where nothing is known. A class is a TOML
document: `terrier classes NAME` prints it, with all titles and descriptions in both languages.

How to read the tables:

- *Takes* says what values the field has, with unit and range. A *code* is one of the list below
  the table. A *number* may have a fraction, a *whole number* has none.
- *Computed*: the register writes the field, nobody can give it.
- *From events*: the field shows the last event of its kind, or counts them. What a file gives for the
  last one makes an [event](events.md#from-a-file).
- *Restricted*: over HTTP the field does not exist but for who has a [key](access.md) that shows it;
  `terrier export` and `terrier history` show it.
";

/// The whole page.
pub(super) fn page() -> String {
    let mut out = HEAD.to_owned();
    section(&mut out, "Fields of every asset", core_fields());
    for (name, text) in shipped_classes() {
        let class = class_from_toml(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        head(&mut out, &class);
        fields(&mut out, class.own_fields());
    }
    out
}

fn head(out: &mut String, class: &Class) {
    let (title, description) = (class.title(), class.description());
    write(out, format_args!("\n## {}\n\n", class.name()));
    write(out, format_args!("{} ({}): {}\n", title.en, title.zh, lower_first(&description.en)));
    write(out, format_args!("Geometry: `{}`.", class.geometry().geojson_name()));
    if let Some(Network { kind, role }) = class.network() {
        write(out, format_args!(" Network: `{kind}`, {}", role.name()));
        if let NetworkRole::Edge { from, to } = role {
            write(out, format_args!(" from `{from}` to `{to}`"));
        }
        out.push('.');
    }
    out.push_str("\n\n");
}

fn section(out: &mut String, title: &str, described: &[Field]) {
    write(out, format_args!("\n## {title}\n\n"));
    fields(out, described);
}

fn fields(out: &mut String, described: &[Field]) {
    out.push_str("| Field | Takes | Title | 标题 | Notes |\n|---|---|---|---|---|\n");
    let described = || described.iter().filter(|field| !field.retired);
    for field in described() {
        let Text { en, zh } = &field.title;
        let (name, takes, notes) = (&field.name, takes(field), notes(field));
        write(out, format_args!("| `{name}` | {takes} | {en} | {zh} | {notes} |\n"));
    }
    for field in described() {
        if let Some(codes) = field.kind.codes() {
            write(out, format_args!("\nCodes of `{}`:\n\n", field.name));
            for code in codes {
                let retired = if code.retired { "; *retired*" } else { "" };
                let (code, Text { en, zh }) = (&code.code, &code.title);
                write(out, format_args!("- `{code}`: {en} ({zh}){retired}\n"));
            }
        }
    }
}

fn takes(field: &Field) -> String {
    let mut text = match &field.kind {
        Kind::Text => "text",
        Kind::Code(_) => "code",
        Kind::Integer => "whole number",
        Kind::Number => "number",
        Kind::Boolean => "true or false",
        Kind::Date => "date",
        Kind::Instant => "time (UTC)",
        Kind::List(None) => "list of texts",
        Kind::List(Some(_)) => "list of codes",
    }
    .to_owned();
    if let Some(unit) = &field.unit {
        write(&mut text, format_args!(", {unit}"));
    }
    match field.range {
        Some((least, f64::MAX)) => write(&mut text, format_args!(", from {least}")),
        Some((least, greatest)) => write(&mut text, format_args!(", {least} to {greatest}")),
        None => {}
    }
    text
}

fn notes(field: &Field) -> String {
    let mut notes = Vec::new();
    if field.event.is_some() {
        notes.push("*From events.*");
    } else if field.is_read_only() {
        notes.push("*Computed.*");
    }
    if field.sensitivity == Sensitivity::Restricted {
        notes.push("*Restricted.*");
    }
    notes.extend(field.description.as_ref().map(|text| &*text.en));
    notes.join(" ")
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}

fn write(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string takes whatever is written");
}
