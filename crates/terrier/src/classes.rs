//! `terrier classes`

mod put;

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use terrier_catalog::shipped_classes;
use terrier_model::Class;
use terrier_store::{ClassVersion, Ledger};

use crate::cli::{ClassesCommand, ClassesOptions};
use crate::failure::Failure;
use crate::output::{report, report_json};

pub(crate) async fn run(folder: &Path, options: ClassesOptions) -> Result<ExitCode, Failure> {
    let ClassesOptions { command, name, at, changes, shipped, json } = options;
    if let Some(ClassesCommand::Put(options)) = command {
        return put::run(folder, &options).await;
    }
    if let Some(name) = name.as_deref().filter(|_| at.is_some() || changes) {
        return tell_versions(folder, name, at, json).await;
    }
    let documents = if !shipped && Ledger::exists(folder) {
        let ledger = Ledger::open(folder).await?;
        let documents = ledger.class_documents().await?;
        ledger.close().await;
        documents
    } else {
        // What a new registry would start with.
        let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        shipped_classes().iter().map(owned).collect()
    };
    let Some(name) = name else { return list(&documents, json) };
    let Some((_, text)) = documents.iter().find(|(other, _)| *other == name) else {
        let names = documents.iter().map(|(name, _)| &**name);
        return Err(no_class(&name, names));
    };
    describe(&name, text, json)
}

fn no_class<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Failure {
    let names = names.collect::<Vec<_>>().join(", ");
    Failure::usage(format!("no class `{name}`, expected one of {names}"))
}

fn describe(name: &str, text: &str, as_json: bool) -> Result<ExitCode, Failure> {
    if as_json {
        let class = parsed(text)?;
        let schema = terrier_catalog::feature_schema(
            Some(&class),
            &terrier_model::Scope::everything(),
            name,
        );
        report_json(&schema)?;
    } else {
        report(text.trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Tells what a class was at a change, or every change of it.
async fn tell_versions(
    folder: &Path,
    name: &str,
    at: Option<u64>,
    as_json: bool,
) -> Result<ExitCode, Failure> {
    let ledger = Ledger::open(folder).await?;
    let versions = ledger.class_versions(name).await?;
    let (documents, last) = (ledger.class_documents().await?, ledger.last_change().await?);
    ledger.close().await;
    let Some(first) = versions.first() else {
        return Err(no_class(name, documents.iter().map(|(name, _)| &**name)));
    };
    let Some(at) = at else { return tell_changes(&versions, as_json) };
    let (from, known) = (first.change.sequence, first.change.sequence..=last);
    if !known.contains(&at) {
        return Err(Failure::usage(format!(
            "there is no class `{name}` at change {at}, expected a change from {from} to {last}"
        )));
    }
    let of_day = versions.iter().rev().find(|version| version.change.sequence <= at);
    describe(name, &of_day.unwrap_or(first).document, as_json)
}

fn tell_changes(versions: &[ClassVersion], as_json: bool) -> Result<ExitCode, Failure> {
    let (mut before, mut list) = (None, Vec::new());
    for ClassVersion { change, document } in versions {
        let class = parsed(document)?;
        let differences = before.map_or(Vec::new(), |before: Class| before.differences(&class));
        before = Some(class);
        if as_json {
            list.push(json!({
                "sequence": change.sequence,
                "recorded_at": change.recorded_at.to_string(),
                "actor": change.actor,
                "reason": change.reason,
                "origin": change.origin,
                "differences": differences.iter().map(put::difference_json).collect::<Vec<_>>(),
            }));
            continue;
        }
        let reason = if change.reason.is_empty() { "" } else { ": " };
        report(format!(
            "change {} recorded {} by {} through {}{reason}{}",
            change.sequence, change.recorded_at, change.actor, change.origin, change.reason
        ))?;
        for difference in &differences {
            report(format!("  {difference}"))?;
        }
    }
    if as_json {
        report_json(&list.into())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn list(documents: &[(String, String)], as_json: bool) -> Result<ExitCode, Failure> {
    let mut all = Vec::new();
    for (_, text) in documents {
        all.push(parsed(text)?);
    }
    if as_json {
        let one = |class: &Class| {
            json!({
                "name": class.name(),
                "title": { "en": class.title().en, "zh": class.title().zh },
                "geometry": class.geometry().geojson_name(),
                "own_fields": fields_of(class),
                "retired": class.is_retired(),
            })
        };
        report_json(&all.iter().map(one).collect())?;
    } else {
        for class in &all {
            let (title, fields) = (class.title(), fields_of(class));
            let retired = if class.is_retired() { " (retired)" } else { "" };
            let geometry = class.geometry().geojson_name();
            let name = class.name();
            report(format!(
                "{name:<20} {geometry:<16} {fields:>3} fields  {} {}{retired}",
                title.en, title.zh
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// How many fields the class has of its own.
pub(crate) fn fields_of(class: &Class) -> usize {
    class.own_fields().iter().filter(|field| !field.retired).count()
}

fn parsed(text: &str) -> Result<Class, Failure> {
    terrier_catalog::class_from_toml(text)
        .map_err(|error| Failure::because("cannot read the document of a class", error))
}
