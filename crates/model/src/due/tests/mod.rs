//! What falls due, rule by rule.

mod question;

use super::*;
use crate::{Clause, Comparison, Operand, RuleDraft, Season, Timing, Value};
use question::{asked, at_age, day, draft, every, of_material, period, pipes, view};

#[test]
fn a_pipe_is_due_on_its_thirtieth_birthday_and_overdue_after_the_grace() {
    let mut rule = at_age("R", WorkKind::Renew, "P30Y");
    rule.lead = period("P1Y");
    let rules = [rule.clone()];
    let pipe = asked(&rules, "installed=1995-06-30", "");
    pipe.check("2024-06-29", "renew not_due 2025-06-30");
    pipe.check("2024-06-30", "renew upcoming 2025-06-30");
    pipe.check("2025-06-29", "renew upcoming 2025-06-30");
    pipe.check("2025-06-30", "renew due 2025-06-30");
    pipe.check("2025-07-01", "renew overdue 2025-06-30");
    rule.grace = period("P1M");
    let rules = [rule];
    asked(&rules, "installed=1995-06-30", "").check("2025-07-30", "renew due 2025-06-30");
    asked(&rules, "installed=1995-06-30", "").check("2025-07-31", "renew overdue 2025-06-30");
    asked(&rules, "installed=1996-02-29", "").check("2026-02-28", "renew due 2026-02-28");
}

#[test]
fn a_date_that_is_not_known_exactly_is_judged_at_both_ends() {
    let rules = [at_age("R", WorkKind::Renew, "P30Y")];
    let pipe = asked(&rules, "installed=1995", "");
    pipe.check("2024-12-31", "renew not_due 2025-01-01..2025-12-31");
    pipe.check("2025-01-01", "renew unknown 2025-01-01..2025-12-31");
    pipe.check("2025-12-30", "renew unknown 2025-01-01..2025-12-31");
    pipe.check("2025-12-31", "renew due 2025-01-01..2025-12-31");
    pipe.check("2026-01-01", "renew overdue 2025-01-01..2025-12-31");
    asked(&rules, "", "").check("2025-01-01", "renew unknown");
}

#[test]
fn a_renewal_begins_a_new_life() {
    let rules = [at_age("R", WorkKind::Renew, "P30Y"), at_age("A", WorkKind::Assess, "P20Y")];
    let pipe = asked(&rules, "installed=1990-01-01", "renewed 2010-05-01");
    pipe.check("2010-04-30", "assess overdue 2010-01-01, renew not_due 2020-01-01");
    pipe.check("2010-05-01", "assess not_due 2030-05-01, renew not_due 2040-05-01");
    asked(&rules, "", "renewed 2010-05-01")
        .check("2025-01-01", "assess not_due 2030-05-01, renew not_due 2040-05-01");
    // What happened before the installation happened to another pipe.
    asked(&rules, "installed=2015-01-01", "renewed 2010-05-01")
        .check("2025-01-01", "assess not_due 2035-01-01, renew not_due 2045-01-01");
}

#[test]
fn an_assessment_at_its_age_is_enough_and_an_earlier_one_is_not() {
    let mut rule = at_age("A", WorkKind::Assess, "P20Y");
    rule.lead = period("P1Y");
    let rules = [rule];
    let assessed = |events: &str, expected: &str| {
        asked(&rules, "installed=2000-01-01", events).check("2025-01-01", expected);
    };
    assessed("assessed 2018-12-31 meets", "assess overdue 2020-01-01");
    assessed("assessed 2019-01-01 meets", "");
    assessed("assessed 2024-01-01 meets", "");
    // The assessment itself says when the next is wanted.
    assessed("assessed 2024-01-01 meets 2027-01-01", "assess not_due 2027-01-01");
    // This day is that of the renewal.
    assessed("assessed 2024-01-01 renew_by 2027-01-01", "");
    assessed("assessed 2025-01-02 meets", "assess overdue 2020-01-01");
}

