//! What falls due, against a plain reading of the ledger that judges asset by asset.

use std::fmt::Write;
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::value::RawValue as RawJson;
use terrier_catalog::{
    Collection, DueField, DueId, DueOf, FeatureQuery, FeatureWriter, Fragments, OrderKey,
    Presentation, RulePack, Slice, Start, write_due,
};
use terrier_model::{Breadth, Class, Names, Rule, Scope, WorkKind};
use terrier_spatial::key_of;
use terrier_store::{Ledger, Registry, RulePut};

use super::order::{self, Placed};
use super::{Random, second};

/// The day on which everything is asked.
pub(crate) const TODAY: Date = Date::constant(2024, 12, 31);

const HEAD: &str = r#"
pack = "TEST"
version = "1"
jurisdiction = "CN"
title = { en = "Test", zh = "测试" }
"#;

/// Conditions that hold for some, and for some are not known.
const CONDITIONS: [&str; 4] = [
    "code LIKE 'C1%'",
    "households >= 4 OR code = 'C7'",
    "code IS NULL",
    "valid_from < TIMESTAMP('2023-11-14T22:13:50Z')",
];

const TIMINGS: [&str; 5] = [
    "interval = \"P3M\"\nlead = \"P10D\"",
    "by = \"06-15\"",
    "age = \"P1Y\"\ninterval = \"P1M\"",
    "interval = \"P6M\"\nschedule = \"fixed\"\ngrace = \"P2M\"",
    "",
];

/// Puts other rules in force.
pub(super) async fn put(random: &mut Random, ledger: &Ledger, round: u64) {
    let mut text = HEAD.to_owned();
    for number in 0..=random.below(6) {
        let class = ["posts", "kerbs"][random.below(2) as usize];
        let kind = WorkKind::ALL[random.below(6) as usize].code();
        let (timing, when) = (TIMINGS[random.below(5) as usize], random.below(5) as usize);
        let rule = format!(
            "[[rule]]\nid = \"R{number}\"\ntitle = {{ en = \"R\", zh = \"规\" }}\ncites = \"test\"\n\
             evidence = \"I\"\nclass = \"{class}\"\nkind = \"{kind}\"\n{timing}\npriority = {}\n\
             effective_from = \"2024-0{}-15\"\n",
            1 + random.below(5),
            1 + random.below(9),
        );
        text.push_str(&rule);
        if let Some(when) = CONDITIONS.get(when) {
            writeln!(text, "when = \"{when}\"").expect("a string takes it");
        }
    }
    RulePack::from_toml(&text).unwrap_or_else(|error| panic!("{error:?} in {text}"));
    let put = RulePut {
        name: "TEST".into(),
        text: (random.below(8) > 0 || round == 1).then_some(text),
        recorded_at: second(round * 10),
        actor: "tester".into(),
        reason: "random".into(),
        origin: "test".into(),
    };
    // A pack that is retired cannot be retired again.
    let _ = ledger.put_rules(&put, round > 1 && random.below(4) == 0).await;
}

