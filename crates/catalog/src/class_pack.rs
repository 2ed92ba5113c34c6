//! A class with the document that describes it, as the registry keeps both.

use terrier_model::Class;

use crate::pack::{PackError, class_from_toml};

/// The most bytes that the document of a class may have.
pub const MAX_CLASS_BYTES: usize = 256 * 1024;

/// A class and its document.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassPack {
    class: Class,
    text: String,
}

impl ClassPack {
    /// Reads a document. White space at its end is no part of it.
    ///
    /// # Errors
    /// When it is too long, or the first thing that is wrong with it, with its line or field.
    pub fn parse(text: &str) -> Result<Self, PackError> {
        if text.len() > MAX_CLASS_BYTES {
            return Err(PackError::TooLong);
        }
        // Some editors put a mark in front.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_end();
        Ok(Self { class: class_from_toml(text)?, text: format!("{text}\n") })
    }

    /// The class.
    pub fn class(&self) -> &Class {
        &self.class
    }

    /// The document, which ends with one line end.
    pub fn text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSTS: &str = "\
name = \"posts\"
geometry = \"point\"
title = { en = \"Posts\", zh = \"桩\" }
description = { en = \"Posts.\", zh = \"桩。\" }
";

    #[test]
    fn a_document_is_the_same_whatever_stands_around_it() {
        let plain = ClassPack::parse(POSTS).expect("a class");
        assert_eq!(plain.text(), POSTS);
        for text in [format!("{POSTS}\n \n"), POSTS.trim_end().into(), format!("\u{feff}{POSTS}")] {
            assert_eq!(ClassPack::parse(&text), Ok(plain.clone()), "{text:?}");
        }
    }

    #[test]
    fn a_document_may_be_as_long_as_the_bound_and_no_longer() {
        let of_length = |bytes: usize| format!("{POSTS}#{}", "x".repeat(bytes - POSTS.len() - 1));
        assert!(ClassPack::parse(&of_length(MAX_CLASS_BYTES)).is_ok());
        let longer = of_length(MAX_CLASS_BYTES + 1);
        assert_eq!(ClassPack::parse(&longer), Err(PackError::TooLong));
    }
}
