//! A collection of the server that is judged.

use serde_json::Value as Json;

use crate::address::{Address, segment, without_query};
use crate::answer::{Link, links};
use crate::server::GEOJSON;

/// A collection as the list describes it.
#[derive(Clone, Debug)]
pub(crate) struct Collection {
    pub(crate) id: String,
    /// Its address.
    pub(crate) own: String,
    /// The address of its features, without a query, as the OGC's suite asks.
    pub(crate) items: String,
    /// What the list says of it.
    pub(crate) entry: Json,
}

impl Collection {
    /// The collection of an entry in the list at an address; `None` when it has no id.
    pub(crate) fn new(server: &Address, list: &str, entry: Json) -> Option<Self> {
        let id = entry["id"].as_str()?.to_owned();
        let own = format!("{}/{}", without_query(list), segment(&id));
        let is_items = |link: &Link| link.rel == "items" && link.media_type == GEOJSON;
        let items = links(&entry).find(is_items);
        let items = items.map(|link| server.resolved(list, link.href));
        let items = items.unwrap_or_else(|| format!("{own}/items"));
        let items = without_query(&items).to_owned();
        Some(Self { id, own, items, entry })
    }

    /// The address of a link of this relation to a document of JSON.
    pub(crate) fn linked(&self, server: &Address, rel: &str) -> Option<String> {
        let fits = |link: &Link| link.rel == rel && link.media_type.contains("json");
        links(&self.entry).find(fits).map(|link| server.resolved(&self.own, link.href))
    }

    /// The address of a feature.
    pub(crate) fn item(&self, id: &Json) -> Option<String> {
        let id = match id {
            Json::String(text) => segment(text),
            Json::Number(number) => number.to_string(),
            _ => return None,
        };
        Some(format!("{}/{id}", self.items))
    }

    /// West, south, east and north of its extent.
    pub(crate) fn extent(&self) -> Option<[f64; 4]> {
        let first = self.entry["extent"]["spatial"]["bbox"].as_array()?.first()?.as_array()?;
        let numbers: Option<Vec<f64>> = first.iter().map(Json::as_f64).collect();
        match numbers?[..] {
            [west, south, east, north] | [west, south, _, east, north, _] => {
                Some([west, south, east, north])
            }
            _ => None,
        }
    }

    /// Begin and end of its extent in time; `None` for an open end.
    pub(crate) fn interval(&self) -> Option<[Option<&str>; 2]> {
        let interval = self.entry["extent"]["temporal"]["interval"].as_array()?.first()?;
        Some([interval.get(0)?.as_str(), interval.get(1)?.as_str()])
    }

    /// The coordinate systems that it offers; those of the list where it refers to them.
    pub(crate) fn systems(&self, list: &Json) -> Vec<String> {
        let texts = |json: &Json| -> Vec<String> {
            let items = json.as_array().into_iter().flatten();
            items.filter_map(Json::as_str).map(Into::into).collect()
        };
        let mut own = texts(&self.entry["crs"]);
        if own.iter().any(|name| name == "#/crs") {
            own.retain(|name| name != "#/crs");
            own.extend(texts(&list["crs"]));
        }
        own
    }
}
