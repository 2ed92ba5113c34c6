//! Tells from the beginning of a file how its rows lie in it.

use crate::geometry;
use crate::json::{Cursor, Json, Syntax};
use crate::scan::{Scanned, Scanner, is_space};

/// Begins each text of a sequence after RFC 8142.
pub const RECORD_SEPARATOR: u8 = 0x1e;

/// What some programs put before UTF-8 text.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How rows lie in a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Layout {
    /// In the list `features` of one object.
    Collection,
    /// One on each line.
    Lines,
    /// Each after a record separator, over any number of lines.
    Records,
    /// There is one row, over several lines.
    One,
}

/// How much of the file its beginning is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Extent {
    /// More can be had.
    Part,
    /// More is there but cannot be held.
    Bounded,
    /// This is all of it.
    Whole,
}

/// Tells the layout; `None` when more of the file is needed for that. The text begins at the first
/// byte that is neither byte order mark nor white space.
///
/// # Errors
/// When the file is none that can be read.
pub(crate) fn of(text: &[u8], extent: Extent) -> Result<Option<Layout>, Syntax> {
    match text.first() {
        Some(&RECORD_SEPARATOR) => return Ok(Some(Layout::Records)),
        Some(b'{') => {}
        _ => return Err(Syntax { at: 0, expected: "a GeoJSON object" }),
    }
    let first = first_object(text);
    let cut_off = match first {
        First::Collection => return Ok(Some(Layout::Collection)),
        First::Row => false,
        // A word may be cut off too, and is then no word from its start.
        First::Broken(error) if extent == Extent::Part => error.at + "false".len() > text.len(),
        First::Broken(error) => error.at >= text.len(),
    };
    let end = end_of_value(text);
    let line = text.iter().position(|byte| *byte == b'\n');
    let next_line =
        line.and_then(|line| text[line..].iter().copied().find(|byte| !is_space(*byte)));
    Ok(match (first, end) {
        (First::Row, Some(end)) if line.is_none_or(|line| end <= line) => Some(Layout::Lines),
        // A text that is not closed on its line may seem to be closed by the next row.
        (First::Row, Some(_)) if next_line != Some(b'{') || Cursor::new(text).skip().is_ok() => {
            Some(Layout::One)
        }
        (First::Row, None) if extent == Extent::Part => None,
        // The first row is broken, and another begins on the next line.
        _ if next_line == Some(b'{') => Some(Layout::Lines),
        _ if extent == Extent::Part && (cut_off || next_line.is_none()) => None,
        (First::Row, None) if next_line.is_none() => Some(Layout::Lines),
        (First::Row, _) => Some(Layout::One),
        (First::Broken(_), _) if cut_off && extent == Extent::Bounded => Some(Layout::Collection),
        // The reader of rows says where the file breaks off.
        (First::Broken(_), _) if cut_off => Some(Layout::One),
        (First::Broken(error), _) => return Err(error),
        (First::Collection, _) => Some(Layout::Collection),
    })
}

/// What the members of the first object tell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum First {
    Collection,
    Row,
    Broken(Syntax),
}

const EXPECTED_TYPE: &str = "a member `type` that is `FeatureCollection` or `Feature`";

fn first_object(text: &[u8]) -> First {
    let mut cursor = Cursor::new(text);
    let mut begun = false;
    loop {
        let name = match cursor.member(&mut begun) {
            Ok(Some(name)) => name,
            Ok(None) => return First::Broken(Syntax { at: 0, expected: EXPECTED_TYPE }),
            Err(error) => return First::Broken(error),
        };
        let at = cursor.at();
        match &*name {
            "features" if cursor.peek() == Some(b'[') => return First::Collection,
            // A collection has neither, whatever its type says.
            "geometry" | "properties" => return First::Row,
            "type" => match cursor.value() {
                Ok(Json::Text(kind)) if kind == "FeatureCollection" => return First::Collection,
                Ok(Json::Text(kind)) if kind == "Feature" || geometry::is_kind(&kind) => {
                    return First::Row;
                }
                Ok(_) => return First::Broken(Syntax { at, expected: EXPECTED_TYPE }),
                Err(error) => return First::Broken(error),
            },
            _ => {
                if let Err(error) = cursor.skip() {
                    return First::Broken(error);
                }
            }
        }
    }
}

