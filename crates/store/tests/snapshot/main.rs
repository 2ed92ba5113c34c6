//! The snapshot against a plain reading of the ledger, on random edits and random questions.

mod due;
mod nearest;
mod order;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use order::Placed;
use proptest::prelude::*;
use terrier_catalog::{
    Amount, ClassPack, Collection, FeatureQuery, Measure, OrderKey, Slice, Start, SummaryQuery,
    write_asset,
};
use terrier_model::{
    Area, Assessment, AssetId, Checked, Class, Draft, Edge, Event, EventKind, Grant, Limits, Names,
    Permission, RawValue, Role, Scope, Text, Verb,
};
use terrier_spatial::{GeometryKind, Sketch, key_of};
use terrier_store::{
    Arrival, Beginning, Change, ClassPut, FirstAccess, Ledger, Name, Occurrence, Registry, Since,
};

const POINTS: &str = r#"
name = "posts"
geometry = "point"
title = { en = "Posts", zh = "桩" }
description = { en = "Posts", zh = "桩" }
[[field]]
name = "kind"
kind = "code"
title = { en = "Kind", zh = "种类" }
codes = [{ code = "a", en = "A", zh = "甲" }, { code = "b", en = "B", zh = "乙" }]
[[field]]
name = "height_m"
kind = "number"
unit = "m"
title = { en = "Height", zh = "高" }
[[field]]
name = "secret"
kind = "integer"
sensitivity = "restricted"
title = { en = "Secret", zh = "密" }
[[field]]
name = "cleaned_on"
kind = "date"
event = "cleaned.on"
title = { en = "Cleaned on", zh = "清洗日期" }
[[field]]
name = "open_hazards"
kind = "integer"
event = "hazard.open"
sensitivity = "restricted"
title = { en = "Open hazards", zh = "未消除隐患" }
"#;

/// A field that posts have not from the beginning.
const COLOUR: &str = r#"
name = "colour"
kind = "text"
title = { en = "Colour", zh = "颜色" }
"#;

/// Posts with one more field, described in one of several ways.
fn posts(random: &mut Random) -> String {
    let mut parts = POINTS.split("[[field]]").chain([COLOUR]).map(str::to_owned);
    let head = parts.next().expect("a head");
    let mut fields: Vec<String> = parts.collect();
    let first = random.below(fields.len() as u64) as usize;
    fields.rotate_left(first);
    if random.below(2) == 0 {
        fields[0].push_str("retired = true\n");
    }
    let title = format!("en = \"Posts {}\"", random.below(3));
    let head = head.replacen("en = \"Posts\"", &title, 1);
    [&[head], &fields[..]].concat().join("[[field]]")
}

/// Describes the posts anew.
async fn describe(random: &mut Random, ledger: &Ledger, round: u64) {
    let document = posts(random);
    let pack = ClassPack::parse(&document).unwrap_or_else(|error| panic!("{error}: {document}"));
    let put = ClassPut {
        packs: vec![pack],
        may_publish: false,
        recorded_at: second(round * 10),
        actor: "tester".into(),
        reason: "random".into(),
        origin: "test".into(),
    };
    let report = ledger.put_classes(&put, random.below(4) == 0).await.expect("compared");
    assert_eq!(report.refused().count(), 0);
}

const LINES: &str = r#"
name = "kerbs"
geometry = "multi_line"
title = { en = "Kerbs", zh = "路缘" }
description = { en = "Kerbs", zh = "路缘" }
"#;

/// Numbers from a seed (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn degrees(&mut self) -> f64 {
        self.below(100_000) as f64 / 1e6
    }
}

fn arrival(random: &mut Random, class: &Arc<Class>, key: u64) -> Arrival {
    let (x, y) = (117.2 + random.degrees(), 39.0 + random.degrees());
    let mut values: Vec<(Box<str>, RawValue)> = Vec::new();
    if random.below(4) > 0 {
        values.push(("code".into(), RawValue::Text(format!("C{}", random.below(50)))));
    }
    if random.below(2) == 0 {
        values.push(("households".into(), RawValue::Integer(random.below(9).cast_signed())));
    }
    let sketch = if class.name() == "posts" {
        let kind = ["a", "b"][random.below(2) as usize];
        values.push(("kind".into(), RawValue::Text(kind.into())));
        values.push(("height_m".into(), RawValue::Number(random.below(5) as f64 / 2.0)));
        values.push(("secret".into(), RawValue::Integer(random.below(3).cast_signed())));
        values.push((
            "colour".into(),
            RawValue::Text(["red", "green"][random.below(2) as usize].into()),
        ));
        values.retain(|(name, _)| is_seen(class, name, &Scope::everything()));
        Sketch::Point([x, y])
    } else {
        let end = [x + random.degrees() / 20.0, y + random.degrees() / 20.0];
        Sketch::Line(vec![[x, y], [end[0], y], end])
    };
    let mut events = Vec::new();
    while random.below(3) == 0 {
        events.push(event(random));
    }
    let draft = Draft { id: None, external_key: Some(key.to_string()), sketch, values };
    let Checked { content, given, events: _ } = draft.check(class).expect("a good draft");
    Arrival { class: Arc::clone(class), name: Name::Key(key.to_string()), content, given, events }
}

