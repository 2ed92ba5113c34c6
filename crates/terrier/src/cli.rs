//! What may be said on the command line.

pub(crate) mod access;
pub(crate) mod audit;
pub(crate) mod changes;
pub(crate) mod conformance;
pub(crate) mod due;
pub(crate) mod event;
pub(crate) mod import;
pub(crate) mod rules;
pub(crate) mod settings;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};
use jiff::civil::Date;
use terrier_api::PublicUrl;
use terrier_exchange::{CsvGeometry, LayerFormat};
use terrier_model::{AssetId, AuditMark};

use crate::crs::Given;

use access::{KeyCommand, OrganisationCommand, PersonCommand, RoleCommand};
use audit::AuditOptions;
use changes::ChangesOptions;
use conformance::ConformanceOptions;
use due::DueOptions;
use event::EventCommand;
use import::ImportOptions;
use rules::RulesOptions;
use settings::SettingsOptions;

/// The register of what a city has in its streets: gas pipes, drains, street lights, greenways.
///
/// A registry is a folder with one SQLite file in it. `terrier serve --demo` makes one with a
/// demonstration district and serves it; `terrier import` fills your own.
#[derive(Debug, Parser)]
#[command(
    name = "terrier",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 done; 1 failed, nothing was written; 2 the command line was not \
                  understood; 3 rows of a file were refused (the others were taken, unless \
                  --strict), or positions; 4 check found something wrong; 5 the registry is busy, try again.\n\
                  Reports and data go to stdout, everything else to stderr. TERRIER_LOG=debug \
                  says more."
)]
pub(crate) struct Cli {
    /// Folder of the registry [default: ./terrier-data; with serve --demo: ./terrier-demo]
    #[arg(long, global = true, env = "TERRIER_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the registry over HTTP, as OGC API - Features.
    ///
    /// A folder that is empty or not there becomes a new registry with the shipped classes. What
    /// other processes write to the same folder (terrier import) is shown within a second. SIGTERM
    /// lets answers under way finish, and ends within 10 seconds.
    Serve(ServeOptions),
    /// Take the assets of a file into the registry.
    ///
    /// The file is GeoJSON (a FeatureCollection, or one feature a line), CSV, GeoPackage, Shapefile
    /// (also in a ZIP archive), XLSX or FlatGeobuf; its content tells which. Good rows become one
    /// change, or nothing does; bad rows are reported, each with its field, its value and what was
    /// expected. An asset is matched by its
    /// id when that is a UUID of version 7, otherwise by the source and the sender's own key: the
    /// same file twice changes nothing, a changed row makes a new version, and a row that is
    /// missing from the file deletes nothing. While an import runs, readers go on; other writers
    /// wait.
    #[command(after_help = "Examples:\n  \
        terrier import lights.geojson --as light_poles --source lighting-department\n  \
        terrier import survey.geojsonl --suggest > survey.toml\n  \
        terrier import survey.geojsonl --mapping survey.toml --dry-run\n  \
        terrier import survey.geojsonl --mapping survey.toml --faults refused.geojson")]
    Import(ImportOptions),
    /// Write the assets of a collection into a file, in longitude and latitude on WGS 84.
    ///
    /// All fields are written, restricted ones too. Any field of the collection may be asked for
    /// by its name. The collection `assets` holds the assets of all classes, with the fields that
    /// all of them have. Memory does not grow with the number of assets.
    ///
    /// Formats: geojson, one FeatureCollection; geojsonl, one feature a line; geojsonseq, the same
    /// behind record separators; csv; gpkg, GeoPackage; fgb, FlatGeobuf.
    #[command(after_help = "Examples:\n  \
        terrier export gas_pipes --material=steel -o steel.gpkg\n  \
        terrier export light_poles --bom -o lights.csv\n  \
        terrier export assets --bbox=117.20,39.05,117.23,39.08 --road=友谊路\n  \
        terrier export gas_pipes --filter=\"installed_latest_on < DATE('1995-01-01')\"")]
    Export(ExportOptions),
    /// Add up the assets of a collection, group by group: how many, how long, how large.
    ///
    /// Takes the conditions of an export. Measures are count (of assets), pieces (the recorded
    /// counts), length_m, area_m2 and households as recorded, geom_length_m and geom_area_m2 of the
    /// geometry, communities and streets (different ones). How many assets have no value, so that
    /// a sum leaves them out, stands beside it.
    #[command(after_help = "Examples:\n  \
        terrier summary gas_pipes --group-by material --measure count,length_m\n  \
        terrier summary gas_risers --measure length_m,communities,streets,households\n  \
        terrier summary assets --group-by class,community --bbox=117.20,39.05,117.23,39.08 --csv")]
    Summary(SummaryOptions),
    /// Record what happened to an asset, or withdraw it.
    #[command(subcommand)]
    Event(EventCommand),
    /// Tell everything that was ever said of an asset: when it was true in the street, when it was
    /// recorded, by whom, and what changed; and what happened to it.
    History(HistoryOptions),
    /// Tell what was recorded: by whom, when, why, and what became of which assets.
    ///
    /// Without a command the changes are listed, the newest first. Restricted fields are told too.
    #[command(after_help = "Examples:\n  \
        terrier changes --since 2026-11-01 --collection gas_pipes\n  \
        terrier changes --actor survey --json\n  \
        terrier changes show 17")]
    Changes(ChangesOptions),
    /// Read the whole registry and tell what is wrong with it.
    ///
    /// Looks at the pages and keys of the database, at the change sequence, at the versions of each
    /// asset, reads every asset, and compares everything with the audit, whose last entry it tells.
    /// Safe beside a running server.
    Check(CheckOptions),
    /// Tell who changed what, and who read what of restricted collections, the newest first.
    ///
    /// What is read over HTTP, by `export` and by `due` is written down, where the setting
    /// restricted_collections says so.
    Audit(AuditOptions),
    /// Make a registry with a made-up district in it: names of Hexi in Tianjin, streets and pipes
    /// that nobody built.
    ///
    /// The same number and seed give the same assets, ids included.
    Demo(DemoOptions),
    /// List the classes of the registry, describe one of them as its TOML document, or change them.
    Classes(ClassesOptions),
    /// Tell what work falls due on the assets, by the rules of the registry.
    ///
    /// One line for each asset and kind of work. The states are not_due, upcoming, due, overdue and
    /// unknown: what cannot be judged because a value is missing. Of a day in the past it is told
    /// for the assets as they are known today, with the events up to that day. Restricted fields are
    /// told too.
    #[command(after_help = "Examples:\n  \
        terrier due --state=overdue\n  \
        terrier due --on 2027-01-01 --class=gas_pipes --kind=renew --format csv -o renew.csv\n  \
        terrier due --bbox=117.20,39.05,117.23,39.08 --filter=\"priority <= 2\" --format geojson")]
    Due(DueOptions),
    /// List the packs of rules that say when work falls due, print one as its TOML document, or change
    /// them.
    Rules(RulesOptions),
    /// List what is set of the registry, or set it.
    Settings(SettingsOptions),
    /// List the organisations, or change them.
    #[command(subcommand)]
    Organisation(OrganisationCommand),
    /// List the people of the organisations, or change them.
    #[command(subcommand)]
    Person(PersonCommand),
    /// List the roles that say who may see and do what, print one as its TOML document, or change them.
    #[command(subcommand)]
    Role(RoleCommand),
    /// List the keys by which people and programs say who they are, make one, or revoke one.
    #[command(subcommand)]
    Key(KeyCommand),
    /// List the coordinate systems that Terrier knows, describe one of them, or convert positions.
    ///
    /// Positions are easting,northing or longitude,latitude, whatever order the authority of the
    /// system gives to its axes. Each is answered by one line, and a position that is refused by an
    /// empty one and a sentence on stderr. Needs no registry.
    #[command(after_help = "Examples:\n  \
        terrier crs EPSG:4548\n  \
        terrier crs EPSG:4548 --to-wgs84 517300.874,4329624.672\n  \
        terrier crs EPSG:4548 --from-wgs84 - < places.txt")]
    Crs(CrsOptions),
    /// Ask a server over HTTP what OGC API - Features wants of it, and tell what it does not keep.
    ///
    /// Any server may be asked, of whatever make; what it does not declare is skipped. It is only read
    /// from, with some hundred requests a collection; --edit writes too. Exit codes: 0 everything that was asked is kept; 1
    /// something is not; 2 there is no answer, or no such collection. Needs no registry.
    #[command(after_help = "Examples:\n  \
        terrier conformance http://127.0.0.1:8080\n  \
        terrier conformance http://127.0.0.1:8080 --collection gas_pipes --class bbox --json")]
    Conformance(ConformanceOptions),
}

