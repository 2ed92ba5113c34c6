//! One operation of the API, and the answers that all of them share.

use serde_json::{Map, Value, json};

use super::{content, header, of_schema, parameter};
use crate::problem::PROBLEM_JSON;

/// One `GET` in the making.
pub(super) struct Operation {
    path: String,
    id: String,
    tag: &'static str,
    summary: String,
    description: Option<String>,
    parameters: Vec<Value>,
    /// Those of the answer when all is well.
    headers: Vec<&'static str>,
    responses: Map<String, Value>,
    /// Whether it is answered with a page to read, too.
    has_page: bool,
}

impl Operation {
    pub(super) fn new(path: &str, id: &str, tag: &'static str, summary: &str) -> Self {
        let own = [("304", "notModified"), ("400", "badRequest"), ("406", "notAcceptable")];
        let responses = own.into_iter().chain(PROBLEMS_OF_KEYS).chain(PROBLEMS_OF_ALL);
        Self {
            path: path.into(),
            id: id.into(),
            tag,
            summary: summary.into(),
            description: None,
            parameters: ["f", "lang"].map(parameter::reference).into(),
            headers: header::OF_STATE.into_iter().chain(["Content-Language"]).collect(),
            responses: responses.map(|(status, name)| (status.into(), problem(name))).collect(),
            has_page: true,
        }
    }

    /// Beside the standards: one form, no parameters, never kept.
    pub(super) fn outside(mut self) -> Self {
        self.has_page = false;
        self.parameters.clear();
        self.headers = header::OF_MOMENT.into();
        for status in ["304", "400", "401", "406", "429"] {
            self.responses.remove(status);
        }
        self
    }

    /// There is no page of it.
    pub(super) fn without_page(self) -> Self {
        Self { has_page: false, ..self }
    }

    /// Clients keep it, and ask whether it is another.
    pub(super) fn kept(mut self) -> Self {
        self.headers = header::OF_STATE.into();
        self.responses.insert("304".into(), problem("notModified"));
        self
    }

    pub(super) fn described(self, text: &str) -> Self {
        Self { description: Some(text.into()), ..self }
    }

    pub(super) fn with(self, parameters: impl IntoIterator<Item = Value>) -> Self {
        Self { parameters: parameters.into_iter().collect(), ..self }
    }

    /// What is asked for may not exist.
    pub(super) fn missing(mut self) -> Self {
        self.responses.insert("404".into(), problem("notFound"));
        self
    }

    /// Whether what is asked for may be no more.
    pub(super) fn ending(mut self, ends: bool) -> Self {
        if ends {
            self.responses.insert("410".into(), problem("ended"));
        }
        self
    }

    pub(super) fn answers(mut self, text: &str, mut forms: Map<String, Value>) -> Self {
        if self.has_page {
            forms.append(&mut content("text/html", json!({ "type": "string" })));
        }
        let response = json!({ "description": text, "content": Value::Object(forms) });
        self.responses.insert("200".into(), response);
        self
    }

    /// The answer has more headers than those of its state.
    pub(super) fn heading(mut self, names: &[&'static str]) -> Self {
        self.headers.extend(names);
        self
    }

    pub(super) fn into_path(mut self) -> (String, Value) {
        if let Some(response) = self.responses.get_mut("200") {
            response["headers"] = header::references(self.headers).into();
        }
        let mut operation = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "responses": self.responses,
        });
        if let Some(description) = self.description {
            operation["description"] = description.into();
        }
        if !self.parameters.is_empty() {
            operation["parameters"] = self.parameters.into();
        }
        (self.path, json!({ "get": operation }))
    }
}

/// The problems that any request can meet.
const PROBLEMS_OF_ALL: [(&str, &str); 4] =
    [("414", "uriTooLong"), ("431", "headersTooLarge"), ("500", "serverError"), ("503", "busy")];

/// The problems that a request can meet which may need a key.
pub(super) const PROBLEMS_OF_KEYS: [(&str, &str); 2] =
    [("401", "keyWanted"), ("429", "tooManyFailedKeys")];

/// The reference to one of the answers that several paths share.
pub(super) fn problem(name: &str) -> Value {
    json!({ "$ref": format!("#/components/responses/{name}") })
}

/// The problems that any request can meet which writes.
pub(super) fn problems_of_writing() -> Map<String, Value> {
    let own = [("400", "badRequest"), ("507", "noSpace")];
    let all = own.into_iter().chain(PROBLEMS_OF_KEYS).chain(PROBLEMS_OF_ALL);
    all.map(|(status, name)| (status.to_owned(), problem(name))).collect()
}

/// The answers that several paths share.
pub(super) fn responses() -> Value {
    let of_moment = || header::OF_MOMENT.into_iter().chain(["Content-Language"]);
    let problem = |text: &str| {
        let mut forms = content(PROBLEM_JSON, of_schema("problem"));
        forms.append(&mut content("text/html", json!({ "type": "string" })));
        let headers = header::references(of_moment());
        json!({ "description": text, "headers": headers, "content": Value::Object(forms) })
    };
    let mut busy =
        problem("Too much is being asked at this moment; come back after `Retry-After`.");
    busy["headers"] = header::references(of_moment().chain(["Retry-After"])).into();
    let mut wanted = problem("A key is wanted, or the one that came does not work.");
    wanted["headers"] = header::references(of_moment().chain(["WWW-Authenticate"])).into();
    let mut failed = problem("Too many keys that do not work came from this address.");
    failed["headers"] = header::references(of_moment().chain(["Retry-After"])).into();
    let mut ended = problem("The feature is no more; the links lead to its history.");
    ended["headers"] = header::references(of_moment().chain(["Link"])).into();
    let mut unsupported = problem(
        "The body is of a media type that is not taken here; `Accept-Post` or `Accept-Patch` names \
         those that are.",
    );
    unsupported["headers"] =
        header::references(of_moment().chain(["Accept-Post", "Accept-Patch"])).into();
    let mut stale = problem(
        "The client has not seen the version that there is; `current` is the feature, `changed` what \
         has changed since.",
    );
    stale["headers"] = header::references(of_moment()).into();
    stale["headers"]["ETag"] = json!({
        "description": "The tag of the version that there is.",
        "required": false,
        "schema": { "type": "string" },
    });
    json!({
        "notModified": {
            "description": "The client has the newest state already.",
            "headers": header::references(header::OF_STATE.into_iter().chain(["Content-Language"])),
        },
        "keyWanted": wanted,
        "tooManyFailedKeys": failed,
        "badRequest": problem("A parameter is unknown, repeated, or says what cannot be honoured."),
        "notFound": problem("There is no such feature."),
        "ended": ended,
        "notAcceptable": problem("None of the media types that are accepted is offered."),
        "uriTooLong": problem("The address is too long."),
        "headersTooLarge": problem("The headers are too many or too long."),
        "serverError": problem("The server failed; its log says why."),
        "busy": busy,
        "bodyTooSlow": problem("Nothing came of the body for too long."),
        "bodyTooLarge": problem("The body has more bytes than are taken here."),
        "unsupportedMediaType": unsupported,
        "gone": problem("The asset is retired."),
        "notAllowed": problem("The role of the client does not let it."),
        "conflict": problem("What there is does not allow it."),
        "preconditionFailed": stale,
        "preconditionRequired": problem("The collection is strict, and no version was said to be seen."),
        "unprocessable": problem("What was sent is not taken; `errors` tells each fault with its pointer, \
                                  code, value and what was expected."),
        "noSpace": problem("There is no space left to write it; nothing was written."),
    })
}