/// One of few events, so that the same come again.
fn event(random: &mut Random) -> Event {
    let kind = EventKind::ALL[random.below(8) as usize];
    let day = Date::constant(2024, 1 + random.below(2) as i8, 28 + random.below(2) as i8);
    let mut event = Event::new(kind, day);
    match kind {
        EventKind::Assessed => event.result = Some(Assessment::ALL[random.below(4) as usize]),
        EventKind::Graded => event.grade = Some(random.below(3).to_string().into()),
        _ if random.below(2) == 0 => event.note = Some("锈\"蚀".into()),
        _ => {}
    }
    if random.below(4) == 0 {
        event.next_on = Some(Date::constant(2025, 2, 28));
    }
    event
}

/// Whether a field exists for a caller.
fn is_seen(class: &Class, name: &str, scope: &Scope) -> bool {
    let field = |position: usize| &class.fields()[position];
    let is_seen = |position| scope.sees(Some(class.name()), field(position));
    class.position(name).is_some_and(is_seen)
}

/// Where somebody sees assets: often everywhere.
fn any_area(random: &mut Random) -> Option<Area> {
    let edge = Edge::ALL[random.below(3) as usize];
    let mut corner = || [117.2 + random.degrees(), 39.0 + random.degrees()];
    let ring = vec![corner(), corner(), corner(), corner()];
    let shape = Sketch::Polygon(vec![ring]).check(GeometryKind::MultiPolygon).ok()?;
    (random.below(2) == 0).then_some(Area { shape, edge })
}

/// What somebody may see: often what anybody does, or everything, or what a role tells field by field.
fn scope(random: &mut Random) -> Scope {
    let area = any_area(random);
    let mut some = |all: &[&str]| {
        let chosen = all.iter().filter(|_| random.below(3) == 0);
        Names::These(chosen.map(|name| (*name).into()).collect())
    };
    let mut grant = |collections: Names| Grant {
        collections,
        permissions: BTreeSet::from([Permission::Read]),
        restricted: some(&["households", "secret"]),
        hidden: some(&["code", "kind", "geom_length_m", "state"]),
        writable: Names::All,
        writes_geometry: true,
        area: area.clone(),
    };
    let posts = Names::These(BTreeSet::from(["posts".into()]));
    let (of_posts, of_all) = (grant(posts), grant(Names::All));
    let grants = match random.below(6) {
        0 | 1 => return Scope::public(Names::All),
        2 => return Scope::everything(),
        3 => vec![of_posts],
        4 => vec![of_all],
        _ => vec![of_posts, of_all],
    };
    Scope::of(&Role {
        name: "some".into(),
        title: Text::new("Some", "部分"),
        grants,
        limits: Limits::NONE,
    })
}

fn second(number: u64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + number.cast_signed()).expect("a time")
}

