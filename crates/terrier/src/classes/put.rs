//! `terrier classes put`

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value as Json, json};
use terrier_catalog::{ClassPack, MAX_CLASS_BYTES, shipped_classes};
use terrier_model::{Difference, Held};
use terrier_store::{ClassAction, ClassPut, ClassPutReport, Ledger, Weighed};

use crate::cli::ClassesPutOptions;
use crate::failure::{FAILED, Failure};
use crate::output::{report, report_json, say};
use crate::{clock, document, folder};

/// The most names of files that the record of a change has.
const NAMED_FILES: usize = 3;

pub(super) async fn run(folder: &Path, options: &ClassesPutOptions) -> Result<ExitCode, Failure> {
    // What describes no class makes no registry either.
    let files = options.files.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    check_names(&files, options)?;
    let (ledger, scratch) = folder::for_change(folder, options.recording.dry_run).await?;
    let packs = match &options.shipped {
        None => files,
        Some(names) => shipped(&ledger, names).await?,
    };
    let put = ClassPut {
        packs,
        may_publish: options.allow_publish,
        recorded_at: clock::now(),
        actor: folder::actor(options.recording.actor.as_ref()),
        reason: options.reason.clone(),
        origin: origin(options),
    };
    let outcome = ledger.put_classes(&put, options.recording.dry_run).await?;
    ledger.close().await;
    drop(scratch);
    tell(options, &put, &outcome)
}

fn read(path: &Path) -> Result<ClassPack, Failure> {
    ClassPack::parse(&document::read(path, MAX_CLASS_BYTES)?).map_err(|error| {
        Failure::because(format!("`{}` describes no class", path.display()), error)
    })
}

fn check_names(files: &[ClassPack], options: &ClassesPutOptions) -> Result<(), Failure> {
    for (place, pack) in files.iter().enumerate() {
        let name = pack.class().name();
        if files[..place].iter().any(|other| other.class().name() == name) {
            return Err(Failure::usage(format!("two of the files describe `{name}`")));
        }
    }
    let known = || shipped_classes().iter().map(|(name, _)| *name);
    for name in options.shipped.iter().flatten() {
        if !known().any(|other| other == name) {
            return Err(super::no_class(name, known()));
        }
    }
    Ok(())
}

/// The documents that the program ships: those that are named, or all but those of classes which
/// the registry has retired.
async fn shipped(ledger: &Ledger, names: &[String]) -> Result<Vec<ClassPack>, Failure> {
    let mut retired = Vec::new();
    if names.is_empty() {
        for (name, document) in ledger.class_documents().await? {
            if super::parsed(&document)?.is_retired() {
                retired.push(name);
            }
        }
    }
    let is_wanted = |name: &str| match names {
        [] => !retired.iter().any(|retired| retired == name),
        names => names.iter().any(|wanted| wanted == name),
    };
    let wanted = shipped_classes().iter().filter(|(name, _)| is_wanted(name));
    let packs = wanted.map(|(_, document)| ClassPack::parse(document));
    packs.collect::<Result<_, _>>().map_err(|error| Failure::because("a class is broken", error))
}

fn origin(options: &ClassesPutOptions) -> String {
    let name = |path: &std::path::PathBuf| {
        path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    };
    let names = match &options.shipped {
        Some(names) => std::iter::once("--shipped".to_owned()).chain(names.clone()).collect(),
        None => options.files.iter().map(name).collect::<Vec<_>>(),
    };
    if options.files.len() > NAMED_FILES {
        return format!("classes put {} files", options.files.len());
    }
    format!("classes put {}", names.join(" "))
}

fn tell(
    options: &ClassesPutOptions,
    put: &ClassPut,
    outcome: &ClassPutReport,
) -> Result<ExitCode, Failure> {
    let refused = outcome.refused().count();
    if options.recording.json {
        report_json(&as_json(options, outcome))?;
        return Ok(ExitCode::from(if refused > 0 { FAILED } else { 0 }));
    }
    if refused > 0 {
        for (class, Weighed { difference, held, refusal }) in outcome.refused() {
            let instead = refusal.unwrap_or_default();
            say(format!("{class}: {difference}: {}; {instead}", in_words(*held)));
        }
        return Err(Failure::new(format!(
            "{refused} differences are refused; nothing was changed"
        )));
    }
    for (pack, class) in put.packs.iter().zip(&outcome.classes) {
        let name = &class.name;
        match &class.action {
            ClassAction::Add => {
                report(format!("{name}: new, {} fields", super::fields_of(pack.class())))?;
            }
            ClassAction::Keep => report(format!("{name}: unchanged"))?,
            ClassAction::Change(weighed) if weighed.is_empty() => {
                report(format!("{name}: other text of the same class"))?;
            }
            ClassAction::Change(weighed) => {
                let differences = weighed.iter().map(|weighed| &weighed.difference);
                differences.into_iter().try_for_each(|one| report(format!("{name}: {one}")))?;
            }
        }
    }
    report(match outcome.sequence {
        _ if options.recording.dry_run => "dry run, nothing was written".to_owned(),
        Some(sequence) => format!("change {sequence}"),
        None => "no change".to_owned(),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn in_words(held: Held) -> String {
    match held {
        Held { standing: 0, past: 0 } => "held by nothing".into(),
        Held { standing, past: 0 } => format!("held by {standing} assets"),
        Held { standing: 0, past } => format!("held by {past} past versions"),
        Held { standing, past } => format!("held by {standing} assets and {past} past versions"),
    }
}

/// A difference as JSON.
pub(super) fn difference_json(difference: &Difference) -> Json {
    let Difference { field, part, old, new, .. } = difference;
    json!({ "field": field, "part": part, "old": old, "new": new })
}

fn as_json(options: &ClassesPutOptions, outcome: &ClassPutReport) -> Json {
    let weighed_json = |weighed: &Weighed| {
        let mut json = difference_json(&weighed.difference);
        json["assets"] = weighed.held.standing.into();
        json["past_versions"] = weighed.held.past.into();
        json["refused"] = weighed.refusal.into();
        json
    };
    let classes: Vec<Json> = outcome
        .classes
        .iter()
        .map(|class| {
            let (action, differences) = match &class.action {
                ClassAction::Add => ("new", Vec::new()),
                ClassAction::Keep => ("unchanged", Vec::new()),
                ClassAction::Change(weighed) => {
                    ("changed", weighed.iter().map(weighed_json).collect())
                }
            };
            json!({ "class": class.name, "action": action, "differences": differences })
        })
        .collect();
    json!({
        "change": outcome.sequence,
        "dry_run": options.recording.dry_run,
        "refused": outcome.refused().count(),
        "classes": classes,
    })
}
