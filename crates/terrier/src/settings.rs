//! `terrier settings`

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value as Json, json};
use terrier_catalog::{NO_COLLECTIONS, class_names, class_names_text, time_zone, time_zone_name};
use terrier_model::{ChangeSet, Classes};
use terrier_store::{
    Behind, CollectionSetting, CollectionsPut, Ledger, SettingVersion, TimeZonePut,
};

use crate::cli::settings::{SettingsCommand, SettingsOptions, SettingsSetOptions};
use crate::failure::Failure;
use crate::output::{report, report_json};
use crate::table::Table;
use crate::{clock, folder};

pub(crate) async fn run(folder: &Path, options: SettingsOptions) -> Result<ExitCode, Failure> {
    match &options.command {
        Some(SettingsCommand::Set(set)) => put(folder, set).await?,
        None => list(folder, options.json).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(folder: &Path, as_json: bool) -> Result<(), Failure> {
    let ledger = Ledger::open(folder).await?;
    let versions = ledger.setting_versions().await?;
    ledger.close().await;
    // The default of a registry is what it was made with.
    let settings = versions.chunk_by(|a, b| a.name == b.name).filter_map(|of_one| {
        let (first, last) = (of_one.first()?, of_one.last()?);
        Some((&first.value, last))
    });
    if as_json {
        return report_json(&settings.map(|(default, setting)| json(default, setting)).collect());
    }
    let heading = ["setting", "value", "default", "source"].map(|name| (name.to_owned(), false));
    let mut table = Table::new(heading.into());
    for (default, SettingVersion { name, value, change }) in settings {
        let ChangeSet { sequence, recorded_at, actor, origin, .. } = change;
        let source = format!("change {sequence} ({recorded_at}) by {actor} through {origin}");
        table.push(vec![name.clone(), value.clone(), default.clone(), source]);
    }
    table.lines().into_iter().try_for_each(report)
}

fn json(default: &str, setting: &SettingVersion) -> Json {
    let SettingVersion { name, value, change } = setting;
    json!({
        "name": name,
        "value": value,
        "default": default,
        "source": {
            "change": change.sequence,
            "recorded_at": change.recorded_at.to_string(),
            "actor": change.actor,
            "reason": change.reason,
            "origin": change.origin,
        },
    })
}

async fn put(folder: &Path, options: &SettingsSetOptions) -> Result<(), Failure> {
    if let Some(setting) = CollectionSetting::from_name(&options.name) {
        return put_collections(folder, setting, options).await;
    }
    let SettingsSetOptions { name, value, recording, .. } = options;
    let fault = |error| Failure::usage(format!("`{name}`: {error}"));
    // What is no value makes no registry either.
    let time_zone = time_zone(value).map_err(fault)?;
    let (ledger, scratch) = folder::for_change(folder, recording.dry_run).await?;
    let former = ledger.time_zone().await?;
    let put = TimeZonePut { time_zone, behind: behind(options) };
    let sequence = ledger.set_time_zone(&put, recording.dry_run).await?;
    ledger.close().await;
    drop(scratch);
    tell(options, time_zone_name(&former), time_zone_name(&put.time_zone), sequence)
}

async fn put_collections(
    folder: &Path,
    setting: CollectionSetting,
    options: &SettingsSetOptions,
) -> Result<(), Failure> {
    let SettingsSetOptions { name, value, recording, .. } = options;
    let read = |classes: &Classes| {
        class_names(value, classes).map_err(|error| Failure::usage(format!("`{name}`: {error}")))
    };
    if !Ledger::exists(folder) {
        // What is no value makes no registry either.
        read(&folder::first_classes()?)?;
    }
    let (ledger, scratch) = folder::for_change(folder, recording.dry_run).await?;
    let former = ledger.collections_of(setting).await?;
    let former = match (setting, former) {
        (_, Some(names)) => class_names_text(&names),
        (CollectionSetting::Restricted, None) => "what is not public".to_owned(),
        (CollectionSetting::Public | CollectionSetting::Strict, None) => NO_COLLECTIONS.to_owned(),
    };
    let collections = read(&ledger.classes().await?)?;
    let after = class_names_text(&collections);
    let put = CollectionsPut { setting, collections, behind: behind(options) };
    let sequence = ledger.set_collections(&put, recording.dry_run).await?;
    ledger.close().await;
    drop(scratch);
    tell(options, &former, &after, sequence)
}

fn behind(options: &SettingsSetOptions) -> Behind {
    Behind {
        recorded_at: clock::now(),
        actor: folder::actor(options.recording.actor.as_ref()),
        reason: options.reason.clone(),
        origin: "settings set".into(),
    }
}

fn tell(
    options: &SettingsSetOptions,
    before: &str,
    after: &str,
    sequence: Option<u64>,
) -> Result<(), Failure> {
    let SettingsSetOptions { name, recording, .. } = options;
    if recording.json {
        return report_json(&json!({
            "setting": name,
            "before": before,
            "value": after,
            "change": sequence,
            "dry_run": recording.dry_run,
        }));
    }
    let done = match sequence {
        _ if recording.dry_run => "dry run, nothing was written".to_owned(),
        Some(sequence) => format!("change {sequence}"),
        None => "no change".to_owned(),
    };
    report(format!("{name}: {before} -> {after} ({done})"))
}