async fn edit(random: &mut Random, ledger: &Ledger, round: u64, rows: u64, keys: u64) {
    let classes = ledger.classes().await.expect("classes");
    let verb = if random.below(3) == 0 { Verb::Correct } else { Verb::Update };
    let settings = Change {
        source: "test".into(),
        verb,
        since: Since::At(second(round * 10)),
        recorded_at: second(round * 10),
        today: Date::constant(2024, 6, 30),
        actor: "tester".into(),
        reason: "random".into(),
        origin: "test".into(),
    };
    let mut session = ledger.begin_change(settings).await.expect("an import");
    let (posts, kerbs) = (classes.get("posts").expect("a class"), classes.get("kerbs"));
    let kerbs = kerbs.expect("a class");
    let mut batch = Vec::new();
    for _ in 0..rows {
        let key = random.below(keys);
        batch.push(arrival(random, if key.is_multiple_of(4) { kerbs } else { posts }, key));
        if batch.len() == 300 {
            put(random, &mut session, std::mem::take(&mut batch)).await;
        }
    }
    put(random, &mut session, batch).await;
    let occurrences = (0..random.below(200)).map(|_| {
        let name = Name::Key(random.below(keys).to_string());
        Occurrence { name, class: None, events: vec![event(random)] }
    });
    session.put_events(occurrences.collect()).await.expect("written");
    for _ in 0..random.below(50) {
        let (key, number) = (random.below(keys), 1 + random.below(3) as u32);
        let name = Name::Key(key.to_string());
        // There may be no such asset or event.
        let _ = session.withdraw_event(&name, number).await.expect("written");
    }
    if random.below(5) == 0 {
        session.abandon().await.expect("undone");
    } else {
        session.commit().await.expect("committed");
    }
}

async fn put(random: &mut Random, session: &mut terrier_store::ChangeSession, batch: Vec<Arrival>) {
    let mut new_id = || {
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&random.next().to_be_bytes());
        bytes[8..].copy_from_slice(&random.next().to_be_bytes()[..2]);
        AssetId::new(second(0), bytes)
    };
    session.put(batch, &mut new_id).await.expect("written");
}

fn question(
    random: &mut Random,
    registry: &Registry,
) -> (Collection, Scope, Vec<(String, String)>) {
    let snapshot = registry.snapshot();
    let scope = scope(random);
    let names = ["assets", "posts", "kerbs"];
    let mut any = || snapshot.collection(names[random.below(3) as usize], Date::MIN, &scope);
    let collection = std::iter::repeat_with(&mut any).flatten().next().expect("a collection");
    let sees = |name: &str| collection.position(name, &scope).is_some();
    let mut pairs = Vec::new();
    if random.below(3) > 0 {
        let (x, y) = (117.2 + random.degrees(), 39.0 + random.degrees());
        let (w, h) = (random.degrees(), random.degrees());
        pairs.push(("bbox".into(), format!("{x},{y},{},{}", x + w, y + h)));
    }
    if random.below(3) == 0 {
        let (from, to) = (random.below(60), random.below(60));
        let ends = format!("{}/{}", second(from), second(from + to));
        pairs.push(("datetime".into(), ends));
    }
    if sees("code") && random.below(3) == 0 {
        pairs.push(("code".into(), format!("C{}", random.below(60))));
    }
    let of_posts = collection.class().filter(|class| class.name() == "posts");
    let shows = |name: &str| of_posts.is_some_and(|class| is_seen(class, name, &scope));
    if shows("kind") && random.below(2) == 0 {
        pairs.push(("kind".into(), ["a", "b", "c"][random.below(3) as usize].into()));
    }
    if shows("cleaned_on") && random.below(3) == 0 {
        pairs.push(("cleaned_on".into(), "2024-02-29".into()));
    }
    if shows("open_hazards") && random.below(3) == 0 {
        pairs.push(("open_hazards".into(), random.below(3).to_string()));
    }
    if random.below(4) == 0 {
        let words = ["C1", "c", "1 C", "5,C2", "C3 2,4", "x"];
        pairs.push(("q".into(), words[random.below(6) as usize].into()));
    }
    if sees("households") && random.below(3) == 0 {
        pairs.push(("households".into(), random.below(9).to_string()));
    }
    if random.below(3) == 0 {
        let number = random.below(60);
        let filters = [
            format!("code LIKE 'C%{}'", number % 10),
            format!("NOT (code IN ('C{number}', 'C1') OR class = 'kerbs')"),
            format!("valid_from < TIMESTAMP('{}') OR code IS NULL", second(number)),
            format!("code BETWEEN 'C{}' AND 'C{}' AND class <> 'posts'", number % 3, number),
            format!("S_INTERSECTS(geometry, BBOX(117.2,39,117.2{number:02},39.0{number:02}))"),
            format!("S_DWITHIN(geometry, POINT(117.25 39.0{number:02}), {number}00)"),
            format!("S_DISJOINT(geom, LINESTRING(117.2 39, 117.3 39.0{number:02})) OR code > 'C4'"),
            "geom_length_m * 2 > 300.5 OR CASEI(code) = 'c7'".to_owned(),
        ];
        let filter = &filters[random.below(8) as usize];
        let is_hidden = |name: &&str| filter.contains(*name) && !sees(name);
        if !["code", "geom_length_m"].iter().any(is_hidden) {
            pairs.push(("filter".into(), filter.clone()));
        }
    }
    (collection, scope, pairs)
}

