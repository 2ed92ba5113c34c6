//! What the ledger makes of descriptions that have changed since somebody looked at them.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use terrier_catalog::{ClassPack, Collection, FeatureQuery};
use terrier_model::{AssetId, Checked, Draft, Scope, Verb};
use terrier_spatial::Sketch;
use terrier_store::{
    Arrival, Beginning, Change, ClassPut, FirstAccess, Ledger, LedgerError, Name, Since,
};

const POSTS: &str = r#"
name = "posts"
geometry = "point"
title = { en = "Posts", zh = "桩" }
description = { en = "Posts", zh = "桩" }
"#;

const HEIGHT: &str = r#"
[[field]]
name = "height_m"
kind = "number"
title = { en = "Height", zh = "高" }
"#;

fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).expect("a time")
}

/// A registry with posts.
async fn ledger(folder: &tempfile::TempDir) -> Ledger {
    let beginning = Beginning {
        classes: &[("posts", POSTS)],
        rules: &[],
        time_zone: &TimeZone::UTC,
        access: FirstAccess::default(),
        recorded_at: now(),
        actor: "tester",
    };
    Ledger::create(folder.path(), &beginning).await.expect("a registry")
}

async fn put(ledger: &Ledger, document: &str) {
    let put = ClassPut {
        packs: vec![ClassPack::parse(document).expect("a class")],
        may_publish: false,
        recorded_at: now(),
        actor: "tester".into(),
        reason: String::new(),
        origin: "test".into(),
    };
    let report = ledger.put_classes(&put, false).await.expect("put in force");
    assert!(report.sequence.is_some());
}

/// Imports a post that was checked by the description that was in force before something happened.
async fn check(meanwhile: &str, expected: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(&folder).await;
    let classes = ledger.classes().await.expect("classes");
    let class = classes.get("posts").expect("a class");
    put(&ledger, meanwhile).await;
    let (external_key, sketch) = (Some("1".into()), Sketch::Point([117.2, 39.1]));
    let draft = Draft { id: None, external_key, sketch, values: Vec::new() };
    let Checked { content, given, events } = draft.check(class).expect("a good draft");
    let settings = Change {
        source: "test".into(),
        verb: Verb::Update,
        since: Since::At(now()),
        recorded_at: now(),
        today: Date::constant(2024, 6, 30),
        actor: "tester".into(),
        reason: String::new(),
        origin: "test".into(),
    };
    let mut session = ledger.begin_change(settings).await.expect("an import");
    let arrival =
        Arrival { class: Arc::clone(class), name: Name::Key("1".into()), content, given, events };
    let error = session.put(vec![arrival], || AssetId::new(now(), [0; 10])).await;
    assert_eq!(error.expect_err("another class").to_string(), expected);
    drop(session);
    let query = FeatureQuery::all(Collection::Class(Arc::clone(class)), &Scope::everything());
    let read = ledger.for_each(&query, |_| true).await;
    let is_laid_out_alike = !meanwhile.contains("[[field]]");
    assert_eq!(read.is_ok(), is_laid_out_alike, "{read:?}");
    if let Err(error) = read {
        assert!(matches!(error, LedgerError::ClassChanged { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn rows_that_another_description_has_checked_are_not_taken() {
    let expected = "class `posts` was changed meanwhile; try again";
    check(&[POSTS, HEIGHT].concat(), expected).await;
    check(&POSTS.replace("Posts", "Bollards"), expected).await;
}
