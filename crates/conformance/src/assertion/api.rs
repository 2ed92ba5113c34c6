//! The API document.

use serde_json::{Map, Value as Json};

use crate::answer::Answer;
use crate::api::Api;
use crate::assertion::Assertion;
use crate::class::Class::Api as ApiClass;
use crate::finding::{Done, Findings, skip};
use crate::server::{OPENAPI, Server};

const OAS30: &[&[&str]] = &[&["ogcapi-features-1/oas30"]];
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

pub(crate) const ASSERTIONS: &[Assertion] = &[
    Assertion {
        id: "api/success",
        class: ApiClass,
        source: "17-069r4 A.5 /conf/core/api-definition-op",
        sentence: "`service-desc` of the first page leads to an OpenAPI 3.0 document",
        needs: OAS30,
        check: success,
    },
    Assertion {
        id: "api/valid",
        class: ApiClass,
        source: "17-069r4 A.6 /conf/core/api-definition-success",
        sentence: "the document is well formed: references lead somewhere, operations have responses and \
                   parameters",
        needs: OAS30,
        check: valid,
    },
    Assertion {
        id: "api/paths",
        class: ApiClass,
        source: "17-069r4 /conf/oas30/completeness",
        sentence: "the document has the paths of conformance, collections and features",
        needs: OAS30,
        check: paths,
    },
];

fn document(server: &mut Server) -> Option<std::rc::Rc<Answer>> {
    server.api_answer().filter(|answer| answer.json().is_object())
}

fn success(server: &mut Server, findings: &mut Findings) -> Done {
    let landing = server.landing();
    let Some(answer) = server.api_answer() else {
        findings.check(false, &landing, || "no link".into(), "a link `service-desc`");
        return Ok(());
    };
    let promised = crate::answer::links(landing.json())
        .any(|link| link.rel == "service-desc" && crate::server::is_openapi(link.media_type));
    findings.check(promised, &landing, || "another type".into(), OPENAPI);
    findings.status(&answer, 200);
    let form = answer.media_type();
    let expected = "application/vnd.oai.openapi+json";
    findings.check(form == expected, &answer, || form.clone(), expected);
    Ok(())
}

fn valid(server: &mut Server, findings: &mut Findings) -> Done {
    let Some(answer) = document(server) else { return skip("there is no document of JSON") };
    let (api, document) = (server.api(), answer.json());
    let version = &document["openapi"];
    let is_3_0 = version.as_str().is_some_and(|version| version.starts_with("3.0."));
    findings.value(is_3_0, &answer, version, "`openapi` is 3.0.x");
    for name in ["title", "version"] {
        let value = &document["info"][name];
        findings.value(value.is_string(), &answer, value, &format!("a text `info.{name}`"));
    }
    findings.check(api.paths().next().is_some(), &answer, || "no paths".into(), "`paths`");
    references(document, &api, &answer, findings);
    for (path, item) in api.paths() {
        for (method, operation) in item.as_object().into_iter().flat_map(Map::iter) {
            if METHODS.contains(&method.as_str()) {
                operation_is_valid(&format!("{method} {path}"), operation, &api, &answer, findings);
            }
        }
    }
    Ok(())
}

/// Every reference within the document leads somewhere. Those to other documents are not followed.
fn references(json: &Json, api: &Api, answer: &Answer, findings: &mut Findings) {
    match json {
        Json::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Json::as_str) {
                let leads = !reference.starts_with('#') || api.target(reference).is_some();
                findings.check(leads, answer, || format!("`{reference}`"), "it leads somewhere");
            }
            members.values().for_each(|member| references(member, api, answer, findings));
        }
        Json::Array(items) => items.iter().for_each(|item| references(item, api, answer, findings)),
        _ => {}
    }
}

fn operation_is_valid(
    name: &str,
    operation: &Json,
    api: &Api,
    answer: &Answer,
    findings: &mut Findings,
) {
    let responses = operation["responses"].as_object();
    let some = responses.is_some_and(|responses| !responses.is_empty());
    findings.check(some, answer, || format!("`{name}` without any"), "responses of each operation");
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let parameter = match parameter["$ref"].as_str() {
            Some(reference) => match api.target(reference) {
                Some(parameter) => parameter,
                None => continue,
            },
            None => parameter,
        };
        let place = parameter["in"].as_str().unwrap_or_default();
        let is_known = matches!(place, "query" | "path" | "header" | "cookie");
        let has_form = parameter.get("schema").is_some() || parameter.get("content").is_some();
        let is_sure = place != "path" || parameter["required"] == true;
        let is_so = parameter["name"].is_string() && is_known && has_form && is_sure;
        let found = || format!("`{name}`: {parameter}");
        let expected = "a parameter with `name`, `in`, `schema`, and `required` in a path";
        findings.check(is_so, answer, found, expected);
    }
}

fn paths(server: &mut Server, findings: &mut Findings) -> Done {
    let Some(answer) = document(server) else { return skip("there is no document of JSON") };
    let api = server.api();
    for wanted in ["/conformance", "/collections"] {
        let is_there = api.paths().any(|(path, _)| path.ends_with(wanted));
        findings.check(is_there, &answer, || "no such path".into(), wanted);
    }
    for collection in server.judged().iter() {
        let is_there = api.items(&collection.id).is_some();
        let expected = format!("the path of the items of `{}`", collection.id);
        findings.check(is_there, &answer, || "no such path".into(), &expected);
    }
    Ok(())
}
