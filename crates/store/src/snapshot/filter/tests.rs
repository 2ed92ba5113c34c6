//! Filters over columns against the evaluation of the same condition asset by asset, on leaves and
//! conditions of all kinds.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use proptest::prelude::*;
use terrier_catalog::{Collection, FeatureQuery, class_from_toml};
use terrier_model::{Asset, AssetId, Class, Draft, RawValue, Scope, Truth};
use terrier_spatial::Sketch;

use super::Filter;
use crate::snapshot::leaf::{Leaf, LeafBuilder, key_of_shape};

const CLASS: &str = r#"
name = "pipes"
geometry = "GEOMETRY"
title = { en = "Pipes", zh = "管" }
description = { en = "Pipes", zh = "管" }
[[field]]
name = "word"
kind = "text"
title = { en = "Word", zh = "词" }
[[field]]
name = "other"
kind = "text"
title = { en = "Other", zh = "其他" }
[[field]]
name = "whole"
kind = "integer"
title = { en = "Whole", zh = "整" }
[[field]]
name = "wide"
kind = "integer"
title = { en = "Wide", zh = "宽" }
[[field]]
name = "part"
kind = "number"
title = { en = "Part", zh = "分" }
[[field]]
name = "flag"
kind = "boolean"
title = { en = "Flag", zh = "旗" }
[[field]]
name = "day"
kind = "date"
title = { en = "Day", zh = "日" }
[[field]]
name = "time"
kind = "instant"
title = { en = "Time", zh = "时" }
[[field]]
name = "parts"
kind = "list"
title = { en = "Parts", zh = "部件" }
[[field]]
name = "hues"
kind = "list"
title = { en = "Hues", zh = "色" }
"#;

/// Numbers from a seed (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    fn degrees(&mut self) -> f64 {
        self.below(1000) as f64 / 1e4
    }
}

const WORDS: [&str; 9] = ["", "a", "A", "ab", "á", "友谊路", "友谊南路", "Straße", "a%"];
const WHOLES: [&str; 8] = ["-7", "0", "1", "2", "3", "30", "2147483647", "-2147483648"];
const WIDES: [&str; 8] = [
    "9223372036854775807",
    "-9223372036854775808",
    "9007199254740991",
    "9007199254740992",
    "9007199254740993",
    "2147483648",
    "0",
    "3",
];
const PARTS: [&str; 9] =
    ["0.0", "-0.0", "0.5", "2.0", "2.5", "-7.25", "1e300", "9007199254740992.0", "5e-324"];
const DAYS: [&str; 6] =
    ["2000-02-29", "2001-02-28", "1999-12-31", "2000-01-01", "0001-01-01", "9999-12-31"];
const TIMES: [&str; 5] = [
    "2000-02-29T00:00:00Z",
    "2000-02-29T23:59:59.999999Z",
    "2000-03-01T00:00:00Z",
    "1969-12-31T23:59:59.5Z",
    "2000-02-29T12:00:00.0000005Z",
];

const PARTS_OF_LISTS: [&str; 6] = ["a", "A", "b", "ab", "友谊路", "a, b"];

/// A value of a field in a leaf of some style: few different ones, many, or one; few or no gaps.
fn value(random: &mut Random, name: &str, style: usize) -> Option<RawValue> {
    let gaps = [0, 3, 1, 20][style % 4];
    if gaps > 0 && random.below(gaps) == 0 {
        return None;
    }
    let is_same = style / 4 == 1;
    let mut pick = |of: &[&str]| of[if is_same { 1 } else { random.below(of.len()) }].to_owned();
    let of_text = |text: &str| Some(RawValue::Text(text.to_owned()));
    Some(match name {
        "word" | "other" if style / 4 == 2 => RawValue::Text(format!("w{}", random.below(2000))),
        // An empty text is no value.
        "word" | "other" => {
            return of_text(&pick(&WORDS)).filter(|text| *text != RawValue::Text(String::new()));
        }
        "whole" => RawValue::Integer(pick(&WHOLES[..7]).parse().expect("whole")),
        "wide" => RawValue::Integer(pick(&WIDES).parse().expect("whole")),
        "part" => RawValue::Number(pick(&PARTS).parse().expect("a number")),
        "flag" => RawValue::Boolean(pick(&["true", "false"]) == "true"),
        "day" => return of_text(&pick(&DAYS)),
        "parts" | "hues" => {
            let mut list = Vec::new();
            for _ in 0..=random.below(if is_same { 1 } else { 4 }) {
                let one = match style / 4 {
                    1 => "a".to_owned(),
                    2 => format!("w{}", random.below(300)),
                    _ => random.one(&PARTS_OF_LISTS).to_owned(),
                };
                if !list.contains(&RawValue::Text(one.clone())) {
                    list.push(RawValue::Text(one));
                }
            }
            RawValue::List(list)
        }
        _ => return of_text(&pick(&TIMES[..4])),
    })
}

