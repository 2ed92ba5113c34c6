//! One asset.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, Uri};
use jiff::civil::Date;
use terrier_catalog::{Collection, DueDay, DueId, DueOf, Language, Presentation};
use terrier_model::{AssetId, Scope, WorkKind};
use terrier_store::{Item, Snapshot};

use crate::app::App;
use crate::aside::aside;
use crate::collections;
use crate::conditional::ETag;
use crate::items::OFFERED;
use crate::language::{self, LANG};
use crate::link::{Link, rel, self_and_alternates};
use crate::negotiate::choose;
use crate::page::{About, Feature, Reader, Teller, Wanted, feature_page};
use crate::query::Parameters;
use crate::route::ITEM;
use crate::told::Told;
use crate::{Caller, Format, Problem, form, past, presentation, work};

/// `GET /collections/{collection}/items/{feature}`
pub(crate) async fn item(
    State(app): State<App>,
    caller: Caller,
    Path((name, feature)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    if let Some(of) = DueOf::find(&name) {
        return work::work(&app, caller, of, &feature, &uri, &headers).await;
    }
    let (snapshot, scope) = (app.registry().snapshot(), caller.scope());
    let parameters = Parameters::parse(uri.query())?;
    let collection = collections::find(&app, &snapshot, scope, &name)?;
    if let Some(asked) = past::asked(&snapshot, scope, &collection, &parameters)? {
        let request = (&uri, &headers);
        return past::item((&app, &caller), snapshot, &collection, &feature, asked, request).await;
    }
    let known = ["f", LANG].into_iter().chain(Presentation::PARAMETERS);
    parameters.refuse_unknown(known.chain(past::parameters(&collection, scope)))?;
    let format = choose(&OFFERED, parameters.get("f"), &headers)?;
    let language = language::read(&parameters, &headers)?;
    let Some(item) = standing(&snapshot, scope, &collection, &feature) else {
        let retired = past::retired(&app, scope, &collection, &feature).await?;
        return Err(match retired {
            Some(asset) => past::gone(&app, scope, &collection, &asset),
            None => missing(&name, &feature),
        });
    };
    let shown = presentation::read(&collection, scope, &parameters)?;
    if format == Format::Html {
        app.tell(&caller, uri.query(), &Told::one(ITEM, &collection, &feature))?;
        let reader = Reader::new(&app, &caller, &uri, &parameters, language);
        return read(&reader, &headers, &snapshot, &collection, item, &shown).await;
    }
    let tag = tag(&app, scope, &collection, &item, &uri, format);
    if let Some(unchanged) = tag.not_modified(&headers) {
        return Ok(unchanged);
    }
    let given: Vec<(&str, &str)> = parameters.iter().collect();
    let mut links = self_and_alternates(&app.at(uri.path()), &given, format, &OFFERED);
    let history = app.at(&format!("/collections/{name}/items/{feature}/history"));
    let address = app.at(&format!("/collections/{name}"));
    links.push(Link::new(rel::COLLECTION, address, Format::Json));
    links.push(Link::new(rel::VERSION_HISTORY, history, Format::Json));
    let mut out = Vec::new();
    if format == Format::GeoJson {
        item.write_shown(&collection, scope, &shown, &mut out);
        add_links(&mut out, &links);
    } else {
        out = form::write((&collection, scope), &shown, None, format, |visit| visit(&item.shown()))
            .map_err(|error| Problem::internal(&error))?;
    }
    if format == Format::JsonFg {
        out = form::with_head(out, &form::json_fg_head(&collection, &shown));
        add_links(&mut out, &links);
    }
    app.tell(&caller, uri.query(), &Told::one(ITEM, &collection, &feature))?;
    let mut response = app.answer(out, format, &tag)?;
    presentation::mark(&mut response, &shown);
    form::mark_links(&mut response, &links);
    Ok(response)
}

/// The tag of an asset in a form. It begins with the version, by which an edit says what it follows on.
pub(crate) fn tag(
    app: &App,
    scope: &Scope,
    collection: &Collection,
    item: &Item,
    uri: &Uri,
    format: Format,
) -> ETag {
    let form = app.form_hash(uri, format, scope) ^ fields_hash(collection, scope);
    // An event may change the feature without another version of the asset.
    let form = form ^ item.events_state().unwrap_or(0);
    ETag::strong(format_args!("{}-{form:016x}", item.version()))
}

/// Answers with a page to read.
async fn read(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    snapshot: &Arc<Snapshot>,
    collection: &Collection,
    item: Item,
    shown: &Presentation,
) -> Result<Response<Body>, Problem> {
    let links = self_and_alternates(
        &reader.app.at(reader.path()),
        reader.parameters(),
        Format::Html,
        &OFFERED,
    );
    let teller = Teller::new(reader.language, reader.scope, snapshot);
    let feature = Feature::read(collection, shown, teller, reader, &item.shown());
    let (id, today) = (item.id(), reader.app.today());
    let (judging, language) = (Arc::clone(snapshot), reader.language);
    let scope = reader.scope.clone();
    // The assets of a leaf may have to be judged.
    let wanted = aside(move || wanted(&judging, &scope, id, today, language)).await?;
    let about = About::Asset { version: item.version(), wanted };
    let page = feature_page(reader, headers, snapshot, collection, &feature, &about, links.clone());
    let mut response = page?;
    if response.status().is_success() {
        presentation::mark(&mut response, shown);
        form::mark_links(&mut response, &links);
    }
    Ok(response)
}

/// What falls due on an asset today, of every kind of work.
fn wanted(
    snapshot: &Snapshot,
    scope: &Scope,
    asset: AssetId,
    today: Date,
    language: Language,
) -> Vec<Wanted> {
    let of = DueOf::All;
    let collection = Collection::Due(today, of);
    let teller = Teller::new(language, scope, snapshot);
    let mut all = Vec::new();
    for kind in WorkKind::ALL {
        let id = DueId { asset, kind };
        if let Some(work) = snapshot.work(id, of, DueDay { on: today, today }, scope) {
            work.show(scope, |shown| all.push(Wanted::read(id, &collection, teller, shown)));
        }
    }
    all
}

/// Puts the links into a feature that is whole.
pub(crate) fn add_links(feature: &mut Vec<u8>, links: &[Link]) {
    // The brace that closes the feature gives way to its links.
    feature.pop();
    feature.extend(br#","links":"#);
    feature.extend(serde_json::to_vec(links).expect("links are JSON"));
    feature.push(b'}');
}

/// Which fields the feature has: with a new field the same version has other bytes.
pub(crate) fn fields_hash(collection: &Collection, scope: &Scope) -> u64 {
    let mut hasher = DefaultHasher::new();
    collection.seen_fields(scope).for_each(|(_, field)| field.name.hash(&mut hasher));
    hasher.finish()
}

/// The asset of a path, where it stands. Work that falls due is no asset.
pub(crate) fn standing(
    snapshot: &Snapshot,
    scope: &Scope,
    collection: &Collection,
    feature: &str,
) -> Option<Item> {
    let id = AssetId::parse(feature).filter(|_| !matches!(collection, Collection::Due(..)))?;
    snapshot.item(collection, scope, id)
}

/// What is answered where there is no such feature.
pub(crate) fn missing(name: &str, feature: &str) -> Problem {
    let shown: String = feature.chars().take(80).collect();
    Problem::not_found(format_args!("feature `{shown}` in `{name}`"))
}
