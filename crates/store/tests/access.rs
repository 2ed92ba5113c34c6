//! What the ledger keeps of who may see and do what, and what a server makes of it.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection};
use terrier_catalog::{RolePack, SECRET_BYTES, Secret, shipped_roles};
use terrier_model::{Area, Edge, Limits, Names, Narrowing, PartyName};
use terrier_spatial::{GeometryKind, Shape, Sketch};
use terrier_store::{
    Beginning, Behind, FirstAccess, FirstKeyPut, KeyPut, KeyState, KeyUse, Ledger, LedgerError,
    MAX_KEYS, MAX_ORGANISATIONS, MAX_PEOPLE, MAX_ROLES, Registry, RolePut, Writing,
};

const POSTS: &str = r#"
name = "posts"
geometry = "point"
title = { en = "Posts", zh = "桩" }
description = { en = "Posts", zh = "桩" }
"#;

fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).expect("a time")
}

fn secret(seed: u8) -> Secret {
    Secret::of_random([seed; SECRET_BYTES])
}

fn behind() -> Behind {
    Behind {
        recorded_at: now(),
        actor: "tester".into(),
        reason: String::new(),
        origin: "test".into(),
    }
}

async fn ledger(folder: &tempfile::TempDir, key: Option<&Secret>) -> Ledger {
    let beginning = Beginning {
        classes: &[("posts", POSTS)],
        rules: &[],
        time_zone: &TimeZone::UTC,
        access: FirstAccess {
            roles: if key.is_some() { &shipped_roles()[..1] } else { &[] },
            public_collections: None,
            key: None,
        },
        recorded_at: now(),
        actor: "tester",
    };
    let ledger = Ledger::create(folder.path(), &beginning).await.expect("a registry");
    if let Some(key) = key {
        let name = PartyName::try_new("wang.li").expect("a name");
        ledger.add_person(&name, "operator", &behind(), Writing::Done).await.expect("a person");
        let put = key_put(key, Narrowing::NONE, None);
        ledger.create_key(&put, &behind(), Writing::Done).await.expect("a key");
    }
    ledger
}

fn key_put(secret: &Secret, narrowing: Narrowing, until: Option<Timestamp>) -> KeyPut {
    KeyPut {
        id: secret.id(),
        hash: secret.hash(),
        person: "wang.li".into(),
        role: "viewer".into(),
        narrowing,
        until,
        note: "QGIS".into(),
        limits: Limits::NONE,
    }
}

fn area() -> Shape {
    let ring = vec![[117.0, 39.0], [118.0, 39.0], [118.0, 40.0], [117.0, 39.0]];
    Sketch::Polygon(vec![ring]).check(GeometryKind::MultiPolygon).expect("a shape")
}

/// Does something to a registry with one key, and compares how the key is listed, whether a server
/// takes it, and that the ledger holds together.
async fn check(act: impl AsyncFnOnce(&Ledger), expected: KeyState) {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = secret(7);
    let ledger = ledger(&folder, Some(&secret)).await;
    act(&ledger).await;
    let state = ledger.keys().await.expect("keys")[0].state(now());
    assert_eq!(state, expected);
    assert_eq!(ledger.verify(None).await.expect("a check").problems, Vec::<String>::new());
    ledger.close().await;
    let registry = Registry::open(folder.path()).await.expect("a registry");
    let access = registry.access();
    let found = access.find(&secret, now());
    assert_eq!(found.is_some(), expected == KeyState::Works, "{expected:?}");
    registry.ledger().close().await;
}

