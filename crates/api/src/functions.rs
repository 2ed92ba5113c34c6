//! The functions that a filter may call, as OGC API - Features (part 3) lists them.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, Uri};
use serde_json::{Value, json};
use terrier_model::{Argument, Function, ValueType};

use crate::app::{App, Asked};
use crate::page::{Reader, functions_page};
use crate::{Caller, Format, Problem};

/// `GET /functions`
pub(crate) async fn functions(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let asked = Asked::read(&app, &uri, &headers, &[Format::Json, Format::Html])?;
    if asked.format == Format::Html {
        let reader = Reader::new(&app, &caller, &uri, &asked.parameters, asked.language);
        return functions_page(&reader, &headers, asked.links);
    }
    let functions: Vec<Value> = Function::ALL.iter().map(describe).collect();
    let body = json!({ "functions": functions, "links": asked.links });
    app.document(&body, asked.format, &headers, caller.scope())
}

fn describe(function: &Function) -> Value {
    let arguments: Vec<Value> = function.arguments.iter().map(describe_argument).collect();
    json!({
        "name": function.name,
        "description": function.description,
        "args": arguments,
        "returns": [function.returns.name()],
    })
}

fn describe_argument(argument: &Argument) -> Value {
    let types: Vec<&str> = argument.types.iter().copied().map(ValueType::name).collect();
    json!({ "title": argument.title, "description": argument.description, "type": types })
}
