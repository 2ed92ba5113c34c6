//! The language of filters: each assertion asks for the same in two ways, or for a whole in parts, so
//! that it needs to know nothing of the data.

use serde_json::json;

use crate::assertion::filter::{FILTER, queryable};
use crate::assertion::queryables::QUERYABLES;
use crate::assertion::{Assertion, each, matched};
use crate::class::Class::Cql2;
use crate::collection::Collection;
use crate::finding::{Done, Findings};
use crate::sample::{Kind, Sample};
use crate::schema::geometry;
use crate::server::{JSON, Server};

/// The classes of a filter, and one of the language.
macro_rules! with {
    ($class:literal) => {
        &[FILTER[0], FILTER[1], FILTER[2], &[concat!("cql2/", $class)]]
    };
}

macro_rules! assertion {
    ($id:literal, $class:literal, $sentence:literal, $check:expr) => {
        Assertion {
            id: concat!("cql2/", $id),
            class: Cql2,
            source: concat!("21-065r2 /conf/", $class),
            sentence: $sentence,
            needs: with!($class),
            check: $check,
        }
    };
}

pub(crate) const ASSERTIONS: &[Assertion] = &[
    assertion!(
        "parts",
        "basic-cql2",
        "a value, other values and no value are all features together",
        |server, findings| sums(server, findings, Kind::Text, |text| {
            let (p, v) = (text.property(), text.literal());
            ([format!("{p} = {v}"), format!("{p} <> {v}"), format!("{p} IS NULL")], None)
        })
    ),
    assertion!(
        "order",
        "basic-cql2",
        "less, the same and more are all features that have a value",
        |server, findings| sums(server, findings, Kind::Number, |number| {
            let (p, v) = (number.property(), number.literal());
            let parts = [format!("{p} < {v}"), format!("{p} = {v}"), format!("{p} > {v}")];
            (parts, Some(format!("{p} IS NOT NULL")))
        })
    ),
    assertion!(
        "bounds",
        "basic-cql2",
        "at most and at least have what is the same in common",
        |server, findings| same(server, findings, Kind::Number, |number| {
            let (p, v) = (number.property(), number.literal());
            (format!("{p} <= {v} AND {p} >= {v}"), format!("{p} = {v}"))
        })
    ),
    assertion!(
        "not",
        "basic-cql2",
        "NOT leaves out features without a value, as `<>` does",
        |server, findings| same(server, findings, Kind::Text, |text| {
            let (p, v) = (text.property(), text.literal());
            (format!("NOT ({p} = {v})"), format!("{p} <> {v}"))
        })
    ),
    assertion!(
        "or",
        "basic-cql2",
        "OR of a value and of other values is having a value",
        |server, findings| same(server, findings, Kind::Text, |text| {
            let (p, v) = (text.property(), text.literal());
            (format!("{p} = {v} OR {p} <> {v}"), format!("{p} IS NOT NULL"))
        })
    ),
    assertion!(
        "like",
        "advanced-comparison-operators",
        "LIKE without a wildcard is `=`",
        |server, findings| same(server, findings, Kind::Text, |text| {
            let (p, v) = (text.property(), text.literal());
            (format!("{p} LIKE {v}"), format!("{p} = {v}"))
        })
    ),
    assertion!(
        "like-anything",
        "advanced-comparison-operators",
        "LIKE `%` is having a value",
        |server, findings| same(server, findings, Kind::Text, |text| {
            let p = text.property();
            (format!("{p} LIKE '%'"), format!("{p} IS NOT NULL"))
        })
    ),
    assertion!(
        "between",
        "advanced-comparison-operators",
        "BETWEEN a number and itself is `=`",
        |server, findings| same(server, findings, Kind::Number, |number| {
            let (p, v) = (number.property(), number.literal());
            (format!("{p} BETWEEN {v} AND {v}"), format!("{p} = {v}"))
        })
    ),
    assertion!(
        "in",
        "advanced-comparison-operators",
        "IN a list of one is `=`",
        |server, findings| same(server, findings, Kind::Text, |text| {
            let (p, v) = (text.property(), text.literal());
            (format!("{p} IN ({v})"), format!("{p} = {v}"))
        })
    ),
    assertion!(
        "casei",
        "case-insensitive-comparison",
        "CASEI finds a value by its capital letters",
        |server, findings| same(server, findings, Kind::Text, |text| {
            let (p, v) = (text.property(), text.literal());
            (
                format!("CASEI({p}) = CASEI({})", v.to_uppercase()),
                format!("CASEI({p}) = CASEI({v})"),
            )
        })
    ),
    assertion!(
        "accenti",
        "accent-insensitive-comparison",
        "ACCENTI finds a value by itself",
        |server, findings| same(server, findings, Kind::Text, |text| {
            let (p, v) = (text.property(), text.literal());
            (format!("ACCENTI({p}) = ACCENTI({v}) AND {p} = {v}"), format!("{p} = {v}"))
        })
    ),
    assertion!(
        "array",
        "array-functions",
        "what contains a list and is contained by it is equal to it",
        |server, findings| same(server, findings, Kind::Texts, |list| {
            let (p, v) = (list.property(), list.literal());
            (
                format!("A_CONTAINS({p},{v}) AND A_CONTAINEDBY({p},{v})"),
                format!("A_EQUALS({p},{v})"),
            )
        })
    ),
    assertion!(
        "array-overlaps",
        "array-functions",
        "what overlaps a list and what does not are all features that have one",
        |server, findings| sums(server, findings, Kind::Texts, |list| {
            let (p, v) = (list.property(), list.literal());
            let overlaps = format!("A_OVERLAPS({p},{v})");
            let parts = [overlaps.clone(), format!("NOT {overlaps}"), format!("{p} IS NULL")];
            (parts, None)
        })
    ),
    assertion!(
        "property",
        "property-property",
        "a property is equal to itself where it has a value",
        |server, findings| same(server, findings, Kind::Number, |number| {
            let p = number.property();
            (format!("{p} = {p}"), format!("{p} IS NOT NULL"))
        })
    ),
    assertion!("arithmetic", "arithmetic", "sums and products are computed", |server, findings| {
        same(server, findings, Kind::Number, |number| {
            let (p, v) = (number.property(), number.literal());
            (format!("{p} * 2 - {p} = {v}"), format!("{p} = {v}"))
        })
    }),
    assertion!(
        "temporal",
        "temporal-functions",
        "before, on and after a day are all features that have one",
        |server, findings| sums(server, findings, Kind::Date, |date| {
            let (p, v) = (date.property(), format!("DATE({})", date.literal()));
            let parts = [
                format!("T_BEFORE({p},{v})"),
                format!("T_EQUALS({p},{v})"),
                format!("T_AFTER({p},{v})"),
            ];
            (parts, Some(format!("{p} IS NOT NULL")))
        })
    ),
    assertion!(
        "spatial",
        "basic-spatial-functions",
        "S_INTERSECTS with a box is the parameter `bbox`",
        spatial
    ),
    assertion!(
        "disjoint",
        "spatial-functions",
        "what meets a box and what does not are all features with a geometry",
        disjoint
    ),
    assertion!("json", "cql2-json", "a filter in JSON finds what the one in text finds", in_json),
    assertion!("functions", "functions", "`/functions` lists the functions", functions),
];

