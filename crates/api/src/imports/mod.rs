//! Files that are sent to be imported, and what came of each.

mod answer;
mod asked;
mod multipart;
mod receive;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, Uri};
use serde_json::{Value as Json, json};
use terrier_exchange::Mapping;
use terrier_intake::{Answer, Import, ImportId, NoLeave, Purpose, Sent, may_import};
use terrier_model::{Class, Classes, Permission};
use terrier_store::ErrorChain;
use tokio::time::timeout;

use crate::app::{App, Asked as AskedDocument};
use crate::conditional::ETag;
use crate::history::number;
use crate::limits::MAX_IMPORTS_TOLD;
use crate::link::{Link, rel, with_query};
use crate::page::{Reader, import_page, imports_page};
use crate::problem::shortened;
use crate::{Caller, Format, Problem};
use asked::{Asked, plain_name};
use receive::{Received, receive};

const OFFERED: [Format; 2] = [Format::Json, Format::Html];

/// `POST /imports`
pub(crate) async fn send(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response<Body>, Problem> {
    let imports = app.imports()?.clone();
    let asked = Asked::read(&app, &uri, &headers)?;
    let boundary = multipart::boundary(&headers)?;
    let classes = Registered::of(&app, &caller);
    // What cannot be is told before the file comes.
    if let Some(name) = &asked.collection {
        classes.check(&caller, &Mapping::plain("", classes.get(name)?))?;
    } else if boundary.is_none() {
        let detail = "found nothing, expected the collection that all rows belong to; or a body of \
                      `multipart/form-data` with the parts `file` and `mapping`";
        return Err(Problem::bad_parameter("as", detail));
    }
    let mut upload = imports.receive().map_err(|error| receive::problem(&error))?;
    let received = receive(body, boundary.as_deref(), &mut upload).await?;
    let sent = sent(&app, &caller, &classes, &asked, &received, &uri)?;
    let answer = imports.begin(upload, sent).await.map_err(|error| receive::problem(&error))?;
    let import = match answer {
        Answer::Begun(import) | Answer::Known(import) => import,
        Answer::KeyOfAnother { change: Some(change) } => {
            return Err(Problem::key_of_another(change));
        }
        Answer::KeyOfAnother { change: None } => {
            let detail = "`Idempotency-Key`: it is that of another import";
            return Err(Problem::unprocessable(detail));
        }
    };
    if let Some(wait) = asked.wait {
        // Who has waited in vain is told how it stands.
        let _ = timeout(wait, import.ended()).await;
    }
    answer::sent(&app, &import, asked.wait.is_some()).await
}

/// `GET /imports`
pub(crate) async fn imports(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let AskedDocument { parameters, format, language, mut links } =
        AskedDocument::read_with(&app, &uri, &headers, &OFFERED, &["limit", "after"])?;
    let limit = number(&parameters, "limit", 1)?.unwrap_or(u32::MAX);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX).min(MAX_IMPORTS_TOLD);
    let after = match parameters.get("after") {
        None => None,
        Some(text) => Some(ImportId::parse(text).ok_or_else(|| {
            let found = shortened(text);
            Problem::bad_parameter(
                "after",
                format!("found `{found}`, expected the id of an import"),
            )
        })?),
    };
    let all = app.imports()?.all().into_iter().filter(|import| may_see(&caller, import));
    let mut page: Vec<Import> =
        all.filter(|import| after.is_none_or(|after| import.id < after)).take(limit + 1).collect();
    if page.len() > limit {
        page.truncate(limit);
        let last = page.last().map(|import| import.id.to_string()).unwrap_or_default();
        let kept = parameters.iter().filter(|(name, _)| *name != "after");
        let next = with_query(&app.at(uri.path()), kept.chain([("after", &*last)]));
        links.push(Link::new(rel::NEXT, next, format));
    }
    let told: Vec<Json> = page.iter().map(|import| answer::told(&app, import)).collect();
    if format == Format::Html {
        let reader = Reader::new(&app, &caller, &uri, &parameters, language);
        return imports_page(&reader, &headers, &told, links);
    }
    let body = json!({ "imports": told, "links": links });
    app.document(&body, format, &headers, caller.scope())
}

/// `GET /imports/{import}`
pub(crate) async fn import(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let asked = AskedDocument::read(&app, &uri, &headers, &OFFERED)?;
    let import = find(&app, &caller, &id)?;
    let mut body = answer::whole(&app, &import).await?;
    let mut links = asked.links;
    // The first is the document itself, which the request knows how it was asked for.
    links.extend(answer::links(&app, &import).into_iter().skip(1));
    body["links"] = json!(links);
    if asked.format == Format::Html {
        let reader = Reader::new(&app, &caller, &uri, &asked.parameters, asked.language);
        return import_page(&reader, &headers, &body, links);
    }
    app.document(&body, asked.format, &headers, caller.scope())
}

/// `GET /imports/{import}/faults`
pub(crate) async fn faults(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let asked = AskedDocument::read(&app, &uri, &headers, &[Format::GeoJson])?;
    let import = find(&app, &caller, &id)?;
    // They never change.
    let tag = ETag::weak_of_seen(id.as_bytes(), caller.scope().mark());
    if let Some(unchanged) = tag.not_modified(&headers) {
        return Ok(unchanged);
    }
    let bytes = answer::refused_rows(&app, &import).await?;
    app.answer(bytes, asked.format, &tag)
}

