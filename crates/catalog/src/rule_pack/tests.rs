//! Rule packs read, written back, and checked against classes.

use std::error::Error;

use terrier_model::Timing;

use super::*;
use crate::{class_from_toml, shipped_classes};

const HEAD: &str = "\
pack = \"TEST\"
version = \"1\"
jurisdiction = \"CN\"
title = { en = \"Test\", zh = \"测试\" }
";

const RULE: &str = "\
[[rule]]
id = \"A-1\"
title = { en = \"Rule\", zh = \"规则\" }
cites = \"a test\"
evidence = \"I\"
class = \"gas_pipes\"
kind = \"renew\"
effective_from = \"2023-01-01\"
";

fn classes() -> Classes {
    let class = |(_, text): &(_, &str)| class_from_toml(text).expect("a shipped class");
    shipped_classes().iter().map(class).collect()
}

fn chain(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

/// Checks what is said of a pack of one rule with more lines, read and checked against the shipped
/// classes.
fn check(lines: &str, expected: &str) {
    let text = format!("{HEAD}{RULE}{lines}");
    let pack = RulePack::from_toml(&text);
    let answer = pack.and_then(|pack| pack.checked(&classes()).map(|rules| (pack, rules)));
    let answer = match answer {
        Ok((pack, rules)) => {
            assert_eq!(RulePack::from_toml(&pack.to_toml()), Ok(pack.clone()));
            format!("{:?}", rules[0].draft().timing)
        }
        Err(error) => chain(&error),
    };
    assert!(answer.contains(expected), "{lines}\nfound    {answer}\nexpected {expected}");
}

#[test]
fn a_rule_says_its_day_in_one_of_six_ways() {
    check("", "Now");
    check("age = \"P30Y\"", "Age { age: Period { months: 360, days: 0 }, then: None");
    check("age = \"P20Y\"\ninterval = \"P5Y\"", "then: Some(Period { months: 60, days: 0 })");
    check("age = \"P20Y\"\nuntil = \"P30Y\"\nsince = \"renew_by\"", "since: Some(\"renew_by\")");
    check("interval = \"P1M\"", "Floating");
    check("interval = \"P1M\"\nschedule = \"floating\"", "Floating");
    check("interval = \"P1M\"\nschedule = \"fixed\"", "Fixed");
    check("by = \"06-15\"", "Yearly");
    check("on = \"renew_by\"", "On { field: \"renew_by\" }");
}

#[test]
fn what_does_not_go_together_is_named_with_its_rule() {
    let key = |key: &str| format!("rule `A-1`: `{key}`: expected ");
    check("age = \"30Y\"", &(key("age") + "a period of at most 200 years"));
    check("by = \"06-31\"", &(key("by") + "a month and day such as \"06-15\""));
    check("age = \"P1Y\"\nby = \"06-15\"", &key("by"));
    check("on = \"renew_by\"\ninterval = \"P1Y\"", &key("on"));
    check("until = \"P30Y\"", &(key("until") + "none without `age`"));
    check("since = \"renew_by\"", &key("since"));
    check("schedule = \"fixed\"", &(key("schedule") + "none without `interval`"));
    check("age = \"P1Y\"\ninterval = \"P1Y\"\nschedule = \"fixed\"", &key("schedule"));
    check("season = [\"03-01\", \"06-15\"]\nblackout = [\"11-15\", \"03-15\"]", &key("blackout"));
    check("effective_to = \"2023-6-1\"", &key("effective_to"));
    check("season = [\"03-01\"]", "line 13: ");
    check("colour = \"red\"", "line 13: unknown field `colour`");
    check(
        "when = \"material =\"",
        "rule `A-1`: cannot read `when`: at byte 10: found the end, expected a value",
    );
}

#[test]
fn a_rule_that_does_not_fit_its_class_is_refused_with_the_reason() {
    let unfit = "rule `A-1` does not fit its class: ";
    let check = |lines: &str, expected: &str| check(lines, &format!("{unfit}{expected}"));
    check(
        "when = \"colour = 'red'\"",
        "the condition does not fit the class: `colour` is not known",
    );
    check(
        "when = \"material = 'grey_iron'\"",
        "the condition compares `material` with `grey_iron`, which is no code of it",
    );
    check(
        "when = \"diameter_mm = 'x'\"",
        "the condition does not fit the class: `diameter_mm`: found",
    );
    check("on = \"material\"", "`material` is no date field of the class");
    check("age = \"P1Y\"\nsince = \"nothing\"", "`nothing` is no date field of the class");
    check("interval = \"P0D\"", "`interval`: expected a day or more");
    check("age = \"P3Y\"\nuntil = \"P3Y\"", "`until`: expected an age beyond `age`");
    check("priority = 0", "`priority`: expected 1");
    check("priority = 6", "`priority`: expected 1");
    check("effective_to = \"2022-12-31\"", "`effective_to`: expected no day before");
    check("by = \"06-15\"\nseason = [\"03-01\", \"06-15\"]", "`season`: expected none with days");
    check("age = \"P1Y\"\nblackout = [\"01-01\", \"12-31\"]", "`season`: expected days with and");
    check("replaces = \"A-1\"", "`replaces`: expected another rule");
}

#[test]
fn every_limit_of_a_pack_holds() {
    let rules = |count: usize| {
        let rule = |number| RULE.replace("A-1", &format!("A-{number}"));
        format!("{HEAD}{}", (0..count).map(rule).collect::<String>())
    };
    let read = |text: &str| RulePack::from_toml(text).map(|pack| pack.rules.len());
    assert_eq!(read(&rules(0)), Ok(0));
    assert_eq!(read(&rules(MAX_RULES)), Ok(MAX_RULES));
    assert_eq!(read(&rules(MAX_RULES + 1)), Err(RulePackError::TooMany(MAX_RULES + 1)));
    let long = |bytes: usize| format!("{HEAD}#{}", "x".repeat(bytes - HEAD.len() - 1));
    assert_eq!(read(&long(MAX_RULE_PACK_BYTES)), Ok(0));
    let error = RulePackError::TooLong(MAX_RULE_PACK_BYTES + 1);
    assert_eq!(read(&long(MAX_RULE_PACK_BYTES + 1)), Err(error));
    assert_eq!(read(&format!("{HEAD}{RULE}{RULE}")), Err(RulePackError::Twice("A-1".into())));
    let error = RulePack::from_toml(&HEAD.replace("TEST", " ")).expect_err("no name");
    assert_eq!(error.to_string(), "`pack`: expected a name of at most 80 characters");
}

#[test]
fn the_shipped_packs_fit_the_shipped_classes_and_are_written_back_as_they_are() {
    for (name, text) in shipped_rule_packs() {
        let pack = RulePack::from_toml(text).unwrap_or_else(|error| panic!("{}", chain(&error)));
        assert_eq!(*pack.name, **name);
        let rules = pack.checked(&classes()).unwrap_or_else(|error| panic!("{}", chain(&error)));
        assert!(!rules.is_empty());
        assert_eq!(RulePack::from_toml(&pack.to_toml()), Ok(pack));
    }
}

#[test]
fn every_shipped_rule_has_a_name_of_its_own_and_what_it_replaces_is_there() {
    let packs = shipped_rule_packs().iter();
    let rules: Vec<RuleDraft> =
        packs.flat_map(|(_, text)| RulePack::from_toml(text).expect("a pack").rules).collect();
    for (at, rule) in rules.iter().enumerate() {
        assert!(rules[..at].iter().all(|other| other.id != rule.id), "{}", rule.id);
        let other = rule.replaces.as_ref().map(|id| rules.iter().find(|other| other.id == *id));
        assert!(other.is_none_or(|other| other.is_some_and(|other| other.kind == rule.kind)));
        assert!(rule.title.en.is_ascii() && !rule.title.zh.is_ascii(), "{}", rule.id);
        // A rule that always holds from the day it is in force would never see its assets again.
        assert!(rule.when.is_some() || rule.timing != Timing::Now, "{}", rule.id);
    }
}
