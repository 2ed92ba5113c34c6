//! The past against a plain model of it: random histories on both axes, asked at every corner.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use terrier_model::{Scope, Verb};
use terrier_spatial::{Shape, Window};

use super::super::Beginning;
use super::*;
use crate::snapshot::key_of_shape;

/// Numbers that look random; the same of the same seed.
struct Chance(u64);

impl Chance {
    /// One below a bound.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}

/// A version as the model keeps it. Times are seconds.
#[derive(Clone, Debug)]
struct Told {
    asset: usize,
    version: u32,
    at: [f64; 2],
    valid_from: i64,
    ended: Option<(i64, u64)>,
    recorded: (u64, Option<u64>),
}

impl Told {
    fn is_standing(&self) -> bool {
        self.recorded.1.is_none() && self.ended.is_none()
    }

    /// A post, or a bench that reaches to the east.
    fn shape(&self) -> Shape {
        let [lon, lat] = self.at;
        let reach = 0.3 * f64::from(self.version % 4 + 1);
        match class_of(self.asset) {
            1 => Shape::Point(self.at),
            _ => Shape::Line([self.at, [lon + reach, lat]].into()),
        }
    }

    fn holds(&self, past: Past) -> bool {
        let ended = self.ended.map(|(to, by)| (second(to), by));
        past.holds(self.recorded, second(self.valid_from), ended)
    }
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a moment")
}

fn id(asset: usize) -> AssetId {
    AssetId::new(second(1), [asset as u8; 10])
}

/// Assets of two classes that are put up, updated, corrected, corrected in what is over, ended,
/// withdrawn and put up again, a change each.
fn history(chance: &mut Chance, changes: u64) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    for change in 2..2 + changes {
        let asset = chance.below(7) as usize;
        let of_asset = || told.iter().filter(|told| told.asset == asset);
        let version = of_asset().count() as u32 + 1;
        let at = [100.0 + chance.below(3) as f64, 30.0];
        let standing = told.iter().position(|told| told.asset == asset && told.is_standing());
        let known = |told: &Told| told.asset == asset && told.recorded.1.is_none();
        let last_end = told.iter().filter(|told| known(told)).filter_map(|told| told.ended).max();
        let over = told.iter().position(|told| known(told) && told.ended.is_some());
        let mut new =
            Told { asset, version, at, valid_from: 0, ended: None, recorded: (change, None) };
        let Some(standing) = standing else {
            new.valid_from = last_end.map_or(0, |(end, _)| end) + chance.below(3) as i64;
            told.push(new);
            continue;
        };
        let end = told[standing].valid_from + 1 + chance.below(3) as i64;
        match (chance.below(6), over) {
            (0, _) => told[standing].ended = Some((end, change)),
            (1, _) => told[standing].recorded.1 = Some(change),
            (2, Some(over)) => {
                (new.valid_from, new.ended) = (told[over].valid_from, told[over].ended);
                told[over].recorded.1 = Some(change);
                told.push(new);
            }
            (3, _) => {
                new.valid_from = told[standing].valid_from;
                told[standing].recorded.1 = Some(change);
                told.push(new);
            }
            _ => {
                new.valid_from = end;
                told[standing].ended = Some((end, change));
                told.push(new);
            }
        }
    }
    told
}

const CLASSES: [(&str, &str); 2] = [
    (
        "posts",
        "name = \"posts\"\ngeometry = \"point\"\ntitle = { en = \"Posts\", zh = \"桩\" }\n\
         description = { en = \"Posts\", zh = \"桩\" }\n",
    ),
    (
        "benches",
        "name = \"benches\"\ngeometry = \"line\"\ntitle = { en = \"Benches\", zh = \"椅\" }\n\
         description = { en = \"Benches\", zh = \"椅\" }\n",
    ),
];

/// The number of the class of an asset: the ledger counts from 1.
fn class_of(asset: usize) -> u32 {
    asset as u32 % 2 + 1
}

async fn ledger(folder: &tempfile::TempDir) -> Ledger {
    let beginning = Beginning {
        classes: &CLASSES,
        rules: &[],
        time_zone: &TimeZone::UTC,
        access: crate::FirstAccess::default(),
        recorded_at: second(1),
        actor: "tester",
    };
    Ledger::create(folder.path(), &beginning).await.expect("a registry")
}

