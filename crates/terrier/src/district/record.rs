//! What the offices of the demonstration district wrote down: fields of a draft, and dates of
//! every precision, with gaps.

use terrier_model::{Draft, RawValue};
use terrier_spatial::Sketch;

use super::chance::Chance;
use super::plan::{Block, Point, degrees};

/// The records end with this year.
const LAST_YEAR: i16 = 2023;

/// The draft of an asset as it grows.
pub(super) struct Record {
    code: String,
    values: Vec<(Box<str>, RawValue)>,
}

impl Record {
    /// An asset of that code, which is also its key, in a block.
    pub(super) fn new(code: String, block: &Block) -> Self {
        let mut record = Self { values: Vec::with_capacity(24), code };
        record.text("code", record.code.clone());
        record.text("street", block.subdistrict);
        record
    }

    pub(super) fn text(&mut self, name: &str, text: impl Into<String>) {
        self.values.push((name.into(), RawValue::Text(text.into())));
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

    /// Status and dates of an asset that was built in that year, if it has been; says whether it
    /// is there and in use.
    ///
    /// Of the dates 8 in 100 are not known. Another 3 in 100 stand in the old records as a
    /// placeholder such as 1900-01-01; those are not given as dates, which they never were, and
    /// half of them tell so in the remarks.
    pub(super) fn life(&mut self, chance: &mut Chance, year: i16, buried: bool) -> bool {
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
            return false;
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
        if matches!(status, "out_of_service" | "abandoned" | "removed") {
            // Past the end of any range that the installation may have.
            self.day_after(chance, "decommissioned_on", year + 2, 2008);
            return false;
        }
        true
    }

    /// A remark, on one asset in fifteen that has none.
    pub(super) fn remark(&mut self, chance: &mut Chance, remarks: &[&str]) {
        let has_one = self.values.iter().any(|(name, _)| &**name == "remarks");
        if chance.comes_true(1.0 / 15.0) && !has_one {
            self.text("remarks", chance.one_of(remarks));
        }
    }

    pub(super) fn at(self, point: Point) -> Draft {
        self.drawn(Sketch::Point(degrees(point)))
    }

    pub(super) fn along(self, line: &[Point]) -> Draft {
        self.drawn(Sketch::Line(line.iter().copied().map(degrees).collect()))
    }

    pub(super) fn along_all(self, lines: &[Vec<Point>]) -> Draft {
        let part = |line: &Vec<Point>| line.iter().copied().map(degrees).collect();
        self.drawn(Sketch::MultiLine(lines.iter().map(part).collect()))
    }

    fn drawn(self, sketch: Sketch) -> Draft {
        let Self { code, values } = self;
        Draft { id: None, external_key: Some(code), sketch, values }
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
