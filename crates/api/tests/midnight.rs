//! A server that runs through a midnight: what falls due is told as of the day that begins.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use jiff::Timestamp;
use jiff::civil::Date;
use terrier_api::{App, Clock, Limits, Settings};
use terrier_catalog::time_zone;
use terrier_model::{AssetId, Draft, Names, Verb};
use terrier_spatial::Sketch;
use terrier_store::{
    Arrival, Beginning, Behind, Change, FirstAccess, Ledger, Name, Registry, Since, TimeZonePut,
};
use tower::Service;

const POSTS: &str = r#"
name = "posts"
geometry = "point"
title = { en = "Posts", zh = "桩" }
description = { en = "Posts", zh = "桩" }
"#;

/// A post is looked at every year by the last of June.
const RULES: &str = r#"
pack = "TEST"
version = "1"
jurisdiction = "CN"
title = { en = "Test", zh = "测试" }
[[rule]]
id = "T-1"
title = { en = "Look", zh = "查看" }
cites = "test"
evidence = "I"
class = "posts"
kind = "inspect"
by = "06-30"
lead = "P10D"
effective_from = "2026-01-01"
"#;

/// A moment that the test moves on, in seconds since 1970.
#[derive(Clone)]
struct Moment(Arc<AtomicI64>);

impl Moment {
    fn at(text: &str) -> Self {
        Self(Arc::new(AtomicI64::new(seconds(text))))
    }

    fn set(&self, text: &str) {
        self.0.store(seconds(text), Ordering::Relaxed);
    }
}

impl Clock for Moment {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::Relaxed)).expect("a time")
    }

    fn new_id(&self) -> AssetId {
        unreachable!("nothing is registered over HTTP")
    }
}

fn seconds(text: &str) -> i64 {
    text.parse::<Timestamp>().expect("a time").as_second()
}

fn now() -> Timestamp {
    Timestamp::from_second(1_780_000_000).expect("a time")
}

async fn registry(folder: &std::path::Path, zone: &str) -> Registry {
    let beginning = Beginning {
        classes: &[("posts", POSTS)],
        rules: &[("TEST", RULES)],
        time_zone: &time_zone(zone).expect("a time zone"),
        access: FirstAccess::default(),
        recorded_at: now(),
        actor: "tester",
    };
    let ledger = Ledger::create(folder, &beginning).await.expect("a registry");
    let classes = ledger.classes().await.expect("classes");
    let class = Arc::clone(classes.get("posts").expect("a class"));
    let sketch = Sketch::Point([117.2, 39.1]);
    let draft = Draft { id: None, external_key: None, sketch, values: Vec::new() };
    let checked = draft.check(&class).expect("a good draft");
    let import = Change {
        source: "test".into(),
        verb: Verb::Update,
        since: Since::At(now()),
        recorded_at: now(),
        today: Date::constant(2026, 6, 30),
        actor: "tester".into(),
        reason: String::new(),
        origin: "test".into(),
    };
    let mut session = ledger.begin_change(import).await.expect("an import");
    let (content, given) = (checked.content, checked.given);
    let name = Name::Key("1".into());
    let arrival = Arrival { class, name, content, given, events: Vec::new() };
    session.put(vec![arrival], || AssetId::new(now(), [7; 10])).await.expect("written");
    session.commit().await.expect("committed");
    ledger.close().await;
    Registry::open(folder).await.expect("a registry")
}

/// A server of a registry that keeps time with others.
struct Place {
    router: Router,
    registry: Arc<Registry>,
    _folder: tempfile::TempDir,
}

impl Place {
    async fn new(zone: &str, moment: &Moment) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let registry = Arc::new(registry(folder.path(), zone).await);
        let public_url = "http://127.0.0.1".parse().expect("an address");
        let settings = Settings {
            public_url,
            version: "0",
            public_collections: Some(Names::All),
            limits: Limits::default(),
        };
        let app = App::new(Arc::clone(&registry), settings, moment.clone());
        Self { router: app.router(), registry, _folder: folder }
    }

    /// The day and the state of the only piece of work, and the tag of the answer. Asked again with
    /// the tag, the server has nothing new.
    async fn work(&mut self, known: &str) -> (String, String) {
        let items = "/collections/due/items";
        let answer = ask(&mut self.router, items, Some(known)).await;
        assert_eq!(answer.status(), StatusCode::OK, "the tag `{known}` of another day");
        let tag = answer.headers()[ETAG].to_str().expect("a tag").to_owned();
        let again = ask(&mut self.router, items, Some(&tag)).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        let page = json(answer).await;
        let of = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        let state = of(&page["features"][0]["properties"]["state"]);
        (format!("{} {state}", of(&page["on"])), tag)
    }
}