fn asset(random: &mut Random, class: &Arc<Class>, row: usize, style: usize) -> Asset {
    let names = ["word", "other", "whole", "wide", "part", "flag", "day", "time", "parts", "hues"];
    let given = |name: &&str| Some(((*name).into(), value(random, name, style)?));
    let values: Vec<(Box<str>, RawValue)> = names.iter().filter_map(given).collect();
    let (x, y) = (117.2 + random.degrees(), 39.0 + random.degrees());
    let sketch = match class.geometry().geojson_name() {
        "Point" => Sketch::Point([x, y]),
        _ => Sketch::Line(vec![[x, y], [x + 0.01 + random.degrees() / 10.0, y]]),
    };
    let draft = Draft { id: None, external_key: None, sketch, values };
    let checked = draft.check(class).expect("a good draft");
    let second = |number: usize| Timestamp::from_second(number as i64).expect("a time");
    let valid_from = random.below(100);
    let valid_to = (random.below(3) == 0).then(|| second(valid_from + 1 + random.below(50)));
    Asset {
        id: AssetId::from_bytes((row as u128).to_be_bytes()),
        class: Arc::clone(class),
        version: 1,
        valid_from: second(valid_from),
        valid_to,
        content: checked.content,
        events: Vec::new(),
    }
}

fn leaf(random: &mut Random, class: &Arc<Class>, rows: usize) -> Leaf {
    let style = random.below(12);
    let mut assets: Vec<Asset> = (0..rows).map(|row| asset(random, class, row, style)).collect();
    assets.sort_by_key(|asset| (key_of_shape(&asset.content.shape), asset.id));
    let mut builder = LeafBuilder::new(class);
    assets.iter().for_each(|asset| builder.push(key_of_shape(&asset.content.shape), asset));
    builder.take().expect("it has rows")
}

/// A number that is computed, or not.
fn number(random: &mut Random, depth: usize) -> String {
    match random.below(if depth == 0 { 5 } else { 8 }) {
        0 => "whole".into(),
        1 => "part".into(),
        2 => random.one(&["wide", "geom_length_m", "households"]).into(),
        3 => random.one(&WHOLES).into(),
        4 => random.one(&PARTS).into(),
        5 => format!("age(day, DATE('{}'))", random.one(&DAYS)),
        _ => {
            let operator = random.one(&["+", "-", "*", "/", "%", "div", "^"]);
            format!("({} {operator} {})", number(random, depth - 1), number(random, depth - 1))
        }
    }
}

fn moment(random: &mut Random) -> String {
    match random.below(4) {
        0 => "day".into(),
        1 => "time".into(),
        2 => format!("DATE('{}')", random.one(&DAYS)),
        _ => format!("TIMESTAMP('{}')", random.one(&TIMES)),
    }
}

fn period(random: &mut Random) -> String {
    let [first, last] = [random.one(&DAYS), random.one(&DAYS)];
    let (first, last) = (first.min(last), first.max(last));
    match random.below(5) {
        0 => format!("INTERVAL('{first}','{last}')"),
        1 => format!("INTERVAL('..','{last}')"),
        2 => "INTERVAL(day,'..')".into(),
        _ => moment(random),
    }
}

