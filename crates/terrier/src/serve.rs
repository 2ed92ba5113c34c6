//! `terrier serve`

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use terrier_api::{App, Limits, PublicUrl, Settings};
use terrier_catalog::Secret;
use terrier_intake::Imports;
use terrier_store::{ErrorChain, Ledger, LedgerError, Registry};
use tokio::signal::unix::{SignalKind, signal};

use crate::access::secret;
use crate::cli::ServeOptions;
use crate::clock::{self, MachineClock};
use crate::failure::Failure;
use crate::output::{report, say};
use crate::workers::Workers;
use crate::{demo, folder, identity};

/// The folder of imports, in that of the registry.
const IMPORTS: &str = "imports";

/// How long the end of the server waits for the end of what follows the ledger.
const FOLLOWER_WAIT: Duration = Duration::from_secs(1);

pub(crate) async fn run(data: Option<PathBuf>, options: ServeOptions) -> Result<ExitCode, Failure> {
    let ServeOptions { demo, listen, public_url, public_collections, identity, today } = options;
    let identity = identity.map(|file| identity::read(&file)).transpose()?;
    // A port in use is told before anything is made or read.
    let listener = terrier_api::bind(listen)?;
    let address =
        listener.local_addr().map_err(|error| Failure::because("cannot listen", error))?;
    let folder = if demo {
        let folder = data.unwrap_or_else(|| "terrier-demo".into());
        prepare_demo(&folder).await?;
        folder
    } else {
        let folder = folder::chosen(data);
        prepare(&folder).await?;
        folder
    };
    let registry = Arc::new(Registry::open(&folder).await?);
    let public_collections = match public_collections {
        None => None,
        Some(text) => {
            let names = terrier_catalog::class_names(&text, &registry.ledger().classes().await?);
            Some(names.map_err(|error| Failure::usage(format!("--public-collections: {error}")))?)
        }
    };
    let mut following = tokio::spawn({
        let registry = Arc::clone(&registry);
        async move { registry.follow().await }
    });
    let stop = stop_signal()?;
    say(format!("listening on {address}"));
    let public_url = public_url.unwrap_or_else(|| PublicUrl::of_listener(address));
    greet(&registry, &folder, &public_url);
    let limits = Limits::default();
    let version = env!("CARGO_PKG_VERSION");
    let settings = Settings { public_url, version, public_collections, limits };
    let app = App::new(Arc::clone(&registry), settings, MachineClock { today });
    if let Some(identity) = identity {
        app.take_issuer(identity.start(&registry)?);
    }
    let imports = imports(&folder, &registry).await?;
    if let Some(imports) = &imports {
        app.take_imports(imports.clone());
    }
    let workers = Workers::start()?;
    let (router, metrics) = (app.router(), app.metrics());
    let cut = terrier_api::serve(listener, router, metrics, limits, workers.handles(), stop).await;
    if cut > 0 {
        say(format!("{cut} connections were cut in the middle of an answer"));
    }
    if let Some(imports) = imports {
        imports.end();
    }
    app.flush_given().await;
    if let Err(error) = registry.flush_reads().await {
        say(format!("what was read in the end could not be written down: {}", ErrorChain(&error)));
    }
    registry.end_following();
    // Connections that are open when the others are closed keep a write-ahead log beside the file.
    // That is harmless, so a large change is not waited for.
    let _ = tokio::time::timeout(FOLLOWER_WAIT, &mut following).await;
    following.abort();
    registry.ledger().close().await;
    Ok(ExitCode::SUCCESS)
}

/// Makes a registry where there is none.
async fn prepare(folder: &Path) -> Result<(), Failure> {
    if Ledger::exists(folder) {
        return Ok(());
    }
    let key = secret::new()?;
    match folder::create(folder, Some(&key)).await {
        Ok(ledger) => ledger.close().await,
        // Somebody else made one at the same time, and knows its key.
        Err(LedgerError::Exists { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    show_first_key(&key)
}

/// What takes files; none where another server of the registry does.
async fn imports(folder: &Path, registry: &Arc<Registry>) -> Result<Option<Imports>, Failure> {
    let (folder, registry) = (folder.join(IMPORTS), Arc::clone(registry));
    let imports = Imports::open(&folder, registry, clock::now, clock::new_id).await?;
    if imports.is_none() {
        say("another server of this registry takes its imports, so this one takes none");
    }
    Ok(imports)
}

async fn prepare_demo(folder: &Path) -> Result<(), Failure> {
    if Ledger::exists(folder) {
        return Ok(());
    }
    say(format!("making a demonstration district of {} assets", demo::ASSETS));
    let key = secret::new()?;
    demo::make(folder, demo::ASSETS, demo::SEED, Some(&key)).await?;
    show_first_key(&key)
}

fn show_first_key(key: &Secret) -> Result<(), Failure> {
    report(format!("the key of the administrator, shown this once: {}", key.text()))
}

fn greet(registry: &Registry, folder: &Path, public_url: &PublicUrl) {
    let assets = registry.snapshot().size().assets;
    say(format!("serving {assets} assets of `{}` at {public_url}", folder.display()));
    if registry.access().has_no_key() {
        let folder = folder.display();
        say(format!(
            "nobody has a key; `terrier --data {folder} key create --administrator` makes one"
        ));
    }
    say("try:");
    for path in [
        "/collections",
        "/collections/assets/items?bbox=117.20,39.05,117.23,39.08&limit=10",
        "/collections/gas_pipes/items?material=steel",
    ] {
        say(format!("  curl '{}'", public_url.at(path)));
    }
}

/// Ends with SIGTERM or SIGINT; a second one ends the program at once.
fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    let fault = |error| Failure::because("cannot listen for signals", error);
    let mut terminate = signal(SignalKind::terminate()).map_err(fault)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(fault)?;
    Ok(async move {
        let stop = async |terminate: &mut tokio::signal::unix::Signal,
                          interrupt: &mut tokio::signal::unix::Signal| {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        stop(&mut terminate, &mut interrupt).await;
        say("finishing the answers under way");
        tokio::spawn(async move {
            stop(&mut terminate, &mut interrupt).await;
            std::process::exit(1);
        });
    })
}
