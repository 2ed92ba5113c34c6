//! Which assets a command is about, as its options say it.

use terrier_catalog::{Collection, Presentation};
use terrier_model::{Classes, Scope};
use terrier_spatial::Crs;

use crate::cli::Conditions;
use crate::failure::Failure;

/// The collection of a name.
pub(crate) fn collection(name: &str, classes: &Classes) -> Result<Collection, Failure> {
    Collection::find(name, classes).ok_or_else(|| {
        let names: Vec<&str> = classes.iter().map(|class| class.name()).collect();
        Failure::usage(format!("no collection `{name}`, expected assets, {}", names.join(", ")))
    })
}

/// The conditions as pairs of names and values. What is given to a page of an answer is nothing that
/// a command takes; `command` names it with its article.
pub(crate) fn pairs<'a>(
    command: &str,
    conditions: &'a Conditions,
) -> Result<Vec<(&'a str, &'a str)>, Failure> {
    let Conditions { bbox, datetime, filter, fields, help_for_fields: _ } = conditions;
    let windows = bbox.as_deref().map(|bbox| ("bbox", bbox));
    let times = datetime.as_deref().map(|time| ("datetime", time));
    let filters = filter.as_deref().map(|filter| ("filter", filter));
    let fields = fields.iter().map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let pairs: Vec<(&str, &str)> =
        windows.into_iter().chain(times).chain(filters).chain(fields).collect();
    let of_page = ["limit", "offset", "sortby", "token", "near", "k", "f", "lang"];
    if let Some((name, _)) = pairs.iter().find(|(name, _)| of_page.contains(name)) {
        return Err(Failure::usage(format!("{command} takes no --{name}")));
    }
    Ok(pairs)
}

/// How features are written whose positions shall be in this coordinate system.
pub(crate) fn shown(collection: &Collection, crs: Option<&str>) -> Result<Presentation, Failure> {
    let value = |name: &str| crs.filter(|_| name == "crs");
    Presentation::parse(collection, &Scope::everything(), value)
        .map_err(|error| Failure::usage(error.to_string()))
}

/// What is said of features that have no position in the coordinate system.
pub(crate) fn elsewhere(count: u64, shown: &Presentation) -> String {
    let code = shown.crs().map_or("OGC:CRS84", Crs::code);
    format!("note: {count} of them lie beyond {code} and are written without geometry")
}
