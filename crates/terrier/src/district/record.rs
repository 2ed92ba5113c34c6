//! What the offices of the demonstration district wrote down: fields of a draft, and dates of
//! every precision, with gaps.

use jiff::civil::Date;
use terrier_model::{Assessment, Draft, Event, EventKind, RawValue};
use terrier_spatial::Sketch;

use super::chance::Chance;
use super::plan::{Block, Point, degrees};

/// The records end with this year.
const LAST_YEAR: i16 = 2023;

const WHOLE_YEAR: [(i8, i8); 2] = [(1, 5), (12, 20)];

/// An asset as it is written down: what it is, and what happened to it.
pub(crate) type Entry = (Draft, Vec<Event>);

/// What the records tell of the life of an asset.
#[derive(Clone, Copy)]
pub(super) struct Life {
    /// Whether it is there and in use.
    pub(super) in_use: bool,
    /// Whether the day of its installation is known, or a span of days.
    pub(super) dated: bool,
}

/// The draft of an asset as it grows.
pub(super) struct Record {
    code: String,
    values: Vec<(Box<str>, RawValue)>,
    events: Vec<Event>,
}

impl Record {
    /// An asset of that code, which is also its key, in a block.
    pub(super) fn new(code: String, block: &Block) -> Self {
        let mut record = Self { values: Vec::with_capacity(24), code, events: Vec::new() };
        record.text("code", record.code.clone());
        record.text("street", block.subdistrict.as_str());
        record
    }

    pub(super) fn text(&mut self, name: &str, text: impl Into<String>) {
        self.values.push((name.into(), RawValue::Text(text.into())));
    }

    /// Several texts, unless there are none.
    pub(super) fn list(&mut self, name: &str, texts: &[&str]) {
        if !texts.is_empty() {
            let texts = texts.iter().map(|text| RawValue::Text((*text).into())).collect();
            self.values.push((name.into(), RawValue::List(texts)));
        }
    }

    pub(super) fn integer(&mut self, name: &str, number: i64) {
        self.values.push((name.into(), RawValue::Integer(number)));
    }

    /// A number, rounded to so many digits after the point.
    pub(super) fn number(&mut self, name: &str, number: f64, digits: i32) {
        let scale = 10_f64.powi(digits);
        self.values.push((name.into(), RawValue::Number((number * scale).round() / scale)));
    }

    pub(super) fn truth(&mut self, name: &str, truth: bool) {
        self.values.push((name.into(), RawValue::Boolean(truth)));
    }

    /// A day in that year or after it, at least in `from` and at most in the last year.
    pub(super) fn day_after(&mut self, chance: &mut Chance, name: &str, year: i16, from: i16) {
        let first = (year + 1).max(from).min(LAST_YEAR);
        let year = chance.whole(i64::from(first), i64::from(LAST_YEAR)) as i16;
        self.text(name, day(chance, year));
    }

    /// Status and dates of an asset that was built in that year, if it has been.
    ///
    /// Of the dates 8 in 100 are not known. Another 3 in 100 stand in the old records as a
    /// placeholder such as 1900-01-01; those are not given as dates, which they never were, and
    /// half of them tell so in the remarks.
    pub(super) fn life(&mut self, chance: &mut Chance, year: i16, buried: bool) -> Life {
        let status = chance.weighted(&[
            (925, "in_service"),
            (4, "trial"),
            (if year < 1995 { 40 } else { 4 }, "to_be_retired"),
            (9, "out_of_service"),
            (if buried && year < 2000 { 14 } else { 0 }, "abandoned"),
            (if buried { 0 } else { 5 }, "removed"),
            (8, "planned"),
            (7, "under_construction"),
            (8, "unknown"),
        ]);
        self.text("lifecycle_status", status);
        if matches!(status, "planned" | "under_construction") {
            return Life { in_use: false, dated: false };
        }
        let draw = chance.unit();
        if draw < 0.03 {
            if chance.comes_true(0.5) {
                let placeholder = chance.one_of(&["1900-01-01", "1990-01-01", "2000-01-01"]);
                self.text("remarks", format!("档案记 {placeholder}，日期不实"));
            }
        } else if draw >= 0.11 {
            let text = installed(chance, year);
            self.text("installed_on", text);
        }
        let in_use = !matches!(status, "out_of_service" | "abandoned" | "removed");
        if !in_use {
            // Past the end of any range that the installation may have.
            self.day_after(chance, "decommissioned_on", year + 2, 2008);
        }
        Life { in_use, dated: draw >= 0.11 }
    }

    /// The life of an asset of the programme: in use, and its date is known.
    pub(super) fn sure_life(&mut self, chance: &mut Chance, year: i16) -> Life {
        let status = if chance.comes_true(0.2) { "to_be_retired" } else { "in_service" };
        self.text("lifecycle_status", status);
        self.text("installed_on", installed(chance, year));
        Life { in_use: true, dated: true }
    }

