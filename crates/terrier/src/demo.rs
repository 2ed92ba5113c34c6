//! `terrier demo`, and the district that `terrier serve --demo` makes on first use.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;
use terrier_catalog::{Secret, shipped_classes, shipped_roles, shipped_rule_packs, time_zone};
use terrier_model::{Checked, Names, Verb};
use terrier_store::{Arrival, Beginning, Change, ChangeReport, FirstAccess, Ledger, Name, Since};

use crate::cli::DemoOptions;
use crate::district::{Found, district};
use crate::failure::Failure;
use crate::{clock, folder, output, progress};

/// How many assets the demonstration district has when nobody says.
pub(crate) const ASSETS: u64 = 60_000;

/// The seed from which it is made when nobody says.
pub(crate) const SEED: u64 = 120_103;

/// 2024-01-01T00:00:00Z in seconds since 1970: since then the district is as it is, so that the same
/// seed gives the same bytes.
const VALID_FROM_S: i64 = 1_704_067_200;

/// Where the district lies.
const TIME_ZONE: &str = "Asia/Shanghai";

/// How many assets go to the ledger at once.
const BATCH_ASSETS: usize = 500;

/// `terrier demo`
pub(crate) async fn run(folder: &Path, options: &DemoOptions) -> Result<ExitCode, Failure> {
    let report = make(folder, options.assets, options.seed, None).await?;
    let folder = folder.display();
    if options.json {
        let body = json!({ "folder": folder.to_string(), "assets": report.created });
        output::report_json(&body)?;
    } else {
        output::report(format!("{} assets in `{folder}`", report.created))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes a registry with the district in it, which anybody may see, and a key for its administrator, if
/// one is given; it is not seen before it is whole.
pub(crate) async fn make(
    folder: &Path,
    assets: u64,
    seed: u64,
    key: Option<&Secret>,
) -> Result<ChangeReport, Failure> {
    let fill = async |ledger: &Ledger| fill(ledger, assets, seed).await;
    let beginning = Beginning {
        classes: shipped_classes(),
        rules: shipped_rule_packs(),
        time_zone: &time_zone(TIME_ZONE).expect("a time zone of the database"),
        access: FirstAccess {
            roles: shipped_roles(),
            public_collections: Some(&Names::All),
            key: key.map(|key| (key.id(), key.hash())),
        },
        recorded_at: clock::now(),
        actor: &folder::user(),
    };
    let made = Ledger::create_filled(folder, &beginning, fill).await;
    let (ledger, report) = made?;
    ledger.close().await;
    Ok(report)
}

async fn fill(ledger: &Ledger, assets: u64, seed: u64) -> Result<ChangeReport, Failure> {
    let classes = ledger.classes().await?;
    let mut session = ledger
        .begin_change(Change {
            source: "demonstration".into(),
            verb: Verb::Update,
            since: Since::At(Timestamp::from_second(VALID_FROM_S).expect("a moment of 2024")),
            recorded_at: clock::now(),
            today: clock::today(&ledger.time_zone().await?),
            actor: folder::user(),
            reason: "a made-up district to try things on".into(),
            origin: format!("demo --assets {assets} --seed {seed}"),
        })
        .await?;
    let bar = progress::of_assets(assets, "making");
    let mut batch = Vec::with_capacity(BATCH_ASSETS);
    for Found { class, draft, events } in district(assets, seed) {
        let class = classes.get(class).expect("the district is of shipped classes");
        let Checked { content, given, .. } =
            draft.check(class).expect("the district's drafts are sound");
        let id = draft.id.expect("the district's assets have ids");
        let (class, name) = (Arc::clone(class), Name::Id(id));
        batch.push(Arrival { class, name, content, given, events });
        if batch.len() == BATCH_ASSETS {
            bar.inc(batch.len() as u64);
            session.put(std::mem::take(&mut batch), clock::new_id).await?;
        }
    }
    session.put(batch, clock::new_id).await?;
    bar.finish_and_clear();
    Ok(session.commit().await?)
}
