//! A server that runs through a midnight: what falls due is told as of the day that begins.

use std::sync::Arc;
use std::sync::atomic::{AtomicI8, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use jiff::Timestamp;
use jiff::civil::Date;
use terrier_api::{App, Clock, Limits, Settings};
use terrier_model::{AssetId, Draft, Verb};
use terrier_spatial::Sketch;
use terrier_store::{Arrival, Import, Ledger, Name, Registry};
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

/// A day of June or, behind the thirtieth, of July 2026.
#[derive(Clone)]
struct Days(Arc<AtomicI8>);

impl Clock for Days {
    fn now(&self) -> Timestamp {
        now()
    }

    fn today(&self) -> Date {
        let day = self.0.load(Ordering::Relaxed);
        if day > 30 { Date::constant(2026, 7, day - 30) } else { Date::constant(2026, 6, day) }
    }
}

fn now() -> Timestamp {
    Timestamp::from_second(1_780_000_000).expect("a time")
}

async fn registry(folder: &std::path::Path) -> Registry {
    let made = Ledger::create(folder, &[("posts", POSTS)], &[("TEST", RULES)], now(), "tester");
    let ledger = made.await.expect("a registry");
    let classes = ledger.classes().await.expect("classes");
    let class = Arc::clone(classes.get("posts").expect("a class"));
    let sketch = Sketch::Point([117.2, 39.1]);
    let draft = Draft { id: None, external_key: None, sketch, values: Vec::new() };
    let checked = draft.check(&class).expect("a good draft");
    let import = Import {
        source: "test".into(),
        verb: Verb::Update,
        valid_from: now(),
        recorded_at: now(),
        today: Date::constant(2026, 6, 30),
        actor: "tester".into(),
        reason: String::new(),
        origin: "test".into(),
    };
    let mut session = ledger.begin_import(import).await.expect("an import");
    let (content, given) = (checked.content, checked.given);
    let name = Name::Key("1".into());
    let arrival = Arrival { class, name, content, given, events: Vec::new() };
    session.put(vec![arrival], || AssetId::new(now(), [7; 10])).await.expect("written");
    session.commit().await.expect("committed");
    ledger.close().await;
    Registry::open(folder).await.expect("a registry")
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
async fn at_midnight_what_is_due_becomes_overdue_and_tags_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = Arc::new(registry(folder.path()).await);
    let public_url = "http://127.0.0.1".parse().expect("an address");
    let settings = Settings { public_url, version: "0", limits: Limits::default() };
    let day = Days(Arc::new(AtomicI8::new(29)));
    let app = App::new(registry, settings, day.clone());
    let mut router = app.router();
    let items = "/collections/due/items";
    let mut tag = String::new();
    for (today, state) in [(29, "upcoming"), (30, "due"), (31, "overdue"), (30, "due")] {
        day.0.store(today, Ordering::Relaxed);
        let answer = ask(&mut router, items, Some(&tag)).await;
        assert_eq!(answer.status(), StatusCode::OK, "the tag of another day on {today}");
        tag = answer.headers()[ETAG].to_str().expect("a tag").to_owned();
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        let page: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(page["features"][0]["properties"]["state"], state, "{today}");
        assert_eq!(page["on"], day.today().to_string());
        let again = ask(&mut router, items, Some(&tag)).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }
}