/// The import of an id, where it exists for the caller.
fn find(app: &App, caller: &Caller, id: &str) -> Result<Import, Problem> {
    let found = ImportId::parse(id).and_then(|id| app.imports().ok()?.get(id));
    let found = found.filter(|import| may_see(caller, import));
    found.ok_or_else(|| Problem::not_found(format_args!("import `{}`", shortened(id))))
}

/// An import is for who sent it, and for who may see what others do; of classes that the key with which
/// they ask does not show, for nobody.
fn may_see(caller: &Caller, import: &Import) -> bool {
    let (scope, record) = (caller.scope(), import.record());
    let mut classes = record.collections.iter();
    if record.actor == caller.name() {
        return classes.all(|class| scope.sees_collection(class));
    }
    scope.allows_somewhere(Permission::Audit)
        && classes
            .all(|class| scope.allows(Permission::Audit, class) && scope.area(class).is_none())
}

/// The classes of the register: all, and those that exist for the caller.
struct Registered {
    all: Classes,
    seen: Classes,
}

impl Registered {
    fn of(app: &App, caller: &Caller) -> Self {
        let snapshot = app.registry().snapshot();
        let classes = || snapshot.classes().map(|class| Class::clone(class));
        let seen = classes().filter(|class| caller.scope().sees_collection(class.name()));
        Self { all: classes().collect(), seen: seen.collect() }
    }

    fn get(&self, name: &str) -> Result<&Arc<Class>, Problem> {
        self.seen.get(name).ok_or_else(|| {
            let names: Vec<&str> = self.seen.iter().map(|class| class.name()).collect();
            let (found, names) = (shortened(name), names.join(", "));
            Problem::bad_parameter("as", format!("found `{found}`, expected one of {names}"))
        })
    }

    /// Who is known may send what their role lets them. Whether somebody may who is not, the door says.
    fn check(&self, caller: &Caller, mapping: &Mapping) -> Result<(), Problem> {
        if !caller.is_known() {
            return Ok(());
        }
        may_import(caller.scope(), mapping, &self.all).map_err(|no| match no {
            NoLeave::Field { .. } => Problem::unprocessable(format!("the mapping: {no}")),
            NoLeave::Import { .. } | NoLeave::Geometry { .. } | NoLeave::Area { .. } => {
                Problem::forbidden(no.to_string())
            }
        })
    }
}

/// The order that a request with its file is.
fn sent(
    app: &App,
    caller: &Caller,
    classes: &Registered,
    asked: &Asked,
    received: &Received,
    uri: &Uri,
) -> Result<Sent, Problem> {
    let name = asked.name.clone().or(received.name.as_deref().and_then(plain_name));
    let source = &asked.change.source;
    let mapping = match (&asked.collection, &received.mapping) {
        (Some(collection), None) => {
            let class = classes.get(collection)?;
            let stem =
                || Some(std::path::Path::new(name.as_deref()?).file_stem()?.to_str()?.into());
            let source = Some(source.clone()).filter(|source| !source.is_empty()).or_else(stem);
            let source: String = source.ok_or_else(|| {
                let detail = "found nothing, expected whose keys the rows carry; a file with a name \
                              gives that without its ending";
                Problem::bad_parameter("source", detail)
            })?;
            let sight = caller.scope().sight(Some(class.name()));
            Mapping::plain_for(&source, class, |field| !caller.is_known() || sight.sees(field))
        }
        (None, Some(text)) if source.is_empty() => Mapping::parse(text, &classes.seen)
            .map_err(|error| Problem::unprocessable(ErrorChain(&error).to_string()))?,
        (None, Some(_)) => {
            let detail = "the mapping says whose keys the rows carry";
            return Err(Problem::bad_parameter("source", detail));
        }
        (Some(_), Some(_)) => {
            let detail = "the mapping says which rows belong to which collection";
            return Err(Problem::bad_parameter("as", detail));
        }
        (None, None) => {
            let detail = "found neither this nor a part `mapping`, expected one of them";
            return Err(Problem::bad_parameter("as", detail));
        }
    };
    classes.check(caller, &mapping)?;
    let name = name.unwrap_or_else(|| "upload".into());
    let mut change = asked.change.change(app, caller.name(), &format!("import {name}"));
    change.source = mapping.source().into();
    let asked_for = [
        uri.path_and_query().map_or("", |text| text.as_str()),
        &*name,
        received.mapping.as_deref().unwrap_or_default(),
    ];
    Ok(Sent {
        file: name.clone(),
        mapping: Arc::new(mapping),
        options: asked.options.clone(),
        change,
        purpose: if asked.change.rehearse { Purpose::Rehearse } else { Purpose::Write },
        strict: asked.strict,
        scope: if caller.is_known() {
            caller.scope().clone()
        } else {
            terrier_model::Scope::everything()
        },
        key: asked.change.key().map(Into::into),
        asked: asked_for.join("\0").into_bytes(),
    })
}