fn question(random: &mut Random, scope: &Scope) -> Vec<(&'static str, String)> {
    let mut pairs = Vec::new();
    let due = Collection::Due(TODAY, DueOf::All);
    let sees = |name: &str| due.position(name, scope).is_some();
    if random.below(3) == 0 {
        let (x, y) = (117.2 + random.degrees(), 39.0 + random.degrees());
        let (w, h) = (random.degrees(), random.degrees());
        pairs.push(("bbox", format!("{x},{y},{},{}", x + w, y + h)));
    }
    if random.below(2) == 0 {
        let day = TODAY.saturating_sub(jiff::Span::new().days(random.below(400).cast_signed()));
        pairs.push(("on", day.to_string()));
    }
    if random.below(3) == 0 {
        pairs.push(("class", ["posts", "kerbs", "trees"][random.below(3) as usize].into()));
    }
    if random.below(3) == 0 {
        pairs.push(("kind", WorkKind::ALL[random.below(6) as usize].code().into()));
    }
    if random.below(3) == 0 {
        pairs.push(("state", ["due", "overdue", "unknown"][random.below(3) as usize].into()));
    }
    if random.below(4) == 0 {
        pairs.push(("rule", format!("R{}", random.below(3))));
    }
    if random.below(4) == 0 {
        pairs.push(("q", ["c1", "C,2", "3 c"][random.below(3) as usize].into()));
    }
    if sees("households") && random.below(4) == 0 {
        pairs.push(("households", random.below(9).to_string()));
    }
    if random.below(3) == 0 {
        let filters = [
            "priority <= 2 AND code LIKE 'C%'",
            "due_on < DATE('2024-06-01') OR state = 'unknown'",
            "lead_from IS NULL",
            "state IN ('overdue', 'not_due') AND NOT kind LIKE 're%'",
            "rule IN ('R1', 'R3') AND NOT rule = 'R2'",
            "rule LIKE 'R_' AND rule > 'R1' AND state <> 'due'",
            "rule IS NULL OR rule = 'R2'",
            "class = 'posts' AND priority <= 2 OR due_state('clean') = 'overdue'",
            "S_INTERSECTS(geometry, BBOX(117.22,39.02,117.26,39.08)) AND state <> 'due'",
            "NOT (code IS NULL OR valid_from > due_on) AND priority * 2 > 4",
        ];
        let filter = filters[random.below(10) as usize];
        if sees("code") || !filter.contains("code") {
            pairs.push(("filter", filter.into()));
        }
    }
    let names = ["id", "code", "class", "kind", "state", "rule", "due_on", "lead_from", "priority"];
    let names: Vec<&str> = names.into_iter().filter(|name| *name == "id" || sees(name)).collect();
    pairs.extend(order::any(random, &names).map(|order| ("sortby", order)));
    pairs
}

/// The features that a plain reading finds, in their order.
async fn expected(registry: &Registry, query: &FeatureQuery) -> Vec<String> {
    let snapshot = registry.snapshot();
    let day = query.due().expect("a day").on;
    let mut found = Vec::new();
    let all = FeatureQuery::all(Collection::Assets, &Scope::everything());
    let read = registry.ledger().for_each(&all, |asset| {
        let Some(asset) = query.scope().given_asset(asset) else { return true };
        let asset = &*asset;
        // By what does not exist for the caller nothing falls due for them.
        let class = &asset.class;
        let is_hidden = |at: &usize| !query.scope().sees(Some(class.name()), &class.fields()[*at]);
        let judge = snapshot.rules().judge(class, day);
        let judge = judge.without(|rule| rule.fields().iter().any(is_hidden));
        let mut states = Vec::new();
        judge.judge_rule_by_rule(&asset.view(), &asset.events, |item, _| {
            states.push((item.kind, item.state));
        });
        let state_of = |kind| states.iter().find(|(of, _)| *of == kind).map(|(_, state)| *state);
        judge.judge_rule_by_rule(&asset.view(), &asset.events, |item, rules| {
            let name = |place: usize| &*judge.rules()[place].draft().id;
            let rule = name(item.rule);
            let rules: Vec<&str> = rules.iter().map(|place| name(*place)).collect();
            if !query.matches_due(asset, &item, rule, |nth| rules.get(nth).copied(), state_of) {
                return;
            }
            let reasons = judge.reasons(item.kind, &asset.view(), &asset.events);
            let mut fragments = Fragments::default();
            fragments.push(asset);
            let mut properties = Vec::new();
            write_due(&mut properties, &item, rule, &reasons, &asset.class, query.scope());
            let id = DueId { asset: asset.id, kind: item.kind };
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
            let head = text(&fragments.head).replacen(
                &format!("\"{}\"", asset.id),
                &format!("\"{id}\""),
                1,
            );
            let key = key_of(asset.content.shape.bounds().centre());
            let part = WorkKind::ALL.iter().position(|kind| *kind == item.kind);
            let part = part.expect("a kind") as u8;
            let value = |at: usize| match DueField::at(at) {
                Some(field) => field.value(&item, rule),
                None => asset.value(at),
            };
            let feature = if let Some(breadth) = query.collection().breadth(query.scope()) {
                let restricted = match breadth {
                    Breadth::Public => String::new(),
                    Breadth::Everything => text(&fragments.restricted_core),
                };
                format!("{head}{}{restricted}}}}}", text(&properties))
            } else {
                let (plain, mut out) = (Presentation::plain(), Vec::new());
                let writer = FeatureWriter::new(&plain, query.collection(), query.scope());
                let (id, shape) = (id.to_string(), &asset.content.shape);
                writer.write(&mut out, &id, shape, value, Some(&properties));
                text(&out)
            };
            let key = OrderKey { key, id: asset.id, part };
            found.push(Placed::new(query, value, key, feature));
        });
        true
    });
    read.await.expect("a reading");
    order::sorted(query, found)
}

