//! A summary as rows of text, for programs.

use terrier_catalog::{Figure, Label, Measure, Summary, SummaryQuery};
use terrier_model::{CoreField, Field, Kind, Text};

use crate::csv_text;

/// The groups alone, or all together where there are none (RFC 4180): of each its values, those that are
/// codes with their titles, and its figures with how many features each leaves out. `class_title` tells
/// what people call a class. Texts are guarded as those of an export.
pub fn summary_csv(
    query: &SummaryQuery,
    summary: &Summary,
    class_title: impl Fn(&str) -> Option<Text>,
) -> String {
    let fields: Vec<&Field> = query.group_fields().collect();
    let mut rows = Rows(String::new());
    rows.put(&heading(query, &fields));
    for group in &summary.groups {
        let mut cells = Vec::new();
        for (label, field) in group.labels.iter().zip(&fields) {
            cells.push(name(label));
            if has_titles(field) {
                let title = label.title(field, &class_title);
                let title = title.filter(|_| matches!(label, Label::Text(_)));
                let title = title.unwrap_or(Text::new("", ""));
                cells.extend([csv_text(&title.en), csv_text(&title.zh)]);
            }
        }
        cells.extend(numbers(query, &group.figures));
        rows.put(&cells);
    }
    if fields.is_empty() {
        rows.put(&numbers(query, &summary.total));
    }
    rows.0
}

struct Rows(String);

impl Rows {
    fn put(&mut self, cells: &[String]) {
        self.0.push_str(&cells.join(","));
        self.0.push_str("\r\n");
    }
}

fn heading(query: &SummaryQuery, fields: &[&Field]) -> Vec<String> {
    let mut heading = Vec::new();
    for field in fields {
        heading.push(csv_text(&field.name));
        if has_titles(field) {
            heading
                .extend(["en", "zh"].map(|tongue| csv_text(&format!("{}_{tongue}", field.name))));
        }
    }
    for measure in query.measures() {
        heading.push(measure.name().into());
        if measure != Measure::Count {
            heading.push(format!("{}_missing", measure.name()));
        }
    }
    heading
}

fn numbers(query: &SummaryQuery, figures: &[Figure]) -> Vec<String> {
    let mut cells = Vec::new();
    for (measure, figure) in query.measures().zip(figures) {
        cells.push(figure.amount.map_or_else(String::new, |amount| amount.json().to_string()));
        if measure != Measure::Count {
            cells.push(figure.missing.to_string());
        }
    }
    cells
}

/// The value as a cell; empty where there is none.
fn name(label: &Label) -> String {
    match label {
        Label::Text(text) => csv_text(text),
        Label::Truth(truth) => truth.to_string(),
        Label::Unknown => String::new(),
    }
}

/// Whether the values of a field are codes, which have titles.
fn has_titles(field: &Field) -> bool {
    matches!(field.kind, Kind::Code(_)) || field.core == Some(CoreField::Class)
}