#[derive(Args, Debug)]
pub(crate) struct ServeOptions {
    /// Make a demonstration district of 60,000 assets on first use, and serve it.
    #[arg(long)]
    pub(crate) demo: bool,
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// The address by which clients know the server, such as `https://gis.example.cn/terrier`; links
    /// are made of it. A proxy must take the path off again [default: the address listened on]
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<PublicUrl>,
    /// What is shown to who brings no key, in the place of the setting `public_collections` of the registry:
    /// names of classes with commas between, `*` for all, or none
    #[arg(long, value_name = "CLASSES")]
    pub(crate) public_collections: Option<String>,
    /// Take the tokens of an issuer of OpenID Connect too, beside keys: a TOML document that names the
    /// issuer, the audience, and which roles of the registry its claims give
    #[arg(long, env = "TERRIER_IDENTITY", value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
    /// The day on which ages are counted, such as 2026-07-01 [default: today]
    #[arg(long, value_name = "DATE")]
    pub(crate) today: Option<Date>,
}

#[derive(Args, Debug)]
pub(crate) struct ExportOptions {
    /// The collection.
    pub(crate) collection: String,
    #[command(flatten)]
    pub(crate) conditions: Conditions,
    /// The file to write [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// geojson, geojsonl, geojsonseq, csv, gpkg or fgb [default: by the ending of the file,
    /// otherwise geojson]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<LayerFormat>,
    /// The coordinate system of the positions, easting or longitude first, such as EPSG:4548; `terrier
    /// crs` lists them [default: OGC:CRS84]
    #[arg(long, value_name = "CRS")]
    pub(crate) crs: Option<String>,
    /// In CSV, where the geometry stands: wkt, as a text in the last column; xy, for points, in
    /// two columns of numbers; none [default: wkt]
    #[arg(long, value_name = "FORM", value_parser = csv_geometry)]
    pub(crate) geometry: Option<CsvGeometry>,
    /// Begin CSV with a byte order mark, so that Excel reads Chinese.
    #[arg(long)]
    pub(crate) bom: bool,
    /// Write texts of CSV as they are; without this, a text that a spreadsheet would take for a
    /// formula gets a `'` before it.
    #[arg(long)]
    pub(crate) raw: bool,
}

