//! A summary as JSON.

use serde_json::{Map, Value as Json, json};
use terrier_model::{CoreField, Field, Kind, Text};

use super::{Amount, Figure, Label, Measure, Summary, SummaryQuery};

/// The summary as JSON. `class_title` tells what people call a class.
pub fn summary_json(
    query: &SummaryQuery,
    summary: &Summary,
    class_title: impl Fn(&str) -> Option<Text>,
) -> Json {
    let fields: Vec<&Field> = query.group_fields().collect();
    let groups = summary.groups.iter().map(|group| {
        let mut titles = Map::new();
        let mut by = Map::new();
        for (field, label) in fields.iter().zip(&group.labels) {
            let name = field.name.to_string();
            if let Some(title) = label.title(field, &class_title) {
                titles.insert(name.clone(), text(&title));
            }
            by.insert(name, label.json());
        }
        let (measures, missing) = figures(query, &group.figures);
        json!({ "by": by, "titles": titles, "measures": measures, "missing": missing })
    });
    let (measures, missing) = figures(query, &summary.total);
    json!({
        "collection": query.features().collection().name(),
        "group_by": fields.iter().map(|field| {
            json!({ "name": field.name, "title": text(&field.title) })
        }).collect::<Vec<_>>(),
        "measures": query.measures().map(described).collect::<Vec<_>>(),
        "clip": query.is_clipped(),
        "groups": groups.collect::<Vec<_>>(),
        "total": { "measures": measures, "missing": missing },
    })
}

fn described(measure: Measure) -> Json {
    let mut body = json!({
        "name": measure.name(),
        "title": text(&measure.title()),
        "basis": measure.basis().name(),
    });
    if let Some(unit) = measure.unit() {
        body["unit"] = unit.into();
    }
    body
}

/// The amounts, and how many assets each leaves out.
fn figures(query: &SummaryQuery, figures: &[Figure]) -> (Map<String, Json>, Map<String, Json>) {
    let (mut measures, mut missing) = (Map::new(), Map::new());
    for (measure, figure) in query.measures().zip(figures) {
        measures.insert(measure.name().into(), figure.amount.map_or(Json::Null, Amount::json));
        if measure != Measure::Count {
            missing.insert(measure.name().into(), figure.missing.into());
        }
    }
    (measures, missing)
}

fn text(text: &Text) -> Json {
    json!({ "en": text.en, "zh": text.zh })
}

impl Amount {
    /// The number in JSON.
    pub fn json(self) -> Json {
        match self {
            Self::Whole(number) => number.into(),
            Self::Decimal(number) => number.into(),
        }
    }
}

impl Label {
    /// The value in JSON, null where there is none.
    pub fn json(&self) -> Json {
        match self {
            Self::Text(text) => (**text).into(),
            Self::Truth(truth) => (*truth).into(),
            Self::Unknown => Json::Null,
        }
    }

    /// What people call the value; `None` for a text that says it itself. `class_title` tells what
    /// people call a class.
    pub fn title(&self, field: &Field, class_title: impl Fn(&str) -> Option<Text>) -> Option<Text> {
        match (self, &field.kind) {
            (Self::Unknown, _) => Some(Text::new("Not known", "不明")),
            (Self::Truth(true), _) => Some(Text::new("Yes", "是")),
            (Self::Truth(false), _) => Some(Text::new("No", "否")),
            (Self::Text(text), Kind::Code(codes)) => {
                let code = codes.iter().find(|code| *code.code == **text);
                code.map(|code| code.title.clone())
            }
            (Self::Text(text), _) if field.core == Some(CoreField::Class) => class_title(text),
            (Self::Text(_), _) => None,
        }
    }
}