async fn write(ledger: &Ledger, told: &[Told], changes: u64) {
    let mut writer = ledger.writer.acquire().await.expect("a writer");
    for change in 2..2 + changes {
        let at = second(i64::try_from(change).expect("small") * 100);
        let sequence =
            class::insert_change(&mut writer, at, "tester", Verb::Update, "", "test").await;
        assert_eq!(sequence.expect("a change"), change.cast_signed());
    }
    let assets: BTreeSet<usize> = told.iter().map(|told| told.asset).collect();
    for asset in assets {
        sqlx::query("insert into assets (asset_id, class_number) values (?, ?)")
            .bind(id(asset).as_bytes().to_vec())
            .bind(class_of(asset))
            .execute(&mut *writer)
            .await
            .expect("an asset");
    }
    for one in told {
        let shape = one.shape();
        Extent::of(&shape).record(&mut writer, class_of(one.asset)).await.expect("an extent");
        sqlx::query(
            "insert into versions (asset_id, class_number, version, place, valid_from, valid_to, \
             ended_by, recorded_from, recorded_to, geometry, geom_length_m, geom_area_m2, content) \
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, '{}')",
        )
        .bind(id(one.asset).as_bytes().to_vec())
        .bind(class_of(one.asset))
        .bind(one.version)
        .bind(key_of_shape(&shape).cast_signed())
        .bind(one.valid_from * 1_000_000)
        .bind(one.ended.map(|(to, _)| to * 1_000_000))
        .bind(one.ended.map(|(_, by)| by.cast_signed()))
        .bind(one.recorded.0.cast_signed())
        .bind(one.recorded.1.map(u64::cast_signed))
        .bind(shape.to_wkb())
        .execute(&mut *writer)
        .await
        .expect("a version");
    }
}

/// All that is read page by page, and of how many pages.
async fn read(
    ledger: &Ledger,
    query: &FeatureQuery,
    past: Past,
    limit: usize,
    rows: usize,
) -> (Vec<Asset>, usize) {
    let (collection, scope) = (query.collection(), query.scope());
    let (mut all, mut pages, mut after) = (Vec::new(), 0, None);
    loop {
        let mut reading =
            ledger.read_past(collection, scope, past.known_at).await.expect("a reading");
        let slice = PastSlice { limit, rows, after };
        let page = reading.page(query, past, slice).await.expect("a page");
        assert!(page.assets.len() <= limit);
        let next = page.next();
        all.extend(page.assets);
        pages += 1;
        if next.is_none() {
            return (all, pages);
        }
        assert!(next > after, "no page begins where the one before did");
        after = next;
    }
}

/// All of a collection, or what meets a box.
fn question(collection: &Collection, window: Option<[f64; 4]>) -> FeatureQuery {
    let window = window.map(|edges| edges.map(|edge| edge.to_string()).join(","));
    let asked = window.iter().map(|window| ("bbox", window.as_str()));
    let (collection, scope) = (collection.clone(), Scope::everything());
    FeatureQuery::parse(collection, &scope, Date::MIN, asked).expect("a question").0
}

/// What a reading tells, against what the model says.
fn compare(found: &[Asset], told: &[Told], past: Past, (classes, window): (&[u32], Window)) {
    let is_asked =
        |one: &Told| classes.contains(&class_of(one.asset)) && window.meets(&one.shape().bounds());
    let holds = |one: &&Told| is_asked(one) && one.holds(past);
    let mut expected: Vec<&Told> = told.iter().filter(holds).collect();
    expected.sort_by_key(|one| (class_of(one.asset), key_of_shape(&one.shape()), id(one.asset)));
    let expected: Vec<_> = expected
        .into_iter()
        .map(|one| {
            let known = one.ended.filter(|(_, by)| *by <= past.known_at);
            (id(one.asset), one.version, second(one.valid_from), known.map(|(to, _)| second(to)))
        })
        .collect();
    let found: Vec<_> = found
        .iter()
        .map(|asset| (asset.id, asset.version, asset.valid_from, asset.valid_to))
        .collect();
    assert_eq!(found, expected, "{past:?} of {told:#?}");
}