async fn json(answer: Response<Body>) -> serde_json::Value {
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    serde_json::from_slice(&body).expect("JSON")
}

async fn ask(router: &mut Router, path: &str, known: Option<&str>) -> Response<Body> {
    let mut request = Request::builder().uri(path);
    if let Some(tag) = known {
        request = request.header(IF_NONE_MATCH, tag);
    }
    let request = request.body(Body::empty()).expect("a request");
    router.call(request).await.expect("an answer")
}

#[tokio::test]
async fn at_the_midnight_of_its_time_zone_what_is_due_becomes_overdue_and_tags_change() {
    let moment = Moment::at("2026-06-29T15:59:59Z");
    let mut shanghai = Place::new("Asia/Shanghai", &moment).await;
    let mut los_angeles = Place::new("America/Los_Angeles", &moment).await;
    let (mut east, mut west) = (String::new(), String::new());
    for (time, in_shanghai, in_los_angeles) in [
        ("2026-06-29T15:59:59Z", "2026-06-29 upcoming", "2026-06-29 upcoming"),
        ("2026-06-29T16:00:00Z", "2026-06-30 due", ""),
        ("2026-06-30T06:59:59Z", "", ""),
        ("2026-06-30T07:00:00Z", "", "2026-06-30 due"),
        ("2026-06-30T15:59:59Z", "", ""),
        ("2026-06-30T16:00:00Z", "2026-07-01 overdue", ""),
        ("2026-07-01T06:59:59Z", "", ""),
        ("2026-07-01T07:00:00Z", "", "2026-07-01 overdue"),
        // A clock that is set back.
        ("2026-06-30T06:59:59Z", "2026-06-30 due", "2026-06-29 upcoming"),
    ] {
        moment.set(time);
        for (place, tag, expected) in
            [(&mut shanghai, &mut east, in_shanghai), (&mut los_angeles, &mut west, in_los_angeles)]
        {
            if expected.is_empty() {
                let kept = ask(&mut place.router, "/collections/due/items", Some(tag)).await;
                assert_eq!(kept.status(), StatusCode::NOT_MODIFIED, "{time}");
                continue;
            }
            let (found, next) = place.work(tag).await;
            assert_eq!(found, expected, "{time}");
            *tag = next;
        }
    }
}

#[tokio::test]
async fn a_server_follows_the_time_zone_that_is_set() {
    let moment = Moment::at("2026-06-30T12:00:00Z");
    let mut place = Place::new("Asia/Shanghai", &moment).await;
    let (found, tag) = place.work("").await;
    assert_eq!(found, "2026-06-30 due");
    let put = TimeZonePut {
        time_zone: time_zone("Pacific/Kiritimati").expect("a time zone"),
        behind: Behind {
            recorded_at: now(),
            actor: "tester".into(),
            reason: String::new(),
            origin: "test".into(),
        },
    };
    let ledger = place.registry.ledger();
    assert_eq!(ledger.set_time_zone(&put, true).await.expect("a rehearsal"), None);
    assert_eq!(ledger.set_time_zone(&put, false).await.expect("set"), Some(3));
    assert_eq!(ledger.set_time_zone(&put, false).await.expect("the same"), None);
    place.registry.catch_up().await.expect("in step");
    assert_eq!(place.work(&tag).await.0, "2026-07-01 overdue");
}

#[tokio::test]
async fn an_answer_of_a_given_day_changes_its_tag_when_the_day_is_over() {
    let moment = Moment::at("2026-06-30T15:00:00Z");
    let mut place = Place::new("Asia/Shanghai", &moment).await;
    let page = json(ask(&mut place.router, "/collections/due/items", None).await).await;
    let id = page["features"][0]["id"].as_str().expect("an id");
    let item = format!("/collections/due/items/{id}?on=2026-06-30");
    for path in ["/collections/due/items?on=2026-06-30", &item] {
        moment.set("2026-06-30T15:00:00Z");
        let answer = ask(&mut place.router, path, None).await;
        let tag = answer.headers()[ETAG].to_str().expect("a tag").to_owned();
        assert_eq!(json(answer).await["note"], serde_json::Value::Null);
        moment.set("2026-06-30T16:00:00Z");
        let answer = ask(&mut place.router, path, Some(&tag)).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert!(json(answer).await["note"].is_string());
    }
}
