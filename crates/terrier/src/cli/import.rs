//! `terrier import`

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use terrier_catalog::beginning;
use terrier_exchange::ReadOptions;
use terrier_spatial::Crs;

#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct ImportOptions {
    /// The file.
    pub(crate) file: PathBuf,
    /// The collection that all rows belong to; their properties are named as its fields are.
    #[arg(
        long = "as",
        value_name = "COLLECTION",
        required_unless_present_any = ["mapping", "suggest"]
    )]
    pub(crate) collection: Option<String>,
    /// A TOML file that says which property becomes which field of which collection.
    #[arg(long, value_name = "M.toml", conflicts_with = "collection")]
    pub(crate) mapping: Option<PathBuf>,
    /// Look at the first rows of the file and print a mapping to start from. Nothing is imported, and
    /// no registry is made.
    #[arg(
        long,
        conflicts_with_all = [
            "collection", "mapping", "dry_run", "strict", "faults", "correct", "valid_from", "json",
        ]
    )]
    pub(crate) suggest: bool,
    /// With --suggest: the class of the rows [default: the one that their names and geometries are
    /// most like]
    // That `suggest` is required says nothing where it cannot stand.
    #[arg(
        long,
        value_name = "NAME",
        requires = "suggest",
        conflicts_with_all = ["collection", "mapping"]
    )]
    pub(crate) class: Option<String>,
    /// Whose keys the rows carry; the same name finds the same assets again [default: that of the
    /// mapping, otherwise the file's name without its ending]
    #[arg(long, value_name = "NAME", conflicts_with = "mapping")]
    pub(crate) source: Option<String>,
    #[command(flatten)]
    pub(crate) reading: ReadingOptions,
    /// Report what would happen and what the file was found to be, and change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Take nothing at all when any row is refused.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Write the refused rows into this file, each with what is wrong, to be mended and sent again.
    #[arg(long, value_name = "F.geojson")]
    pub(crate) faults: Option<PathBuf>,
    /// The records were wrong, not the street changed: known assets keep the time since when they
    /// are valid, and what was said of it is replaced.
    #[arg(long)]
    pub(crate) correct: bool,
    /// Since when the assets are as the file says: a day or a time [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) valid_from: Option<Timestamp>,
    /// Who imports [default: the name of the user, from USER]
    #[arg(long, value_name = "NAME")]
    pub(crate) actor: Option<String>,
    /// Why.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) reason: String,
    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// How a file is to be read. What is said here goes before what the mapping says.
#[derive(Args, Debug)]
pub(crate) struct ReadingOptions {
    /// The coordinate system of the positions, such as EPSG:4548; a file that states another one is
    /// refused.
    #[arg(long, value_name = "NAME", value_parser = Crs::find)]
    pub(crate) crs: Option<Crs>,
    /// The layer to read, of a file with several.
    #[arg(long, value_name = "NAME")]
    pub(crate) layer: Option<Box<str>>,
    /// The sheet to read, of a workbook with several.
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<Box<str>>,
    /// The row with the names of the columns, counted from 1 [default: in CSV 1, in a sheet the first
    /// that looks like it]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) header_row: Option<u32>,
    /// The encoding of texts, such as utf-8 or gb18030.
    #[arg(long, value_name = "NAME")]
    pub(crate) encoding: Option<Box<str>>,
    /// What stands between two columns: , ; | or tab.
    #[arg(long, value_name = "CHARACTER", value_parser = ReadOptions::parse_delimiter)]
    pub(crate) delimiter: Option<char>,
    /// The decimal sign of numbers: . or ,
    #[arg(long, value_name = "CHARACTER", value_parser = ReadOptions::parse_decimal)]
    pub(crate) decimal: Option<char>,
}

/// A time, or the first moment of a day in UTC.
fn moment(text: &str) -> Result<Timestamp, String> {
    beginning(text).ok_or_else(|| {
        "expected a day such as 2024-05-01 or a time such as 2024-05-01T08:00:00Z".to_owned()
    })
}
