//! The predicates of the abstract tests of CQL2, with the counts that the standard says, asked over
//! HTTP of its own data set.

use serde_json::Value as Json;
use terrier_catalog::cql2::{parse_text, write_json};

use crate::data;
use crate::foreign::served;
use crate::program::{Server, encoded, list, text};

/// The names that the standard's collections have here.
const COLLECTIONS: [(&str, &str); 3] = [
    ("ne_110m_admin_0_countries", "countries"),
    ("ne_110m_populated_places_simple", "places"),
    ("ne_110m_rivers_lake_centerlines", "rivers"),
];

/// The names that the properties in the predicates have here, where they have others.
const PROPERTIES: [(&str, &str); 3] =
    [("NAME", "name"), ("POP_EST", "pop_est"), ("nameascii", "name_ascii")];

/// Predicates whose counts in the standard do not fit its own data set, which has Chișinău, Chicago
/// and Chengdu, with the counts that do (opengeospatial/ogcapi-features, issue 1011).
const ERRATA: [(&str, u64, u64); 3] = [
    ("ACCENTI(name) LIKE accenti('Ch%')", 2, 3),
    ("ACCENTI(CASEI(name)) LIKE accenti(casei('Chiș%'))", 2, 1),
    ("ACCENTI(CASEI(name)) LIKE accenti(casei('cHis%'))", 2, 1),
];

/// The predicate with the names that properties have here.
fn renamed(filter: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut text = String::new();
    let mut rest = filter;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| is_part(c) != is_part(first)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        let other = PROPERTIES.iter().find(|(theirs, _)| *theirs == word);
        text.push_str(other.map_or(word, |(_, ours)| ours));
        rest = behind;
    }
    text
}

/// How many features a filter finds, or what is said of it.
fn found(server: &Server, collection: &str, filter: &str, language: &str) -> String {
    let filter = encoded(filter);
    let items = format!("/collections/{collection}/items");
    let answer = server.get(&format!("{items}?limit=1&filter-lang={language}&filter={filter}"));
    if answer.status == 200 { answer.json()["numberMatched"].to_string() } else { answer.problem() }
}

/// A predicate of the standard, and how many features it finds there.
struct Predicate {
    collection: String,
    filter: String,
    count: u64,
}

/// The predicates that the data come with: two of three of the standard's tables.
fn given() -> Vec<Predicate> {
    let rows = std::fs::read_to_string(data("ogc-cql2/expected_counts.json")).expect("the rows");
    let rows: Json = serde_json::from_str(&rows).expect("rows in JSON");
    let predicate = |row: &Json| Predicate {
        collection: text(&row["collection"]).into(),
        filter: text(&row["filter"]).into(),
        count: row["expected_count"].as_u64().expect("a count"),
    };
    list(&rows).iter().map(predicate).collect()
}

/// The others, one a line: the conformance class, the collection, the count, the predicate. Those with
/// four parts are the combinations of the standard put into its pattern.
fn others() -> Vec<Predicate> {
    let predicate = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [_, collection, count, filter] = cells[..] else { panic!("not four cells: {line}") };
        let count = count.parse().expect("a count");
        Predicate { collection: collection.into(), filter: filter.into(), count }
    };
    include_str!("cql2_predicates.tsv").lines().map(predicate).collect()
}

/// Asks in both languages, and says where something else is found than the standard says.
fn wrong(server: &Server, predicate: &Predicate) -> Vec<String> {
    let theirs = COLLECTIONS.iter().find(|(name, _)| *name == predicate.collection);
    let collection = theirs.expect("a collection of the data set").1;
    let filter = renamed(&predicate.filter);
    let erratum = ERRATA.iter().find(|(filter, ..)| predicate.filter == *filter);
    let expected = match erratum {
        Some((_, theirs, right)) => {
            assert_eq!(predicate.count, *theirs, "the erratum is mended");
            right.to_string()
        }
        None => predicate.count.to_string(),
    };
    let json = parse_text(&filter).map(|clause| write_json(&clause, |name| name));
    let json = json.unwrap_or_else(|error| panic!("{filter}: {error}"));
    let mut wrong = Vec::new();
    for (filter, language) in [(&filter, "cql2-text"), (&json, "cql2-json")] {
        let found = found(server, collection, filter, language);
        if found != expected {
            wrong.push(format!("{collection}: {filter}: found {found}, expected {expected}"));
        }
    }
    wrong
}

#[test]
fn each_predicate_of_the_standard_finds_as_many_as_the_standard_says() {
    let server = served();
    let (given, others) = (given(), others());
    let predicates = || given.iter().chain(&others);
    let wrong: Vec<String> = predicates().flat_map(|one| wrong(&server.1, one)).collect();
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!((given.len(), others.len()), (234, 117));
    let mut filters: Vec<_> = predicates().map(|one| (&one.collection, &one.filter)).collect();
    filters.sort_unstable();
    filters.dedup();
    assert_eq!(filters.len(), 351);
}
