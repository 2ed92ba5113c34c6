//! A feature that the judge makes in a collection, changes and takes away again, with what the server
//! answered to each step.
//!
//! Whatever goes wrong on the way, the last step takes the feature away.

use serde_json::{Value as Json, json};

use crate::address::without_query;
use crate::answer::Answer;
use crate::client::Sent;
use crate::collection::Collection;
use crate::finding::Skip;
use crate::schema::members;
use crate::server::{GEOJSON, SCHEMA, Server};

pub(crate) const MERGE_PATCH: &str = "application/merge-patch+json";

/// An id that no feature has.
const NOBODYS: &str = "00000000-0000-4000-8000-000000000000";

/// How far the feature is moved, in degrees: about a metre.
const MOVED_DEGREES: f64 = 1e-5;

/// How far a position may lie from where it was sent to, for servers round: about a millimetre.
const ROUNDED_DEGREES: f64 = 1e-8;

/// What was asked. What is read stands behind what was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// `POST` of a text that is no JSON.
    Malformed,
    /// `POST` of the feature.
    Create,
    Created,
    /// `OPTIONS` of the features, and of the feature.
    Methods,
    ItemMethods,
    /// `PUT` of the feature at another place.
    Replace,
    Replaced,
    /// `PUT` and `DELETE` by who has seen the first state alone.
    ReplaceStale,
    DeleteStale,
    Unchanged,
    /// `PATCH` of the geometry, back to its place.
    Update,
    Updated,
    /// `PATCH` with a text of another kind.
    UpdateOtherwise,
    /// `PUT` where there is no feature.
    ReplaceMissing,
    /// `DELETE` of the feature.
    Delete,
    Deleted,
    DeleteAgain,
}

/// The feature with what was answered.
pub(crate) struct Edited {
    /// As it was made, and as it was moved.
    pub(crate) first: Json,
    pub(crate) moved: Json,
    answers: Vec<(Step, Answer)>,
}

impl Edited {
    /// Takes every step that the server lets be taken.
    pub(crate) fn of(server: &mut Server, collection: &Collection) -> Result<Self, Skip> {
        // A server does not get others to be written to.
        if !server.address.is_home_of(&collection.items) {
            return Err(Skip("its features stand on another server".into()));
        }
        let page = server.items(collection, &[("limit", "10")]);
        let like = page.features().iter().find(|feature| feature["geometry"].is_object());
        let Some(like) = like.cloned() else {
            return Err(Skip("there is no feature to make another like".into()));
        };
        let first = like_that(server, collection, &like);
        let moved = json!({
            "type": "Feature",
            "geometry": moved(&first["geometry"]),
            "properties": first["properties"],
        });
        let mut edited = Self { first, moved, answers: Vec::new() };
        edited.run(server, collection);
        Ok(edited)
    }

    /// What was answered to a step; `None` when it did not come to that.
    pub(crate) fn answer(&self, step: Step) -> Option<&Answer> {
        self.answers.iter().find(|(taken, _)| *taken == step).map(|(_, answer)| answer)
    }

    /// The strong tag of an answer.
    pub(crate) fn tag(&self, step: Step) -> Option<&str> {
        self.answer(step)?.header("etag").filter(|tag| tag.starts_with('"'))
    }

    fn run(&mut self, server: &mut Server, collection: &Collection) {
        let items = &*collection.items;
        let sent = |method, address, form, body| Sent { method, address, form, body, seen: None };
        self.ask(server, Step::Malformed, &sent("POST", items, GEOJSON, b"{\"type\":"));
        self.ask(server, Step::Methods, &sent("OPTIONS", items, "", b""));
        let body = self.first.to_string();
        self.ask(server, Step::Create, &sent("POST", items, GEOJSON, body.as_bytes()));
        let place = self.answer(Step::Create).filter(|answer| answer.is_done());
        let place = place.and_then(|answer| answer.header("location"));
        let id =
            place.and_then(|place| without_query(place).trim_end_matches('/').rsplit('/').next());
        let Some(place) = id.map(|id| format!("{items}/{id}")) else { return };
        self.change(server, &place);
        let missing = format!("{items}/{NOBODYS}");
        let body = self.moved.to_string();
        self.ask(server, Step::ReplaceMissing, &sent("PUT", &missing, GEOJSON, body.as_bytes()));
        if self.answer(Step::ReplaceMissing).is_some_and(Answer::is_done) {
            // A server may make what is put; this one is not to stay.
            server.send(&sent("DELETE", &missing, "", b""));
        }
        let seen = self.tag(Step::Updated).map(str::to_owned);
        let delete = Sent { seen: seen.as_deref(), ..sent("DELETE", &place, "", b"") };
        self.ask(server, Step::Delete, &delete);
        self.read(server, Step::Deleted, &place);
        self.ask(server, Step::DeleteAgain, &sent("DELETE", &place, "", b""));
    }

