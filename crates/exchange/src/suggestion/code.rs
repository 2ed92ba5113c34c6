//! Which code of a list, or which truth, a value of a file may mean.

use terrier_model::Code;

/// The code that says that nothing is known.
const UNKNOWN: &str = "unknown";

/// Latin texts have to be so much alike to be one word in two spellings.
const LIKE: f64 = 0.88;

/// What a record writes where it says nothing.
const BLANKS: [&str; 12] =
    ["-", "--", "---", "—", "——", "/", "\\", "?", "？", "*", "<null>", "null"];

/// What a record writes where it says that nothing is known.
const UNKNOWNS: [&str; 14] = [
    "不详",
    "未知",
    "不明",
    "不清",
    "待查",
    "无数据",
    "n/a",
    "na",
    "nan",
    "none",
    "unknown",
    "unk",
    "not known",
    "不确定",
];

const TRUE: [&str; 8] = ["true", "yes", "y", "1", "t", "是", "有", "on"];
const FALSE: [&str; 8] = ["false", "no", "n", "0", "f", "否", "无", "off"];

/// Whether a text stands for nothing.
pub(super) fn is_blank(text: &str) -> bool {
    BLANKS.contains(&&*text.to_lowercase())
}

/// Whether a text says that nothing is known.
pub(super) fn is_unknown(text: &str) -> bool {
    UNKNOWNS.contains(&&*text.to_lowercase())
}

/// The truth that a text tells.
pub(super) fn truth(text: &str) -> Option<bool> {
    let text = text.to_lowercase();
    let is = |list: [&str; 8]| list.contains(&&*text);
    if is(TRUE) {
        Some(true)
    } else if is(FALSE) {
        Some(false)
    } else {
        None
    }
}

/// What a value may mean.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Meaning {
    pub(super) code: Box<str>,
    /// Whether the value is the code or one of its titles.
    pub(super) is_sure: bool,
}

/// The code that a value means, by the code itself and its titles; a guess where the value only holds
/// one of them, or is nearly one. Retired codes are given to nobody.
pub(super) fn meaning(text: &str, codes: &[Code]) -> Option<Meaning> {
    let codes: Vec<&Code> = codes.iter().filter(|code| !code.retired).collect();
    let squeezed = squeeze(text);
    if squeezed.is_empty() {
        return None;
    }
    let sure = |code: &Code| Some(Meaning { code: code.code.clone(), is_sure: true });
    let guess = |code: &Code| Some(Meaning { code: code.code.clone(), is_sure: false });
    let is = |code: &&&Code| names(code).contains(&squeezed);
    if let Some(code) = codes.iter().find(is) {
        return sure(code);
    }
    if is_unknown(text)
        && let Some(code) = codes.iter().find(|code| &*code.code == UNKNOWN)
    {
        return sure(code);
    }
    // `球墨铸铁管` is `球墨铸铁`, and not the shorter `铸铁`.
    let held = |code: &&&Code| {
        let held = names(code).into_iter().filter(|name| is_long(name) && squeezed.contains(name));
        held.map(|name| name.len()).max()
    };
    let longest = codes.iter().filter_map(|code| Some((held(&code)?, code))).max_by_key(|it| it.0);
    if let Some((_, code)) = longest {
        return guess(code);
    }
    if is_long(&squeezed) {
        let holds = |code: &&&Code| names(code).iter().any(|name| name.contains(&squeezed));
        let mut holding = codes.iter().filter(holds);
        if let (Some(code), None) = (holding.next(), holding.next()) {
            return guess(code);
        }
    }
    let likeness = |code: &Code| {
        let like = |name: &String| strsim::normalized_damerau_levenshtein(name, &squeezed);
        names(code).iter().filter(|name| name.is_ascii()).map(like).fold(0.0, f64::max)
    };
    let nearest = codes.iter().map(|code| (likeness(code), code));
    let nearest = nearest.filter(|(like, _)| squeezed.is_ascii() && *like >= LIKE);
    nearest.max_by(|(a, _), (b, _)| a.total_cmp(b)).and_then(|(_, code)| guess(code))
}

/// Whether a text is long enough to be found in another one.
fn is_long(text: &str) -> bool {
    text.chars().count() >= if text.is_ascii() { 3 } else { 2 }
}

fn names(code: &Code) -> [String; 3] {
    [squeeze(&code.code), squeeze(&code.title.en), squeeze(&code.title.zh)]
}

/// The letters and digits of a text alone, lower case.
fn squeeze(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use terrier_model::Text;

    use super::*;

    fn codes() -> Vec<Code> {
        [
            ("pe100", "PE 100", "PE100管"),
            ("grey_cast_iron", "Grey cast iron", "灰口铸铁"),
            ("ductile_iron", "Ductile iron", "球墨铸铁"),
            ("aluminium", "Aluminium", "铝合金"),
            ("steel", "Steel", "钢"),
            ("stainless_steel", "Stainless steel", "不锈钢"),
            ("combined", "Combined", "雨污合流"),
            ("unknown", "Not known", "不明"),
        ]
        .map(|(code, en, zh)| Code {
            code: code.into(),
            title: Text::new(en, zh),
            retired: code == "steel" && zh.is_empty(),
        })
        .into()
    }

    fn check(text: &str, expected: &str) {
        let answer = match meaning(text, &codes()) {
            None => "nothing".into(),
            Some(Meaning { code, is_sure: true }) => code.into_string(),
            Some(Meaning { code, is_sure: false }) => format!("{code}?"),
        };
        assert_eq!(answer, expected, "{text}");
    }

    #[test]
    fn a_value_means_the_code_that_has_its_name() {
        check("pe100", "pe100");
        check("PE-100", "pe100");
        check("Ductile Iron", "ductile_iron");
        check("球墨铸铁", "ductile_iron");
        check("钢", "steel");
        check("未知", "unknown");
        check("N/A", "unknown");
    }

    #[test]
    fn a_value_that_holds_a_name_or_is_nearly_one_is_a_guess() {
        check("球墨铸铁管", "ductile_iron?");
        check("stainless steel pipe", "stainless_steel?");
        check("合流", "combined?");
        check("Aluminum", "aluminium?");
        check("铸铁", "nothing");
        check("lead", "nothing");
        check("", "nothing");
        check("-", "nothing");
    }

    #[test]
    fn a_retired_code_is_given_to_nobody() {
        let mut codes = codes();
        codes[0].retired = true;
        assert_eq!(meaning("PE100", &codes), None);
    }

    #[test]
    fn truth_is_told_in_two_languages() {
        let told = ["有", "No", "1", "maybe"].map(truth);
        assert_eq!(told, [Some(true), Some(false), Some(true), None]);
    }
}
