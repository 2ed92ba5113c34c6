//! The classes into which the assertions are put, after what they look at.

use std::fmt;
use std::str::FromStr;

macro_rules! classes {
    ($($variant:ident $name:literal $title:literal,)*) => {
        /// What an assertion looks at.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Class {
            $(#[doc = $title] $variant,)*
        }

        impl Class {
            /// All of them, in the order of a report.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name by which it is asked for.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The name for people.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

classes! {
    Http "http" "The protocol",
    Landing "landing" "The first page",
    Api "api" "The API document",
    Conformance "conformance" "The declaration of conformance",
    Collections "collections" "The list of collections",
    Collection "collection" "Each collection",
    Features "features" "Features of a collection",
    Bbox "bbox" "Features in a box",
    Limit "limit" "Features up to a limit",
    Datetime "datetime" "Features at a time",
    Paging "paging" "Page after page",
    Feature "feature" "One feature",
    Error "error" "What is refused",
    Link "link" "Links",
    Html "html" "Pages to read",
    Crs "crs" "Coordinate systems",
    BboxCrs "bbox-crs" "Boxes in coordinate systems",
    Schema "schema" "Schemas",
    Queryables "queryables" "What may be asked for",
    Filter "filter" "Filters",
    Cql2 "cql2" "The language of filters",
    Sorting "sorting" "Sorting",
    Edit "edit" "Editing",
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Class {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|class| class.name() == text);
        found.copied().ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|class| class.name()).collect();
            format!("expected one of {}", names.join(", "))
        })
    }
}
