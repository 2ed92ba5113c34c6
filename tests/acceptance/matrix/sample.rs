//! A request for each route.

use serde_json::{Value as Json, json};
use terrier_api::Route;

use super::world::Target;

/// Names that nothing has: of a collection, of an asset, of an import, of a change.
pub(super) const MADE_UP: [&str; 4] = [
    "no_such_ones",
    "01a215d5-4a6c-714b-9507-87dd7c7d3f67",
    "01a215d5-4a6c-714b-9507-87dd7c7d3f68",
    "987654321",
];

const GEOJSON: &str = "application/geo+json";

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, &'static str)>,
    pub(super) body: String,
}

impl Sample {
    /// The request for a route about a target; `seen` is the feature as the sender has it. What writes is
    /// rehearsed, so that no request changes the answer to another.
    pub(super) fn of(route: &Route, target: &Target, seen: &Json) -> Self {
        let Target { collection, item, change, import, .. } = target;
        let mut path = route.template.to_owned();
        for (place, name) in [
            ("{collection}", *collection),
            ("{feature}", item),
            ("{change}", change),
            ("{import}", import),
            ("{queryable}", "class"),
        ] {
            path = path.replace(place, name);
        }
        let method = route.method.as_str();
        let no_sample = || panic!("{method} {} has no sample in the matrix", route.template);
        if path.contains('{') {
            no_sample();
        }
        let change_of_status = json!({ "properties": { "lifecycle_status": "abandoned" } });
        let update = json!({
            "edits": [{ "action": "update", "collection": collection, "id": item, "feature": change_of_status }],
        });
        let (form, question, body): (Option<&str>, _, _) = match (method, route.template) {
            ("GET", _) => (None, String::new(), String::new()),
            ("POST", "/collections/{collection}/items") => {
                (Some(GEOJSON), "dry-run=true".into(), target.feature("NEW").to_string())
            }
            ("PUT", _) => (Some(GEOJSON), "dry-run=true".into(), seen.to_string()),
            ("PATCH", _) => (
                Some("application/merge-patch+json"),
                "dry-run=true".into(),
                change_of_status.to_string(),
            ),
            ("DELETE", _) | ("POST", "/change-sets/{change}/revert") => {
                (None, "dry-run=true".into(), String::new())
            }
            ("POST", "/transactions") => {
                (Some("application/json"), "dry-run=true".into(), update.to_string())
            }
            ("POST", "/imports") => {
                let question = format!("as={collection}&name=new.geojson&source=new&dry-run=true");
                (Some(GEOJSON), question, target.feature("NEW").to_string())
            }
            _ => no_sample(),
        };
        let path = if question.is_empty() { path } else { format!("{path}?{question}") };
        let headers = form.map(|form| ("Content-Type", form)).into_iter().collect();
        Self { method: method.into(), path, headers, body }
    }

    /// The same about what nobody has: another collection, or another thing in it where the collection is
    /// seen; `None` where the request names nothing.
    pub(super) fn made_up(&self, target: &Target, sees: bool) -> Option<Self> {
        let [collection, item, import, change] = MADE_UP;
        // What is seen has another asset, and what is not seen is another collection.
        let (asked, nothing) =
            if sees { (&*target.item, item) } else { (target.collection, collection) };
        let of_change = |change: &str| format!("/change-sets/{change}");
        let swap = |text: &str| {
            let text = text.replace(asked, nothing).replace(&target.import, import);
            text.replace(&of_change(&target.change), &of_change(change))
        };
        let (path, body) = (swap(&self.path), swap(&self.body));
        let is_other = path != self.path || body != self.body;
        is_other.then(|| Self { path, body, ..self.clone() })
    }

    /// The same without wanting the body.
    pub(super) fn as_head(&self) -> Self {
        Self { method: "HEAD".into(), ..self.clone() }
    }

    /// Method and path.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}
