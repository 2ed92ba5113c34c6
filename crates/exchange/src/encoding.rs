//! Finds out the encoding of a text, and turns it into UTF-8 as it is read.

use std::io::{ErrorKind, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder, Encoding, GB18030, GBK, UTF_8};

/// So much of a text is looked at, from its first byte on that is not ASCII.
pub(crate) const SAMPLE_BYTES: usize = 256 * 1024;

/// Words before the number of a code page that say nothing beside it.
const CODE_PAGE_WORDS: [&str; 6] = ["ansi", "oem", "cp", "windows", "ms", "code page"];

/// The encoding of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) encoding: &'static Encoding,
    /// Whether it was told from the content alone.
    pub(crate) is_guessed: bool,
    /// How many bytes stand before the text, to mark it.
    pub(crate) mark_bytes: usize,
}

impl Found {
    /// The name, as it may be said again.
    pub(crate) fn name(self) -> String {
        self.encoding.name().to_ascii_lowercase()
    }
}

/// What was found in place of what.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unclear {
    pub(crate) found: String,
    pub(crate) expected: String,
}

/// Finds out the encoding of a text that begins with `head`, of which `sample` is a part from the
/// first byte on that is not ASCII, and empty where there is none.
///
/// # Errors
/// When the sender says none that is known, or another one than the mark of the text, or when the
/// text may be in several.
pub(crate) fn find(head: &[u8], sample: &[u8], said: Option<&str>) -> Result<Found, Unclear> {
    let said = said.map(labelled).transpose()?;
    if let Some((encoding, mark_bytes)) = Encoding::for_bom(head) {
        return match said.filter(|said| *said != encoding) {
            None => Ok(Found { encoding, is_guessed: false, mark_bytes }),
            Some(said) => Err(Unclear {
                found: format!("the byte order mark of {}", shown(encoding)),
                expected: format!("{} as the command or the mapping says", shown(said)),
            }),
        };
    }
    if let Some(encoding) = said {
        return Ok(Found { encoding, is_guessed: false, mark_bytes: 0 });
    }
    let encoding = guess(sample)?;
    Ok(Found { encoding, is_guessed: true, mark_bytes: 0 })
}

/// The encoding of a name: one of the web, or that of a code page of Windows, as programs write it.
///
/// # Errors
/// When none is known by it.
pub(crate) fn labelled(label: &str) -> Result<&'static Encoding, Unclear> {
    let label = label.trim();
    let of_web = || Encoding::for_label_no_replacement(label.as_bytes());
    match code_page_in(label).and_then(code_page).or_else(of_web) {
        Some(encoding) => Ok(widest(encoding)),
        None => Err(Unclear {
            found: format!("the encoding `{}`", label.escape_debug()),
            expected: "one that is known, such as utf-8 or gb18030".into(),
        }),
    }
}

/// The number of the code page in a name such as `936`, `CP936`, `ANSI 1252` or `8859-1`.
fn code_page_in(label: &str) -> Option<u32> {
    let label = label.to_ascii_lowercase();
    if matches!(&*label, "gb18030-2022" | "gb18030-2005") {
        return Some(54_936);
    }
    let number = CODE_PAGE_WORDS.iter().find_map(|word| label.strip_prefix(word));
    let number = number.unwrap_or(&label).trim_start_matches([' ', '-', '_', '.']);
    let number = number.strip_prefix("iso").unwrap_or(number).trim_start_matches([' ', '-', '_']);
    // Esri writes `ISO 88591` and `8859-1`.
    if let Some(part) = number.strip_prefix("8859") {
        let part: u32 = part.trim_start_matches([' ', '-', '_']).parse().ok()?;
        return Some(28_590 + part);
    }
    number.parse().ok()
}

/// The encoding of a code page by the number that Windows gives to it; `None` of one that no text on
/// the web has, such as those of DOS.
pub(crate) fn code_page(number: u32) -> Option<&'static Encoding> {
    let label = match number {
        65_001 | 20_127 => "utf-8",
        936 | 20_936 | 54_936 => "gb18030",
        950 => "big5",
        932 => "shift_jis",
        949 | 51_949 => "euc-kr",
        866 => "ibm866",
        874 => "windows-874",
        20_866 => "koi8-r",
        1250..=1258 => return Encoding::for_label(format!("windows-{number}").as_bytes()),
        28_591..=28_606 => {
            return Encoding::for_label(format!("iso-8859-{}", number - 28_590).as_bytes());
        }
        _ => return None,
    };
    Encoding::for_label(label.as_bytes())
}

