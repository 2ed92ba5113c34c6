//! What collections there are, and what each holds.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, Uri};
use jiff::civil::Date;
use serde_json::{Value as Json, json};
use terrier_catalog::{Collection, DueOf, Language};
use terrier_model::Scope;
use terrier_spatial::Crs;
use terrier_store::{Extent, Snapshot};

use crate::app::{App, Asked};
use crate::aside::aside;
use crate::limits::MAX_JUDGED_FOR_COUNT;
use crate::link::{Link, rel, with_query};
use crate::page::{Held, Reader, collection_page, collections_page};
use crate::{Caller, Format, Problem, fields, language};

/// Longitude and latitude in degrees on WGS 84.
pub(crate) const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

/// To how many decimals of a degree an extent is rounded outward.
// OGC's suite sends an extent back as a box in another crs; two decimals leave room for its bend.
const EXTENT_DECIMALS: i32 = 2;

const OFFERED: [Format; 2] = [Format::Json, Format::Html];

/// `GET /collections`
pub(crate) async fn collections(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let asked = Asked::read(&app, &uri, &headers, &OFFERED)?;
    let (snapshot, scope) = (app.registry().snapshot(), caller.scope());
    let mut all_held = Vec::new();
    for collection in all(&snapshot, app.today(), scope) {
        all_held.push(held(&snapshot, scope, collection).await?);
    }
    if asked.format == Format::Html {
        let reader = Reader::new(&app, &caller, &uri, &asked.parameters, asked.language);
        return collections_page(&reader, &headers, &all_held, asked.links);
    }
    let list = all_held.iter().map(|held| {
        let mut entry = describe(&app, scope, held, asked.language);
        // Each is offered in all systems of the list, which stands here once.
        entry["crs"] = json!([CRS84, "#/crs"]);
        entry
    });
    let list: Vec<Json> = list.collect();
    let body = json!({ "links": asked.links, "crs": systems(), "collections": list });
    let mut response = app.document(&body, asked.format, &headers, scope)?;
    language::mark(&mut response, asked.language);
    Ok(response)
}

/// `GET /collections/{collection}`
pub(crate) async fn collection(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let asked = Asked::read(&app, &uri, &headers, &OFFERED)?;
    let (snapshot, scope) = (app.registry().snapshot(), caller.scope());
    let held = held(&snapshot, scope, find(&app, &snapshot, scope, &name)?).await?;
    if asked.format == Format::Html {
        let reader = Reader::new(&app, &caller, &uri, &asked.parameters, asked.language);
        return collection_page(&reader, &headers, &snapshot, &held, asked.links);
    }
    let body = describe(&app, scope, &held, asked.language);
    let mut response = app.document(&body, asked.format, &headers, scope)?;
    language::mark(&mut response, asked.language);
    Ok(response)
}

/// What a collection holds at this moment for the caller.
async fn held(
    snapshot: &Arc<Snapshot>,
    scope: &Scope,
    collection: Collection,
) -> Result<Held, Problem> {
    let extent = snapshot.extent(&collection, scope);
    let count = count(snapshot, scope, &collection, &extent).await?;
    Ok(Held { collection, count, extent })
}

/// How many features a collection has; `None` when too many assets would have to be judged for it.
async fn count(
    snapshot: &Arc<Snapshot>,
    scope: &Scope,
    collection: &Collection,
    extent: &Extent,
) -> Result<Option<u64>, Problem> {
    let (today, of) = match collection {
        Collection::Assets | Collection::Class(_) => return Ok(Some(extent.assets)),
        Collection::Due(today, of) => (*today, *of),
    };
    let (snapshot, scope) = (Arc::clone(snapshot), scope.clone());
    aside(move || snapshot.count_work(today, of, &scope, MAX_JUDGED_FOR_COUNT)).await
}

/// The collection of a path, as of today. One that the caller may not see is told of as one that does not
/// exist.
pub(crate) fn find(
    app: &App,
    snapshot: &Snapshot,
    scope: &Scope,
    name: &str,
) -> Result<Collection, Problem> {
    snapshot.collection(name, app.today(), scope).ok_or_else(|| {
        let shown: String = name.chars().take(80).collect();
        Problem::not_found(format_args!("collection `{shown}`"))
    })
}

/// All collections that exist for the caller, as of a day: that of every asset first, then those of what
/// falls due on them.
pub(crate) fn all(
    snapshot: &Snapshot,
    today: Date,
    scope: &Scope,
) -> impl Iterator<Item = Collection> {
    let classes = snapshot.classes().filter(|class| scope.sees_collection(class.name()));
    let classes = classes.map(|class| Collection::Class(class.clone()));
    let due = DueOf::ALL.into_iter().map(move |of| Collection::Due(today, of));
    std::iter::once(Collection::Assets).chain(due).chain(classes)
}

/// The addresses of the coordinate systems in which features are served and boxes are taken, that of
/// CRS84 first.
fn systems() -> Vec<String> {
    Crs::published().iter().filter_map(Crs::uri).collect()
}

/// The entry of a collection, the same wherever it stands but for its list of coordinate systems.
fn describe(app: &App, scope: &Scope, held: &Held, language: Language) -> Json {
    let Held { collection, count, extent } = held;
    let name = collection.name();
    let address = app.at(&format!("/collections/{name}"));
    let (title, description) = collection.title_and_description();
    let (title, description) = (language.of(&title), language.of(&description));
    let items = format!("{address}/items");
    let as_page = |address: &str| with_query(address, [("f", Format::Html.name())]);
    let mut links = vec![
        Link::new(rel::SELF, &address, Format::Json),
        Link::new(rel::ALTERNATE, as_page(&address), Format::Html),
        Link::new(rel::ITEMS, &items, Format::GeoJson).titled(title),
        Link::new(rel::ITEMS, as_page(&items), Format::Html).titled(title),
    ];
    links.extend(fields::links(app, scope, collection));
    links.extend([
        Link::new(rel::RELATED, format!("{address}/summary"), Format::Json).titled("Summary"),
        Link::new(rel::ROOT, app.at("/"), Format::Json),
    ]);
    let mut body = json!({
        "id": name,
        "title": title,
        "description": description,
        "itemType": "feature",
        "crs": systems(),
        "storageCrs": CRS84,
        "links": links,
    });
    if let Some(count) = count {
        body["itemCount"] = (*count).into();
    }
    // An empty collection has no extent; nulls would be read as numbers.
    if let (Some(bounds), Some(from)) = (extent.bounds, extent.valid_from) {
        let wide = bounds.rounded_outward(EXTENT_DECIMALS);
        body["extent"] = json!({
            "spatial": {
                "bbox": [[wide.west, wide.south, wide.east, wide.north]],
                "crs": CRS84,
            },
            "temporal": {
                "interval": [[from.to_string(), Json::Null]],
                "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
            },
        });
    }
    body
}
