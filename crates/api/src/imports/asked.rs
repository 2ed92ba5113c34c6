//! How an import is meant, as its request says it: parameters and headers.

use std::time::Duration;

use axum::http::header::CONTENT_DISPOSITION;
use axum::http::{HeaderMap, HeaderValue, Uri};
use terrier_exchange::ReadOptions;
use terrier_spatial::Crs;

use super::multipart::file_name;
use crate::app::App;
use crate::edit::Asked as AskedChange;
use crate::limits::{MAX_FILE_NAME_CHARS, MAX_IMPORT_WAIT, MAX_NOTE_BYTES};
use crate::problem::shortened;
use crate::query::Parameters;
use crate::{Problem, edit};

const AS: &str = "as";
const NAME: &str = "name";
const STRICT: &str = "strict";
const CRS: &str = "crs";
const LAYER: &str = "layer";
const SHEET: &str = "sheet";
const HEADER_ROW: &str = "header_row";
const ENCODING: &str = "encoding";
const DELIMITER: &str = "delimiter";
const DECIMAL: &str = "decimal";

/// The parameters of an import beside those of every request that writes.
const PARAMETERS: [&str; 10] =
    [AS, NAME, STRICT, CRS, LAYER, SHEET, HEADER_ROW, ENCODING, DELIMITER, DECIMAL];

/// How an import is meant.
pub(super) struct Asked {
    pub(super) change: AskedChange,
    /// The collection that all rows belong to; a mapping has to be sent without it.
    pub(super) collection: Option<String>,
    /// What the file is called.
    pub(super) name: Option<String>,
    pub(super) strict: bool,
    pub(super) options: ReadOptions,
    /// For how long the client waits for the end.
    pub(super) wait: Option<Duration>,
}

impl Asked {
    pub(super) fn read(app: &App, uri: &Uri, headers: &HeaderMap) -> Result<Self, Problem> {
        let known = [&edit::PARAMETERS[..], &PARAMETERS].concat();
        let change = AskedChange::read_with(app, uri, headers, &known)?;
        edit::check_plain(headers)?;
        let parameters = Parameters::parse(uri.query())?;
        let disposition = headers.get(CONTENT_DISPOSITION).map(HeaderValue::as_bytes);
        let disposition = disposition.map(String::from_utf8_lossy);
        let named = disposition.and_then(|text| file_name(&text));
        let name = text(&parameters, NAME)?.map(Into::into).or(named);
        Ok(Self {
            change,
            collection: text(&parameters, AS)?.map(Into::into),
            name: name.as_deref().and_then(plain_name),
            strict: edit::truth(&parameters, STRICT)?,
            options: options(&parameters)?,
            wait: wait(headers),
        })
    }
}

/// The last part of the name of a file, without what no name holds; `None` when nothing is left.
pub(super) fn plain_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = last.chars().filter(|letter| !letter.is_control()).take(MAX_FILE_NAME_CHARS);
    let plain: String = plain.collect();
    let plain = plain.trim();
    (!plain.is_empty()).then(|| plain.to_owned())
}

fn options(parameters: &Parameters<'_>) -> Result<ReadOptions, Problem> {
    let read = |name: &str, read: fn(&str) -> Result<char, &'static str>| {
        let Some(text) = parameters.get(name) else { return Ok(None) };
        read(text).map(Some).map_err(|expected| wrong(name, text, expected))
    };
    let crs = parameters
        .get(CRS)
        .map(|text| Crs::find(text).map_err(|error| Problem::bad_parameter(CRS, error)));
    let header_row = parameters.get(HEADER_ROW).map(|text| {
        let number = text.parse().ok().filter(|number| *number >= 1);
        number.ok_or_else(|| wrong(HEADER_ROW, text, "a whole number from 1"))
    });
    Ok(ReadOptions {
        crs: crs.transpose()?,
        positions: None,
        encoding: text(parameters, ENCODING)?.map(Into::into),
        delimiter: read(DELIMITER, ReadOptions::parse_delimiter)?,
        decimal: read(DECIMAL, ReadOptions::parse_decimal)?,
        layer: text(parameters, LAYER)?.map(Into::into),
        sheet: text(parameters, SHEET)?.map(Into::into),
        header_row: header_row.transpose()?,
        survey: None,
        only_look: false,
    })
}

fn text<'p>(parameters: &'p Parameters<'_>, name: &str) -> Result<Option<&'p str>, Problem> {
    match parameters.get(name) {
        Some(text) if text.len() > MAX_NOTE_BYTES => {
            Err(wrong(name, text, &format!("at most {MAX_NOTE_BYTES} bytes")))
        }
        Some("") => Err(wrong(name, "", "a text")),
        text => Ok(text),
    }
}

fn wrong(name: &str, found: &str, expected: &str) -> Problem {
    let found = shortened(found);
    Problem::bad_parameter(name, format!("found `{found}`, expected {expected}"))
}

/// For how long the client would rather wait than be told to come back (RFC 7240).
fn wait(headers: &HeaderMap) -> Option<Duration> {
    let seconds = edit::preferences(headers).find_map(|wish| {
        let (name, seconds) = wish.split_once('=')?;
        name.trim().eq_ignore_ascii_case("wait").then(|| seconds.trim().parse::<u64>().ok())?
    })?;
    Some(Duration::from_secs(seconds).min(MAX_IMPORT_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_name_the_last_part_is_taken() {
        for (name, expected) in [
            ("gas.gpkg", Some("gas.gpkg")),
            ("C:\\data\\gas.gpkg", Some("gas.gpkg")),
            ("../../etc/passwd", Some("passwd")),
            ("a\n\u{0}b.csv", Some("ab.csv")),
            ("燃气/管道.shp", Some("管道.shp")),
            ("", None),
            ("a/", None),
            (" \t", None),
        ] {
            assert_eq!(plain_name(name).as_deref(), expected, "{name:?}");
        }
        let long = plain_name(&"管".repeat(MAX_FILE_NAME_CHARS + 1)).expect("a name");
        assert_eq!(long.chars().count(), MAX_FILE_NAME_CHARS);
    }

    #[test]
    fn a_wish_to_wait_is_bounded() {
        let check = |prefer: &str, expected: Option<u64>| {
            let mut headers = HeaderMap::new();
            headers.insert("prefer", HeaderValue::from_str(prefer).expect("a header"));
            assert_eq!(wait(&headers).map(|wait| wait.as_secs()), expected, "{prefer}");
        };
        let most = MAX_IMPORT_WAIT.as_secs();
        check("wait=1", Some(1));
        check("respond-async, wait=10", Some(10));
        check(&format!("wait={most}"), Some(most));
        check(&format!("wait={}", most + 1), Some(most));
        check("wait=-1", None);
        check("wait", None);
        check("return=minimal", None);
    }
}
