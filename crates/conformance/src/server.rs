//! The server that is judged: its documents, asked for once.

use std::rc::Rc;

use serde_json::Value as Json;

use crate::address::Address;
use crate::answer::{Answer, Link, links};
use crate::api::Api;
use crate::client::{Client, Sent};
use crate::collection::Collection;
use crate::edited::Edited;
use crate::finding::Skip;
use crate::limits::MAX_COLLECTIONS;

pub(crate) const JSON: &str = "application/json";
pub(crate) const HTML: &str = "text/html";
pub(crate) const GEOJSON: &str = "application/geo+json";
pub(crate) const SCHEMA: &str = "application/schema+json";
pub(crate) const OPENAPI: &str = "application/vnd.oai.openapi+json;version=3.0";

/// A server, and what is known about it.
pub(crate) struct Server {
    client: Client,
    pub(crate) address: Address,
    named: Vec<String>,
    collections: Option<Rc<Vec<Collection>>>,
    api: Option<Rc<Api>>,
    /// Where it may be written.
    edited_in: Option<Collection>,
    edited: Option<Rc<Edited>>,
}

impl Server {
    /// A server of which only these collections are looked at; none means all.
    pub(crate) fn new(client: Client, address: Address, named: Vec<String>) -> Self {
        Self { client, address, named, collections: None, api: None, edited_in: None, edited: None }
    }

    pub(crate) fn get(&mut self, address: &str, accept: &str) -> Rc<Answer> {
        self.client.get(address, accept)
    }

    /// Sends what writes.
    pub(crate) fn send(&mut self, sent: &Sent<'_>) -> Answer {
        self.client.send(sent)
    }

    /// From now on it may be written in that collection; `false` where there is none.
    pub(crate) fn edit_in(&mut self, id: &str) -> bool {
        self.edited_in = self.all().into_iter().find(|collection| collection.id == id);
        self.edited_in.is_some()
    }

    /// The feature that was made, changed and taken away, which is done once.
    pub(crate) fn edited(&mut self) -> Result<Rc<Edited>, Skip> {
        if let Some(edited) = &self.edited {
            return Ok(Rc::clone(edited));
        }
        let Some(collection) = self.edited_in.clone() else {
            return Err(Skip("nothing is to be written".into()));
        };
        let edited = Rc::new(Edited::of(self, &collection)?);
        self.edited = Some(Rc::clone(&edited));
        Ok(edited)
    }

    pub(crate) fn requests(&self) -> u64 {
        self.client.requests()
    }

    /// The first page.
    pub(crate) fn landing(&mut self) -> Rc<Answer> {
        let address = self.address.below("/");
        self.get(&address, JSON)
    }

    /// Where the first page's link of this relation leads, otherwise this path.
    fn led(&mut self, rels: &[&str], path: &str) -> String {
        let landing = self.landing();
        let fits = |link: &Link| rels.contains(&link.rel) && !link.media_type.contains("html");
        match links(landing.json()).find(fits) {
            Some(link) => self.address.resolved(&landing.address, link.href),
            None => self.address.below(path),
        }
    }

    /// The declaration of conformance.
    pub(crate) fn conformance(&mut self) -> Rc<Answer> {
        let rels = ["conformance", "http://www.opengis.net/def/rel/ogc/1.0/conformance"];
        let address = self.led(&rels, "/conformance");
        self.get(&address, JSON)
    }

    /// The list of collections.
    pub(crate) fn list(&mut self) -> Rc<Answer> {
        let rels = ["data", "http://www.opengis.net/def/rel/ogc/1.0/data"];
        let address = self.led(&rels, "/collections");
        self.get(&address, JSON)
    }

    /// The answer to the first page's link to the API document, if there is one.
    pub(crate) fn api_answer(&mut self) -> Option<Rc<Answer>> {
        let landing = self.landing();
        let mut found = links(landing.json()).filter(|link| link.rel == "service-desc");
        let first = found.clone().next();
        let link = found.find(|link| is_openapi(link.media_type)).or(first)?;
        let address = self.address.resolved(&landing.address, link.href);
        Some(self.get(&address, OPENAPI))
    }

    /// The API document; an empty one when there is none.
    pub(crate) fn api(&mut self) -> Rc<Api> {
        if let Some(api) = &self.api {
            return Rc::clone(api);
        }
        let answer = self.api_answer();
        let api = Rc::new(Api::new(answer));
        self.api = Some(Rc::clone(&api));
        api
    }

    /// The classes that the server declares.
    pub(crate) fn declared(&mut self) -> Vec<String> {
        let conformance = self.conformance();
        let declared = conformance.json()["conformsTo"].as_array();
        declared.into_iter().flatten().filter_map(Json::as_str).map(Into::into).collect()
    }

    /// Whether a class such as `ogcapi-features-2/crs` is declared, in any version.
    pub(crate) fn declares(&mut self, class: &str) -> bool {
        let (standard, class) = class.split_once('/').unwrap_or((class, ""));
        self.declared().iter().any(|declared| {
            let rest = declared.split_once("/spec/").map_or("", |(_, rest)| rest);
            let mut parts = rest.split('/');
            parts.next() == Some(standard)
                && parts.nth(1) == Some("conf")
                && parts.next() == Some(class)
        })
    }

    /// All collections that the list holds and that have an id.
    fn all(&mut self) -> Vec<Collection> {
        let list = self.list();
        let entries = list.json()["collections"].as_array().cloned().unwrap_or_default();
        let own = |entry: Json| Collection::new(&self.address, &list.address, entry);
        entries.into_iter().filter_map(own).collect()
    }

    /// The collections that are looked at.
    pub(crate) fn judged(&mut self) -> Rc<Vec<Collection>> {
        if let Some(collections) = &self.collections {
            return Rc::clone(collections);
        }
        let mut found = self.all();
        if self.named.is_empty() {
            found.truncate(MAX_COLLECTIONS);
        } else {
            found.retain(|collection| self.named.contains(&collection.id));
        }
        let found = Rc::new(found);
        self.collections = Some(Rc::clone(&found));
        found
    }

    /// How many collections are not looked at.
    pub(crate) fn left_out(&mut self) -> usize {
        self.all().len().saturating_sub(self.judged().len())
    }

    /// A collection that was named and that there is not.
    pub(crate) fn missing_collection(&mut self) -> Option<String> {
        let judged = self.judged();
        let is_missing = |name: &&String| judged.iter().all(|collection| collection.id != **name);
        self.named.iter().find(is_missing).cloned()
    }

    /// Asks for features of a collection.
    pub(crate) fn items(
        &mut self,
        collection: &Collection,
        parameters: &[(&str, &str)],
    ) -> Rc<Answer> {
        self.get(&crate::address::with_query(&collection.items, parameters), GEOJSON)
    }
}

/// Whether a media type is that of an API document of OpenAPI 3.0, whatever spaces it has.
pub(crate) fn is_openapi(media_type: &str) -> bool {
    media_type.replace(' ', "").eq_ignore_ascii_case(OPENAPI)
}
