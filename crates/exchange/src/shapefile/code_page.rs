//! Finds out the encoding of a table: of what its sender says, of the `.cpg` file, of a byte in its
//! head, or of its texts.

use encoding_rs::Encoding;

use crate::encoding::{self, Found, Unclear, code_page, labelled};

/// Finds the encoding of a table; its texts are only asked for where nothing else tells it.
///
/// # Errors
/// When it is not known, or may be several.
pub(super) fn find<E: From<Unclear>>(
    said: Option<&str>,
    cpg: Option<&str>,
    language: u8,
    sample: impl FnOnce() -> Result<Vec<u8>, E>,
) -> Result<Found, E> {
    let told = |encoding| Found { encoding, is_guessed: false, mark_bytes: 0 };
    if let Some(label) = said {
        return Ok(told(of_table(label)?));
    }
    if let Some(label) = cpg.map(str::trim).filter(|label| !label.is_empty()) {
        let expected =
            "one that is known, or to be told it: --encoding, or `encoding` in the mapping";
        return of_table(label).map(told).map_err(|Unclear { found, .. }| {
            Unclear { found: format!("{found} in its .cpg"), expected: expected.into() }.into()
        });
    }
    if let Some(encoding) = of_language(language) {
        return Ok(told(encoding));
    }
    Ok(encoding::find(b"", &sample()?, None)?)
}

/// An encoding in which spaces and digits are those of ASCII, as fields want it.
fn of_table(label: &str) -> Result<&'static Encoding, Unclear> {
    let encoding = labelled(label)?;
    if encoding.is_ascii_compatible() {
        return Ok(encoding);
    }
    Err(Unclear {
        found: format!("the encoding `{}`", label.escape_debug()),
        expected: "one of a table, such as utf-8 or gb18030".into(),
    })
}

/// The encoding of the byte in the head, where it says one. 0x57 says that of the machine that wrote
/// the table, which may be any.
fn of_language(byte: u8) -> Option<&'static Encoding> {
    code_page(match byte {
        0x4d | 0x7a => 936,
        0x4f | 0x78 => 950,
        0x13 | 0x7b => 932,
        0x4e | 0x79 => 949,
        0x50 | 0x7c => 874,
        0x26 | 0x65 => 866,
        0x03 | 0x58 | 0x59 => 1252,
        0xc8 => 1250,
        0xc9 => 1251,
        0xca => 1254,
        0xcb => 1253,
        0xcc => 1257,
        0x7d => 1255,
        0x7e => 1256,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(said: Option<&str>, cpg: Option<&str>, language: u8, sample: &[u8], expected: &str) {
        let answer = match find(said, cpg, language, || Ok::<_, Unclear>(sample.into())) {
            Ok(found) if found.is_guessed => format!("{} as it seems", found.name()),
            Ok(found) => found.name(),
            Err(Unclear { found, expected }) => format!("found {found}, expected {expected}"),
        };
        assert_eq!(answer, expected);
    }

    const GBK: &[u8] = b"\xb1\xe0\xba\xc5,\xb2\xc4\xd6\xca,\xbe\xad\xb6\xc8,\xce\xb3\xb6\xc8\n";

    #[test]
    fn the_sender_goes_before_the_file_and_the_file_before_its_texts() {
        check(Some("big5"), Some("gbk"), 0x4d, GBK, "big5");
        check(None, Some("UTF-8\r\n"), 0x4d, GBK, "utf-8");
        check(None, Some(" \n"), 0x4d, GBK, "gb18030");
        check(None, None, 0x03, GBK, "windows-1252");
        check(None, None, 0, GBK, "gb18030 as it seems");
        check(None, None, 0x57, GBK, "gb18030 as it seems");
        check(None, None, 0, b"", "utf-8 as it seems");
    }

    #[test]
    fn an_encoding_that_is_not_known_or_not_of_a_table_is_asked_for() {
        check(
            None,
            Some("klingon"),
            0x4d,
            GBK,
            "found the encoding `klingon` in its .cpg, expected one that is known, or to be told it: \
             --encoding, or `encoding` in the mapping",
        );
        check(
            Some("utf-16"),
            None,
            0,
            GBK,
            "found the encoding `utf-16`, expected one of a table, such as utf-8 or gb18030",
        );
        check(
            None,
            None,
            0,
            b"\xb8\xd6\xb9\xdc\n",
            "found text that may be in euc-kr or in gb18030, expected to be told its encoding: \
             --encoding, or `encoding` in the mapping",
        );
    }
}
