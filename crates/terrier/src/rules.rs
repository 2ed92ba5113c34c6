//! `terrier rules`

mod trial;

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value as Json, json};
use terrier_catalog::{MAX_RULE_PACK_BYTES, RulePack, shipped_rule_packs};
use terrier_model::RuleDraft;
use terrier_store::{Ledger, LedgerError, RulePut, RulePutReport};

use crate::cli::rules::{
    RulesCommand, RulesListOptions, RulesOptions, RulesPutOptions, RulesRetireOptions,
    RulesShowOptions,
};
use crate::failure::Failure;
use crate::output::{report, report_json};
use crate::{clock, document, folder};

pub(crate) async fn run(folder: &Path, options: RulesOptions) -> Result<ExitCode, Failure> {
    match options.command {
        RulesCommand::List(options) => list(folder, &options).await,
        RulesCommand::Show(options) => show(folder, &options).await,
        RulesCommand::Put(options) => put(folder, &options).await,
        RulesCommand::Try(options) => trial::run(folder, &options).await,
        RulesCommand::Retire(options) => retire(folder, &options).await,
    }
}

/// The packs in force, name and document; without a registry those that a new one would start with.
async fn documents(folder: &Path, shipped: bool) -> Result<Vec<(String, String)>, Failure> {
    let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    if shipped {
        return Ok(shipped_rule_packs().iter().map(owned).collect());
    }
    if !Ledger::exists(folder) {
        return Ok(folder::first_rules().iter().map(owned).collect());
    }
    let ledger = Ledger::open(folder).await?;
    let documents = ledger.rule_documents().await?;
    ledger.close().await;
    Ok(documents.into_iter().filter_map(|one| Some((one.name, one.text?))).collect())
}

fn parsed(text: &str) -> Result<RulePack, Failure> {
    RulePack::from_toml(text)
        .map_err(|error| Failure::because("cannot read the document of a rule pack", error))
}

async fn list(folder: &Path, options: &RulesListOptions) -> Result<ExitCode, Failure> {
    let documents = documents(folder, options.shipped).await?;
    let packs = documents.iter().map(|(_, text)| parsed(text)).collect::<Result<Vec<_>, _>>()?;
    if options.json {
        report_json(&packs.iter().map(pack_json).collect())?;
        return Ok(ExitCode::SUCCESS);
    }
    for pack in &packs {
        let RulePack { name, version, title, jurisdiction, rules } = pack;
        let (en, zh) = (&title.en, &title.zh);
        report(format!("{name} {version}: {en} {zh}, {jurisdiction}, {} rules", rules.len()))?;
        for rule in rules {
            let RuleDraft { id, class, kind, priority, evidence, title, .. } = rule;
            let (kind, evidence) = (kind.code(), evidence.code());
            report(format!(
                "  {id:<24} {class:<18} {kind:<8} {priority} {evidence}  {} {}",
                title.en, title.zh
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn pack_json(pack: &RulePack) -> Json {
    let rule = |rule: &RuleDraft| {
        json!({
            "id": rule.id,
            "title": { "en": rule.title.en, "zh": rule.title.zh },
            "jurisdiction": rule.jurisdiction,
            "cites": rule.cites,
            "evidence": rule.evidence.code(),
            "class": rule.class,
            "kind": rule.kind.code(),
            "priority": rule.priority,
            "effective_from": rule.effective_from.to_string(),
            "effective_to": rule.effective_to.map(|day| day.to_string()),
            "replaces": rule.replaces,
        })
    };
    json!({
        "pack": pack.name,
        "version": pack.version,
        "title": { "en": pack.title.en, "zh": pack.title.zh },
        "jurisdiction": pack.jurisdiction,
        "rules": pack.rules.iter().map(rule).collect::<Vec<_>>(),
    })
}

async fn show(folder: &Path, options: &RulesShowOptions) -> Result<ExitCode, Failure> {
    let documents = documents(folder, options.shipped).await?;
    let Some((_, text)) = documents.iter().find(|(name, _)| *name == options.pack) else {
        let names: Vec<&str> = documents.iter().map(|(name, _)| &**name).collect();
        let names = names.join(", ");
        let found = &options.pack;
        return Err(Failure::usage(format!("no rule pack `{found}`, expected one of {names}")));
    };
    report(text.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

async fn put(folder: &Path, options: &RulesPutOptions) -> Result<ExitCode, Failure> {
    // What is no pack makes no registry either.
    let (pack, text) = read(&options.file)?;
    let (ledger, scratch) = folder::for_change(folder, options.recording.dry_run).await?;
    let file = options.file.file_name().unwrap_or_default().to_string_lossy();
    let put = RulePut {
        name: pack.name.to_string(),
        text: Some(text),
        recorded_at: clock::now(),
        actor: folder::actor(options.recording.actor.as_ref()),
        reason: options.reason.clone(),
        origin: format!("rules put {file}"),
    };
    let outcome = ledger.put_rules(&put, options.recording.dry_run).await;
    ledger.close().await;
    drop(scratch);
    tell(&put.name, options.recording.dry_run, options.recording.json, &outcome?)
}

async fn retire(folder: &Path, options: &RulesRetireOptions) -> Result<ExitCode, Failure> {
    let ledger = Ledger::open(folder).await?;
    let put = RulePut {
        name: options.pack.clone(),
        text: None,
        recorded_at: clock::now(),
        actor: folder::actor(options.recording.actor.as_ref()),
        reason: options.reason.clone(),
        origin: format!("rules retire {}", options.pack),
    };
    let outcome = ledger.put_rules(&put, options.recording.dry_run).await;
    let known = ledger.rule_documents().await?;
    ledger.close().await;
    if let Err(LedgerError::NoRulePack { name }) = &outcome {
        let in_force = known.iter().filter(|pack| pack.text.is_some()).map(|pack| &*pack.name);
        let in_force = in_force.collect::<Vec<_>>().join(", ");
        let message = format!("no rule pack `{name}` in force, expected one of {in_force}");
        return Err(Failure::usage(message));
    }
    tell(&put.name, options.recording.dry_run, options.recording.json, &outcome?)
}

fn read(path: &Path) -> Result<(RulePack, String), Failure> {
    let text = document::read(path, MAX_RULE_PACK_BYTES)?;
    let pack = RulePack::from_toml(&text).map_err(|error| {
        Failure::because(format!("`{}` is no rule pack", path.display()), error)
    })?;
    Ok((pack, text))
}

fn tell(
    name: &str,
    is_dry_run: bool,
    as_json: bool,
    outcome: &RulePutReport,
) -> Result<ExitCode, Failure> {
    let RulePutReport { sequence, is_same: _, added, changed, removed } = outcome;
    if as_json {
        report_json(&json!({
            "pack": name,
            "change": sequence,
            "dry_run": is_dry_run,
            "added": added,
            "changed": changed,
            "removed": removed,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    differences(name, outcome)?;
    report(match sequence {
        _ if is_dry_run => "dry run, nothing was written".to_owned(),
        Some(sequence) => format!("change {sequence}"),
        None => "no change".to_owned(),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Tells in which rules a pack differs.
fn differences(name: &str, outcome: &RulePutReport) -> Result<(), Failure> {
    let RulePutReport { sequence: _, is_same, added, changed, removed } = outcome;
    for (word, rules) in [("new", added), ("changed", changed), ("gone", removed)] {
        rules.iter().try_for_each(|rule| report(format!("{rule}: {word}")))?;
    }
    if !is_same && added.len() + changed.len() + removed.len() == 0 {
        report(format!("{name}: other text of the same rules"))?;
    }
    Ok(())
}