/// Asks for features for which a filter holds, and tells how many there are.
fn count(
    server: &mut Server,
    collection: &Collection,
    more: &[(&str, &str)],
    findings: &mut Findings,
) -> Option<u64> {
    let page = server.items(collection, &[&[("limit", "1")], more].concat());
    let count = matched(&page);
    findings.check(count.is_some(), &page, || page.seen(), "200 and a number that match");
    count
}

/// Two filters find the same number of features.
fn same(
    server: &mut Server,
    findings: &mut Findings,
    kind: Kind,
    filters: impl Fn(&Sample) -> (String, String),
) -> Done {
    each(server, findings, |server, collection, findings| {
        let Some(sample) = queryable(server, collection, kind) else { return };
        let (one, other) = filters(&sample);
        let Some(expected) = count(server, collection, &[("filter", &other)], findings) else {
            return;
        };
        let page = server.items(collection, &[("limit", "1"), ("filter", &one)]);
        let found = || format!("{}, {} match", page.seen(), page.json()["numberMatched"]);
        let expected_words = format!("{expected}, as of `{other}`");
        findings.check(matched(&page) == Some(expected), &page, found, &expected_words);
    })
}

/// Three filters find as many features together as one does, or as there are.
fn sums(
    server: &mut Server,
    findings: &mut Findings,
    kind: Kind,
    filters: impl Fn(&Sample) -> ([String; 3], Option<String>),
) -> Done {
    each(server, findings, |server, collection, findings| {
        let Some(sample) = queryable(server, collection, kind) else { return };
        let (parts, whole) = filters(&sample);
        let asked: Vec<(&str, &str)> = whole.iter().map(|whole| ("filter", &**whole)).collect();
        let Some(expected) = count(server, collection, &asked, findings) else { return };
        let mut sum = 0;
        for part in &parts {
            sum += count(server, collection, &[("filter", part)], findings).unwrap_or(0);
        }
        let page = server.items(collection, &[("limit", "1"), ("filter", &parts[0])]);
        let found = || format!("{sum} for {}", parts.join(" and "));
        findings.check(sum == expected, &page, found, &format!("{expected} together"));
    })
}

