//! The parameters of a request: decoded, each once, none that nobody knows.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use terrier_catalog::unknown_name;

use crate::problem::Problem;

/// The most parameters that a request may have: a class has up to 128 fields, beside the core's.
const MAX_PARAMETERS: usize = 256;

/// The parameters of a request in the order in which they came.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Parameters<'a> {
    /// Takes a query apart. A plus sign is a space, as forms write it.
    ///
    /// # Errors
    /// A parameter that is given twice, or whose bytes are no UTF-8; or too many of them.
    pub fn parse(query: Option<&'a str>) -> Result<Self, Problem> {
        let mut parameters: Vec<(Cow<str>, Cow<str>)> = Vec::new();
        let parts = query.unwrap_or_default().split('&').filter(|part| !part.is_empty());
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = decoded(name)
                .ok_or_else(|| Problem::bad_parameter(name, "its name is no UTF-8"))?;
            let value = decoded(value)
                .ok_or_else(|| Problem::bad_parameter(&name, "its value is no UTF-8"))?;
            if parameters.iter().any(|(former, _)| *former == name) {
                return Err(Problem::bad_parameter(&name, "given more than once"));
            }
            if parameters.len() == MAX_PARAMETERS {
                let detail = format!("a request may have at most {MAX_PARAMETERS} parameters");
                return Err(Problem::bad_request(detail));
            }
            parameters.push((name, value));
        }
        Ok(Self(parameters))
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The same without those of some names that have no value.
    #[must_use]
    pub fn without_empty(mut self, names: &[&str]) -> Self {
        self.0.retain(|(name, value)| !value.is_empty() || !names.contains(&&**name));
        self
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Refuses what is not among the known names, and says which of them was perhaps meant.
    ///
    /// # Errors
    /// The first parameter that is unknown.
    pub fn refuse_unknown<'n>(
        &self,
        known: impl Iterator<Item = &'n str> + Clone,
    ) -> Result<(), Problem> {
        for (name, _) in self.iter() {
            if !known.clone().any(|other| other == name) {
                return Err(Problem::bad_parameter(name, unknown_name(name, known)));
            }
        }
        Ok(())
    }
}

/// Decodes `%XX` and plus signs; `None` when the bytes are no UTF-8.
fn decoded(text: &str) -> Option<Cow<'_, str>> {
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return percent_decode_str(&spaced)
            .decode_utf8()
            .ok()
            .map(|text| Cow::Owned(text.into_owned()));
    }
    percent_decode_str(text).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 5] = ["bbox", "datetime", "limit", "material", "f"];

    fn check(query: &str, expected: &str) {
        let parsed = Parameters::parse(Some(query));
        let answer = parsed.and_then(|parameters| {
            parameters.refuse_unknown(KNOWN.into_iter())?;
            let pairs = parameters.iter();
            Ok(pairs.fold(String::new(), |text, (name, value)| text + name + "=" + value + ";"))
        });
        let answer = answer.unwrap_or_else(|problem: Problem| problem.detail().into());
        assert_eq!(answer, expected, "{query}");
    }

    #[test]
    fn parameters_are_decoded_in_their_order() {
        check("", "");
        check("limit=10&bbox=1%2C2,3,4", "limit=10;bbox=1,2,3,4;");
        check("material=a+b%2Bc", "material=a b+c;");
        check("material=%E9%92%A2", "material=钢;");
        check("&&limit=10&", "limit=10;");
        check("limit", "limit=;");
        check("material=a=b", "material=a=b;");
        check("material=100%", "material=100%;");
    }

    #[test]
    fn a_parameter_that_comes_twice_is_refused_by_name() {
        check("limit=1&limit=1", "parameter `limit`: given more than once");
        check("limit=1&%6Cimit=2", "parameter `limit`: given more than once");
    }

    #[test]
    fn a_parameter_that_nobody_knows_is_refused_with_the_nearest_known() {
        check("limits=1", "parameter `limits`: not known here; did you mean `limit`?");
        check("BBOX=1", "parameter `BBOX`: not known here");
        check("matrial=x", "parameter `matrial`: not known here; did you mean `material`?");
        check(
            "unknownQueryParameter12345=1",
            "parameter `unknownQueryParameter12345`: not known here",
        );
        check("=1", "parameter ``: not known here");
    }

    #[test]
    fn there_may_be_as_many_parameters_as_the_bound_and_no_more() {
        let query = |count| (0..count).map(|at| format!("p{at}")).collect::<Vec<_>>().join("&");
        check(&query(256), "parameter `p0`: not known here");
        check(&query(257), "a request may have at most 256 parameters");
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        check("material=%FF", "parameter `material`: its value is no UTF-8");
        check("%FF=1", "parameter `%FF`: its name is no UTF-8");
    }
}