#[tokio::test]
async fn a_key_works_while_everything_that_it_hangs_on_stands() {
    let done = Writing::Done;
    check(async |_| {}, KeyState::Works).await;
    let revoke = async |ledger: &Ledger| {
        ledger.revoke_key(secret(7).id(), &behind(), done).await.expect("revoked");
        let again = ledger.revoke_key(secret(7).id(), &behind(), done).await;
        assert!(matches!(again, Err(LedgerError::NoKey { .. })), "{again:?}");
    };
    check(revoke, KeyState::Revoked).await;
    let person = async |ledger: &Ledger| {
        ledger.retire_person("wang.li", &behind(), done).await.expect("retired");
    };
    check(person, KeyState::PersonRetired).await;
    let organisation = async |ledger: &Ledger| {
        ledger.retire_organisation("operator", &behind(), done).await.expect("retired");
    };
    check(organisation, KeyState::OrganisationRetired).await;
    let role = async |ledger: &Ledger| {
        let put = RolePut::Retire("viewer".into());
        ledger.put_role(&put, &behind(), done).await.expect("retired");
    };
    check(role, KeyState::RoleRetired).await;
    let there_and_back = async |ledger: &Ledger| {
        organisation(ledger).await;
        let name = PartyName::try_new("operator").expect("a name");
        ledger.add_organisation(&name, &behind(), done).await.expect("taken back");
    };
    check(there_and_back, KeyState::Works).await;
    let rehearsed = async |ledger: &Ledger| {
        let sequence = ledger.revoke_key(secret(7).id(), &behind(), Writing::Rehearsed).await;
        assert_eq!(sequence.expect("a rehearsal"), None);
    };
    check(rehearsed, KeyState::Works).await;
}

#[tokio::test]
async fn a_key_works_until_the_moment_at_which_its_last_day_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, second) = (secret(7), secret(8));
    let ledger = ledger(&folder, Some(&first)).await;
    let put = key_put(&second, Narrowing::NONE, Some(now()));
    ledger.create_key(&put, &behind(), Writing::Done).await.expect("a key");
    let record = ledger.keys().await.expect("keys").pop().expect("a key");
    ledger.close().await;
    let registry = Registry::open(folder.path()).await.expect("a registry");
    let check = |at: Timestamp, works: bool| {
        assert_eq!(registry.access().find(&second, at).is_some(), works, "{at}");
        assert_eq!(record.state(at) == KeyState::Works, works, "{at}");
    };
    check(now() - Duration::from_micros(1), true);
    check(now(), false);
    check(now() + Duration::from_secs(1), false);
    registry.ledger().close().await;
}

#[tokio::test]
async fn a_server_follows_keys_and_what_is_public() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, second) = (secret(7), secret(8));
    let ledger = ledger(&folder, Some(&first)).await;
    let registry = Registry::open(folder.path()).await.expect("a registry");
    assert_eq!(registry.access().public(), &Names::none());
    let area = Area { shape: area(), edge: Edge::Left };
    let posts = Names::These(["posts".into()].into());
    let narrowing = Narrowing { collections: posts.clone(), area: Some(area) };
    let put = key_put(&second, narrowing.clone(), None);
    ledger.create_key(&put, &behind(), Writing::Done).await.expect("a key");
    let public = terrier_store::CollectionsPut {
        setting: terrier_store::CollectionSetting::Public,
        collections: posts.clone(),
        behind: behind(),
    };
    ledger.set_collections(&public, false).await.expect("set");
    assert!(registry.access().find(&second, now()).is_none());
    registry.catch_up().await.expect("in step");
    let access = registry.access();
    let key = access.find(&second, now()).expect("a key");
    assert_eq!((&**key.person(), key.organisation()), ("wang.li", "operator"));
    let grant = &key.role().grants[0];
    assert_eq!((&grant.collections, &grant.area), (&posts, &narrowing.area));
    assert_eq!(access.public(), &posts);
    // A secret that is not right is no key, whoever's id it has.
    let mut bytes = [8; SECRET_BYTES];
    bytes[SECRET_BYTES - 1] = 9;
    assert!(access.find(&Secret::of_random(bytes), now()).is_none());
    assert!(access.find(&secret(9), now()).is_none());
    // Its use is kept once a minute, and is no change.
    let minute = Duration::from_mins(1);
    assert!(key.is_use_to_be_kept(now()) && !key.is_use_to_be_kept(now()));
    assert!(!key.is_use_to_be_kept(now() + minute - Duration::from_micros(1)));
    assert!(key.is_use_to_be_kept(now() + minute));
    let used = |at: Timestamp| KeyUse { number: key.number(), at };
    ledger.put_key_use(used(now() + minute)).await.expect("kept");
    ledger.put_key_use(used(now())).await.expect("kept");
    let listed = ledger.keys().await.expect("keys");
    assert_eq!(listed[1].last_used, Some(now() + minute));
    assert_eq!(listed[1].narrowing, narrowing);
    let sequence = registry.snapshot().sequence();
    registry.catch_up().await.expect("in step");
    assert_eq!(registry.snapshot().sequence(), sequence);
    registry.ledger().close().await;
    ledger.close().await;
}

