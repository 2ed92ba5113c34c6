//! Tests of workbooks: which sheet and which row of names, what becomes of cells, and how much there
//! may be.

use std::fmt::Write;
use std::io::Cursor;

use terrier_spatial::Crs;

use super::*;
use crate::archive::made::{Made, archive};
use crate::feature::MAX_PROPERTIES;
use crate::source_file::Reader;

/// A workbook of sheets, each with its name, its state and its rows, and of further parts.
struct Book {
    sheets: Vec<(&'static str, &'static str, String)>,
    texts: &'static str,
    styles: &'static str,
    properties: &'static str,
}

const NAMES: &str = "<row r=\"1\"><c t=\"inlineStr\"><is><t>lon</t></is></c>\
                     <c t=\"inlineStr\"><is><t>lat</t></is></c>\
                     <c t=\"inlineStr\"><is><t>code</t></is></c></row>";

impl Book {
    fn of(rows: &str) -> Self {
        Self::named(&[("J", "visible", rows)])
    }

    fn named(sheets: &[(&'static str, &'static str, &str)]) -> Self {
        let sheets = sheets.iter().map(|(name, state, rows)| (*name, *state, (*rows).to_owned()));
        Self { sheets: sheets.collect(), texts: "", styles: "", properties: "" }
    }

