//! Which versions of an asset the sender of an edit has seen: `If-Match`.

use axum::http::HeaderValue;
use terrier_store::Expected;

use crate::Problem;
use crate::limits::MAX_IF_MATCH_TAGS;
use crate::problem::shortened;

/// Reads the lines of `If-Match`. A tag of this server begins with the number of the version; what
/// follows it tells one form from another, which does not matter to a write, and so does a `W/` in
/// front of it, which proxies that compress put there. A tag that is none of ours names no version.
///
/// # Errors
/// A line that holds anything but tags, or too many of them.
pub(crate) fn read<'v>(
    lines: impl IntoIterator<Item = &'v HeaderValue>,
) -> Result<Expected, Problem> {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_none() {
        return Ok(Expected::Any);
    }
    let (mut versions, mut count) = (Vec::new(), 0);
    for line in lines {
        let text = line.to_str().map_err(|_| wrong("other characters"))?.trim();
        if text == "*" {
            return Ok(Expected::Any);
        }
        let mut rest = text;
        while !rest.is_empty() {
            let opened = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"');
            let (tag, after) =
                opened.and_then(|tag| tag.split_once('"')).ok_or_else(|| wrong(rest))?;
            count += 1;
            if count > MAX_IF_MATCH_TAGS {
                let detail = format!("`If-Match`: expected at most {MAX_IF_MATCH_TAGS} tags");
                return Err(Problem::bad_request(detail));
            }
            versions.extend(version_of(tag));
            let after = after.trim_start();
            rest = match after.strip_prefix(',') {
                Some(next) => next.trim_start(),
                None if after.is_empty() => after,
                None => return Err(wrong(after)),
            };
        }
    }
    Ok(Expected::Versions(versions))
}

/// The number of the version in a tag.
fn version_of(tag: &str) -> Option<u32> {
    let digits = tag.split('-').next().unwrap_or_default();
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

fn wrong(found: &str) -> Problem {
    let found = shortened(found);
    let expected = r#"`*` or tags such as "3-6f1c", with commas between"#;
    Problem::bad_request(format!("`If-Match`: found `{found}`, expected {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&str], expected: Result<Expected, &str>) {
        let values: Vec<HeaderValue> =
            lines.iter().map(|line| HeaderValue::from_str(line).expect("a header")).collect();
        match (read(&values), expected) {
            (Ok(found), Ok(wanted)) => assert_eq!(found, wanted, "{lines:?}"),
            (Err(problem), Err(part)) => {
                assert!(problem.detail().contains(part), "{}", problem.detail());
            }
            (found, wanted) => panic!("{lines:?}: {found:?}, not {wanted:?}"),
        }
    }

    #[test]
    fn a_tag_names_its_version_whatever_the_form() {
        let versions = |of: &[u32]| Ok(Expected::Versions(of.to_vec()));
        check(&[], Ok(Expected::Any));
        check(&["*"], Ok(Expected::Any));
        check(&["\"17-00ab\""], versions(&[17]));
        check(&["W/\"17-00ab\""], versions(&[17]));
        check(&["\"17\", \"18-x\" ,W/\"19-gzip\""], versions(&[17, 18, 19]));
        check(&["\"1\"", "\"2\""], versions(&[1, 2]));
    }

    #[test]
    fn a_tag_of_somebody_else_names_no_version() {
        let none = || Ok(Expected::Versions(Vec::new()));
        for tag in ["\"\"", "\"v17\"", "\"-1\"", "\"99999999999\"", "\"a,b\"", ""] {
            check(&[tag], none());
        }
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for line in ["17", "\"17", "W/17", "\"1\"\"2\"", "\"1\" x", "*, \"1\""] {
            check(&[line], Err("expected `*` or tags"));
        }
        let many = vec!["\"1\""; MAX_IF_MATCH_TAGS].join(",");
        check(&[&many], Ok(Expected::Versions(vec![1; MAX_IF_MATCH_TAGS])));
        check(&[&many, "\"2\""], Err("expected at most"));
    }
}
