//! Geometries in CQL2 text, which are written as well-known text, and boxes.

use terrier_spatial::{Geometry, Position};

use super::Cql2Error;
use super::lexer::{Token, fault};
use super::reader::Reader;

type Read<T> = Result<T, Cql2Error>;

/// What a word begins; `None` when it is no geometry.
pub(super) fn find(word: &str) -> Option<Word> {
    Word::find(word)
}

/// The geometry that a word, which is taken already, begins.
pub(super) fn read(word: Word, reader: &mut Reader<'_>) -> Read<Geometry> {
    word.read(reader)
}

/// A kind of geometry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Word {
    Point,
    MultiPoint,
    LineString,
    MultiLineString,
    Polygon,
    MultiPolygon,
    Collection,
    Box,
}

impl Word {
    fn find(word: &str) -> Option<Self> {
        const WORDS: [(&str, Word); 8] = [
            ("POINT", Word::Point),
            ("MULTIPOINT", Word::MultiPoint),
            ("LINESTRING", Word::LineString),
            ("MULTILINESTRING", Word::MultiLineString),
            ("POLYGON", Word::Polygon),
            ("MULTIPOLYGON", Word::MultiPolygon),
            ("GEOMETRYCOLLECTION", Word::Collection),
            ("BBOX", Word::Box),
        ];
        WORDS.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, word)| word)
    }

    fn read(self, reader: &mut Reader<'_>) -> Read<Geometry> {
        if self == Self::Box {
            return bbox(reader).map(Geometry::Box);
        }
        reader.accept_keyword("Z")?;
        Ok(match self {
            Self::Point => Geometry::Point(point(reader)?),
            Self::MultiPoint => Geometry::MultiPoint(reader.parenthesised(one_of_points)?),
            Self::LineString => Geometry::LineString(line(reader)?),
            Self::MultiLineString => Geometry::MultiLineString(lines(reader)?),
            Self::Polygon => Geometry::Polygon(lines(reader)?),
            Self::MultiPolygon => Geometry::MultiPolygon(reader.parenthesised(lines)?),
            Self::Collection | Self::Box => Geometry::Collection(reader.parenthesised(member)?),
        })
    }
}

fn member(reader: &mut Reader<'_>) -> Read<Geometry> {
    reader.node()?;
    let word = match reader.token {
        Token::Word(word) => Word::find(word),
        _ => None,
    };
    // A collection holds no others, as in the standard's grammar.
    let Some(word) = word.filter(|word| !matches!(word, Word::Collection | Word::Box)) else {
        return Err(reader.unexpected("a geometry such as POINT(117.2 39.1)"));
    };
    reader.advance()?;
    word.read(reader)
}

fn point(reader: &mut Reader<'_>) -> Read<Position> {
    reader.expect_symbol("(")?;
    let position = position(reader)?;
    reader.expect_symbol(")")?;
    Ok(position)
}

/// A position of several, with parentheses as the standard wants, or without, as many programs
/// write it.
fn one_of_points(reader: &mut Reader<'_>) -> Read<Position> {
    if reader.is_symbol("(") { point(reader) } else { position(reader) }
}

fn line(reader: &mut Reader<'_>) -> Read<Vec<Position>> {
    reader.parenthesised(position)
}

fn lines(reader: &mut Reader<'_>) -> Read<Vec<Vec<Position>>> {
    reader.parenthesised(line)
}

/// Two numbers, and a height, which is passed over.
fn position(reader: &mut Reader<'_>) -> Read<Position> {
    reader.budget.vertex(reader.at)?;
    let position = [number(reader)?, number(reader)?];
    if !reader.is_symbol(",") && !reader.is_symbol(")") {
        number(reader)?;
    }
    Ok(position)
}

/// West, south, east and north; of six numbers the third and the last are heights.
fn bbox(reader: &mut Reader<'_>) -> Read<[f64; 4]> {
    let at = reader.at;
    let numbers = reader.parenthesised(|reader| {
        reader.budget.vertex(reader.at)?;
        number(reader)
    })?;
    let fault = || fault(at, format!("{} numbers", numbers.len()), BOX);
    edges(&numbers).ok_or_else(fault)
}

/// What a box is, in words.
pub(super) const BOX: &str = "a box of 4 or 6 numbers";

/// The edges of a box without its heights; `None` when the numbers are too few or too many.
pub(super) fn edges(numbers: &[f64]) -> Option<[f64; 4]> {
    match *numbers {
        [west, south, east, north] | [west, south, _, east, north, _] => {
            Some([west, south, east, north])
        }
        _ => None,
    }
}

fn number(reader: &mut Reader<'_>) -> Read<f64> {
    let is_negative = reader.accept_symbol("-")?;
    if !is_negative {
        reader.accept_symbol("+")?;
    }
    let Token::Number(digits) = reader.token else { return Err(reader.unexpected("a number")) };
    // The lexer lets only finite numbers through.
    let number: f64 = digits.parse().map_err(|_| reader.unexpected("a number"))?;
    reader.advance()?;
    Ok(if is_negative { -number } else { number })
}
