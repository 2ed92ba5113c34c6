//! The program: commands, settings, logging, the clock, wiring.

mod access;
mod audit;
mod changes;
mod check;
mod classes;
mod cli;
mod clock;
mod conformance;
mod crs;
mod demo;
mod district;
mod document;
mod due;
mod event;
mod export;
mod failure;
mod folder;
mod history;
mod identity;
mod import;
mod output;
mod progress;
mod question;
mod rules;
mod serve;
mod settings;
mod summary;
mod table;
mod whole_file;
mod workers;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use failure::Failure;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse_from(cli::with_fields(std::env::args_os()));
    start_log();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::because("cannot start", error).report(),
    };
    let done = runtime.block_on(run(cli));
    runtime.shutdown_background();
    match done {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

async fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let Cli { data, command } = cli;
    match command {
        Command::Serve(options) => serve::run(data, options).await,
        Command::Import(options) => import::run(&folder::chosen(data), options).await,
        Command::Export(options) => export::run(&folder::chosen(data), options).await,
        Command::Summary(options) => summary::run(&folder::chosen(data), &options).await,
        Command::Event(command) => event::run(&folder::chosen(data), command).await,
        Command::History(options) => history::run(&folder::chosen(data), &options).await,
        Command::Changes(options) => changes::run(&folder::chosen(data), options).await,
        Command::Audit(options) => audit::run(&folder::chosen(data), &options).await,
        Command::Check(options) => check::run(&folder::chosen(data), &options).await,
        Command::Demo(options) => demo::run(&folder::chosen(data), &options).await,
        Command::Classes(options) => classes::run(&folder::chosen(data), options).await,
        Command::Due(options) => due::run(&folder::chosen(data), options).await,
        Command::Rules(options) => rules::run(&folder::chosen(data), options).await,
        Command::Settings(options) => settings::run(&folder::chosen(data), options).await,
        Command::Organisation(command) => {
            access::organisation::run(&folder::chosen(data), command).await
        }
        Command::Person(command) => access::person::run(&folder::chosen(data), command).await,
        Command::Role(command) => access::role::run(&folder::chosen(data), command).await,
        Command::Key(command) => access::key::run(&folder::chosen(data), command).await,
        Command::Crs(options) => crs::run(&options),
        Command::Conformance(options) => conformance::run(options).await,
    }
}

/// The log goes to stderr; `TERRIER_LOG` says how much of it (as `RUST_LOG` does elsewhere), and
/// `TERRIER_LOG_FORMAT=json` makes each line a JSON object.
fn start_log() {
    let wanted = std::env::var("TERRIER_LOG").unwrap_or_else(|_| "info".into());
    let filter = tracing_subscriber::EnvFilter::new(directives(&wanted));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::env::var_os("TERRIER_LOG_FORMAT").is_some_and(|format| format == "json") {
        log.json().init();
    } else {
        log.with_target(false)
            .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
            .init();
    }
}

/// What is logged. Statements are told of only when they are asked for: the ledger is looked at all the
/// time, and reading the whole of it is slow, which is no news.
fn directives(wanted: &str) -> String {
    if wanted.contains("sqlx") { wanted.into() } else { format!("{wanted},sqlx=error") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_logged_only_when_they_are_asked_for() {
        assert_eq!(directives("error"), "error,sqlx=error");
        assert_eq!(directives("debug,sqlx=debug"), "debug,sqlx=debug");
    }
}
