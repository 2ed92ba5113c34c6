//! Bodies of several parts, as forms send them (RFC 7578): read piece by piece, with a bound on all that has
//! to be held.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use bytes::{Bytes, BytesMut};

use crate::limits::MAX_PART_HEAD_BYTES;
use crate::problem::shortened;
use crate::{Problem, body};

/// The most characters of what stands between two parts (RFC 2046).
const MAX_BOUNDARY_CHARS: usize = 70;

/// A body whose parts are read one after the other.
pub(super) struct Multipart {
    body: Body,
    buffer: BytesMut,
    /// What ends a part: the end of a line, two hyphens, the boundary.
    delimiter: Vec<u8>,
}

/// What a part is called.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Part {
    pub(super) name: String,
    /// The name of the file that it is.
    pub(super) file: Option<String>,
}

/// The boundary, when the headers say that the body has several parts.
pub(super) fn boundary(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (essence, parameters) = given.split_once(';').unwrap_or((given, ""));
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return Ok(None);
    }
    let boundary = parameters_of(parameters).find(|(name, _)| name == "boundary");
    let boundary = boundary.map(|(_, value)| value).unwrap_or_default();
    if (1..=MAX_BOUNDARY_CHARS).contains(&boundary.len()) {
        return Ok(Some(boundary));
    }
    let found = shortened(&boundary);
    Err(Problem::bad_request(format!(
        "`Content-Type`: found the boundary `{found}`, expected one of 1 to {MAX_BOUNDARY_CHARS} \
         characters"
    )))
}

impl Multipart {
    pub(super) fn new(body: Body, boundary: &str) -> Self {
        // The first boundary may stand at the very beginning.
        let buffer = BytesMut::from(&b"\r\n"[..]);
        Self { body, buffer, delimiter: [b"\r\n--", boundary.as_bytes()].concat() }
    }

    /// The first part; what stands before it says nothing.
    pub(super) async fn first(&mut self) -> Result<Option<Part>, Problem> {
        let end = self.find_within(&self.delimiter.clone(), "the first boundary").await?;
        let _ = self.buffer.split_to(end + self.delimiter.len());
        self.next().await
    }

    /// The next part, when the one before has been read to its end.
    pub(super) async fn next(&mut self) -> Result<Option<Part>, Problem> {
        while self.buffer.len() < 2 {
            self.fill().await?;
        }
        if self.buffer.starts_with(b"--") {
            return Ok(None);
        }
        let end = self.find_within(b"\r\n\r\n", "the end of the headers of a part").await?;
        let head = self.buffer.split_to(end + 4);
        Ok(Some(part(&String::from_utf8_lossy(&head))))
    }

    /// The next piece of the part; `None` at its end.
    pub(super) async fn piece(&mut self) -> Result<Option<Bytes>, Problem> {
        loop {
            if let Some(end) = find(&self.buffer, &self.delimiter) {
                if end > 0 {
                    return Ok(Some(self.buffer.split_to(end).freeze()));
                }
                let _ = self.buffer.split_to(self.delimiter.len());
                return Ok(None);
            }
            // The beginning of a delimiter may stand at the end.
            let sure = (self.buffer.len() + 1).saturating_sub(self.delimiter.len());
            if sure > 0 {
                return Ok(Some(self.buffer.split_to(sure).freeze()));
            }
            self.fill().await?;
        }
    }

