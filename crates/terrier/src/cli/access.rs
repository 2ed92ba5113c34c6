//! The options of `terrier organisation`, `person`, `role` and `key`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use terrier_catalog::KeyId;
use terrier_model::{Edge, PartyName};

use super::{RecordingOptions, ReportOptions};

#[derive(Debug, Subcommand)]
pub(crate) enum OrganisationCommand {
    /// List the organisations, retired ones too.
    List(ReportOptions),
    /// Add an organisation, or take one back that was retired.
    Add(OrganisationOptions),
    /// Retire an organisation: the keys of its people are refused from then on.
    Retire(OrganisationOptions),
}

#[derive(Args, Debug)]
pub(crate) struct OrganisationOptions {
    /// Its name, such as "Hexi Gas".
    #[arg(value_parser = party_name)]
    pub(crate) name: PartyName,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PersonCommand {
    /// List the people, retired ones too.
    List(ReportOptions),
    /// Add a person, move them to another organisation, or take back one who was retired.
    Add(PersonAddOptions),
    /// Retire a person: their keys are refused from then on.
    ///
    /// What they did stays theirs, so nobody else gets the name.
    Retire(PersonOptions),
}

#[derive(Args, Debug)]
pub(crate) struct PersonAddOptions {
    #[command(flatten)]
    pub(crate) person: PersonOptions,
    /// The organisation that they are of.
    #[arg(long, value_name = "NAME")]
    pub(crate) organisation: String,
}

#[derive(Args, Debug)]
pub(crate) struct PersonOptions {
    /// By which name they make changes, such as wang.li
    #[arg(value_parser = party_name)]
    pub(crate) name: PartyName,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RoleCommand {
    /// List the roles that are in force, and what each allows.
    List(RoleListOptions),
    /// Print a role as its TOML document.
    Show(RoleShowOptions),
    /// Put a role in force, in the place of the one of its name.
    ///
    /// It becomes one change. A role that names a class or a field that the registry does not have is
    /// refused. Keys that have it are for what it allows from then on, within a second.
    #[command(after_help = "Examples:\n  \
        terrier role show viewer --shipped > crew.toml\n  \
        terrier role put crew.toml --dry-run\n  \
        terrier role put crew.toml --area lot-3.geojson")]
    Put(RolePutOptions),
    /// Take a role out of force: the keys that have it are refused from then on.
    Retire(RoleRetireOptions),
}

#[derive(Args, Debug)]
pub(crate) struct RoleListOptions {
    /// List what the program ships, not what the registry has.
    #[arg(long)]
    pub(crate) shipped: bool,
    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct RoleShowOptions {
    /// The name of the role, such as viewer.
    pub(crate) role: String,
    /// Print what the program ships, not what the registry has.
    #[arg(long)]
    pub(crate) shipped: bool,
}

#[derive(Args, Debug)]
pub(crate) struct RolePutOptions {
    /// The document.
    #[arg(value_name = "FILE.toml")]
    pub(crate) file: PathBuf,
    /// GeoJSON of the surfaces that each of its grants is for; the document must name none.
    #[arg(long, value_name = "FILE.geojson")]
    pub(crate) area: Option<PathBuf>,
    /// How assets across the edge of the area are given: whole, clipped or left [default: whole]
    #[arg(long, value_name = "RULE", value_parser = edge, requires = "area")]
    pub(crate) edge: Option<Edge>,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

#[derive(Args, Debug)]
pub(crate) struct RoleRetireOptions {
    /// The name of the role.
    pub(crate) role: String,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List the keys, revoked ones too: whose they are, what they are for, and when they were last used.
    List(ReportOptions),
    /// Make a key, and print it: it is shown this once, and the registry does not keep it.
    #[command(after_help = "Examples:\n  \
        terrier key create --person wang.li --role editor --note QGIS\n  \
        terrier key create --person crew-7 --role contractor --until 2026-12-31 \\\n    \
        --collections gas_pipes,gas_valves --area lot-3.geojson\n  \
        terrier key create --administrator")]
    Create(Box<KeyCreateOptions>),
    /// Revoke a key: it is refused from then on.
    Revoke(KeyRevokeOptions),
}

#[derive(Args, Debug)]
pub(crate) struct KeyCreateOptions {
    /// Whose it is.
    #[arg(long, value_name = "NAME", required_unless_present = "administrator")]
    pub(crate) person: Option<String>,
    /// What it allows.
    #[arg(long, value_name = "ROLE", required_unless_present = "administrator")]
    pub(crate) role: Option<String>,
    /// The last day on which it works, such as 2026-12-31 [default: it works until it is revoked]
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<Date>,
    /// Only for these classes of asset, with commas between.
    #[arg(long, value_name = "CLASSES")]
    pub(crate) collections: Option<String>,
    /// Only within the surfaces of this GeoJSON, in longitude and latitude.
    #[arg(long, value_name = "FILE.geojson")]
    pub(crate) area: Option<PathBuf>,
    /// How assets across the edge of the area are given: whole, clipped or left [default: whole]
    #[arg(long, value_name = "RULE", value_parser = edge, requires = "area")]
    pub(crate) edge: Option<Edge>,
    #[command(flatten)]
    pub(crate) limits: LimitOptions,
    /// What it is for.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) note: String,
    /// Make one for the person `administrator` of the organisation `operator`, with these and the shipped
    /// roles where the registry lacks them.
    #[arg(long, conflicts_with_all = ["person", "role", "until", "collections", "area", "note", 
        "requests_per_minute", "features_per_day", "export_area_km2"])]
    pub(crate) administrator: bool,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

/// How much may be asked for with a key, where its role allows more.
#[derive(Args, Debug)]
pub(crate) struct LimitOptions {
    /// The most requests a minute.
    #[arg(long, value_name = "N")]
    pub(crate) requests_per_minute: Option<u32>,
    /// The most features a day.
    #[arg(long, value_name = "N")]
    pub(crate) features_per_day: Option<u64>,
    /// The largest area, in square kilometres, of one answer that gives geometries of restricted
    /// collections.
    #[arg(long, value_name = "KM2")]
    pub(crate) export_area_km2: Option<f64>,
}

#[derive(Args, Debug)]
pub(crate) struct KeyRevokeOptions {
    /// The id of the key, as `key list` has it: the twelve characters behind `terrier_`.
    #[arg(value_parser = key_id)]
    pub(crate) id: KeyId,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

/// Why a change is made, and how it is reported.
#[derive(Args, Debug)]
pub(crate) struct ChangeOptions {
    /// Why.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) recording: RecordingOptions,
}

fn party_name(text: &str) -> Result<PartyName, String> {
    PartyName::try_new(text).map_err(|error| error.to_string())
}

fn edge(text: &str) -> Result<Edge, String> {
    let known = Edge::ALL.map(Edge::code).join(", ");
    Edge::from_code(text).ok_or_else(|| format!("expected one of {known}"))
}

fn key_id(text: &str) -> Result<KeyId, &'static str> {
    KeyId::parse(text).ok_or("expected the twelve characters of an id, not the whole key")
}
