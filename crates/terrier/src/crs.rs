//! `terrier crs`: the coordinate systems, and positions from one to another.

use std::fmt::Write;
use std::io::{BufRead, Read};
use std::process::ExitCode;
use std::str::FromStr;

use serde_json::{Value as Json, json};
use terrier_spatial::{Bounds, Crs, CrsFault, Position};

use crate::cli::CrsOptions;
use crate::failure::{Failure, REFUSED};
use crate::output::{report, report_json, say};

/// How many positions are converted at a time; they are held in memory.
const MAX_POSITIONS: usize = 100_000;
/// The longest line of a position on stdin, in bytes.
const MAX_POSITION_BYTES: usize = 256;

const TWO_NUMBERS: &str = "two numbers with a comma between, such as 117.2,39.1";

/// Positions as they stand on the command line.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    /// This one.
    One { text: String, position: Position },
    /// One on each line of stdin.
    Lines,
}

impl FromStr for Given {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "-" {
            return Ok(Self::Lines);
        }
        let position = two_numbers(text).ok_or_else(|| format!("expected {TWO_NUMBERS}, or -"))?;
        Ok(Self::One { text: text.to_owned(), position })
    }
}

/// A position that was asked for, and what came of it.
struct Asked {
    text: String,
    answer: Result<Position, Refusal>,
}

/// Why a position was not converted.
struct Refusal {
    found: String,
    expected: String,
}

impl From<CrsFault> for Refusal {
    fn from(fault: CrsFault) -> Self {
        Self { found: fault.found(), expected: fault.expected() }
    }
}

pub(crate) fn run(options: &CrsOptions) -> Result<ExitCode, Failure> {
    let CrsOptions { code, to_wgs84, from_wgs84, json } = options;
    let Some(code) = code else { return list(*json) };
    let crs = Crs::find(code).map_err(|error| Failure::usage(error.to_string()))?;
    if !to_wgs84.is_empty() {
        let asked = convert(to_wgs84, |position| crs.to_wgs84(position))?;
        return answer(&crs, &asked, *json);
    }
    if !from_wgs84.is_empty() {
        let asked = convert(from_wgs84, |place| crs.from_wgs84(place))?;
        return answer(&crs, &asked, *json);
    }
    describe(&crs, *json)
}

fn list(as_json: bool) -> Result<ExitCode, Failure> {
    if as_json {
        report_json(&Crs::all().map(|crs| system(&crs)).collect())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines = String::new();
    for crs in Crs::all() {
        let Bounds { west, south, east, north } = crs.area();
        let (code, axes, unit) = (crs.code(), crs.axes().join(", "), crs.unit().to_string());
        let area = format!("{west},{south},{east},{north}");
        let name = crs.name();
        writeln!(lines, "{code:<11} {axes:<20} {unit:<15} {area:<27} {name}")
            .expect("a text takes it");
    }
    report(lines.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

fn describe(crs: &Crs, as_json: bool) -> Result<ExitCode, Failure> {
    if as_json {
        report_json(&system(crs))?;
        return Ok(ExitCode::SUCCESS);
    }
    let Bounds { west, south, east, north } = crs.area();
    let approximate = if crs.approximate() { "approximate: " } else { "" };
    report(format!(
        "{}: {}\n\
         axes        {}\n\
         unit        {}\n\
         area        longitude {west} to {east}, latitude {south} to {north}\n\
         to WGS 84   {approximate}{}\n\
         definition  {}",
        crs.code(),
        crs.name(),
        crs.axes().join(", "),
        crs.unit(),
        crs.tie(),
        crs.definition(),
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// The description of a system.
fn system(crs: &Crs) -> Json {
    let Bounds { west, south, east, north } = crs.area();
    json!({
        "code": crs.code(),
        "name": crs.name(),
        "axes": crs.axes(),
        "unit": crs.unit().to_string(),
        "area": [west, south, east, north],
        "approximate": crs.approximate(),
        "to_wgs84": crs.tie(),
        "definition": crs.definition(),
        "wkt": crs.to_wkt(),
    })
}

/// Converts all positions, those on stdin included.
fn convert(
    given: &[Given],
    way: impl Fn(Position) -> Result<Position, CrsFault>,
) -> Result<Vec<Asked>, Failure> {
    let mut asked = Vec::new();
    let one = |text, position| Asked { text, answer: way(position).map_err(Refusal::from) };
    for given in given {
        match given {
            Given::One { text, position } => asked.push(one(text.clone(), *position)),
            Given::Lines => {
                let lines = lines(std::io::stdin().lock())?;
                asked.extend(lines.into_iter().map(|text| match two_numbers(&text) {
                    Some(position) => one(text, position),
                    None => not_two_numbers(text),
                }));
            }
        }
    }
    Ok(asked)
}

fn not_two_numbers(text: String) -> Asked {
    let refusal = Refusal { found: format!("`{text}`"), expected: TWO_NUMBERS.into() };
    Asked { text, answer: Err(refusal) }
}

/// The lines of an input.
fn lines(mut input: impl BufRead) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    loop {
        let mut line = Vec::new();
        // The end of the line is one byte more.
        let mut part = input.by_ref().take(MAX_POSITION_BYTES as u64 + 1);
        let length = part
            .read_until(b'\n', &mut line)
            .map_err(|error| Failure::because("cannot read stdin", error))?;
        if length == 0 {
            return Ok(lines);
        }
        let number = lines.len() + 1;
        if number > MAX_POSITIONS {
            return Err(Failure::new(format!("more than {MAX_POSITIONS} lines on stdin")));
        }
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        if line.len() > MAX_POSITION_BYTES {
            return Err(Failure::new(format!(
                "line {number} on stdin has more than {MAX_POSITION_BYTES} bytes"
            )));
        }
        lines.push(String::from_utf8_lossy(line).trim().to_owned());
    }
}

fn two_numbers(text: &str) -> Option<Position> {
    let (first, second) = text.split_once(',')?;
    Some([first.trim().parse().ok()?, second.trim().parse().ok()?])
}

/// Tells what came of each position, in the order in which they were given.
fn answer(crs: &Crs, asked: &[Asked], as_json: bool) -> Result<ExitCode, Failure> {
    if as_json {
        let one = |asked: &Asked| match &asked.answer {
            Ok(position) => json!({ "given": asked.text, "position": position }),
            Err(Refusal { found, expected }) => {
                json!({ "given": asked.text, "fault": { "found": found, "expected": expected } })
            }
        };
        let positions: Vec<Json> = asked.iter().map(one).collect();
        report_json(&json!({ "code": crs.code(), "positions": positions }))?;
    } else {
        let mut lines = Vec::new();
        for (number, asked) in (1..).zip(asked) {
            match &asked.answer {
                Ok([x, y]) => lines.push(format!("{x},{y}")),
                Err(Refusal { found, expected }) => {
                    say(format!("position {number}: found {found}, expected {expected}"));
                    lines.push(String::new());
                }
            }
        }
        if !lines.is_empty() {
            report(lines.join("\n"))?;
        }
    }
    let is_refused = asked.iter().any(|asked| asked.answer.is_err());
    Ok(if is_refused { ExitCode::from(REFUSED) } else { ExitCode::SUCCESS })
}