    /// Where a text begins that has to come soon.
    async fn find_within(&mut self, text: &[u8], what: &str) -> Result<usize, Problem> {
        loop {
            let looked = self.buffer.len().min(MAX_PART_HEAD_BYTES);
            if let Some(at) = find(&self.buffer[..looked], text) {
                return Ok(at);
            }
            if self.buffer.len() >= MAX_PART_HEAD_BYTES {
                let detail = format!("the body has not {what} within {MAX_PART_HEAD_BYTES} bytes");
                return Err(Problem::bad_request(detail));
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<(), Problem> {
        match body::next(&mut self.body).await? {
            Some(bytes) => self.buffer.extend_from_slice(&bytes),
            None => return Err(Problem::bad_request("the body ended before its last part did")),
        }
        Ok(())
    }
}

/// Where a text begins, whose first byte is rare.
fn find(bytes: &[u8], text: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == text[0]) {
        if bytes[from + at..].starts_with(text) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// What the headers of a part call it.
fn part(head: &str) -> Part {
    let mut part = Part::default();
    for line in head.lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.trim().eq_ignore_ascii_case("content-disposition") {
            for (name, value) in parameters_of(value) {
                if name == "name" {
                    part.name = value;
                }
            }
            part.file = file_name(value);
        }
    }
    part
}

/// The name of a file that a `Content-Disposition` says (RFC 6266).
pub(super) fn file_name(disposition: &str) -> Option<String> {
    let all: Vec<(String, String)> = parameters_of(disposition).collect();
    let of = |wanted: &str| all.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
    let extended = of("filename*").and_then(|value| {
        let (_, text) = value.split_once("''")?;
        percent_encoding::percent_decode_str(text).decode_utf8().ok().map(Into::into)
    });
    extended.or_else(|| of("filename").cloned())
}

/// The parameters of a header's value: `name=value` or `name="value"`, between semicolons.
fn parameters_of(text: &str) -> impl Iterator<Item = (String, String)> {
    let mut parameters = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.rsplit(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let after = after.trim_start();
        let value;
        (value, rest) = if let Some(quoted) = after.strip_prefix('"') {
            unquoted(quoted)
        } else {
            let (value, rest) = after.split_once(';').unwrap_or((after, ""));
            (value.trim().to_owned(), rest)
        };
        parameters.push((name, value));
    }
    parameters.into_iter()
}

/// A text up to its closing quote, and what stands behind that.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
            letter => value.push(letter),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// Reads a body whose pieces have so many bytes, and tells its parts.
    async fn check(text: &str, expected: &str) {
        for size in [1, 2, 3, 7, 64, 4096] {
            let pieces = text.as_bytes().chunks(size).map(Bytes::copy_from_slice);
            let pieces: Vec<Result<Bytes, std::convert::Infallible>> = pieces.map(Ok).collect();
            let stream = Pieces(pieces.into_iter());
            let mut parts = Multipart::new(Body::new(stream), "x");
            let mut told = String::new();
            let mut part = parts.first().await;
            let end = loop {
                match part {
                    Err(problem) => break problem.detail().to_owned(),
                    Ok(None) => break "end".into(),
                    Ok(Some(Part { name, file })) => {
                        write!(told, "{name} {file:?} ").expect("to a text");
                    }
                }
                let mut content = Vec::new();
                let fault = loop {
                    match parts.piece().await {
                        Ok(Some(piece)) => content.extend_from_slice(&piece),
                        Ok(None) => break None,
                        Err(problem) => break Some(problem.detail().to_owned()),
                    }
                };
                if let Some(fault) = fault {
                    break fault;
                }
                write!(told, "{:?}; ", String::from_utf8_lossy(&content)).expect("to a text");
                part = parts.next().await;
            };
            told += &end;
            assert_eq!(told, expected, "in pieces of {size}");
        }
    }

    /// A body of ready pieces.
    struct Pieces(std::vec::IntoIter<Result<Bytes, std::convert::Infallible>>);

    impl http_body::Body for Pieces {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
            std::task::Poll::Ready(self.0.next().map(|piece| piece.map(http_body::Frame::data)))
        }
    }

    #[tokio::test]
    async fn a_body_is_taken_apart_however_it_comes() {
        check("--x--\r\n", "end").await;
        check(
            "before\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"a\\\"b.csv\"\r\nContent-Type: text/csv\r\n\r\n1\r\n--y\r\n\r\n--x\r\n\
             content-disposition: form-data; name=mapping\r\n\r\n\r\n--x--\r\nafter",
            "file Some(\"a\\\"b.csv\") \"1\\r\\n--y\\r\\n\"; mapping None \"\"; end",
        )
        .await;
        check("--x\r\nname: 1\r\n\r\nabc", " None the body ended before its last part did").await;
        check("--x\r\n", "the body ended before its last part did").await;
        check("", "the body ended before its last part did").await;
    }

    #[tokio::test]
    async fn a_head_that_does_not_end_is_not_held() {
        let head = |bytes: usize| {
            let fixed = "\r\nname: ".len() + "\r\n\r\n".len();
            format!("--x\r\nname: {}\r\n\r\n\r\n--x--", "y".repeat(bytes - fixed))
        };
        check(&head(MAX_PART_HEAD_BYTES), " None \"\"; end").await;
        let expected = format!(
            "the body has not the end of the headers of a part within {MAX_PART_HEAD_BYTES} bytes"
        );
        check(&head(MAX_PART_HEAD_BYTES + 1), &expected).await;
    }

    #[test]
    fn the_name_of_a_file_is_found() {
        for (text, expected) in [
            ("attachment", None),
            ("attachment; filename=gas.gpkg", Some("gas.gpkg")),
            ("attachment; filename=\"a b.csv\"; size=1", Some("a b.csv")),
            ("attachment; filename=x; filename*=UTF-8''%E7%87%83%E6%B0%94.csv", Some("燃气.csv")),
            ("attachment; filename=\"open", Some("open")),
            ("attachment; filename=", Some("")),
        ] {
            assert_eq!(file_name(text).as_deref(), expected, "{text}");
        }
    }
}