#[test]
fn after_the_age_work_comes_in_intervals() {
    let timing =
        Timing::Age { age: period("P20Y"), then: Some(period("P5Y")), until: None, since: None };
    let rules = [draft("A", WorkKind::Assess, timing)];
    asked(&rules, "installed=2000-01-01", "").check("2019-01-01", "assess not_due 2020-01-01");
    asked(&rules, "installed=2000-01-01", "assessed 2020-03-01 meets")
        .check("2024-01-01", "assess not_due 2025-03-01");
    asked(&rules, "installed=2000-01-01", "assessed 2010-03-01 meets")
        .check("2024-01-01", "assess overdue 2020-01-01");
    asked(&rules, "", "assessed 2020-03-01 meets").check("2024-01-01", "assess not_due 2025-03-01");
}

#[test]
fn an_assessment_is_wanted_until_the_age_of_renewal() {
    let timing =
        Timing::Age { age: period("P20Y"), then: None, until: Some(period("P30Y")), since: None };
    let rules = [draft("A", WorkKind::Assess, timing), at_age("R", WorkKind::Renew, "P30Y")];
    let pipe = asked(&rules, "installed=1995-06-30", "");
    pipe.check("2025-06-29", "assess overdue 2015-06-30, renew not_due 2025-06-30");
    pipe.check("2025-06-30", "renew due 2025-06-30");
    let pipe = asked(&rules, "installed=1995", "");
    pipe.check(
        "2024-12-31",
        "assess overdue 2015-01-01..2015-12-31, renew not_due 2025-01-01..2025-12-31",
    );
    pipe.check("2025-06-30", "assess unknown 2015-12-31, renew unknown 2025-01-01..2025-12-31");
    pipe.check("2025-12-31", "renew due 2025-01-01..2025-12-31");
    asked(&rules, "", "").check("2025-12-31", "assess unknown, renew unknown");
}

#[test]
fn a_floating_interval_goes_from_the_last_time_or_the_installation() {
    let rules = [every(WorkKind::Inspect, "P1Y")];
    asked(&rules, "installed=2020-02-29", "").check("2021-02-28", "inspect due 2021-02-28");
    asked(&rules, "installed=2020-02-29", "inspected 2023-05-31, cleaned 2024-05-01")
        .check("2024-05-31", "inspect due 2024-05-31");
    asked(&rules, "", "inspected 2023-05-31").check("2024-05-30", "inspect not_due 2024-05-31");
    asked(&rules, "", "").check("2024-05-30", "inspect unknown");
    asked(&rules, "", "inspected 2023-05-31 2023-08-01")
        .check("2024-01-01", "inspect overdue 2023-08-01");
}

#[test]
fn nothing_is_due_under_a_rule_before_it_is_in_force() {
    let mut rule = at_age("R", WorkKind::Renew, "P30Y");
    rule.effective_from = day("2022-06-10");
    rule.effective_to = Some(day("2025-12-31"));
    let rules = [rule];
    let pipe = asked(&rules, "installed=1980-01-01", "");
    pipe.check("2022-06-09", "");
    pipe.check("2022-06-10", "renew due 2022-06-10");
    pipe.check("2025-12-31", "renew overdue 2022-06-10");
    pipe.check("2026-01-01", "");
}