/// GB18030 holds all that GBK holds, and both are written alike.
fn widest(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == GBK { GB18030 } else { encoding }
}

fn guess(sample: &[u8]) -> Result<&'static Encoding, Unclear> {
    // The end of the sample may go through a character.
    if std::str::from_utf8(sample).map_or_else(|error| error.error_len().is_none(), |_| true) {
        return Ok(UTF_8);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, false);
    // What a text is taken for must not depend on where it is thought to come from.
    let guesses = [None, Some(&b"cn"[..]), Some(&b"de"[..])]
        .map(|from| widest(detector.guess(from, Utf8Detection::Deny)));
    let [first, ..] = guesses;
    if guesses.iter().any(|other| *other != first) {
        let mut names = guesses.map(shown).to_vec();
        names.sort_unstable();
        names.dedup();
        return Err(Unclear {
            found: format!("text that may be in {}", names.join(" or in ")),
            expected: "to be told its encoding: --encoding, or `encoding` in the mapping".into(),
        });
    }
    if !is_sound(first, sample) {
        return Err(Unclear {
            found: "text in no encoding that can be told".into(),
            expected: "to be told its encoding: --encoding, or `encoding` in the mapping".into(),
        });
    }
    Ok(first)
}

fn shown(encoding: &'static Encoding) -> String {
    encoding.name().to_ascii_lowercase()
}

fn is_sound(encoding: &'static Encoding, sample: &[u8]) -> bool {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let most = decoder.max_utf8_buffer_length(sample.len()).unwrap_or_default();
    let mut text = vec![0; most];
    let (_, _, _, has_errors) = decoder.decode_to_utf8(sample, &mut text, false);
    !has_errors
}

/// Reads a text as UTF-8, into buffers that have room for some characters. What is no text in its encoding becomes U+FFFD; a text that is said to be
/// UTF-8 already is handed on as it is.
#[derive(Debug)]
pub(crate) struct Decoding<R> {
    read: R,
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    start: usize,
    end: usize,
    is_ended: bool,
    is_finished: bool,
    taken: u64,
}

/// So much is decoded at a time.
const CHUNK_BYTES: usize = 64 * 1024;