fn text(random: &mut Random) -> String {
    let plain = match random.below(3) {
        0 => random.one(&["word", "other", "code"]).to_owned(),
        1 => format!("'{}'", random.one(&WORDS)),
        _ => format!("'w{}'", random.below(2000)),
    };
    match random.below(6) {
        0 => format!("CASEI({plain})"),
        1 => format!("ACCENTI(CASEI({plain}))"),
        _ => plain,
    }
}

fn place(random: &mut Random) -> String {
    let (x, y) = (117.2 + random.degrees(), 39.0 + random.degrees());
    let (w, h) = (random.degrees() * 2.0, random.degrees() * 2.0);
    match random.below(5) {
        0 => format!("BBOX({x},{y},{},{})", x + w, y + h),
        1 => format!("POINT({x} {y})"),
        2 => format!("LINESTRING({x} {y}, {} {})", x + w, y + h),
        3 => {
            format!("POLYGON(({x} {y}, {} {y}, {} {}, {x} {y}))", x + w + 0.01, x + w, y + h + 0.01)
        }
        _ => format!("BBOX({},{y},{x},{})", x + 0.01, y + h),
    }
}

fn comparison(random: &mut Random) -> &'static str {
    ["=", "<>", "<", "<=", ">", ">="][random.below(6)]
}

/// A relation between lists: two fields, or one and values of which some may be texts of fields.
fn array(random: &mut Random) -> String {
    let relation = random.one(&["A_CONTAINS", "A_CONTAINEDBY", "A_EQUALS", "A_OVERLAPS"]);
    let value = |random: &mut Random| match random.below(8) {
        0 => random.one(&["word", "other"]).to_owned(),
        1 => format!("'w{}'", random.below(300)),
        _ => format!("'{}'", random.one(&PARTS_OF_LISTS)),
    };
    let list = |random: &mut Random| {
        let values: Vec<String> = (0..random.below(4)).map(|_| value(random)).collect();
        format!("({})", values.join(","))
    };
    let field = random.one(&["parts", "hues"]);
    match random.below(5) {
        0 => format!("{relation}(parts, hues)"),
        1 => format!("{relation}({}, {field})", list(random)),
        2 => format!("({relation}({field}, {})) = flag", list(random)),
        _ => format!("{relation}({field}, {})", list(random)),
    }
}

fn test(random: &mut Random) -> String {
    match random.below(20) {
        0 | 1 => format!("whole {} {}", comparison(random), random.one(&WHOLES)),
        2 => format!("part {} {}", comparison(random), random.one(&PARTS)),
        3 => {
            let field = random.one(&["whole", "wide", "part"]);
            let value = [random.one(&WIDES), random.one(&PARTS)][random.below(2)];
            format!("{value} {} {field}", comparison(random))
        }
        4 => {
            let field = random.one(&["whole", "wide", "part"]);
            let list: Vec<&str> = (0..=random.below(9)).map(|_| random.one(&WIDES)).collect();
            format!("{field} IN ({}, {})", random.one(&PARTS), list.join(","))
        }
        5 => format!("{} {} {}", number(random, 2), comparison(random), number(random, 2)),
        6 => {
            let [value, least, greatest] = [0; 3].map(|_| number(random, 1));
            format!("{value} BETWEEN {least} AND {greatest}")
        }
        7 => format!("{} {} {}", text(random), comparison(random), text(random)),
        8 => {
            let list: Vec<String> =
                (0..=random.below(9)).map(|_| format!("'{}'", random.one(&WORDS))).collect();
            format!("{} IN ({})", random.one(&["word", "CASEI(word)"]), list.join(","))
        }
        9 | 10 => {
            let pattern = random.one(&["%", "a%", "%谊%", "w1%", "%7", "_", "a\\%", "友_路"]);
            format!("{} LIKE '{pattern}'", random.one(&["word", "other", "CASEI(word)"]))
        }
        11 => format!("{} {} {}", moment(random), comparison(random), moment(random)),
        12 => {
            let field = random.one(&["day", "time"]);
            format!("{field} BETWEEN {} AND {}", moment(random), moment(random))
        }
        13 => {
            let relation = random.one(&[
                "T_AFTER",
                "T_BEFORE",
                "T_CONTAINS",
                "T_DISJOINT",
                "T_DURING",
                "T_EQUALS",
                "T_FINISHEDBY",
                "T_FINISHES",
                "T_INTERSECTS",
                "T_MEETS",
                "T_METBY",
                "T_OVERLAPPEDBY",
                "T_OVERLAPS",
                "T_STARTEDBY",
                "T_STARTS",
            ]);
            format!("{relation}({}, {})", period(random), period(random))
        }
        14 => {
            let fields = ["word", "whole", "wide", "part", "flag", "day", "time", "parts", "hues"];
            let field = random.one(&fields);
            format!("{field} IS NULL")
        }
        15 => random.one(&["flag", "flag = FALSE", "flag <> TRUE", "(whole = 3) = flag"]).into(),
        16 => {
            let relation = random.one(&[
                "S_INTERSECTS",
                "S_EQUALS",
                "S_DISJOINT",
                "S_TOUCHES",
                "S_WITHIN",
                "S_OVERLAPS",
                "S_CROSSES",
                "S_CONTAINS",
            ]);
            format!("{relation}(geometry, {})", place(random))
        }
        17 => array(random),
        18 => format!("S_DWITHIN(geometry, {}, {})", place(random), random.below(5000)),
        _ => format!(
            "valid_from {} TIMESTAMP('1970-01-01T00:00:{}Z')",
            comparison(random),
            10 + random.below(50)
        ),
    }
}