#[tokio::test]
async fn a_role_and_its_key_are_both_for_an_area_where_their_edges_are_alike() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(&folder, Some(&secret(7))).await;
    let document = |name: &str| {
        format!(
            "role = \"{name}\"\ntitle = {{ en = \"A\", zh = \"B\" }}\n[[grant]]\n\
             collections = [\"*\"]\npermissions = [\"read\"]\narea = '''{{\"type\":\"Polygon\",\
             \"coordinates\":[[[117,39],[118,39],[118,40],[117,39]]]}}'''\n"
        )
    };
    let put = |text: &str| RolePut::Put(RolePack::parse(text).expect("a role"));
    let lot = put(&document("lot"));
    ledger.put_role(&lot, &behind(), Writing::Done).await.expect("in force");
    let narrowing =
        |edge| Narrowing { collections: Names::All, area: Some(Area { shape: area(), edge }) };
    let of_lot =
        |seed, edge| KeyPut { role: "lot".into(), ..key_put(&secret(seed), narrowing(edge), None) };
    let alike = of_lot(8, Edge::Whole);
    ledger.create_key(&alike, &behind(), Writing::Done).await.expect("a key");
    let of_lot = of_lot(9, Edge::Clipped);
    let refused = ledger.create_key(&of_lot, &behind(), Writing::Done).await;
    assert!(matches!(refused, Err(LedgerError::TwoEdges { .. })), "{refused:?}");
    let of_viewer = key_put(&secret(10), narrowing(Edge::Left), None);
    ledger.create_key(&of_viewer, &behind(), Writing::Done).await.expect("a key");
    let refused = ledger.put_role(&put(&document("viewer")), &behind(), Writing::Done).await;
    assert!(matches!(refused, Err(LedgerError::TwoEdges { .. })), "{refused:?}");
    ledger.close().await;
}

#[tokio::test]
async fn a_registry_without_roles_gets_what_its_first_key_needs_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(&folder, None).await;
    let first = ledger.keys().await.expect("keys");
    assert_eq!(first, []);
    for seed in [1, 2] {
        let key = secret(seed);
        let put = FirstKeyPut { roles: &shipped_roles()[4..5], key: (key.id(), key.hash()) };
        let change = ledger.create_first_key(&put, &behind(), Writing::Done).await;
        assert_eq!(change.expect("a key"), Some(u64::from(seed) + 1));
    }
    assert_eq!(ledger.role_documents().await.expect("roles").len(), 1);
    assert_eq!(ledger.people().await.expect("people").len(), 1);
    assert_eq!(ledger.organisations().await.expect("organisations").len(), 1);
    let keys = ledger.keys().await.expect("keys");
    let states: Vec<_> = keys.iter().map(|key| key.state(now())).collect();
    assert_eq!(states, [KeyState::Works, KeyState::Works]);
    ledger.close().await;
}

#[tokio::test]
async fn what_is_not_there_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(&folder, Some(&secret(7))).await;
    let last = ledger.keys().await.expect("keys")[0].created.0;
    let put = || key_put(&secret(8), Narrowing::NONE, None);
    let check = async |put: KeyPut, expected: &str| {
        let refused = ledger.create_key(&put, &behind(), Writing::Done).await;
        assert_eq!(refused.expect_err("refused").to_string(), expected);
    };
    check(KeyPut { person: "nobody".into(), ..put() }, "no person `nobody`").await;
    check(KeyPut { role: "king".into(), ..put() }, "no role `king` in force").await;
    let collections = Names::These(["trees".into()].into());
    let narrowing = Narrowing { collections, area: None };
    check(KeyPut { narrowing, ..put() }, "no class `trees`").await;
    let name = PartyName::try_new("li.na").expect("a name");
    let refused = ledger.add_person(&name, "nowhere", &behind(), Writing::Done).await;
    assert_eq!(refused.expect_err("refused").to_string(), "no organisation `nowhere`");
    ledger.create_key(&put(), &behind(), Writing::Done).await.expect("a key");
    assert_eq!(ledger.keys().await.expect("keys")[1].created.0, last + 1);
    ledger.close().await;
}

