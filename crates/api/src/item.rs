//! One asset.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, Uri};
use terrier_catalog::Collection;
use terrier_model::AssetId;
use terrier_store::{Item, Snapshot};

use crate::app::{App, Asked, SCOPE};
use crate::collections;
use crate::conditional::ETag;
use crate::link::{Link, rel};
use crate::{Format, Problem};

/// `GET /collections/{collection}/items/{feature}`
pub(crate) async fn item(
    State(app): State<App>,
    Path((name, feature)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let snapshot = app.registry().snapshot();
    let asked = Asked::read(&app, &uri, &headers, &crate::items::OFFERED)?;
    let (collection, item) = find(&snapshot, &name, &feature)?;
    let form = app.form_hash(&uri, asked.format) ^ fields_hash(&collection);
    // An event may change the feature without another version of the asset.
    let form = form ^ item.events_state().unwrap_or(0);
    let tag = ETag::strong(format_args!("{}-{form:016x}", item.version()));
    if let Some(unchanged) = tag.not_modified(&headers) {
        return Ok(unchanged);
    }
    let mut links = asked.links;
    let history = app.at(&format!("/collections/{name}/items/{feature}/history"));
    let address = app.at(&format!("/collections/{name}"));
    links.push(Link::new(rel::COLLECTION, address, Format::Json));
    links.push(Link::new(rel::VERSION_HISTORY, history, Format::Json));
    let mut out = Vec::new();
    item.write_feature(&collection, SCOPE, &mut out);
    // The brace that closes the feature gives way to its links.
    out.pop();
    out.extend(br#","links":"#);
    out.extend(serde_json::to_vec(&links).expect("links are JSON"));
    out.push(b'}');
    app.metrics().add_features(1);
    app.answer(out, asked.format, &tag)
}

/// Which fields the feature has: with a new field the same version has other bytes.
fn fields_hash(collection: &Collection) -> u64 {
    let mut hasher = DefaultHasher::new();
    let seen = collection.fields().iter().filter(|field| SCOPE.sees(field));
    seen.for_each(|field| field.name.hash(&mut hasher));
    hasher.finish()
}

/// The asset of a path.
pub(crate) fn find(
    snapshot: &Snapshot,
    name: &str,
    feature: &str,
) -> Result<(Collection, Item), Problem> {
    let collection = collections::find(snapshot, name)?;
    let item = AssetId::parse(feature).and_then(|id| snapshot.item(&collection, id));
    let missing = || {
        let shown: String = feature.chars().take(80).collect();
        Problem::not_found(format_args!("feature `{shown}` in `{name}`"))
    };
    Ok((collection, item.ok_or_else(missing)?))
}