#[derive(Args, Debug)]
pub(crate) struct SummaryOptions {
    /// The collection.
    pub(crate) collection: String,
    /// Fields of texts, codes, or true and false, or age_band, due_state(KIND), month(FIELD) or
    /// year(FIELD), with commas between; three at most [default: all assets are one group]
    #[arg(long, value_name = "FIELDS")]
    pub(crate) group_by: Option<String>,
    /// What is wanted of each group, with commas between [default: count]
    #[arg(long, value_name = "MEASURES")]
    pub(crate) measure: Option<String>,
    /// Cut lengths and areas of geometries at --bbox, or at the polygon of --filter
    #[arg(long)]
    pub(crate) clip: bool,
    /// With the collection `due`: the day as of which it is told, such as 2027-01-01 [default:
    /// today]
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Option<Date>,
    #[command(flatten)]
    pub(crate) conditions: Conditions,
    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Report the groups as a table with commas between its columns.
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
}

/// Which assets of a collection are meant.
#[derive(Args, Debug)]
pub(crate) struct Conditions {
    /// Only assets that meet this window: west,south,east,north in degrees.
    #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true)]
    pub(crate) bbox: Option<String>,
    /// Only assets that are valid at a time, on a day, or within an interval such as 2024-01-01/..
    #[arg(long, value_name = "TIME")]
    pub(crate) datetime: Option<String>,
    /// Only assets for which a condition in CQL2 text holds, such as "diameter_mm >= 300".
    #[arg(long, value_name = "CQL2")]
    pub(crate) filter: Option<String>,
    /// Only assets whose field has this value; written as --FIELD=VALUE, any number of them.
    #[arg(long = FIELD_FLAG, value_name = "FIELD=VALUE", hide = true, allow_hyphen_values = true)]
    pub(crate) fields: Vec<String>,
    /// Only assets whose field FIELD has the value VALUE; for each field once.
    // Never given: `with_fields` turns what looks like it into the hidden option above. It stands
    // here for the help.
    #[arg(long = "FIELD", value_name = "VALUE", id = "help_for_fields")]
    pub(crate) help_for_fields: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct HistoryOptions {
    /// The id of the asset, as its feature has it.
    pub(crate) id: AssetId,
    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ReportOptions {
    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct CheckOptions {
    /// An entry of the audit that was written down: the audit must still lead through it.
    #[arg(long, value_name = "NUMBER:HASH")]
    pub(crate) audit_head: Option<AuditMark>,
    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct DemoOptions {
    /// How many assets.
    #[arg(long, value_name = "N", default_value_t = crate::demo::ASSETS)]
    pub(crate) assets: u64,
    /// From which number the district is made.
    #[arg(long, value_name = "S", default_value_t = crate::demo::SEED)]
    pub(crate) seed: u64,
    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ClassesOptions {
    #[command(subcommand)]
    pub(crate) command: Option<ClassesCommand>,
    /// The class to describe.
    pub(crate) name: Option<String>,
    /// Describe it as it was at this change.
    #[arg(long, value_name = "CHANGE", requires = "name")]
    pub(crate) at: Option<u64>,
    /// Tell every change that has described it, and what it changed.
    #[arg(long, requires = "name", conflicts_with = "at")]
    pub(crate) changes: bool,
    /// Look at the classes that the program ships, not at those of the registry.
    #[arg(long, conflicts_with_all = ["at", "changes"])]
    pub(crate) shipped: bool,
    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClassesCommand {
    /// Put documents of classes in force: add a class, add a field, rename a title, extend a code
    /// list, widen a range, retire a field, a code or a class.
    ///
    /// All of them become one change, or nothing does. What would lose or contradict what is
    /// registered is refused, each with the number of assets and past versions that it concerns. A
    /// running server shows the change within a second.
    #[command(after_help = "Examples:\n  \
        terrier classes put benches.toml --dry-run\n  \
        terrier classes put --shipped gas_pipes")]
    Put(ClassesPutOptions),
}

#[derive(Args, Debug)]
pub(crate) struct ClassesPutOptions {
    /// The documents, each of another class.
    #[arg(value_name = "FILE.toml", required_unless_present = "shipped")]
    pub(crate) files: Vec<PathBuf>,
    /// Put in force what the program ships: the classes named, or all but those that the registry
    /// has retired.
    #[arg(long, value_name = "CLASS", num_args = 0.., conflicts_with = "files")]
    pub(crate) shipped: Option<Vec<String>>,
    /// Let fields that were restricted become public, with all that they ever held.
    #[arg(long)]
    pub(crate) allow_publish: bool,
    /// Why.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) recording: RecordingOptions,
}

/// How a change is made and reported.
#[derive(Args, Debug)]
pub(crate) struct RecordingOptions {
    /// Who makes the change [default: the name of the user, from USER]
    #[arg(long, value_name = "NAME")]
    pub(crate) actor: Option<String>,
    /// Report what would happen, and change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct CrsOptions {
    /// The system, such as EPSG:4548.
    pub(crate) code: Option<String>,
    /// Convert this position in the system to longitude and latitude on WGS 84; any number of them.
    /// `-` stands for the lines of stdin.
    #[arg(
        long,
        value_name = "EASTING,NORTHING",
        requires = "code",
        conflicts_with = "from_wgs84",
        allow_hyphen_values = true
    )]
    pub(crate) to_wgs84: Vec<Given>,
    /// Convert this longitude and latitude on WGS 84 to a position in the system; any number of
    /// them. `-` stands for the lines of stdin.
    #[arg(long, value_name = "LON,LAT", requires = "code", allow_hyphen_values = true)]
    pub(crate) from_wgs84: Vec<Given>,
    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

const FIELD_FLAG: &str = "where-field";

/// A command that takes fields as options: its words, such as `rules try`, and its own options.
struct CommandWithFields {
    words: Vec<String>,
    options: Vec<String>,
}

fn commands_with_fields() -> Vec<CommandWithFields> {
    let (mut found, mut waiting) = (Vec::new(), vec![(Vec::new(), Cli::command())]);
    while let Some((words, command)) = waiting.pop() {
        let options = command.get_arguments().filter_map(|option| option.get_long());
        let mut options: Vec<String> = options.map(Into::into).collect();
        if options.iter().any(|option| option == FIELD_FLAG) {
            options.extend(["data", "help"].map(String::from));
            found.push(CommandWithFields { words: words.clone(), options });
        }
        for below in command.get_subcommands() {
            let name = below.get_name().to_owned();
            waiting.push((words.iter().cloned().chain([name]).collect(), below.clone()));
        }
    }
    found
}

/// Turns `--material=steel` and `--material steel` of a command that takes [`Conditions`] into the
/// option for fields, for the command line cannot know the fields of a collection.
pub(crate) fn with_fields(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let commands = commands_with_fields();
    let (mut options, mut words): (&[String], Vec<String>) = (&[], Vec::new());
    let mut given = arguments.into_iter();
    // The program's own name, then what comes before the command.
    let mut turned: Vec<OsString> = given.next().into_iter().collect();
    while let Some(argument) = given.next() {
        let text = argument.to_string_lossy().into_owned();
        turned.push(argument);
        if text == "--data" {
            turned.extend(given.next());
            continue;
        }
        if text.starts_with('-') {
            continue;
        }
        words.push(text);
        if let Some(command) = commands.iter().find(|command| command.words == words) {
            options = &command.options;
            break;
        }
        if !commands.iter().any(|command| command.words.starts_with(&words)) {
            turned.extend(given);
            return turned;
        }
    }
    while let Some(argument) = given.next() {
        let field = argument.to_str().and_then(|text| text.strip_prefix("--")).map(|text| {
            text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)))
        });
        match field {
            Some((name, value)) if !name.is_empty() && !options.iter().any(|o| o == name) => {
                let value: OsString = match value {
                    Some(value) => value.into(),
                    None => given.next().unwrap_or_default(),
                };
                let mut pair = OsString::from(format!("{name}="));
                pair.push(value);
                turned.extend([format!("--{FIELD_FLAG}").into(), pair]);
            }
            _ => turned.push(argument),
        }
    }
    turned
}

fn csv_geometry(text: &str) -> Result<CsvGeometry, &'static str> {
    match text {
        "wkt" => Ok(CsvGeometry::Wkt),
        "xy" => Ok(CsvGeometry::Positions),
        "none" => Ok(CsvGeometry::None),
        _ => Err("expected one of wkt, xy, none"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        let turned = with_fields(line.split(' ').map(OsString::from));
        let texts: Vec<_> = turned.iter().filter_map(|argument| argument.to_str()).collect();
        assert_eq!(texts.join(" "), expected);
    }

    #[test]
    fn fields_of_a_collection_are_options_of_their_own_names() {
        check(
            "terrier export gas_pipes --material=steel -o out.json",
            "terrier export gas_pipes --where-field material=steel -o out.json",
        );
        check(
            "terrier export gas_pipes --code A=1 --bbox 1,2,3,4",
            "terrier export gas_pipes --where-field code=A=1 --bbox 1,2,3,4",
        );
        let import = "terrier import a --source export --as gas_pipes";
        check(import, import);
        check(
            "terrier --data d summary gas_pipes --group-by material --material=steel --csv",
            "terrier --data d summary gas_pipes --group-by material --where-field material=steel \
             --csv",
        );
        check(
            "terrier rules --data d try f.toml --kind=renew --on 2026-07-01",
            "terrier rules --data d try f.toml --where-field kind=renew --on 2026-07-01",
        );
        let put = "terrier rules put try --kind=renew";
        check(put, put);
        check("terrier --data d export x --data=e", "terrier --data d export x --data=e");
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
