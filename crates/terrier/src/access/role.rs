//! `terrier role`

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value as Json, json};
use terrier_catalog::{MAX_ROLE_BYTES, RolePack, shipped_roles};
use terrier_model::{Edge, Grant, Limits, Names, Permission, Role};
use terrier_store::{Ledger, RolePut};

use super::{area_text, behind, refused, tell, writing};
use crate::cli::access::{
    RoleCommand, RoleListOptions, RolePutOptions, RoleRetireOptions, RoleShowOptions,
};
use crate::failure::Failure;
use crate::output::{report, report_json};
use crate::{document, folder};

pub(crate) async fn run(folder: &Path, command: RoleCommand) -> Result<ExitCode, Failure> {
    match command {
        RoleCommand::List(options) => list(folder, &options).await?,
        RoleCommand::Show(options) => show(folder, &options).await?,
        RoleCommand::Put(options) => put(folder, &options).await?,
        RoleCommand::Retire(options) => retire(folder, &options).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The roles in force, name and document; without a registry those that a new one would start with.
async fn documents(folder: &Path, shipped: bool) -> Result<Vec<(String, String)>, Failure> {
    if shipped || !Ledger::exists(folder) {
        let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        return Ok(shipped_roles().iter().map(owned).collect());
    }
    let ledger = Ledger::open(folder).await?;
    let documents = ledger.role_documents().await?;
    ledger.close().await;
    Ok(documents.into_iter().filter_map(|one| Some((one.name, one.text?))).collect())
}

async fn list(folder: &Path, options: &RoleListOptions) -> Result<(), Failure> {
    let documents = documents(folder, options.shipped).await?;
    let parse = |(name, text): &(String, String)| {
        RolePack::parse(text)
            .map_err(|error| Failure::because(format!("cannot read the role `{name}`"), error))
    };
    let packs = documents.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    if options.json {
        return report_json(&packs.iter().map(|pack| role_json(pack.role())).collect());
    }
    for pack in &packs {
        let Role { name, title, grants, limits } = pack.role();
        report(format!("{name}: {} {}", title.en, title.zh))?;
        for grant in grants {
            let permissions: Vec<&str> =
                grant.permissions.iter().map(|permission| permission.code()).collect();
            let place = grant.area.as_ref().map_or("", |_| ", within an area");
            let (collections, permissions) = (words(&grant.collections), permissions.join(", "));
            report(format!("  {collections}: {permissions}{place}"))?;
        }
        let words = limits_words(limits);
        if !words.is_empty() {
            report(format!("  at most {}", words.join(", ")))?;
        }
    }
    Ok(())
}

/// What of limits there is, in words.
fn limits_words(limits: &Limits) -> Vec<String> {
    let Limits { requests_per_minute, features_per_day, export_area_km2 } = limits;
    let requests = requests_per_minute.map(|limit| format!("{limit} requests a minute"));
    let features = features_per_day.map(|limit| format!("{limit} features a day"));
    let area = export_area_km2.map(|limit| format!("{limit} km² in one answer"));
    [requests, features, area].into_iter().flatten().collect()
}

/// Names in words.
fn words(names: &Names) -> String {
    match names {
        Names::All => "all collections".into(),
        Names::These(names) => names.iter().map(|name| &**name).collect::<Vec<_>>().join(", "),
    }
}

fn role_json(role: &Role) -> Json {
    let grant = |grant: &Grant| {
        let Grant { collections, permissions, restricted, hidden, writable, writes_geometry, area } =
            grant;
        let permissions: Vec<&str> = permissions.iter().copied().map(Permission::code).collect();
        json!({
            "collections": names_json(collections),
            "permissions": permissions,
            "restricted": names_json(restricted),
            "hidden": names_json(hidden),
            "writable": names_json(writable),
            "writes_geometry": writes_geometry,
            "edge": area.as_ref().map(|area| area.edge.code()),
        })
    };
    json!({
        "role": role.name,
        "title": { "en": role.title.en, "zh": role.title.zh },
        "limits": limits_json(&role.limits),
        "grants": role.grants.iter().map(grant).collect::<Vec<_>>(),
    })
}

/// Limits as documents have them.
pub(super) fn limits_json(limits: &Limits) -> Json {
    let Limits { requests_per_minute, features_per_day, export_area_km2 } = limits;
    json!({
        "requests_per_minute": requests_per_minute,
        "features_per_day": features_per_day,
        "export_area_km2": export_area_km2,
    })
}

/// Names as documents have them.
pub(super) fn names_json(names: &Names) -> Json {
    match names {
        Names::All => json!(["*"]),
        Names::These(names) => names.iter().map(|name| json!(name)).collect(),
    }
}

async fn show(folder: &Path, options: &RoleShowOptions) -> Result<(), Failure> {
    let documents = documents(folder, options.shipped).await?;
    let Some((_, text)) = documents.iter().find(|(name, _)| *name == options.role) else {
        let names: Vec<&str> = documents.iter().map(|(name, _)| &**name).collect();
        let (found, names) = (&options.role, names.join(", "));
        return Err(Failure::usage(format!("no role `{found}`, expected one of {names}")));
    };
    report(text.trim_end())
}

async fn put(folder: &Path, options: &RolePutOptions) -> Result<(), Failure> {
    let RolePutOptions { file, area, edge, change } = options;
    let shown = file.display();
    let mut text = document::read(file, MAX_ROLE_BYTES)?;
    if let Some(area) = area {
        text = with_area(&text, area, edge.unwrap_or(Edge::Whole))?;
    }
    let pack = RolePack::parse(&text)
        .map_err(|error| Failure::because(format!("`{shown}` is no role"), error))?;
    let name = pack.role().name.to_string();
    let (ledger, scratch) = folder::for_change(folder, change.recording.dry_run).await?;
    let file = file.file_name().unwrap_or_default().to_string_lossy();
    let behind = behind(change, format!("role put {file}"));
    let report = match ledger.put_role(&RolePut::Put(pack), &behind, writing(change)).await {
        Ok(report) => report,
        Err(error) => return Err(refused(&ledger, error).await),
    };
    ledger.close().await;
    drop(scratch);
    let about = json!({ "role": name, "is_new": !report.is_known, "is_same": report.is_same });
    tell(about, report.sequence, change)
}

/// The document with an area in each of its grants.
fn with_area(text: &str, path: &Path, edge: Edge) -> Result<String, Failure> {
    let area = area_text(path)?;
    if area.contains("'''") {
        return Err(Failure::usage(format!("`{}` is no GeoJSON", path.display())));
    }
    let heading = "[[grant]]";
    let mut lines = Vec::new();
    for line in text.lines() {
        lines.push(line.to_owned());
        if line.trim() == heading {
            lines.push(format!("area = '''\n{}'''", area.trim()));
            lines.push(format!("edge = \"{}\"", edge.code()));
        }
    }
    Ok(lines.join("\n"))
}

async fn retire(folder: &Path, options: &RoleRetireOptions) -> Result<(), Failure> {
    let RoleRetireOptions { role, change } = options;
    let ledger = Ledger::open(folder).await?;
    let behind = behind(change, format!("role retire {role}"));
    let put = RolePut::Retire(role.clone());
    let report = match ledger.put_role(&put, &behind, writing(change)).await {
        Ok(report) => report,
        Err(error) => return Err(refused(&ledger, error).await),
    };
    ledger.close().await;
    tell(json!({ "role": role }), report.sequence, change)
}