fn end_of_value(text: &[u8]) -> Option<usize> {
    match Scanner::default().feed(text) {
        Scanned::Ended(end) => Some(end),
        Scanned::Open | Scanned::Mismatched(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"{"type":"Feature","geometry":null,"properties":null}"#;

    fn check(text: &str, extent: Extent, expected: &str) {
        let answer = match of(text.as_bytes(), extent) {
            Ok(Some(layout)) => format!("{layout:?}"),
            Ok(None) => "more".into(),
            Err(error) => format!("byte {}: expected {}", error.at, error.expected),
        };
        let shown: String = text.chars().take(120).collect();
        assert_eq!(answer, expected, "{extent:?} {shown}");
    }

    fn check_whole(text: &str, expected: &str) {
        check(text, Extent::Whole, expected);
        // However little is seen at first, the answer comes out the same in the end.
        for length in 1..text.len() {
            if let Some(Ok(Some(layout))) =
                text.get(..length).map(|part| of(part.as_bytes(), Extent::Part))
            {
                assert_eq!(format!("{layout:?}"), expected, "after {length} bytes of {text}");
            }
        }
    }

    #[test]
    fn a_collection_is_told_by_its_type_or_its_features() {
        check_whole(r#"{"type":"FeatureCollection","features":[]}"#, "Collection");
        check_whole(r#"{"name":null,"features":[],"type":"FeatureCollection"}"#, "Collection");
        check_whole("{ \"bbox\": [1,2],\n \"type\" : \"FeatureCollection\"", "Collection");
    }

    #[test]
    fn rows_stand_on_lines_when_the_first_ends_on_its_own() {
        check_whole(ROW, "Lines");
        check_whole(&format!("{ROW}\n{ROW}\n"), "Lines");
        check_whole(r#"{"type":"Point","coordinates":[1,2]}"#, "Lines");
        check_whole("{\n\"type\":\"Feature\",\n\"geometry\":\n{}}\n", "One");
        check_whole(&format!("\u{1e}{ROW}\n"), "Records");
    }

    #[test]
    fn a_broken_first_row_costs_only_itself() {
        check_whole(&format!("{{\"type\":\"Feature\",\"geometry\":[}}}}\n{ROW}\n"), "Lines");
        check_whole(&format!("{{\"type\":\"Feature\",\"properties\":{{\n{ROW}\n"), "Lines");
        check_whole(&format!("{{\"id\":\"a\n{ROW}\n"), "Lines");
        check_whole(&format!("{{oops}}\n{ROW}\n"), "Lines");
        check_whole(&format!("{{\"type\":\"Featre\"}}\n{ROW}\n"), "Lines");
    }

    #[test]
    fn what_is_no_geojson_is_refused() {
        let expected = |at: usize| format!("byte {at}: expected {EXPECTED_TYPE}");
        check("[{}]", Extent::Part, "byte 0: expected a GeoJSON object");
        check("null", Extent::Part, "byte 0: expected a GeoJSON object");
        check_whole("{}", &expected(0));
        check_whole("{\"type\":\"Topology\"}", &expected(8));
        check_whole("{\"type\":{}}\n", &expected(8));
        check_whole("{a}", "byte 1: expected a name in quotes");
        check_whole("{\"type\":", "One");
    }

    #[test]
    fn a_first_row_that_cannot_be_held_still_has_a_layout() {
        let long = "1".repeat(1000);
        let bounded = |text: String, expected: &str| check(&text, Extent::Bounded, expected);
        bounded(format!("{{\"geometry\":[{long}"), "Lines");
        bounded(format!("{{\"geometry\":[\n{long}"), "One");
        bounded(format!("{{\"geometry\":[{long}\n{ROW}"), "Lines");
        bounded(format!("{{\"metadata\":[{long}"), "Collection");
        bounded(format!("{{\"metadata\":[\n{long}"), "Collection");
    }
}
