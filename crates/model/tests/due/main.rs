//! What falls due, against a slow model that walks from day to day and from month to month, on
//! random assets, events, rules and days.

mod slow;

use jiff::civil::{Date, date};
use terrier_model::{
    Assessment, AssetView, Class, Clause, Comparison, CoreField, DateSpan, DueItem, DueState,
    Event, EventKind, Evidence, Field, Judge, Kind, MonthDay, Operand, Period, Rule, RuleDraft,
    Season, Sensitivity, Text, Timing, Value, WorkKind, core_position,
};

/// The random assets that are judged, each on [`DAYS`] days.
const CASES: u64 = 25_000;
const DAYS: usize = 24;

/// A generator of which the seed is all that has to be known to repeat a case.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 ^ (self.0 >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ (mixed >> 32)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn one_in(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }

    fn pick<T: Clone>(&mut self, among: &[T]) -> T {
        among[self.below(among.len() as u64) as usize].clone()
    }

    /// A day between two years, often at the end of a month or at the end of February.
    fn day(&mut self, from: i16, to: i16) -> Date {
        let year = from + self.below((to - from + 1) as u64) as i16;
        let month = 1 + self.below(12) as i8;
        let first = date(year, month, 1);
        match self.below(6) {
            0 => first,
            1 => first.last_of_month(),
            2 => date(year, 2, 1).last_of_month(),
            3 => date(year, 12, 31),
            _ => date(year, month, 1 + self.below(first.days_in_month() as u64) as i8),
        }
    }

    fn period(&mut self, among: &[&str]) -> Period {
        self.pick(among).parse().expect("a period")
    }
}

fn pipes() -> Class {
    let field = |name: &str, kind| Field {
        name: name.into(),
        kind,
        unit: None,
        title: Text::new(name, name),
        description: None,
        sensitivity: Sensitivity::Public,
        range: None,
        core: None,
        event: None,
        retired: false,
    };
    let own = vec![field("material", Kind::Text), field("wanted_on", Kind::Date)];
    let title = Text::new("Pipes", "管道");
    Class::try_new("pipes", title.clone(), title, terrier_spatial::GeometryKind::Line, own)
        .expect("a class")
}

/// An asset in the words of the slow model.
#[derive(Debug)]
struct Pipe {
    installed: Option<DateSpan>,
    is_iron: Option<bool>,
    wanted_on: Option<Date>,
    events: Vec<Event>,
}

fn pipe(random: &mut Random) -> Pipe {
    let installed = (!random.one_in(6)).then(|| {
        let day = random.day(1960, 2030);
        match random.below(4) {
            0 => DateSpan::try_new(day.first_of_year(), day.last_of_year()),
            1 => DateSpan::try_new(day.first_of_month(), day.last_of_month()),
            _ => Some(DateSpan::day(day)),
        }
        .expect("its ends are in order")
    });
    let mut events: Vec<Event> = (0..random.below(6))
        .map(|_| {
            let kinds = [EventKind::Inspected, EventKind::Assessed, EventKind::Cleaned];
            let others = [EventKind::Repaired, EventKind::Renewed, EventKind::HazardFound];
            let kind = random.pick(&[kinds, others].concat());
            let mut event = Event::new(kind, random.day(1995, 2055));
            if kind == EventKind::Assessed {
                event.result = Some(random.pick(&Assessment::ALL));
            }
            if random.one_in(4) {
                event.next_on = Some(random.period(&["P1Y", "P3Y", "P10D"]).after(event.on));
            }
            event
        })
        .collect();
    events.sort_by_key(|event| event.on);
    Pipe {
        installed,
        is_iron: (!random.one_in(5)).then(|| random.one_in(2)),
        wanted_on: (!random.one_in(4)).then(|| random.day(1995, 2055)),
        events,
    }
}

fn month_day(random: &mut Random) -> MonthDay {
    let days = ["01-01", "02-28", "02-29", "03-01", "06-15", "11-15", "12-31"];
    random.pick(&days).parse().expect("a day")
}

fn timing(random: &mut Random) -> Timing {
    let intervals = ["P1M", "P6M", "P1Y", "P5Y", "P2W", "P1M3D", "P1Y1M1D"];
    let since = random.one_in(5).then(|| "wanted_on".into());
    match random.below(6) {
        0 => Timing::Age {
            age: random.period(&["P20Y", "P30Y", "P50Y", "P18M", "P0D"]),
            then: random.one_in(2).then(|| random.period(&intervals)),
            until: random.one_in(4).then(|| random.period(&["P50Y1D", "P60Y"])),
            since,
        },
        1 => Timing::Floating { interval: random.period(&intervals), since },
        2 => Timing::Fixed { interval: random.period(&intervals) },
        3 => Timing::Yearly { by: month_day(random) },
        4 => Timing::On { field: "wanted_on".into() },
        _ => Timing::Now,
    }
}

