//! The API document, as far as questions are described in it.

use std::rc::Rc;

use serde_json::{Map, Value as Json};

use crate::answer::Answer;

/// The API document of a server.
pub(crate) struct Api {
    answer: Option<Rc<Answer>>,
}

/// A parameter as the document describes it.
pub(crate) enum Parameter<'a> {
    /// In the document itself.
    Here(&'a Json),
    /// In another document, which is not read.
    Elsewhere(&'a str),
}

impl Api {
    pub(crate) fn new(answer: Option<Rc<Answer>>) -> Self {
        Self { answer }
    }

    /// The answer that brought the document, if there is one.
    pub(crate) fn answer(&self) -> Option<&Answer> {
        self.answer.as_deref()
    }

    pub(crate) fn document(&self) -> &Json {
        self.answer.as_deref().map_or(&Json::Null, Answer::json)
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = (&String, &Json)> + Clone {
        self.document()["paths"].as_object().into_iter().flat_map(Map::iter)
    }

    /// What a reference within the document leads to.
    pub(crate) fn target(&self, reference: &str) -> Option<&Json> {
        self.document().pointer(reference.strip_prefix('#')?)
    }

    /// The `GET` of the features of a collection: at its own path, or at that of all collections.
    pub(crate) fn items(&self, collection: &str) -> Option<&Json> {
        let own = format!("/collections/{collection}/items");
        let of_all = |path: &str| {
            let name =
                path.strip_suffix("/items").and_then(|path| path.split("/collections/").nth(1));
            name.is_some_and(|name| name.starts_with('{') && !name.contains('/'))
        };
        let mut paths = self.paths().filter(|(_, item)| item.get("get").is_some());
        let found = paths.clone().find(|(path, _)| path.ends_with(&own));
        let (_, item) = found.or_else(|| paths.find(|(path, _)| of_all(path)))?;
        Some(item)
    }

    /// The parameters of the features of a collection, those of the whole path included.
    pub(crate) fn parameters(&self, collection: &str) -> Vec<Parameter<'_>> {
        let Some(item) = self.items(collection) else { return Vec::new() };
        let lists = [&item["get"]["parameters"], &item["parameters"]];
        let all = lists.into_iter().filter_map(Json::as_array).flatten();
        let resolved = |parameter: &'_ Json| match parameter["$ref"].as_str() {
            None => true,
            Some(reference) => self.target(reference).is_some(),
        };
        all.map(|parameter| match parameter["$ref"].as_str() {
            Some(reference) if resolved(parameter) => {
                Parameter::Here(self.target(reference).unwrap_or(parameter))
            }
            Some(_) => Parameter::Elsewhere(parameter["$ref"].as_str().unwrap_or_default()),
            None => Parameter::Here(parameter),
        })
        .collect()
    }

    /// The parameter of that name.
    pub(crate) fn parameter(&self, collection: &str, name: &str) -> Option<Parameter<'_>> {
        // Documents elsewhere call a component or a file by the name of the parameter.
        let is_named = |reference: &str| {
            let last = reference.rsplit(['/', '#']).next().unwrap_or_default();
            last.trim_end_matches(".yaml").trim_end_matches(".json") == name
        };
        self.parameters(collection).into_iter().find(|parameter| match parameter {
            Parameter::Here(parameter) => parameter["name"] == name,
            Parameter::Elsewhere(reference) => is_named(reference),
        })
    }

    /// A number in the schema of the parameter `limit`.
    pub(crate) fn of_limit(&self, collection: &str, word: &str) -> Option<u64> {
        match self.parameter(collection, "limit")? {
            Parameter::Here(parameter) => self.schema(parameter)[word].as_u64(),
            Parameter::Elsewhere(_) => None,
        }
    }

    /// The schema of a parameter.
    pub(crate) fn schema<'a>(&'a self, parameter: &'a Json) -> &'a Json {
        let schema = &parameter["schema"];
        schema["$ref"].as_str().and_then(|reference| self.target(reference)).unwrap_or(schema)
    }
}