/// Asks one question, and answers how much work it found.
pub(super) async fn check(random: &mut Random, registry: &Registry) -> usize {
    let scope = crate::scope(random);
    let pairs = question(random, &scope);
    let borrowed = pairs.iter().map(|(name, value)| (*name, value.as_str()));
    let (query, _) =
        FeatureQuery::parse(Collection::Due(TODAY, DueOf::All), &scope, TODAY, borrowed)
            .expect("a question");
    let expected = expected(registry, &query).await;
    let snapshot = registry.snapshot();
    let (mut found, mut start) = (Vec::new(), Start::Offset(0));
    let limit = 1 + random.below(400) as usize;
    loop {
        let page = snapshot.answer(&query, &Slice { limit, start });
        assert_eq!(page.matched(), expected.len() as u64, "{pairs:?}");
        let mut text = b"[".to_vec();
        page.write_features(&mut text);
        text.push(b']');
        let features: Vec<Box<RawJson>> = serde_json::from_slice(&text).expect("a list");
        found.extend(features.iter().map(|feature| feature.get().to_owned()));
        let Some(mut cursor) = page.next().map(|cursor| order::sent(&cursor)) else { break };
        if random.below(2) == 0 {
            // A count from before a change is not trusted.
            cursor.sequence += 1;
        }
        start = Start::Beside(cursor);
    }
    assert_eq!(found, expected, "{pairs:?}");
    let (mut read, mut alone) = (Vec::new(), 0);
    let reading = registry.ledger().for_each_work(&query, |work| {
        let mut text = Vec::new();
        work.write_feature(query.collection(), &scope, &mut text);
        // Each is found by its id; not all are looked at, for the time that it takes.
        if read.len() % 97 == 1 {
            let day = query.due().expect("a day");
            let found = snapshot.work(work.id(), DueOf::All, day, &scope).expect("the same");
            let mut other = Vec::new();
            found.write_shown(&scope, &Presentation::plain(), &mut other);
            assert_eq!(other, text);
            alone += 1;
        }
        read.push(String::from_utf8(text).expect("text"));
        true
    });
    reading.await.expect("a reading");
    assert!(alone > 0 || read.len() < 2);
    // The ledger gives them class by class, an answer does not.
    read.sort();
    found.sort();
    assert_eq!(read, found, "{pairs:?}");
    found.len()
}

/// Counts all work for somebody, and looks whether it is kept.
pub(super) async fn check_kept(random: &mut Random, registry: &Registry) {
    let scope = crate::scope(random);
    let snapshot = registry.snapshot();
    if scope.has_areas() || snapshot.assets() == 0 || !scope.sees_collection("kerbs") {
        return;
    }
    let query = FeatureQuery::all(Collection::Due(TODAY, DueOf::All), &scope);
    let expected = Some(expected(registry, &query).await.len() as u64);
    let held = snapshot.assets();
    assert_eq!(snapshot.count_work(TODAY, DueOf::All, &scope, held), expected);
    let tomorrow = TODAY.tomorrow().expect("a day");
    assert_eq!(snapshot.count_work(tomorrow, DueOf::All, &scope, held - 1), None);
    let are_told = |class: &Arc<Class>, scope: &Scope| -> Vec<bool> {
        let sees = |at: &usize| scope.sees(Some(class.name()), &class.fields()[*at]);
        let of_class = |rule: &&Rule| *rule.draft().class == *class.name();
        let rules = snapshot.rules().all().iter().filter(of_class);
        rules.map(|rule| rule.fields().iter().all(sees)).collect()
    };
    // It is kept for those who are told of all rules of a class, or of just those that everybody is.
    let public = Scope::public(Names::All);
    let is_kept = |class: &Arc<Class>| {
        let told = are_told(class, &scope);
        !told.contains(&false) || told == are_told(class, &public)
    };
    if snapshot.classes().all(is_kept) {
        assert_eq!(snapshot.count_work(TODAY, DueOf::All, &scope, 0), expected, "all are judged");
    }
}