async fn check(random: &mut Random, registry: &Registry) {
    let (collection, scope, mut pairs) = question(random, registry);
    let known = ["id", "class", "code", "valid_from", "geom_length_m", "kind", "height_m"];
    let others = ["cleaned_on", "open_hazards", "households"];
    let is_there = |name: &&str| *name == "id" || collection.position(name, &scope).is_some();
    let names: Vec<&str> = known.into_iter().chain(others).filter(is_there).collect();
    pairs.extend(order::any(random, &names).map(|order| ("sortby".to_owned(), order)));
    let borrowed = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let (query, _) =
        FeatureQuery::parse(collection.clone(), &scope, due::TODAY, borrowed).expect("a question");
    let mut expected = Vec::new();
    registry
        .ledger()
        .for_each(&query, |asset| {
            let mut text = Vec::new();
            write_asset(&mut text, asset, &collection, &scope);
            let item = registry.snapshot().item(&collection, &scope, asset.id);
            let item = item.expect("the same asset");
            assert_eq!(item.events().collect::<Vec<_>>(), asset.events);
            let key = key_of(asset.content.shape.bounds().centre());
            let key = OrderKey { key, id: asset.id, part: 0 };
            let text = String::from_utf8(text).expect("text");
            expected.push(Placed::new(&query, |at| asset.value(at), key, text));
            true
        })
        .await
        .expect("a reading");
    // The ledger hands them out class by class.
    let expected = order::sorted(&query, expected);
    let snapshot = registry.snapshot();
    let limit = 1 + random.below(400) as usize;
    let mut found = Vec::new();
    let mut start = Start::Offset(0);
    loop {
        let page = snapshot.answer(&query, &Slice { limit, start });
        assert_eq!(page.matched(), expected.len() as u64, "{pairs:?}");
        let mut text = b"[".to_vec();
        page.write_features(&mut text);
        text.push(b']');
        let features: Vec<Box<serde_json::value::RawValue>> =
            serde_json::from_slice(&text).expect("a list of features");
        assert_eq!(features.len(), page.returned());
        found.extend(features.iter().map(|feature| feature.get().to_owned()));
        match page.next() {
            Some(cursor) => {
                let mut cursor = order::sent(&cursor);
                // A count from before a change is not trusted.
                if random.below(2) == 0 {
                    cursor.sequence += 1;
                    cursor.matched = 0;
                }
                start = Start::Beside(cursor);
            }
            None => break,
        }
    }
    assert_eq!(found, expected, "{pairs:?}");
    let offset = random.below(expected.len() as u64 + 5);
    let page = snapshot.answer(&query, &Slice { limit: 7, start: Start::Offset(offset) });
    let mut text = Vec::new();
    page.write_features(&mut text);
    let behind = expected.iter().skip(offset as usize).take(7).cloned().collect::<Vec<_>>();
    assert_eq!(String::from_utf8(text).expect("text"), behind.join(","));
}

/// What a summary is to say of the assets of a group.
#[derive(Clone, Debug, Default)]
struct Expected {
    assets: u64,
    households: (i64, u64),
    geom_length_m: (f64, u64),
}