#[test]
fn work_by_a_day_of_the_year_counts_for_the_next_day_within_the_lead() {
    let mut rule =
        draft("C", WorkKind::Clean, Timing::Yearly { by: "06-15".parse().expect("a day") });
    rule.effective_from = day("2020-06-15");
    rule.lead = period("P3M");
    let rules = [rule];
    let drain = |events: &str, on: &str, expected: &str| {
        asked(&rules, "installed=2000-01-01", events).check(on, expected);
    };
    drain("", "2020-06-15", "clean due 2020-06-15");
    drain("", "2024-01-01", "clean overdue 2020-06-15");
    drain("cleaned 2020-03-14", "2020-06-16", "clean overdue 2020-06-15");
    drain("cleaned 2020-03-15", "2020-06-16", "clean not_due 2021-06-15");
    drain("cleaned 2020-06-16", "2020-06-16", "clean not_due 2021-06-15");
    drain("cleaned 2024-03-14", "2024-03-15", "clean upcoming 2024-06-15");
    drain("cleaned 2024-03-15", "2024-03-15", "clean not_due 2025-06-15");
    drain("cleaned 2024-03-15 2024-09-01", "2024-03-15", "clean not_due 2024-09-01");
    asked(&rules, "installed=2023-06-15", "").check("2023-06-15", "clean not_due 2024-06-15");
    asked(&rules, "installed=2023-06-14", "").check("2023-06-14", "clean upcoming 2023-06-15");
    asked(&rules, "", "").check("2020-06-15", "clean due 2020-06-15");
}

#[test]
fn a_fixed_interval_counts_from_the_day_of_the_rule() {
    let mut rule = draft("I", WorkKind::Inspect, Timing::Fixed { interval: period("P1M") });
    rule.effective_from = day("2024-01-31");
    let rules = [rule];
    let light = |events: &str, on: &str, expected: &str| {
        asked(&rules, "installed=2000-01-01", events).check(on, expected);
    };
    light("", "2024-01-31", "inspect not_due 2024-02-29");
    light("inspected 2024-02-29", "2024-02-29", "inspect not_due 2024-03-31");
    light("inspected 2024-02-28", "2024-02-29", "inspect due 2024-02-29");
    light("inspected 2024-03-01", "2024-03-01", "inspect not_due 2024-03-31");
    light("inspected 2034-02-28", "2034-02-28", "inspect not_due 2034-03-31");
}

#[test]
fn a_day_that_a_field_holds_is_met_by_work_since_it_was_set() {
    let on = |field: &str| Timing::On { field: field.into() };
    let mut rule = draft("R", WorkKind::Renew, on("renew_by"));
    rule.lead = period("P1Y");
    let rules = [rule];
    asked(&rules, "renew_by=2025-12-31", "").check("2025-12-31", "renew due 2025-12-31");
    asked(&rules, "renew_by=2025-12-31", "renewed 2024-12-31").check("2026-12-31", "");
    asked(&rules, "renew_by=2025-12-31", "renewed 2024-12-30")
        .check("2026-12-31", "renew overdue 2025-12-31");
    asked(&rules, "", "").check("2026-12-31", "renew unknown");
    let rules = [draft("R", WorkKind::Renew, on("assessment_next_on"))];
    asked(&rules, "", "assessed 2022-05-01 renew_by 2025-05-01")
        .check("2025-05-01", "renew due 2025-05-01");
    asked(&rules, "", "assessed 2022-05-01 renew_by 2025-05-01, renewed 2022-05-01")
        .check("2025-05-01", "");
    asked(&rules, "", "renewed 2022-04-30, assessed 2022-05-01 renew_by 2025-05-01")
        .check("2025-05-01", "renew due 2025-05-01");
    let rules = [draft("A", WorkKind::Assess, on("assessment_next_on"))];
    asked(&rules, "", "assessed 2022-05-01 meets 2025-05-01")
        .check("2025-05-01", "assess due 2025-05-01");
}

#[test]
fn what_is_wanted_now_is_wanted_until_it_is_done() {
    let mut rule = draft("N", WorkKind::Renew, Timing::Now);
    rule.when = Some(of_material("iron"));
    rule.effective_from = day("2022-06-10");
    rule.grace = period("P3Y");
    let rules = [rule];
    asked(&rules, "material=iron", "").check("2022-06-10", "renew due 2022-06-10");
    asked(&rules, "material=iron", "").check("2025-06-11", "renew overdue 2022-06-10");
    asked(&rules, "material=iron", "renewed 2022-06-09")
        .check("2023-01-01", "renew due 2022-06-10");
    asked(&rules, "material=iron", "renewed 2022-06-10").check("2023-01-01", "");
    asked(&rules, "material=steel", "").check("2023-01-01", "");
    asked(&rules, "", "").check("2023-01-01", "renew unknown");
}

