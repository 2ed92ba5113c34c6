//! The options of `terrier due`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::Conditions;

#[derive(Args, Debug)]
pub(crate) struct DueOptions {
    /// The day as of which it is told, such as 2027-01-01 [default: today]
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Option<Date>,
    #[command(flatten)]
    pub(crate) conditions: Conditions,
    /// How it is written: as lines to read, as a table with commas, or as features.
    #[arg(long, value_enum, default_value_t = DueFormat::Table)]
    pub(crate) format: DueFormat,
    /// The coordinate system of the positions in GeoJSON, easting or longitude first, such as EPSG:4548;
    /// `terrier crs` lists them [default: OGC:CRS84]
    #[arg(long, value_name = "CRS")]
    pub(crate) crs: Option<String>,
    /// The file to write [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum DueFormat {
    Table,
    Csv,
    Geojson,
}
