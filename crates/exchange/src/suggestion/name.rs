//! How much the name of a property is like that of a field, whoever wrote it and in whichever of the
//! two languages. What the properties hold is not known here.

use terrier_model::Field;

use super::alias::aliases_of;

/// So many bytes of a name a Shapefile keeps.
const CUT_BYTES: usize = 10;

/// A Latin name has to be so much like another to be told as perhaps the same.
const LIKE: f64 = 0.85;

/// Units as people write them, and as a mapping does.
const UNITS: [(&str, &str); 30] = [
    ("mm", "mm"),
    ("毫米", "mm"),
    ("cm", "cm"),
    ("厘米", "cm"),
    ("m", "m"),
    ("米", "m"),
    ("km", "km"),
    ("公里", "km"),
    ("千米", "km"),
    ("in", "in"),
    ("inch", "in"),
    ("ft", "ft"),
    ("feet", "ft"),
    ("yd", "yd"),
    ("mi", "mi"),
    ("m2", "m2"),
    ("m²", "m2"),
    ("㎡", "m2"),
    ("平方米", "m2"),
    ("ha", "ha"),
    ("公顷", "ha"),
    ("km2", "km2"),
    ("kpa", "kpa"),
    ("mpa", "mpa"),
    ("兆帕", "mpa"),
    ("bar", "bar"),
    ("w", "w"),
    ("瓦", "w"),
    ("kw", "kw"),
    ("千瓦", "kw"),
];

/// How much two names are alike. What stands later is more alike.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Likeness {
    /// The letters are nearly the same: to be told, not to be relied on.
    Perhaps,
    /// One holds the words of the other, so many percent of it.
    Within(u8),
    /// One is the other cut off, as in a Shapefile.
    Cut,
    /// It is a usual name of the field, or its title.
    Known,
    /// They are the same but for the unit.
    Same,
    /// They are the same.
    Equal,
}

impl Likeness {
    /// What a match counts when classes are compared.
    pub(super) fn weight(self) -> f64 {
        match self {
            Self::Perhaps => 0.0,
            Self::Within(percent) => f64::from(percent) / 100.0 * 0.7,
            Self::Cut => 0.8,
            Self::Known => 0.9,
            Self::Same | Self::Equal => 1.0,
        }
    }
}

/// A name taken apart: lower case, without the signs between its words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Words {
    /// All of it in one piece.
    pub(super) whole: String,
    /// The words before the unit.
    parts: Vec<String>,
    base: String,
    /// The unit at its end, as a mapping writes it.
    pub(super) unit: Option<&'static str>,
    /// Whether it may be the beginning of a longer one.
    may_be_cut: bool,
}

impl Words {
    pub(super) fn of(name: &str) -> Self {
        // The sign for square metres is no letter.
        let name = name.replace('㎡', " m2 ");
        let pieces: Vec<&str> =
            name.split(|c: char| !c.is_alphanumeric()).filter(|piece| !piece.is_empty()).collect();
        let unit = match &*pieces {
            [_, .., last] => unit_of(last),
            _ => None,
        };
        let named = &pieces[..pieces.len() - usize::from(unit.is_some())];
        let words: Vec<String> = named.iter().flat_map(|piece| split(piece)).collect();
        let whole = pieces.concat().to_lowercase();
        Self { whole, base: words.concat(), parts: words, unit, may_be_cut: false }
    }

    /// The name in a Shapefile, which keeps few bytes of it.
    pub(super) fn in_shapefile(name: &str) -> Self {
        // In UTF-8 a Chinese character has three bytes, in GB18030 two: what is cut off may end two
        // bytes before, for no character is cut in half.
        let in_gb: usize = name.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        let in_utf8 = name.len();
        let may_be_cut = if name.is_ascii() {
            in_utf8 == CUT_BYTES
        } else {
            (CUT_BYTES - 2..=CUT_BYTES).contains(&in_utf8)
                || (CUT_BYTES - 1..=CUT_BYTES).contains(&in_gb)
        };
        Self { may_be_cut, ..Self::of(name) }
    }

    /// Whether the name may be the beginning of another one.
    fn begins(&self, other: &Self) -> bool {
        self.may_be_cut
            && other.whole.len() > self.whole.len()
            && other.whole.starts_with(&self.whole)
    }