fn condition(random: &mut Random, depth: usize) -> String {
    match random.below(if depth == 0 { 1 } else { 4 }) {
        0 => test(random),
        1 => format!("NOT ({})", condition(random, depth - 1)),
        kind => {
            let joint = if kind == 2 { " AND " } else { " OR " };
            let parts: Vec<String> = (0..2 + random.below(2))
                .map(|_| format!("({})", condition(random, depth - 1)))
                .collect();
            parts.join(joint)
        }
    }
}

/// Asks both ways, and answers how many rows were found of how many.
fn check(class: &Arc<Class>, leaf: &Leaf, pairs: &[(&str, &str)]) -> (usize, usize) {
    let collection = Collection::Class(Arc::clone(class));
    let query =
        FeatureQuery::parse(collection, &Scope::everything(), Date::MIN, pairs.iter().copied());
    let (query, _) = query.unwrap_or_else(|error| panic!("{error}: {pairs:?}"));
    let filter = Filter::new(&query);
    let mut found = Vec::new();
    filter.matches(leaf, None, |run| found.extend(run));
    let is_wanted = |row: &usize| {
        let value = |position: usize| leaf.value(*row, position);
        let time = |name: &str| match value(class.position(name).expect("a field")) {
            Some(terrier_model::ValueRef::Instant(time)) => Some(time),
            _ => None,
        };
        query.window().is_none_or(|window| terrier_spatial::touches(&leaf.shape(*row), window))
            && query.interval().is_none_or(|interval| {
                interval.meets(time("valid_from").expect("always"), time("valid_to"))
            })
            && query
                .equals()
                .iter()
                .all(|(at, wanted)| value(*at).is_some_and(|held| held.is_or_has(wanted.as_ref())))
            && query
                .filter()
                .is_none_or(|filter| filter.evaluate(&leaf.view(*row, None)) == Truth::Yes)
    };
    let expected: Vec<usize> = (0..leaf.len()).filter(is_wanted).collect();
    let differing = (0..leaf.len()).find(|row| found.contains(row) != expected.contains(row));
    assert_eq!(differing, None, "the first row that differs for {pairs:?}");
    assert_eq!(filter.count(leaf, None), expected.len(), "{pairs:?}");
    if let Some(all) = filter.decided(leaf) {
        assert_eq!(expected.len(), if all { leaf.len() } else { 0 }, "{pairs:?}");
    }
    if let Some(region) = filter.region() {
        let is_near = |row: &usize| region.meets(&leaf.shape(*row).bounds());
        assert!(expected.iter().all(is_near), "{pairs:?}");
    }
    (found.len(), leaf.len())
}

