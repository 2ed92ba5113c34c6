//! The year's programme of the demonstration district: each figure comes out of the one command that
//! stands beside it.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use crate::program::{self, Done, fixture, folder, terrier};

/// Runs a command as it stands in the programme, with its report as JSON.
fn run(folder: &Path, command: &str) -> Json {
    // A shell takes the command apart, as it does for its reader.
    let script = format!("terrier() {{ \"$PROGRAM\" \"$@\"; }}; {command} --json");
    let program = program::command();
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).env("PROGRAM", program.get_program());
    shell.env_remove("TERRIER_LOG").env("TERRIER_DATA", folder).stdin(Stdio::null());
    Done::from(shell.output().expect("a shell starts")).expect_done().json()
}

#[test]
fn each_figure_of_the_years_programme_is_one_command() {
    let folder = folder();
    let registry = folder.path().join("district");
    terrier(&registry, &["demo"]).expect_done();
    let text = std::fs::read_to_string(fixture("programme/2024.toml")).expect("the programme");
    let programme: toml::Table = text.parse().expect("TOML");
    let actions = programme["action"].as_array().expect("actions");
    assert_eq!(actions.len(), 10);
    for figure in actions.iter().flat_map(|action| action["figure"].as_array().expect("figures")) {
        let command = figure["command"].as_str().expect("a command");
        let total = &run(&registry, command)["total"]["measures"];
        for (measure, expected) in figure["expected"].as_table().expect("measures") {
            let expected = expected.as_integer().map(|number| number as f64);
            assert_eq!(total[measure].as_f64(), expected, "{measure} of {command}: {total}");
        }
    }
}