#[test]
fn what_shows_events_is_read_as_of_the_day() {
    let mut rule = draft("H", WorkKind::Repair, Timing::Now);
    rule.when = Some(Clause::Compare {
        left: Operand::Field("hazards".into()),
        comparison: Comparison::Greater,
        right: Operand::Value(Value::Integer(0)),
    });
    let rules = [rule];
    let pipe = asked(&rules, "", "hazard_found 2024-05-01, hazard_mended 2024-06-01");
    pipe.check("2024-04-30", "");
    pipe.check("2024-05-01", "repair overdue 1990-01-01");
    pipe.check("2024-06-01", "");
}

#[test]
fn a_hazard_is_to_be_mended_from_the_day_it_was_found_until_it_is_mended() {
    let mut rule = draft("H", WorkKind::Repair, Timing::On { field: "hazards_since".into() });
    rule.grace = period("P7D");
    let rules = [rule];
    let found = "hazard_found 2024-05-01, repaired 2024-05-03, hazard_found 2024-05-20, \
                 hazard_mended 2024-06-01, hazard_mended 2024-06-02";
    let pipe = asked(&rules, "", found);
    pipe.check("2024-04-30", "");
    pipe.check("2024-05-01", "repair due 2024-05-01");
    pipe.check("2024-05-08", "repair due 2024-05-01");
    // Another repair, or the mending of one of two, ends nothing.
    pipe.check("2024-05-09", "repair overdue 2024-05-01");
    pipe.check("2024-06-01", "repair overdue 2024-05-01");
    pipe.check("2024-06-02", "");
    asked(&rules, "", "").check("2024-06-02", "");
}

#[test]
fn a_counted_day_keeps_to_the_season() {
    let with = |season, from: &str| {
        let mut rule = at_age("R", WorkKind::Renew, "P30Y");
        rule.season = Some(season);
        rule.effective_from = day(from);
        [rule]
    };
    let md = |text: &str| text.parse().expect("a day");
    let heating = Season::Except(md("11-15"), md("03-15"));
    let spring = Season::During(md("03-01"), md("06-15"));
    let check = |rules: &[RuleDraft], installed: &str, expected: &str| {
        asked(rules, installed, "").check("2024-01-01", expected);
    };
    check(&with(heating, "1990-01-01"), "installed=1995-01-31", "renew not_due 2024-11-14");
    check(&with(heating, "1990-01-01"), "installed=1995-03-16", "renew not_due 2025-03-16");
    check(&with(spring, "1990-01-01"), "installed=1995-02-28", "renew not_due 2024-06-15");
    // Back in the season, the rule was not in force yet.
    check(&with(spring, "2023-07-01"), "installed=1980-01-01", "renew not_due 2024-06-15");
    check(&with(heating, "2023-12-01"), "installed=1980-01-01", "renew not_due 2024-03-16");
}

#[test]
fn only_what_is_in_service_has_work_due() {
    let rules = [at_age("R", WorkKind::Renew, "P30Y")];
    for status in Lifecycle::ALL {
        let asset = format!("installed=1980-01-01 lifecycle_status={}", status.code());
        let expected = match status {
            Lifecycle::Planned
            | Lifecycle::UnderConstruction
            | Lifecycle::OutOfService
            | Lifecycle::Abandoned
            | Lifecycle::Removed => "",
            _ => "renew overdue 2010-01-01",
        };
        asked(&rules, &asset, "").check("2024-01-01", expected);
    }
}