/// The name of the geometry, and a box of half the extent.
fn half(server: &mut Server, collection: &Collection) -> Option<(String, String)> {
    let [west, south, east, north] =
        collection.extent().filter(|[west, _, east, _]| west <= east)?;
    let half = [west, south, west.midpoint(east), north].map(|edge| edge.to_string());
    let name = geometry(&QUERYABLES.of(server, collection))?;
    Some((name, half.join(",")))
}

fn spatial(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let Some((name, half)) = half(server, collection) else { return };
        let expected = count(server, collection, &[("bbox", &half)], findings);
        let filter = format!("S_INTERSECTS(\"{name}\",BBOX({half}))");
        let page = server.items(collection, &[("limit", "1"), ("filter", &filter)]);
        let found = || format!("{}, {} match", page.seen(), page.json()["numberMatched"]);
        let words = format!("{}, as with `bbox={half}`", expected.unwrap_or(0));
        let is_so = expected.is_some() && matched(&page) == expected;
        findings.check(is_so, &page, found, &words);
    })
}

fn disjoint(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let Some((name, half)) = half(server, collection) else { return };
        let mut of = |call: &str| {
            let filter = format!("{call}(\"{name}\",BBOX({half}))");
            count(server, collection, &[("filter", &filter)], findings).unwrap_or(0)
        };
        let (meet, others) = (of("S_INTERSECTS"), of("S_DISJOINT"));
        let whole = format!("\"{name}\" IS NOT NULL");
        let Some(all) = count(server, collection, &[("filter", &whole)], findings) else { return };
        let page = server.items(collection, &[("limit", "1"), ("filter", &whole)]);
        let found = || format!("{meet} meet the box, {others} do not");
        findings.check(meet + others == all, &page, found, &format!("{all} together"));
    })
}

fn in_json(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        for kind in [Kind::Text, Kind::Number] {
            let Some(sample) = queryable(server, collection, kind) else { continue };
            let text = format!("{} = {}", sample.property(), sample.literal());
            let expected = count(server, collection, &[("filter", &text)], findings);
            let body = json!({ "op": "=", "args": [{ "property": sample.name }, sample.value] });
            let asked =
                [("limit", "1"), ("filter", &*body.to_string()), ("filter-lang", "cql2-json")];
            let page = server.items(collection, &asked);
            let found = || format!("{}, {} match", page.seen(), page.json()["numberMatched"]);
            let is_so = expected.is_some() && matched(&page) == expected;
            findings.check(
                is_so,
                &page,
                found,
                &format!("{}, as of `{text}`", expected.unwrap_or(0)),
            );
        }
    })
}

fn functions(server: &mut Server, findings: &mut Findings) -> Done {
    let address = server.address.below("/functions");
    let answer = server.get(&address, JSON);
    findings.status(&answer, 200);
    let functions = &answer.json()["functions"];
    let is_so =
        functions.as_array().is_some_and(|all| all.iter().all(|one| one["name"].is_string()));
    findings.value(is_so, &answer, functions, "`functions` with names");
    Ok(())
}