    fn bytes(&self) -> Vec<u8> {
        let (mut list, mut relations) = (String::new(), String::new());
        let mut parts = Vec::new();
        for (place, (name, state, rows)) in (1..).zip(&self.sheets) {
            write!(list, r#"<sheet name="{name}" state="{state}" r:id="r{place}"/>"#)
                .expect("to a text");
            write!(
                relations,
                r#"<Relationship Id="r{place}" Type="x/worksheet" Target="worksheets/{place}.xml"/>"#
            )
            .expect("to a text");
            let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
            parts.push(Made::deflated(&format!("xl/worksheets/{place}.xml"), sheet.as_bytes()));
        }
        for (kind, path) in [("sharedStrings", "/xl/sharedStrings.xml"), ("styles", "styles.xml")] {
            write!(relations, r#"<Relationship Id="{kind}" Type="y/{kind}" Target="{path}"/>"#)
                .expect("to a text");
        }
        let properties = self.properties;
        let book = format!("<workbook>{properties}<sheets>{list}</sheets></workbook>");
        let texts = format!("<sst>{}</sst>", self.texts);
        let styles = format!("<styleSheet>{}</styleSheet>", self.styles);
        let root = r#"<Relationships><Relationship Id="a" Type="z/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
        let relations = format!("<Relationships>{relations}</Relationships>");
        parts.extend([
            Made::deflated("_rels/.rels", root.as_bytes()),
            Made::deflated("xl/_rels/workbook.xml.rels", relations.as_bytes()),
            Made::deflated("xl/workbook.xml", book.as_bytes()),
            Made::deflated("xl/SharedStrings.xml", texts.as_bytes()),
            Made::deflated("xl/styles.xml", styles.as_bytes()),
        ]);
        archive(&parts)
    }

    fn open(&self, options: &ReadOptions) -> Result<Rows<XlsxFile>, ReadError> {
        XlsxFile::open("x".into(), &mut Cursor::new(self.bytes()), options)
    }
}

fn show(row: Result<Row, ReadError>) -> String {
    let row = match row {
        Ok(row) => row,
        Err(error) => return error.to_string(),
    };
    let body = match (row.fault, row.body) {
        (Some(fault), _) => fault.to_string(),
        (None, Body::Record(record)) => {
            let value = |(_, value): (&str, &RawValue)| match value {
                RawValue::Null => "-".to_owned(),
                RawValue::Text(text) => format!("{text:?}"),
                RawValue::Integer(number) => number.to_string(),
                RawValue::Number(number) => format!("{number:?}"),
                RawValue::Boolean(truth) => truth.to_string(),
                RawValue::List(_) | RawValue::Nested(_) => panic!("no cell is nested"),
            };
            let mut shown: Vec<String> = record.values().map(value).collect();
            shown.extend(record.faults.iter().map(ToString::to_string));
            shown.join("|")
        }
        (None, Body::Text(_)) => panic!("a row without fault is a record"),
    };
    format!("{} {body}", row.number)
}

fn check_with(book: &Book, options: &ReadOptions, expected: &[&str]) {
    let rows: Vec<String> = match book.open(options) {
        Ok(file) => file.map(show).collect(),
        Err(error) => vec![error.to_string()],
    };
    assert_eq!(rows, expected);
}

fn check(rows: &str, expected: &[&str]) {
    check_with(&Book::of(&format!("{NAMES}{rows}")), &ReadOptions::default(), expected);
}

fn texts(number: u32, texts: &[&str]) -> String {
    let cells = texts.iter().map(|text| match *text {
        "" => "<c/>".to_owned(),
        text => format!("<c t=\"str\"><v>{text}</v></c>"),
    });
    format!("<row r=\"{number}\">{}</row>", cells.collect::<String>())
}

#[test]
fn cells_are_values_under_their_names() {
    check(
        "<row r=\"2\"><c r=\"A2\"><v>117.25</v></c><c r=\"C2\" t=\"str\"><v>a &amp; 管</v></c></row>",
        &["2 117.25|-|\"a & 管\""],
    );
    check(
        "<row><c><v>600.0</v></c><c><v>1E3</v></c><c t=\"b\"><v>1</v></c></row>",
        &["2 600|1000|true"],
    );
    check(
        "<row r=\"3\"/><row r=\"7\"><c><v>1</v></c></row><row r=\"9\"><c><v/></c></row>",
        &["7 1|-|-"],
    );
    check("", &[]);
}

#[test]
fn texts_are_shared_or_stand_in_the_cell() {
    let mut book = Book::of(&format!(
        "{NAMES}<row><c t=\"s\"><v>1</v></c><c t=\"s\"><v>0</v></c>\
         <c t=\"inlineStr\"><is><r><t>a</t></r><r><t xml:space=\"preserve\"> b</t></r></is></c></row>"
    ));
    book.texts =
        "<si><t>x</t></si><si><r><t>重</t></r><rPh><t>zh</t></rPh><r><t>庆_x000D_\n</t></r></si>";
    check_with(&book, &ReadOptions::default(), &["2 \"重庆\\n\"|\"x\"|\"a b\""]);
    book.texts = "<si><t>x</t></si>";
    let found = "cannot read `x` as XLSX: found no shared text `1`, expected one";
    check_with(&book, &ReadOptions::default(), &[found]);
}

#[test]
fn a_formula_is_its_result_and_an_error_a_fault_of_its_row() {
    check(
        "<row><c><f>A1&amp;B1</f><v>3</v></c><c t=\"e\"><f>1/0</f><v>#DIV/0!</v></c><c><f>C9</f></c></row>",
        &[
            "2 3|-|-|lat: found `#DIV/0!`, expected a value, which the spreadsheet could not compute",
        ],
    );
}

#[test]
fn a_date_is_told_by_the_style_of_its_cell() {
    let rows = format!("{NAMES}<row><c s=\"1\"><v>38533</v></c><c s=\"0\"><v>38533</v></c></row>");
    let mut book = Book::of(&rows);
    book.styles = "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs>";
    check_with(&book, &ReadOptions::default(), &["2 \"2005-06-30\"|38533|-"]);
    book.properties = "<workbookPr date1904=\"1\"/>";
    check_with(&book, &ReadOptions::default(), &["2 \"2009-07-01\"|38533|-"]);
}

#[test]
fn names_stand_in_the_first_row_that_looks_like_them() {
    let title = texts(1, &["Survey of gas pipes"]);
    let names = texts(3, &["code", "lon", "lat", "管径", "note"]);
    let row = texts(4, &["a", "1", "2"]);
    let book = Book::of(&format!("{title}{names}{row}"));
    check_with(&book, &ReadOptions::default(), &["4 \"a\"|\"1\"|\"2\"|-|-"]);
    let file = book.open(&ReadOptions::default()).expect("a table");
    assert_eq!(
        file.description().to_string(),
        "XLSX, sheet `J`, names of columns in row 3, positions in OGC:CRS84, from `lon` to the east \
         and `lat` to the north; columns code, lon, lat, 管径, note"
    );
    assert!(file.description().is_guessed);
    let row = |row| ReadOptions { header_row: Some(row), ..ReadOptions::default() };
    check_with(&book, &row(3), &["4 \"a\"|\"1\"|\"2\"|-|-"]);
    let nothing = "`x`, read as XLSX: found nothing, expected the names of the columns in row";
    check_with(&book, &row(2), &[&format!("{nothing} 2")]);
    check_with(&book, &row(5), &[&format!("{nothing} 5")]);
    let numbers = "<row><c><v>1</v></c><c><v>2</v></c></row>";
    let told = "`x`, read as XLSX: found no row that looks like names of columns, expected to be told \
                the row with the names of the columns: --header-row, or `header_row` in the mapping";
    check_with(&Book::of(numbers), &ReadOptions::default(), &[told]);
    let twice = texts(1, &["a", "a", "b"]);
    check_with(&Book::of(&twice), &ReadOptions::default(), &[told]);
}

#[test]
fn names_may_stand_in_two_rows_where_the_upper_ones_span_columns() {
    let upper = texts(1, &["code", "坐标", "", "高程", "", "road"]);
    let lower = texts(2, &["", "lon", "lat", "地面", "管底", ""]);
    let row = texts(3, &["a", "1", "2", "3", "4", "r"]);
    let book = Book::of(&format!("{upper}{lower}{row}"));
    let default = ReadOptions::default();
    let columns = |options| book.open(options).expect("a table").description().columns.join(" ");
    assert_eq!(columns(&default), "code lon lat 地面 管底 road");
    check_with(&book, &default, &["3 \"a\"|\"1\"|\"2\"|\"3\"|\"4\"|\"r\""]);
    let said = ReadOptions { header_row: Some(1), ..ReadOptions::default() };
    assert_eq!(columns(&said), "code lon lat 地面 管底 road");
    // A row that has a value in the first column, or a number, is a row.
    let names = texts(1, &["code", "lon", "lat", "", "road"]);
    let full = texts(2, &["a", "1", "2", "x", "r"]);
    check_with(
        &Book::of(&format!("{names}{full}")),
        &default,
        &["2 \"a\"|\"1\"|\"2\"|\"x\"|\"r\""],
    );
    let number =
        "<row r=\"2\"><c r=\"B2\"><v>1</v></c><c t=\"str\"><v>2</v></c><c><v>3</v></c></row>";
    check_with(&Book::of(&format!("{names}{number}")), &default, &["2 -|1|\"2\"|3|-"]);
}

#[test]
fn a_value_beyond_the_names_is_a_fault_of_its_row() {
    let row = texts(2, &["1", "2", "a", "x"]);
    // What lies so near the names that it was read with them has a column of its own.
    check(&row, &["2 \"1\"|\"2\"|\"a\"|\"x\""]);
    let mut rows = String::new();
    for number in 2..=u32::try_from(HEADER_ROWS).expect("few") {
        rows += &texts(number, &["1", "2", "a"]);
    }
    rows += &texts(21, &["1", "2", "a", "x"]);
    let book = Book::of(&format!("{NAMES}{rows}"));
    let last = book.open(&ReadOptions::default()).expect("a table").last().expect("rows");
    assert_eq!(
        show(last),
        "21 row: found `a value in column D`, expected values in columns that have a name"
    );
}

#[test]
fn the_sheet_is_the_only_one_with_rows_or_said() {
    let rows = &format!("{NAMES}<row><c><v>1</v></c></row>");
    let sheet = |name: &str| ReadOptions { sheet: Some(name.into()), ..ReadOptions::default() };
    let default = ReadOptions::default();
    let one = Book::named(&[("J", "visible", ""), ("W", "visible", rows), ("Y", "hidden", rows)]);
    check_with(&one, &default, &["2 1|-|-"]);
    check_with(&one, &sheet("Y"), &["2 1|-|-"]);
    let description = one.open(&default).expect("a table").description().to_string();
    assert!(description.starts_with("XLSX, sheet `W` of J, W, Y (hidden), names"), "{description}");
    let begin = "`x`, read as XLSX: found";
    let found = "sheets J, W, Y, expected a sheet `RQ`";
    check_with(&one, &sheet("RQ"), &[&format!("{begin} {found}")]);
    let two = Book::named(&[("J", "visible", rows), ("W", "visible", rows)]);
    let found = "several sheets with rows: J, W, expected to be told which: --sheet, or `sheet` in \
                 the mapping";
    check_with(&two, &default, &[&format!("{begin} {found}")]);
    let none = Book::named(&[("J", "visible", ""), ("W", "veryHidden", rows)]);
    check_with(
        &none,
        &default,
        &[&format!("{begin} no sheet with rows, but hidden W, expected one")],
    );
    let none = Book::named(&[]);
    check_with(&none, &default, &[&format!("{begin} no sheet with rows, expected one")]);
}

#[test]
fn positions_are_found_as_in_other_tables() {
    let book = Book::of(&format!("{}{}", texts(1, &["id", "X", "Y"]), texts(2, &["7", "1", "2"])));
    let begin = "`x`, read as XLSX: found columns id, X, Y, expected `lon` and `lat`, `easting` and \
                 `northing`, or `wkt`, or to be told where the positions stand: `[geometry]` in the \
                 mapping";
    check_with(&book, &ReadOptions::default(), &[begin]);
    let said = ReadOptions {
        crs: Crs::find("EPSG:4548").ok(),
        positions: Some(crate::PositionColumns::Numbers { east: "Y".into(), north: "X".into() }),
        ..ReadOptions::default()
    };
    let mut file = book.open(&said).expect("a table");
    let Body::Record(record) = file.next().expect("a row").expect("sound").body else {
        panic!("no record")
    };
    assert_eq!(record.id, Some(RawValue::Text("7".into())));
}

#[test]
fn a_workbook_that_is_not_whole_is_refused() {
    let begin = "cannot read `x` as XLSX: found";
    let refused = |bytes: &[u8]| {
        let file =
            XlsxFile::open("x".into(), &mut Cursor::new(bytes.to_vec()), &ReadOptions::default());
        let error = match file {
            Err(error) => error,
            Ok(file) => file.last().expect("rows").expect_err("not sound"),
        };
        error.to_string()
    };
    let expected = "no part `xl/workbook.xml`, expected a workbook in XML (.xlsx, .xlsm)";
    assert_eq!(refused(&archive(&[])), format!("{begin} {expected}"));
    for rows in
        ["<row r=\"2\"><c", "<row r=\"2\"><c><v>1</v>", "<row r=\"2\">&unknown;</row><c>&own;"]
    {
        let bytes = Book::of(&format!("{NAMES}{rows}")).bytes();
        assert!(refused(&bytes).starts_with(&format!("{begin} `xl/worksheets/1.xml` that ")));
    }
    let check = |rows: &str, expected: &str| {
        let bytes = Book::of(&format!("{NAMES}{rows}")).bytes();
        assert_eq!(refused(&bytes), format!("{begin} {expected}"));
    };
    check(
        "<row r=\"1\"/>",
        "a row behind row 1 that does not follow, expected rows in their order, at most 1048576",
    );
    check(
        "<row><c r=\"B2\"><v>1</v></c><c r=\"A2\"/></row>",
        "a cell in row 2 that does not follow, expected cells in their order, at most 16384",
    );
    check("<row><c><v>many</v></c></row>", "`many` in a cell, expected a number");
    check(
        "<row><c t=\"str\"><v>&own;</v></c></row>",
        "`&own;` in `xl/worksheets/1.xml`, expected no entity of its own",
    );
}

#[test]
fn rows_and_columns_have_bounds() {
    let last = format!("<row r=\"{MAX_SHEET_ROWS}\"><c><v>1</v></c></row>");
    check(&last, &["1048576 1|-|-"]);
    let found = "cannot read `x` as XLSX: found a row behind row 1 that does not follow, expected \
                 rows in their order, at most 1048576";
    check(&format!("<row r=\"{}\"/>", MAX_SHEET_ROWS + 1), &[found]);
    let names = |count: usize| {
        let names: Vec<String> = (2..count).map(|at| format!("c{at}")).collect();
        let names: Vec<&str> =
            ["lon", "lat"].into_iter().chain(names.iter().map(|n| &**n)).collect();
        Book::of(&texts(1, &names))
    };
    check_with(&names(MAX_PROPERTIES), &ReadOptions::default(), &[]);
    let found = "cannot read `x` as XLSX: found `1001 columns`, expected at most 1000";
    check_with(&names(MAX_PROPERTIES + 1), &ReadOptions::default(), &[found]);
}

#[test]
fn a_text_that_many_cells_share_is_not_held_for_each() {
    let text = "x".repeat(MAX_ROW_BYTES / 2);
    let texts: &'static str = Box::leak(format!("<si><t>{text}</t></si>").into_boxed_str());
    let cells = |count| "<c t=\"s\"><v>0</v></c>".repeat(count);
    let mut book = Book::of(&format!("{NAMES}<row>{}</row><row>{}</row>", cells(2), cells(3)));
    book.texts = texts;
    let rows: Vec<String> =
        book.open(&ReadOptions::default()).expect("a table").map(show).collect();
    assert_eq!(rows[0].len(), "2 \"\"|\"\"|-".len() + MAX_ROW_BYTES);
    assert_eq!(rows[1], "3 row: found `12582912 bytes`, expected at most 8388608");
}

#[test]
fn parts_have_bounds() {
    let mut book = Book::of(NAMES);
    book.styles = Box::leak(" ".repeat(MAX_PART_BYTES as usize).into_boxed_str());
    let length = MAX_PART_BYTES as usize + "<styleSheet></styleSheet>".len();
    let found = format!(
        "cannot read `x` as XLSX: found `xl/styles.xml` of {length} bytes, expected at most 16777216"
    );
    check_with(&book, &ReadOptions::default(), &[&found]);
}

#[test]
fn no_byte_of_a_workbook_leads_to_a_panic() {
    let bytes = Book::of(&format!("{NAMES}{}", texts(2, &["1", "2", "a"]))).bytes();
    for at in 0..bytes.len() {
        for value in [0, b'<', 0xff] {
            let mut other = bytes.clone();
            other[at] = value;
            let file = XlsxFile::open("x".into(), &mut Cursor::new(other), &ReadOptions::default());
            let _ = file.map(Iterator::count);
        }
        let mut cut = Cursor::new(bytes[..at].to_vec());
        assert!(XlsxFile::open("x".into(), &mut cut, &ReadOptions::default()).is_err());
    }
}