    /// The same with words that end in s without it, so that one is like several.
    pub(super) fn singular(self) -> Self {
        let words: Vec<String> =
            self.parts.iter().map(|word| word.trim_end_matches('s').into()).collect();
        Self { base: words.concat(), parts: words, ..self }
    }

    /// Which part of it another name is; 0 where that does not stand in it.
    pub(super) fn share_of(&self, other: &Self) -> f64 {
        let is_it = !other.base.is_empty() && (self.base == other.base || self.hold(other));
        if is_it { other.base.len() as f64 / self.base.len() as f64 } else { 0.0 }
    }

    /// All of it but the unit, in one piece.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Whether its last word is this one. `FACILITYID` is one word, so there the letters count, of
    /// which `laid` has too few.
    pub(super) fn ends_in(&self, word: &str) -> bool {
        const LEAST: usize = 5;
        let last = self.parts.last().is_some_and(|last| last == word);
        let is_long = self.parts.len() == 1 && self.base.len() >= word.len() + LEAST;
        last || (word.len() > 1 && is_long && self.base.ends_with(word))
    }

    /// Whether all words of another name stand in this one. Chinese has no spaces, so there it is the
    /// text itself.
    fn hold(&self, other: &Self) -> bool {
        if is_latin(&other.base) {
            let has = |word: &String| self.parts.contains(word);
            other.base.len() > 2 && !other.parts.is_empty() && other.parts.iter().all(has)
        } else {
            other.base.chars().count() > 1 && self.base.contains(&other.base)
        }
    }
}

fn is_latin(text: &str) -> bool {
    text.is_ascii()
}

fn unit_of(piece: &str) -> Option<&'static str> {
    let piece = piece.to_lowercase();
    UNITS.iter().find(|(written, _)| *written == piece).map(|(_, unit)| *unit)
}

/// The words of a piece without signs: `InstallDate` has two, and so has `X坐标`.
fn split(piece: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before: Option<char> = None;
    for c in piece.chars() {
        let begins = before.is_none_or(|before| {
            (before.is_lowercase() && c.is_uppercase()) || before.is_ascii() != c.is_ascii()
        });
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
        before = Some(c);
    }
    words
}

/// The names by which a field is known.
#[derive(Clone, Debug)]
pub(super) struct FieldNames {
    own: Words,
    others: Vec<Words>,
}

impl FieldNames {
    pub(super) fn of(field: &Field) -> Self {
        let titles = [&*field.title.en, &*field.title.zh];
        let others = titles.into_iter().chain(aliases_of(field));
        let mut own = Words::of(&field.name);
        if let Some(unit) = &field.unit {
            // Of `capacity_m3_h` both words are the unit, and neither is one that can be converted.
            let end = unit.to_lowercase().replace('/', "_");
            if let Some(base) = field.name.strip_suffix(&format!("_{end}")) {
                let words = Words::of(base);
                own = Words { whole: own.whole, ..words };
            }
        }
        Self { own, others: others.map(Words::of).collect() }
    }