    /// The life of a pipe that lies in the ground without use.
    pub(super) fn abandoned(&mut self, chance: &mut Chance, year: i16) -> Life {
        self.text("lifecycle_status", "abandoned");
        self.text("installed_on", installed(chance, year));
        self.day_after(chance, "decommissioned_on", year + 2, 2008);
        Life { in_use: false, dated: true }
    }

    /// Tells that something happened between two days of a year, both as `MM-DD`.
    pub(super) fn event(
        &mut self,
        chance: &mut Chance,
        kind: EventKind,
        year: i16,
        days: [(i8, i8); 2],
    ) -> &mut Event {
        let [first, last] = days.map(|(month, day)| jiff::civil::date(year, month, day));
        let between = (last - first).get_days();
        let on = first.saturating_add(jiff::Span::new().days(chance.whole(0, between.into())));
        self.events.push(Event::new(kind, on));
        self.events.last_mut().expect("one was added just now")
    }

    /// With that likelihood, that it happened on some day since that year.
    pub(super) fn perhaps(
        &mut self,
        chance: &mut Chance,
        share: f64,
        kind: EventKind,
        since: i16,
    ) -> Option<&mut Event> {
        if !chance.comes_true(share) {
            return None;
        }
        let year = chance.whole(i64::from(since.min(LAST_YEAR)), i64::from(LAST_YEAR)) as i16;
        Some(self.event(chance, kind, year, WHOLE_YEAR))
    }

    /// What an assessment in the last year came to, and what it wants when.
    pub(super) fn assessed(&mut self, chance: &mut Chance, result: Assessment) {
        let event = self.event(chance, EventKind::Assessed, LAST_YEAR, [(2, 1), (11, 30)]);
        event.result = Some(result);
        event.next_on = match result {
            Assessment::Meets => Some(Date::constant(2028, 12, 31)),
            Assessment::ContinueWithControls => Some(Date::constant(2025, 12, 31)),
            Assessment::RenewBy => Some(Date::constant(2023, 12, 31)),
            Assessment::RenewAtOnce => None,
        };
    }

    /// Hazards that inspections found, on few assets, most of them mended since.
    pub(super) fn hazards(&mut self, chance: &mut Chance, share: f64, notes: &[&str]) {
        if !chance.comes_true(share) {
            return;
        }
        let note = chance.one_of(notes);
        self.event(chance, EventKind::HazardFound, 2022, WHOLE_YEAR).note = Some(note.into());
        if chance.comes_true(0.7) {
            self.event(chance, EventKind::HazardMended, 2023, WHOLE_YEAR).note = Some(note.into());
        }
    }

    /// A remark, on one asset in fifteen that has none.
    pub(super) fn remark(&mut self, chance: &mut Chance, remarks: &[&str]) {
        let has_one = self.values.iter().any(|(name, _)| &**name == "remarks");
        if chance.comes_true(1.0 / 15.0) && !has_one {
            self.text("remarks", chance.one_of(remarks));
        }
    }

    pub(super) fn at(self, point: Point) -> Entry {
        self.drawn(Sketch::Point(degrees(point)))
    }

    pub(super) fn along(self, line: &[Point]) -> Entry {
        self.drawn(Sketch::Line(line.iter().copied().map(degrees).collect()))
    }

    pub(super) fn along_all(self, lines: &[Vec<Point>]) -> Entry {
        let part = |line: &Vec<Point>| line.iter().copied().map(degrees).collect();
        self.drawn(Sketch::MultiLine(lines.iter().map(part).collect()))
    }

    /// Within an outline, which turns counter-clockwise and is not closed.
    pub(super) fn within(self, outline: &[Point]) -> Entry {
        let mut ring: Vec<_> = outline.iter().copied().map(degrees).collect();
        ring.push(ring[0]);
        self.drawn(Sketch::MultiPolygon(vec![vec![ring]]))
    }

    fn drawn(self, sketch: Sketch) -> Entry {
        let Self { code, values, mut events } = self;
        events.sort_by_key(|event| event.on);
        (Draft { id: None, external_key: Some(code), sketch, values }, events)
    }
}

/// The date of an installation as records of the time give it.
fn installed(chance: &mut Chance, year: i16) -> String {
    let (to_the_day, month, whole_year, range) =
        if year < 1992 { (15, 25, 42, 18) } else { (72, 16, 10, 2) };
    match chance.weighted(&[(to_the_day, 0), (month, 1), (whole_year, 2), (range, 3)]) {
        0 => day(chance, year),
        1 => format!("{year:04}-{:02}", chance.whole(3, 11)),
        2 => format!("{year:04}"),
        _ => format!("{:04}/{:04}", year - 1, year + chance.whole(0, 2) as i16),
    }
}

/// A day of a year; most work is done between spring and autumn.
pub(super) fn day(chance: &mut Chance, year: i16) -> String {
    let month = chance.weighted(&[
        (1, 1),
        (1, 2),
        (3, 3),
        (5, 4),
        (6, 5),
        (6, 6),
        (5, 7),
        (5, 8),
        (6, 9),
        (6, 10),
        (4, 11),
        (2, 12),
    ]);
    format!("{year:04}-{month:02}-{:02}", chance.whole(1, 28))
}