async fn check_summary(random: &mut Random, registry: &Registry) {
    let (collection, _, mut pairs) = question(random, registry);
    let everything = Scope::everything();
    // A field of a class may have been retired.
    let has_kind = collection.position("kind", &everything).is_some();
    let by = if has_kind { "class,kind" } else { "class,code" };
    pairs.push(("group-by".into(), by.into()));
    pairs.push(("measure".into(), "count,households,geom_length_m".into()));
    let borrowed = || pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let query = SummaryQuery::parse(collection.clone(), &everything, due::TODAY, borrowed());
    let query = query.expect("a question");
    let second = by.split(',').nth(1).expect("two fields");
    let place = collection.position(second, &everything).expect("a field");
    let mut expected: BTreeMap<(String, Option<String>), Expected> = BTreeMap::new();
    registry
        .ledger()
        .for_each(query.features(), |asset| {
            let label = asset.value(place).map(|value| value.to_string());
            let group = expected.entry((asset.class.name().to_owned(), label)).or_default();
            group.assets += 1;
            match asset.content.core.households {
                Some(households) => group.households.0 += households,
                None => group.households.1 += 1,
            }
            // A post is a point, which has no length.
            if asset.class.name() == "posts" {
                group.geom_length_m.1 += 1;
            } else {
                group.geom_length_m.0 += asset.content.geom_length_m;
            }
            true
        })
        .await
        .expect("a reading");
    let summary = registry.snapshot().summarise(&query).expect("few groups");
    assert_eq!(query.measures().next(), Some(Measure::Count));
    assert_eq!(summary.groups.len(), expected.len(), "{pairs:?}");
    // Nothing comes last here, and first in the map.
    let mut order: Vec<_> = expected.iter().collect();
    order.sort_by_key(|((class, label), _)| (class, label.is_none(), label));
    for (group, ((class, label), expected)) in summary.groups.iter().zip(order) {
        let labels: Vec<_> = group.labels.iter().map(terrier_catalog::Label::json).collect();
        assert_eq!(labels, [serde_json::json!(class), serde_json::json!(label)], "{pairs:?}");
        check_figures(&group.figures, expected);
    }
    let mut total = Expected::default();
    for group in expected.values() {
        total.assets += group.assets;
        total.households.0 += group.households.0;
        total.households.1 += group.households.1;
        total.geom_length_m.0 += group.geom_length_m.0;
        total.geom_length_m.1 += group.geom_length_m.1;
    }
    check_figures(&summary.total, &total);
}

fn check_figures(found: &[terrier_catalog::Figure], expected: &Expected) {
    let assets = expected.assets;
    assert_eq!(found[0].amount, Some(Amount::Whole(assets.cast_signed())));
    let (households, missing) = expected.households;
    let known = missing < assets || assets == 0;
    assert_eq!((found[0].missing, found[1].missing), (0, missing));
    assert_eq!(found[1].amount, known.then_some(Amount::Whole(households)));
    let (length, missing) = expected.geom_length_m;
    let known = missing < assets || assets == 0;
    assert_eq!(found[2].missing, missing);
    match found[2].amount {
        Some(Amount::Decimal(found)) => assert!(known && (found - length).abs() < 0.001),
        other => assert!(!known && other.is_none(), "{other:?}"),
    }
}

async fn live(seed: u64) {
    let mut random = Random(seed);
    let folder = tempfile::tempdir().expect("a folder");
    let beginning = Beginning {
        classes: &[("kerbs", LINES), ("posts", POINTS)],
        rules: &[],
        time_zone: &TimeZone::UTC,
        access: FirstAccess::default(),
        recorded_at: second(0),
        actor: "tester",
    };
    let created = Ledger::create(folder.path(), &beginning).await;
    created.expect("a registry").close().await;
    let registry = Registry::open(folder.path()).await.expect("a registry");
    let mut work = 0;
    for round in 1..8 {
        if random.below(3) == 0 {
            describe(&mut random, registry.ledger(), round).await;
        }
        if round == 1 || random.below(3) == 0 {
            due::put(&mut random, registry.ledger(), round).await;
        }
        let rows = [3, 40, 900, 5000][random.below(4) as usize];
        edit(&mut random, registry.ledger(), round, rows, 6000).await;
        registry.catch_up().await.expect("in step");
        for _ in 0..12 {
            check(&mut random, &registry).await;
            nearest::check(&mut random, &registry).await;
            check_summary(&mut random, &registry).await;
        }
        for _ in 0..6 {
            work += due::check(&mut random, &registry).await;
            due::check_kept(&mut random, &registry).await;
        }
    }
    assert!(work > 0, "no rule found anything");
    let findings = registry.ledger().verify(None).await.expect("a check");
    assert_eq!(findings.problems, Vec::<String>::new());
    let again = Registry::open(folder.path()).await.expect("a registry");
    let (all, whole) = (Collection::Assets, Scope::everything());
    assert_eq!(again.snapshot().extent(&all, &whole), registry.snapshot().extent(&all, &whole));
    let mut versions = BTreeMap::new();
    for item in again.snapshot().sample(&all, &whole, usize::MAX) {
        let followed = registry.snapshot().item(&all, &whole, item.id()).expect("the same asset");
        assert_eq!(item.version(), followed.version());
        assert_eq!(item.events_state(), followed.events_state());
        *versions.entry(item.version()).or_insert(0) += 1;
    }
    assert_eq!(versions.values().sum::<u64>(), findings.assets);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_snapshot_answers_as_a_plain_reading_of_the_ledger_does(seed in any::<u64>()) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(live(seed));
    }
}
