//! `terrier classes`

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use terrier_catalog::shipped_classes;
use terrier_store::Ledger;

use crate::cli::ClassesOptions;
use crate::failure::Failure;
use crate::output::{report, report_json};

pub(crate) async fn run(folder: &Path, options: &ClassesOptions) -> Result<ExitCode, Failure> {
    let documents = if Ledger::exists(folder) {
        let ledger = Ledger::open(folder).await?;
        let documents = ledger.class_documents().await?;
        ledger.close().await;
        documents
    } else {
        // What a new registry would start with.
        let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        shipped_classes().iter().map(owned).collect()
    };
    match &options.name {
        Some(name) => describe(name, &documents, options.json),
        None => list(&documents, options.json),
    }
}

fn describe(
    name: &str,
    documents: &[(String, String)],
    as_json: bool,
) -> Result<ExitCode, Failure> {
    let Some((_, text)) = documents.iter().find(|(other, _)| other == name) else {
        let names: Vec<&str> = documents.iter().map(|(name, _)| &**name).collect();
        let names = names.join(", ");
        return Err(Failure::usage(format!("no class `{name}`, expected one of {names}")));
    };
    if as_json {
        let class = parsed(text)?;
        let schema =
            terrier_catalog::feature_schema(Some(&class), terrier_model::Scope::Everything, name);
        report_json(&schema)?;
    } else {
        report(text.trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn list(documents: &[(String, String)], as_json: bool) -> Result<ExitCode, Failure> {
    let mut all = Vec::new();
    for (_, text) in documents {
        all.push(parsed(text)?);
    }
    if as_json {
        let one = |class: &terrier_model::Class| {
            json!({
                "name": class.name(),
                "title": { "en": class.title().en, "zh": class.title().zh },
                "geometry": class.geometry().geojson_name(),
                "own_fields": class.own_fields().len(),
            })
        };
        report_json(&all.iter().map(one).collect())?;
    } else {
        for class in &all {
            let (title, fields) = (class.title(), class.own_fields().len());
            let geometry = class.geometry().geojson_name();
            let name = class.name();
            report(format!(
                "{name:<20} {geometry:<16} {fields:>3} fields  {} {}",
                title.en, title.zh
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn parsed(text: &str) -> Result<terrier_model::Class, Failure> {
    terrier_catalog::class_from_toml(text)
        .map_err(|error| Failure::because("cannot read the document of a class", error))
}