#[tokio::test]
async fn the_past_is_what_a_plain_model_says_at_every_corner_of_both_axes() {
    for seed in 1..=3 {
        let changes = 30;
        let told = history(&mut Chance(seed * 0x9E37_79B9), changes);
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = ledger(&folder).await;
        write(&ledger, &told, changes).await;
        let classes = ledger.classes().await.expect("classes");
        let moments =
            told.iter().flat_map(|one| [Some(one.valid_from), one.ended.map(|(to, _)| to)]);
        let moments: BTreeSet<i64> =
            moments.flatten().flat_map(|at| [at - 1, at, at + 1]).collect();
        for known_at in 0..changes + 4 {
            for (nth, as_of) in moments.iter().enumerate() {
                let past = Past { as_of: second(*as_of), day: Date::MAX, known_at };
                // Each corner with another size of page, and another number of rows looked at.
                let limit = [1, 2, 3, 100][nth % 4];
                let rows = [1, 2, 5, 1000][(nth + known_at as usize) % 4];
                let posts = Collection::find("posts", &classes).expect("a class");
                // A thousandth beside a post, and a box that reaches into one bench or the other.
                let west = 99.999 + 0.4 * (known_at % 8) as f64;
                let narrow = [west, 29.9, west + 0.2 * (nth % 3) as f64, 30.1];
                for edges in [None, Some(narrow), Some([100.5, 30.001, 102.0, 31.0])] {
                    let [w, s, e, n] = edges.unwrap_or([-180.0, -90.0, 180.0, 90.0]);
                    let window = Window::try_new(w, s, e, n).expect("a window");
                    let query = question(&Collection::Assets, edges);
                    let (found, _) = read(&ledger, &query, past, limit, rows).await;
                    compare(&found, &told, past, (&[1, 2], window.clone()));
                    let query = question(&posts, edges);
                    let (found, _) = read(&ledger, &query, past, limit, rows).await;
                    compare(&found, &told, past, (&[1], window));
                }
                let asset = (nth + known_at as usize) % 7;
                let scope = Scope::everything();
                let reading = ledger.read_past(&Collection::Assets, &scope, known_at).await;
                let mut reading = reading.expect("a reading");
                let found = reading.asset(id(asset), &scope, past).await.expect("an answer");
                let of_asset: Vec<Told> =
                    told.iter().filter(|one| one.asset == asset).cloned().collect();
                let world = Window::try_new(-180.0, -90.0, 180.0, 90.0).expect("a window");
                compare(found.as_slice(), &of_asset, past, (&[1, 2], world));
            }
        }
    }
}

#[tokio::test]
async fn a_page_ends_where_as_many_versions_were_looked_at_as_may_be() {
    let one = |asset: usize| Told {
        asset,
        version: 1,
        at: [100.0, 30.0],
        valid_from: 0,
        ended: None,
        recorded: (2, None),
    };
    let told: Vec<Told> = (0..6).map(one).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(&folder).await;
    write(&ledger, &told, 1).await;
    for (limit, rows, known_at, expected) in [
        // Nothing holds, and yet three of the six are looked at for a page.
        (10, 3, 1, (0, 2)),
        (10, 6, 1, (0, 1)),
        (10, 5, 1, (0, 2)),
        (10, 6, 2, (6, 1)),
        (6, 6, 2, (6, 1)),
        (5, 100, 2, (6, 2)),
        (6, 100, 2, (6, 1)),
        (1, 1, 2, (6, 6)),
    ] {
        let past = Past { as_of: second(5), day: Date::MAX, known_at };
        let query = question(&Collection::Assets, None);
        let (found, pages) = read(&ledger, &query, past, limit, rows).await;
        assert_eq!((found.len(), pages), expected, "by {limit}, {rows} looked at, {known_at}");
    }
}

#[tokio::test]
async fn the_last_change_of_a_moment_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(&folder).await;
    write(&ledger, &[], 3).await;
    for (at, expected) in [(0, 0), (1, 1), (199, 1), (200, 2), (399, 3), (400, 4), (9999, 4)] {
        assert_eq!(ledger.change_at(second(at)).await.expect("a change"), expected, "at {at}");
    }
}

#[tokio::test]
async fn in_a_window_only_what_may_reach_into_it_is_looked_at() {
    let one = |asset: usize, at: [f64; 2]| Told {
        asset,
        version: 1,
        at,
        valid_from: 0,
        ended: None,
        recorded: (2, None),
    };
    // A hundred posts along a street, and a bench of 0.6 degrees that only just reaches the third.
    let mut told: Vec<Told> =
        (0..100).map(|at| one(2 * at, [100.0 + at as f64 / 100.0, 30.0])).collect();
    told.push(one(201, [99.42, 30.0]));
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(&folder).await;
    write(&ledger, &told, 1).await;
    let past = Past { as_of: second(5), day: Date::MAX, known_at: 2 };
    let query = question(&Collection::Assets, Some([100.0199, 29.999, 100.0301, 30.001]));
    let (found, pages) = read(&ledger, &query, past, 10, 8).await;
    let found: Vec<AssetId> = found.into_iter().map(|asset| asset.id).collect();
    assert_eq!((found, pages), (vec![id(4), id(6), id(201)], 1));
    // Made before it was kept how large they are: it is measured when the registry is opened.
    let mut writer = ledger.writer.acquire().await.expect("a writer");
    let statement = "insert or replace into extents select class_number, 9e999, 9e999 from classes";
    sqlx::query(statement).execute(&mut *writer).await.expect("extents");
    drop(writer);
    assert_eq!(read(&ledger, &query, past, 10, 8).await.1, 13, "all are looked at");
    ledger.close().await;
    let ledger = Ledger::open(folder.path()).await.expect("a registry");
    let (found, pages) = read(&ledger, &query, past, 10, 8).await;
    assert_eq!((found.len(), pages), (3, 1));
}