#[test]
fn several_rules_for_one_kind_come_to_the_worst_state_and_the_strictest_date() {
    let mut late = at_age("LATE", WorkKind::Renew, "P40Y");
    late.when = Some(of_material("steel"));
    let rules = [late, at_age("EARLY", WorkKind::Renew, "P30Y")];
    let check =
        |asset: &str, on: &str, expected: &str| asked(&rules, asset, "").check(on, expected);
    check("installed=1980-01-01 material=steel", "2025-01-01", "renew overdue 2010-01-01");
    check("installed=1980-01-01 material=iron", "2000-01-01", "renew not_due 2010-01-01");
    // One rule is enough to tell that it is overdue; it is not to tell that it is not.
    check("installed=1980-01-01", "2025-01-01", "renew overdue 2010-01-01");
    check("installed=1980-01-01", "2000-01-01", "renew unknown");
}

#[test]
fn a_rule_takes_the_place_of_another_while_it_is_in_force() {
    let mut city = at_age("CITY", WorkKind::Renew, "P20Y");
    city.replaces = Some("NATION".into());
    city.effective_to = Some(day("2024-12-31"));
    let rules = [at_age("NATION", WorkKind::Renew, "P30Y"), city];
    let pipe = asked(&rules, "installed=2000-01-01", "");
    pipe.check("2024-12-31", "renew overdue 2020-01-01");
    pipe.check("2025-01-01", "renew not_due 2030-01-01");
}

#[test]
fn reasons_name_what_each_rule_went_by() {
    let reasons = |rules: &[RuleDraft], asset: &str, events: &str, kind| {
        asked(rules, asset, events).ask("2025-01-01", |judge, values, events| {
            let fields = pipes().fields().to_vec();
            let reasons = judge.reasons(kind, &view(values), events);
            let fact = |fact: &Fact<'_>| {
                let subject = match fact.subject {
                    Subject::Field(position) => fields[position].name.to_string(),
                    Subject::Event(kind) => kind.code().to_owned(),
                    Subject::NextOn(kind) => format!("{}.next_on", kind.code()),
                    Subject::Effective => "effective".to_owned(),
                };
                let value =
                    fact.value.as_ref().map_or("missing".into(), |v| v.as_ref().to_string());
                let test = match fact.test {
                    Test::Condition(_) => "if",
                    Test::Timing(_) => "day",
                };
                format!("{test} {subject} {value}")
            };
            let reason = |reason: &Reason<'_>| {
                let facts: Vec<String> = reason.facts.iter().map(fact).collect();
                let id = &reason.rule.draft().id;
                format!("{id} {}: {}", reason.state.code(), facts.join(", "))
            };
            reasons.iter().map(reason).collect::<Vec<_>>().join("; ")
        })
    };
    let mut now = draft("NOW", WorkKind::Renew, Timing::Now);
    now.when = Some(of_material("iron"));
    let rules = [at_age("AGE", WorkKind::Renew, "P40Y"), now, every(WorkKind::Inspect, "P1Y")];
    assert_eq!(
        reasons(&rules, "installed=1995 material=iron", "", WorkKind::Renew),
        "NOW overdue: if material iron, day effective 1990-01-01; \
         AGE not_due: day installed_on 1995-01-01, day installed_latest_on 1995-12-31"
    );
    assert_eq!(
        reasons(&rules, "", "renewed 2020-01-01", WorkKind::Renew),
        "NOW unknown: if material missing; AGE not_due: day renewed 2020-01-01"
    );
    assert_eq!(
        reasons(&rules, "", "", WorkKind::Renew),
        "AGE unknown: day installed_on missing; NOW unknown: if material missing"
    );
    assert_eq!(
        reasons(&rules, "", "inspected 2024-06-01", WorkKind::Inspect),
        "R not_due: day inspected 2024-06-01"
    );
    assert_eq!(
        reasons(&rules, "", "inspected 2024-06-01 2024-12-01", WorkKind::Inspect),
        "R overdue: day inspected.next_on 2024-12-01"
    );
}