impl<R: Read> Decoding<R> {
    pub(crate) fn new(read: R, encoding: &'static Encoding) -> Self {
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling());
        let raw = if decoder.is_some() { vec![0; CHUNK_BYTES] } else { Vec::new() };
        Self { read, decoder, raw, start: 0, end: 0, is_ended: false, is_finished: false, taken: 0 }
    }

    /// How many bytes have been taken of what is read.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// Whether another encoding is turned into UTF-8.
    pub(crate) fn is_turning(&self) -> bool {
        self.decoder.is_some()
    }

    fn fill(&mut self) -> std::io::Result<()> {
        loop {
            match self.read.read(&mut self.raw) {
                Ok(count) => {
                    (self.start, self.end, self.is_ended) = (0, count, count == 0);
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, text: &mut [u8]) -> std::io::Result<usize> {
        if self.decoder.is_none() {
            let count = self.read.read(text)?;
            self.taken += count as u64;
            return Ok(count);
        }
        loop {
            if self.is_finished {
                return Ok(0);
            }
            if self.start == self.end && !self.is_ended {
                self.fill()?;
            }
            let decoder = self.decoder.as_mut().expect("asked above");
            let rest = &self.raw[self.start..self.end];
            let (result, read, written, _) = decoder.decode_to_utf8(rest, text, self.is_ended);
            self.start += read;
            self.taken += read as u64;
            self.is_finished = self.is_ended && result == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
            if result == CoderResult::OutputFull {
                return Err(std::io::Error::other("no room for a character"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Input;

    fn gbk(text: &str) -> Vec<u8> {
        GBK.encode(text).0.into_owned()
    }

    fn check(text: &[u8], said: Option<&str>, expected: &str) {
        let start = text.iter().position(|byte| !byte.is_ascii()).unwrap_or(text.len());
        let answer = match find(text, &text[start..], said) {
            Ok(found) if found.is_guessed => format!("{} as it seems", found.name()),
            Ok(found) => format!("{} after {} bytes", found.name(), found.mark_bytes),
            Err(Unclear { found, expected }) => format!("found {found}, expected {expected}"),
        };
        assert_eq!(answer, expected, "{}", text.escape_ascii());
    }

    #[test]
    fn a_mark_tells_the_encoding() {
        check(b"\xef\xbb\xbfa", None, "utf-8 after 3 bytes");
        check(b"\xff\xfea\0", None, "utf-16le after 2 bytes");
        check(b"\xfe\xff\0a", Some("utf-16be"), "utf-16be after 2 bytes");
        check(
            b"\xef\xbb\xbfa",
            Some("gbk"),
            "found the byte order mark of utf-8, expected gb18030 as the command or the mapping says",
        );
    }

    #[test]
    fn the_content_tells_the_encoding_where_it_can_be_one_only() {
        check(b"", None, "utf-8 as it seems");
        check(b"code,lon", None, "utf-8 as it seems");
        check("路灯".as_bytes(), None, "utf-8 as it seems");
        check(&"路灯".as_bytes()[..5], None, "utf-8 as it seems");
        check(&gbk("编号,材质,经度,纬度\n1,钢,117,39\n"), None, "gb18030 as it seems");
        let told = "expected to be told its encoding: --encoding, or `encoding` in the mapping";
        check(
            &gbk("钢管"),
            None,
            &format!("found text that may be in euc-kr or in gb18030, {told}"),
        );
        check(
            b"M\xfcllerstra\xdfe",
            None,
            &format!("found text that may be in gb18030 or in windows-1252, {told}"),
        );
    }

    #[test]
    fn the_sender_may_say_the_encoding() {
        for label in [
            "gbk",
            "GB2312",
            "gb18030",
            "GB18030-2022",
            "936",
            "CP936",
            "ANSI 936",
            "OEM 936",
            "windows-936",
            " x-gbk\r\n",
        ] {
            check(&gbk("钢管"), Some(label), "gb18030 after 0 bytes");
        }
        for (label, expected) in [
            ("65001", "utf-8"),
            ("UTF8", "utf-8"),
            ("20127", "utf-8"),
            ("BIG5", "big5"),
            ("950", "big5"),
            ("1252", "windows-1252"),
            ("ANSI 1251", "windows-1251"),
            ("ISO-8859-1", "windows-1252"),
            ("ISO 88591", "windows-1252"),
            ("8859_2", "iso-8859-2"),
            ("ISO-8859-15", "iso-8859-15"),
            ("cp932", "shift_jis"),
        ] {
            check(b"a", Some(label), &format!("{expected} after 0 bytes"));
        }
        check(
            b"a",
            Some("klingon"),
            "found the encoding `klingon`, expected one that is known, such as utf-8 or gb18030",
        );
        for label in ["437", "ISO-8859-17", "ANSI", "", "99999999999999999999"] {
            let expected = format!(
                "found the encoding `{label}`, expected one that is known, such as utf-8 or gb18030"
            );
            check(b"a", Some(label), &expected);
        }
    }

    #[test]
    fn a_text_is_turned_into_utf_8_however_it_comes() {
        /// Gives one byte at a time.
        struct Slowly<'a>(&'a [u8]);
        impl Read for Slowly<'_> {
            fn read(&mut self, text: &mut [u8]) -> std::io::Result<usize> {
                let count = self.0.len().min(1);
                text[..count].copy_from_slice(&self.0[..count]);
                self.0 = &self.0[count..];
                Ok(count)
            }
        }
        let text = "管径,路\n".repeat(50_000);
        let bytes = gbk(&text);
        let mut input = Input::new(Decoding::new(&*bytes, GB18030));
        while input.more().expect("text") {}
        assert!(input.held() == text.as_bytes());
        assert_eq!(input.source().taken(), bytes.len() as u64);
        let mut slowly = Input::new(Decoding::new(Slowly(b"\xff\xa1"), GB18030));
        while slowly.more().expect("text") {}
        assert_eq!(slowly.held(), "\u{fffd}\u{fffd}".as_bytes());
    }
}