fn class(geometry: &str) -> Arc<Class> {
    class_from_toml(&CLASS.replace("GEOMETRY", geometry)).expect("a class").into()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_filter_finds_the_rows_for_which_its_condition_holds(seed in any::<u64>()) {
        let mut random = Random(seed);
        let class = class(["point", "line", "multi_line"][random.below(3)]);
        let rows = [1, 63, 64, 200, 1024, 2000][random.below(6)];
        let leaf = leaf(&mut random, &class, rows);
        for _ in 0..60 {
            let filter = condition(&mut random, 3);
            let mut pairs = vec![("filter", filter.as_str())];
            let (x, y) = (117.2 + random.degrees(), 39.0 + random.degrees());
            let bbox = format!("{x},{y},{},{}", x + random.degrees(), y + random.degrees());
            if random.below(3) == 0 {
                pairs.push(("bbox", &bbox));
            }
            if random.below(4) == 0 {
                pairs.push(("datetime", "1970-01-01T00:00:20Z/1970-01-01T00:01:00.0000005Z"));
            }
            if random.below(4) == 0 {
                pairs.push(("whole", "3"));
            }
            if random.below(6) == 0 {
                pairs.push(("word", "友谊路"));
            }
            if random.below(6) == 0 {
                pairs.push(("parts", random.one(&["a", "友谊路", "w7", "z"])));
            }
            check(&class, &leaf, &pairs);
        }
    }
}

#[test]
fn what_the_ends_of_columns_tell_is_not_asked_row_by_row() {
    let class = class("point");
    let mut random = Random(1);
    let assets: Vec<Asset> = (0..100)
        .map(|row| {
            let mut asset = asset(&mut random, &class, row, 4);
            let own =
                |name: &str| class.position(name).expect("a field") - (class.fields().len() - 10);
            asset.content.own[own("whole")] =
                Some(terrier_model::Value::Integer(10 + row as i64 % 7));
            asset.content.own[own("wide")] = None;
            asset
        })
        .collect();
    let mut builder = LeafBuilder::new(&class);
    let mut keyed: Vec<_> = assets.iter().map(|a| (key_of_shape(&a.content.shape), a)).collect();
    keyed.sort_by_key(|(key, asset)| (*key, asset.id));
    keyed.into_iter().for_each(|(key, asset)| builder.push(key, asset));
    let leaf = builder.take().expect("it has rows");
    let check = |filter: &str, expected: Option<bool>| {
        let collection = Collection::Class(Arc::clone(&class));
        let pairs = [("filter", filter)];
        let query = FeatureQuery::parse(collection, &Scope::everything(), Date::MIN, pairs);
        let (query, _) = query.expect("a question");
        assert_eq!(Filter::new(&query).decided(&leaf), expected, "{filter}");
    };
    check("whole >= 10", Some(true));
    check("whole > 16", Some(false));
    check("whole > 15", None);
    check("NOT whole BETWEEN 0 AND 100", Some(false));
    check("whole IN (1, 2, 30)", Some(false));
    check("whole IN (1, 12, 30)", None);
    check("word = 'a'", Some(true));
    check("word < 'a'", Some(false));
    check("word <> 'a' OR whole < 20", Some(true));
    check("wide > 0", Some(false));
    check("wide IS NULL", Some(true));
    check("NOT whole IS NULL", Some(true));
    check("S_INTERSECTS(geometry, BBOX(117, 38, 118, 40))", Some(true));
    check("S_WITHIN(geometry, BBOX(117, 38, 118, 40))", Some(true));
    check("S_INTERSECTS(geometry, BBOX(7, 38, 8, 40))", Some(false));
    check("NOT S_INTERSECTS(geometry, BBOX(7, 38, 8, 40))", Some(true));
    check("S_DISJOINT(geometry, BBOX(7, 38, 8, 40))", Some(true));
    check("S_DWITHIN(geometry, POINT(7 38), 1000)", Some(false));
    check("1 = 2", Some(false));
}