    /// How much a name is like the field's; `None` when it is not.
    pub(super) fn likeness(&self, name: &Words) -> Option<Likeness> {
        if name.base.is_empty() {
            return None;
        }
        if name.whole == self.own.whole {
            return Some(Likeness::Equal);
        }
        // Before anything else, for `diameter_m` may be the beginning of `diameter_mm`.
        if name.begins(&self.own) {
            return Some(Likeness::Cut);
        }
        if name.base == self.own.base {
            return Some(Likeness::Same);
        }
        let is_known = |other: &&Words| {
            name.whole == other.whole || (!other.base.is_empty() && name.base == other.base)
        };
        if self.others.iter().any(|other| is_known(&other)) {
            return Some(Likeness::Known);
        }
        if self.others.iter().any(|other| name.begins(other)) {
            return Some(Likeness::Cut);
        }
        let share = |longer: &Words, shorter: &Words| {
            let percent = shorter.base.len() * 100 / longer.base.len().max(1);
            Likeness::Within(percent.min(99) as u8)
        };
        let all = || std::iter::once(&self.own).chain(&self.others);
        let held = all().filter(|other| name.hold(other)).map(|other| share(name, other));
        if let Some(most) = held.max() {
            return Some(most);
        }
        let is_like = |other: &Words| {
            is_latin(&other.base)
                && strsim::normalized_damerau_levenshtein(&other.base, &name.base) >= LIKE
        };
        (is_latin(&name.base) && all().any(is_like)).then_some(Likeness::Perhaps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_words(name: &str, base: &str, unit: Option<&str>) {
        let words = Words::of(name);
        assert_eq!((words.parts.join(" "), words.unit), (base.to_owned(), unit), "{name}");
    }

    #[test]
    fn a_name_is_taken_apart_however_its_words_are_joined() {
        check_words("InstallDate", "install date", None);
        check_words("Pole_Material", "pole material", None);
        check_words("length_km", "length", Some("km"));
        check_words("管径(mm)", "管径", Some("mm"));
        check_words("面积（㎡）", "面积", Some("m2"));
        check_words("designPressure_kPa", "design pressure", Some("kpa"));
        check_words("功率[瓦]", "功率", Some("w"));
        check_words("X坐标", "x 坐标", None);
        check_words("m", "m", None);
        check_words("FACILITYID", "facilityid", None);
        check_words(" :-) ", "", None);
    }

    fn field(name: &str, unit: Option<&str>, en: &str, zh: &str) -> Field {
        Field {
            name: name.into(),
            kind: terrier_model::Kind::Text,
            unit: unit.map(Into::into),
            title: terrier_model::Text::new(en, zh),
            description: None,
            sensitivity: terrier_model::Sensitivity::Public,
            range: None,
            core: None,
            event: None,
            retired: false,
        }
    }

    fn check(name: &str, field: &Field, expected: Option<Likeness>) {
        assert_eq!(FieldNames::of(field).likeness(&Words::of(name)), expected, "{name}");
    }

    #[test]
    fn a_property_is_like_a_field_by_its_name_its_title_or_a_usual_name() {
        let diameter = field("diameter_mm", Some("mm"), "Diameter", "管径");
        check("DIAMETER_MM", &diameter, Some(Likeness::Equal));
        check("diameter", &diameter, Some(Likeness::Same));
        check("diameter_m", &diameter, Some(Likeness::Same));
        check("管径（毫米）", &diameter, Some(Likeness::Known));
        check("公称直径", &diameter, Some(Likeness::Known));
        check("inner_diameter_mm", &diameter, Some(Likeness::Known));
        check("主管管径", &diameter, Some(Likeness::Within(50)));
        check("pipe diameter of the city", &diameter, Some(Likeness::Within(38)));
        check("daimeter", &diameter, Some(Likeness::Perhaps));
        check("colour", &diameter, None);
        check("", &diameter, None);
        let capacity = field("capacity_m3_h", Some("m3/h"), "Capacity", "额定流量");
        check("Capacity", &capacity, Some(Likeness::Same));
    }

    #[test]
    fn a_name_that_a_shapefile_has_cut_is_found() {
        let diameter = field("diameter_mm", Some("mm"), "Width", "断面的尺寸");
        let likeness = |name: &str| FieldNames::of(&diameter).likeness(&Words::in_shapefile(name));
        assert_eq!(likeness("DIAMETER_M"), Some(Likeness::Cut));
        assert_eq!(likeness("inner_diam"), Some(Likeness::Cut));
        assert_eq!(likeness("diameter"), Some(Likeness::Same));
        assert_eq!(likeness("断面的"), Some(Likeness::Cut));
        assert_eq!(likeness("断面的尺"), None);
        check("DIAMETER_M", &diameter, Some(Likeness::Same));
        check("断面的", &diameter, None);
    }

    #[test]
    fn what_is_more_alike_comes_later() {
        let all = [
            Likeness::Perhaps,
            Likeness::Within(10),
            Likeness::Within(90),
            Likeness::Cut,
            Likeness::Known,
            Likeness::Same,
            Likeness::Equal,
        ];
        assert!(all.is_sorted());
        assert!(all.iter().map(|one| one.weight()).is_sorted());
    }
}
