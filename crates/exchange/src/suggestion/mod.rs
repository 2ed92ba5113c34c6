//! Suggests a mapping for a file that has none yet: from its names, its values and its geometries to a
//! class and its fields.
//!
//! A suggestion is a text to start from. What may be wrong in it stands behind a comment sign, or is
//! said to be a guess; which coordinate system the positions are in is never taken for granted.

mod alias;
mod code;
mod date;
mod document;
mod fill;
mod look;
mod name;
mod place;
mod plan;
mod seen;
#[cfg(test)]
mod tests;

use terrier_model::Classes;
use terrier_spatial::Crs;

pub use self::look::MAX_LOOKED_ROWS;

use self::document::Document;
use self::look::Look;
use self::plan::Undecided;
use crate::read_error::ReadError;
use crate::source_file::SourceFile;

/// What is known beside the file.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    /// The name of the file, as its reader is to be told.
    pub path: &'a str,
    /// Whose keys its rows carry.
    pub source: &'a str,
    /// The classes that there are.
    pub classes: &'a Classes,
    /// The class of the rows; `None` to find it out.
    pub class: Option<&'a str>,
    /// The coordinate system that the sender says.
    pub crs: Option<Crs>,
}

/// A mapping to start from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Suggestion {
    /// The mapping, in TOML with comments. [`crate::Mapping::parse`] takes it.
    pub text: String,
    /// The class of its rows.
    pub class: String,
    /// How many rows were looked at.
    pub rows: u64,
    /// How many properties they have, those with the position included.
    pub properties: usize,
    /// How many of them fill a field.
    pub filled: usize,
    /// What has to be said before the file can be imported, in a few words each.
    pub open: Vec<&'static str>,
}

/// Why there is no suggestion.
#[derive(Debug, thiserror::Error)]
pub enum SuggestionError {
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It has no rows that could be read.
    #[error("`{file}` has no rows to look at")]
    Empty {
        /// The file.
        file: String,
    },
    /// No class was found for it.
    #[error("{found}, expected {expected}")]
    Class {
        /// What was found.
        found: String,
        /// The classes to choose from.
        expected: String,
    },
}

/// Looks at the first [`MAX_LOOKED_ROWS`] rows of a file and suggests a mapping. The file is opened to
/// be looked at only, see [`crate::ReadOptions::only_look`].
///
/// # Errors
/// When the file cannot be read or has no rows, and when no class is named or more likely than others.
pub fn suggest(file: SourceFile, wish: &Wish<'_>) -> Result<Suggestion, SuggestionError> {
    let look = Look::at(file)?;
    if look.rows == 0 {
        return Err(SuggestionError::Empty { file: wish.path.into() });
    }
    let chosen = plan::choose(&look, wish.source, wish.classes, wish.class);
    let (plan, others) = chosen.map_err(|undecided| refusal(wish, undecided))?;
    let mut document = Document {
        wish,
        look: &look,
        plan: &plan,
        others: &others,
        key: plan::key(&look),
        open: Vec::new(),
        text: String::new(),
    };
    document.write();
    let Document { open, text, .. } = document;
    Ok(Suggestion {
        text,
        class: plan.class.name().into(),
        rows: look.rows,
        properties: look.properties.len(),
        filled: plan.filled(),
        open,
    })
}

fn refusal(wish: &Wish<'_>, undecided: Undecided) -> SuggestionError {
    let classes = wish.classes.iter().filter(|class| !class.is_retired());
    let names = classes.map(|class| class.name()).collect::<Vec<_>>().join(", ");
    let all = format!("--class with one of {names}");
    let (found, expected) = match undecided {
        Undecided::NoSuchClass => {
            (format!("no class `{}`", wish.class.unwrap_or_default()), format!("one of {names}"))
        }
        Undecided::None => (format!("nothing in `{}` tells of which class it is", wish.path), all),
        Undecided::Several(names) => {
            let names = names.join(", ");
            let found = format!("`{}` may be of several classes", wish.path);
            (found, format!("--class with one of {names}, or another"))
        }
    };
    SuggestionError::Class { found, expected }
}