    /// Changes the feature at that address, with what was seen of it where there are tags.
    fn change(&mut self, server: &mut Server, place: &str) {
        let sent = |method, form, body, seen| Sent { method, address: place, form, body, seen };
        self.read(server, Step::Created, place);
        self.ask(server, Step::ItemMethods, &sent("OPTIONS", "", b"", None));
        let first_tag = self.tag(Step::Created).map(str::to_owned);
        let [first, moved] = [&self.first, &self.moved].map(Json::to_string);
        let replace = sent("PUT", GEOJSON, moved.as_bytes(), first_tag.as_deref());
        self.ask(server, Step::Replace, &replace);
        self.read(server, Step::Replaced, place);
        let second_tag = self.tag(Step::Replaced).map(str::to_owned);
        if let Some(old) = first_tag.as_deref().filter(|old| Some(*old) != second_tag.as_deref()) {
            let stale = sent("PUT", GEOJSON, first.as_bytes(), Some(old));
            self.ask(server, Step::ReplaceStale, &stale);
            self.ask(server, Step::DeleteStale, &sent("DELETE", "", b"", Some(old)));
            self.read(server, Step::Unchanged, place);
        }
        let patch = json!({ "geometry": self.first["geometry"] }).to_string();
        let update = sent("PATCH", MERGE_PATCH, patch.as_bytes(), second_tag.as_deref());
        self.ask(server, Step::Update, &update);
        self.read(server, Step::Updated, place);
        let otherwise = sent("PATCH", "text/plain", patch.as_bytes(), None);
        self.ask(server, Step::UpdateOtherwise, &otherwise);
    }

    fn ask(&mut self, server: &mut Server, step: Step, sent: &Sent<'_>) {
        let answer = server.send(sent);
        self.answers.push((step, answer));
    }

    fn read(&mut self, server: &mut Server, step: Step, place: &str) {
        let sent = Sent { method: "GET", address: place, form: "", body: b"", seen: None };
        self.ask(server, step, &sent);
    }
}

/// A feature with what another one has, but for what the schema says that only the server writes.
fn like_that(server: &mut Server, collection: &Collection, like: &Json) -> Json {
    let rel = "http://www.opengis.net/def/rel/ogc/1.0/schema";
    let schema = collection.linked(&server.address, rel);
    let schema = schema.map(|address| server.get(&address, SCHEMA));
    let is_read_only = |name: &str| {
        schema.as_ref().is_some_and(|schema| {
            members(schema).any(|(known, member)| known == name && member["readOnly"] == true)
        })
    };
    let mut properties = like["properties"].clone();
    if let Some(members) = properties.as_object_mut() {
        members.retain(|name, value| !value.is_null() && !is_read_only(name));
    }
    json!({ "type": "Feature", "geometry": like["geometry"], "properties": properties })
}

/// A geometry a little further to the west.
fn moved(geometry: &Json) -> Json {
    match geometry {
        Json::Array(items) if items.first().is_some_and(Json::is_number) => {
            let mut position = items.clone();
            position[0] = json!(items[0].as_f64().unwrap_or_default() - MOVED_DEGREES);
            position.into()
        }
        Json::Array(items) => items.iter().map(moved).collect(),
        Json::Object(members) => {
            let members = members.iter().filter(|(name, _)| *name != "bbox");
            members.map(|(name, value)| (name.clone(), moved(value))).collect()
        }
        other => other.clone(),
    }
}

/// Whether a geometry is the one that was sent, but for rounding.
pub(crate) fn is_same_place(found: &Json, sent: &Json) -> bool {
    match (found, sent) {
        (Json::Number(found), Json::Number(sent)) => {
            let [found, sent] = [found, sent].map(|number| number.as_f64().unwrap_or(f64::NAN));
            (found - sent).abs() <= ROUNDED_DEGREES
        }
        (Json::Array(found), Json::Array(sent)) => {
            found.len() == sent.len()
                && found.iter().zip(sent).all(|(found, sent)| is_same_place(found, sent))
        }
        (Json::Object(found), Json::Object(sent)) => ["type", "coordinates", "geometries"]
            .iter()
            .all(|name| match (found.get(*name), sent.get(*name)) {
                (Some(found), Some(sent)) => is_same_place(found, sent),
                (found, sent) => found == sent,
            }),
        (found, sent) => found == sent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_geometry_is_moved_as_a_whole_and_told_from_where_it_was() {
        let check = |geometry: Json| {
            let other = moved(&geometry);
            assert!(is_same_place(&geometry, &geometry) && !is_same_place(&other, &geometry));
            assert_eq!(other["type"], geometry["type"]);
        };
        check(json!({ "type": "Point", "coordinates": [117.2, 39.1] }));
        check(json!({ "type": "LineString", "coordinates": [[1, 2], [3, 4, 5]] }));
        check(json!({ "type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]] }));
        let inner = json!({ "type": "Point", "coordinates": [1.5, 2] });
        check(json!({ "type": "GeometryCollection", "geometries": [inner] }));
        let point = |x: f64| json!({ "type": "Point", "coordinates": [x, 0] });
        assert!(is_same_place(&point(1.0), &point(1.000_000_001)));
        assert!(!is_same_place(&json!(null), &point(1.0)));
    }
}