/// Puts rows into the file of the registry by statements, in which `numbers` is a table of 1 to so many.
async fn fill(folder: &tempfile::TempDir, rows: usize, statements: &[&str]) {
    let address = format!("sqlite://{}", folder.path().join(terrier_store::FILE_NAME).display());
    let mut connection = SqliteConnection::connect(&address).await.expect("the file opens");
    let numbers = format!(
        "with recursive numbers(n) as (values (1) union all select n + 1 from numbers where n < {rows})"
    );
    let mut all = connection.begin().await.expect("a transaction");
    for statement in statements {
        let statement = AssertSqlSafe(format!("{numbers} {statement}"));
        sqlx::raw_sql(statement).execute(&mut *all).await.expect("rows are put");
    }
    all.commit().await.expect("rows are kept");
}

/// Up to a bound another of a kind is taken, and one past it is refused; `held` are there from the start.
async fn check_bound(
    most: usize,
    held: usize,
    statements: &[&str],
    what: &str,
    put: impl AsyncFn(&Ledger, u8) -> Option<LedgerError>,
) {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(&folder, Some(&secret(7))).await;
    fill(&folder, most - held - 1, statements).await;
    let last = put(&ledger, 8).await;
    assert!(last.is_none(), "{what}: {last:?}");
    let refused = put(&ledger, 9).await.expect("one past the bound");
    let is_it = matches!(refused, LedgerError::TooMany { what: told, most: bound } if told == what && bound == most);
    assert!(is_it, "{what}: {refused:?}");
    // What is there already may still be put anew.
    let again = put(&ledger, 8).await;
    assert!(again.is_none() || what.starts_with("keys"), "{what}: {again:?}");
    ledger.close().await;
}

#[tokio::test]
async fn a_registry_has_so_many_organisations_and_no_more() {
    let statements = [
        "insert into organisations (organisation_number, name) select n + 10, 'o' || n from numbers",
        "insert into organisation_states (organisation_number, recorded_from, standing) \
         select n + 10, 1, 0 from numbers",
    ];
    check_bound(MAX_ORGANISATIONS, 1, &statements, "organisations", async |ledger, seed| {
        let name = PartyName::try_new(&format!("new {seed}")).expect("a name");
        ledger.add_organisation(&name, &behind(), Writing::Done).await.err()
    })
    .await;
}

#[tokio::test]
async fn a_registry_has_so_many_people_and_no_more() {
    let statements = [
        "insert into people (person_number, name) select n + 10, 'p' || n from numbers",
        "insert into person_states (person_number, recorded_from, organisation_number) \
         select n + 10, 1, null from numbers",
    ];
    check_bound(MAX_PEOPLE, 2, &statements, "people", async |ledger, seed| {
        let name = PartyName::try_new(&format!("new {seed}")).expect("a name");
        ledger.add_person(&name, "operator", &behind(), Writing::Done).await.err()
    })
    .await;
}

#[tokio::test]
async fn a_registry_has_so_many_roles_and_no_more() {
    let statements = [
        "insert into roles (role_number, name) select n + 10, 'r' || n from numbers",
        "insert into role_documents (role_number, recorded_from, document) \
         select n + 10, 1, null from numbers",
    ];
    check_bound(MAX_ROLES, 1, &statements, "roles", async |ledger, seed| {
        let text = format!("role = \"new-{seed}\"\ntitle = {{ en = \"A\", zh = \"B\" }}\n");
        let role = RolePut::Put(RolePack::parse(&text).expect("a role"));
        ledger.put_role(&role, &behind(), Writing::Done).await.err()
    })
    .await;
}

#[tokio::test]
async fn a_registry_has_so_many_keys_that_are_not_revoked_and_no_more() {
    // Revoked ones do not count. An id has the digits from 2 to 9.
    let insert = |of: &str, from: u32, revoked: &str| {
        format!(
            "insert into keys (key_number, key_id, hash, person_number, role_number, collections, note, \
             recorded_from, revoked_by) select n + {from}, \
             replace(replace(printf('{of}%011o', n), '0', '8'), '1', '9'), zeroblob(32), \
             person_number, role_number, '*', '', 1, {revoked} \
             from numbers join (select person_number, role_number from keys where key_number = 1)"
        )
    };
    let (standing, revoked) = (insert("2", 10, "null"), insert("3", 20_000, "2"));
    let what = "keys that are not revoked";
    check_bound(MAX_KEYS, 1, &[&standing, &revoked], what, async |ledger, seed| {
        let put = key_put(&secret(seed), Narrowing::NONE, None);
        ledger.create_key(&put, &behind(), Writing::Done).await.err()
    })
    .await;
}