fn draft(random: &mut Random, number: u64) -> RuleDraft {
    let timing = timing(random);
    let counted = matches!(timing, Timing::Age { .. } | Timing::Floating { .. });
    let season = match random.below(6) {
        0 if counted => {
            let ends =
                [("03-01", "06-15"), ("02-29", "11-15"), ("11-15", "02-29"), ("12-31", "01-01")];
            let (from, to) = random.pick(&ends);
            Some(Season::During(from.parse().expect("a day"), to.parse().expect("a day")))
        }
        1 if counted => {
            let ends = [("11-15", "03-15"), ("02-29", "03-01"), ("05-01", "05-31")];
            let (from, to) = random.pick(&ends);
            Some(Season::Except(from.parse().expect("a day"), to.parse().expect("a day")))
        }
        _ => None,
    };
    let iron = Clause::Compare {
        left: Operand::Field("material".into()),
        comparison: Comparison::Equal,
        right: Operand::Value(Value::Text("iron".into())),
    };
    RuleDraft {
        id: format!("R{number}").into(),
        title: Text::new("Rule", "规则"),
        jurisdiction: "CN".into(),
        cites: "a test".into(),
        evidence: Evidence::Proposal,
        class: "pipes".into(),
        when: random.one_in(3).then_some(iron),
        kind: random.pick(&WorkKind::ALL),
        timing,
        lead: random.period(&["P0D", "P1M", "P3M", "P1Y", "P10D"]),
        grace: random.period(&["P0D", "P0D", "P1M", "P3Y", "P1D"]),
        season,
        priority: 1 + random.below(5) as u8,
        effective_from: random.day(1990, 2030),
        effective_to: random.one_in(4).then(|| date(2040, 2, 29)),
        replaces: (number > 0 && random.one_in(8)).then(|| "R0".into()),
    }
}

fn fast(class: &Class, pipe: &Pipe, rules: &[Rule], today: Date) -> Vec<slow::Row> {
    let mut values = vec![None; class.fields().len()];
    let mut set = |position: usize, value| values[position] = value;
    let end = |end: fn(DateSpan) -> Date| pipe.installed.map(|span| Value::Date(end(span)));
    set(core_position(CoreField::InstalledOn), end(DateSpan::earliest));
    set(core_position(CoreField::InstalledLatestOn), end(DateSpan::latest));
    let material = pipe.is_iron.map(|iron| Value::Text(if iron { "iron" } else { "pe" }.into()));
    set(class.position("material").expect("a field"), material);
    set(class.position("wanted_on").expect("a field"), pipe.wanted_on.map(Value::Date));
    let judge = Judge::new(class, rules, today);
    let mut rows = Vec::new();
    judge.judge(
        &AssetView {
            value: |at: usize| values[at].as_ref().map(Value::as_ref),
            shape: || None,
            due_state: |_| None,
        },
        &pipe.events,
        |item| {
            let DueItem { kind, state, due_on, due_latest_on, lead_from, priority, rule } = item;
            assert_eq!(judge.rules()[rule].draft().kind, kind);
            rows.push((kind, state, due_on, due_latest_on, lead_from, priority));
        },
    );
    rows
}

#[test]
fn what_falls_due_is_what_a_slow_model_finds_day_by_day() {
    let class = pipes();
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = seed
        .unwrap_or_else(|| std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0_u8));
    let mut states = [0_u64; 5];
    for case in 0..CASES {
        let mut random = Random(seed.wrapping_add(case));
        let pipe = pipe(&mut random);
        let count = 1 + random.below(4);
        let drafts: Vec<RuleDraft> = (0..count).map(|number| draft(&mut random, number)).collect();
        let rules: Vec<Rule> = drafts
            .iter()
            .map(|draft| Rule::try_new(draft.clone(), &class).expect("a rule"))
            .collect();
        let rows: Vec<Vec<Date>> = drafts.iter().map(slow::row).collect();
        let mut near: Vec<Date> = Vec::new();
        for _ in 0..DAYS {
            // Days at which something changes are asked for, too.
            let today = if near.is_empty() || random.one_in(2) {
                random.day(1995, 2055)
            } else {
                let day = random.pick(&near);
                let day = random.pick(&[day.yesterday(), Ok(day), day.tomorrow()]).unwrap_or(day);
                day.clamp(date(1995, 1, 1), date(2055, 12, 31))
            };
            let expected = slow::judged(&pipe, &drafts, &rows, today);
            let found = fast(&class, &pipe, &rules, today);
            assert_eq!(
                found,
                expected,
                "SEED={} on {today}: {pipe:?} {drafts:?}",
                seed.wrapping_add(case)
            );
            for row in &found {
                states[DueState::ALL.iter().position(|state| *state == row.1).expect("one")] += 1;
                near.extend([row.2, row.3, row.4].into_iter().flatten());
            }
        }
    }
    assert!(states.iter().all(|count| *count > CASES / 10), "{states:?}");
}
