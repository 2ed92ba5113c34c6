//! What the documentation says is so: its commands do as shown, its links lead somewhere, its
//! limits are those of the program, and the reference of the collections is that of the classes.

mod collections;
mod console;
mod page;
mod security;

use std::collections::HashMap;
use std::fs;

use jiff::civil::Date;
use terrier_catalog::{Collection, DUE, DueOf, class_from_toml, shipped_classes};
use terrier_model::{Classes, Scope};

use crate::program;
use page::{Page, pages, root, walk};

#[test]
fn the_reference_of_the_collections_is_that_of_the_classes() {
    let path = root().join("docs/collections.md");
    let written = collections::page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &written).expect("the page is written");
    }
    let found = fs::read_to_string(&path).expect("the page is there");
    assert!(found == written, "docs/collections.md is old; UPDATE_DOCS=1 writes it anew");
}

#[test]
fn every_link_of_the_documentation_leads_somewhere() {
    let pages = pages();
    let mut count = 0;
    for page in &pages {
        for link in page.links() {
            if link.contains("://") {
                continue;
            }
            count += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = page.path.parent().expect("a page lies in a folder");
            let target = if file.is_empty() { page.path.clone() } else { folder.join(file) };
            let place = format!("{}: `{link}`", page.name());
            let target = target.canonicalize().unwrap_or_else(|error| panic!("{place}: {error}"));
            if !anchor.is_empty() {
                let other = pages.iter().find(|other| other.path == target);
                let anchors = other.map(Page::anchors).unwrap_or_default();
                assert!(anchors.iter().any(|known| known == anchor), "{place}: {anchors:?}");
            }
        }
    }
    assert!(count > 50, "{count} links");
}

#[test]
fn every_command_of_the_documentation_does_as_shown() {
    let (mut count, mut wrong) = (0, Vec::new());
    for page in pages() {
        count += console::run(&page, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(count > 30, "{count} commands");
}

#[test]
fn every_option_in_the_documentation_is_one_that_there_is() {
    let mut helps = HashMap::new();
    let mut count = 0;
    for page in pages() {
        for block in page.blocks() {
            let shown: Vec<(usize, String)> = match block.language {
                "console" => {
                    let shown = console::commands(&block).into_iter();
                    shown.map(|shown| (shown.line, shown.command)).collect()
                }
                "sh" => (block.line..).zip(block.lines.iter().map(|line| (*line).into())).collect(),
                _ => Vec::new(),
            };
            for (line, text) in shown {
                let place = format!("{}:{line}: {text}", page.name());
                count += check_options(&text, &place, &mut helps);
            }
        }
    }
    assert!(count > 20, "{count} command lines");
}

/// Checks the options of each call of the program in a line of a shell; answers how many there are.
fn check_options(line: &str, place: &str, helps: &mut HashMap<String, String>) -> usize {
    let line = line.replace("cargo run --release -- ", "terrier ").replace("\\\n", " ");
    let calls: Vec<Vec<&str>> = line
        .split('|')
        .map(|part| part.split_whitespace().skip_while(|word| word.contains('=')).collect())
        .filter(|words: &Vec<&str>| words.first() == Some(&"terrier"))
        .collect();
    for words in &calls {
        let is_option = |word: &&&str| word.starts_with('-') && word.len() > 1;
        let command = words.iter().skip(1).find(|word| word.chars().all(char::is_alphabetic));
        let command = command.unwrap_or_else(|| panic!("{place}: no command"));
        let below = words.iter().skip_while(|word| *word != command).nth(1).copied();
        let mut help = helps.entry((*command).into()).or_insert_with(|| help_of(&[command], place));
        // A command may have commands of its own, such as `classes put`.
        let has = |line: &str| line.split_whitespace().next() == below;
        if let Some(below) = below.filter(|_| help.contains("\nCommands:\n"))
            && help.lines().any(has)
        {
            let both = [command, below];
            help = helps.entry(both.join(" ")).or_insert_with(|| help_of(&both, place));
        }
        for option in words.iter().filter(is_option) {
            let name = option.split('=').next().unwrap_or_default();
            let known = help.split([' ', ',', '\n']).any(|word| word == name);
            let field = name.trim_start_matches('-');
            let is_field = match (*command, below) {
                ("export" | "summary", _) => words.iter().any(|word| has_field(word, field)),
                ("due", _) | ("rules", Some("try")) => has_field(DUE, field),
                _ => false,
            };
            assert!(known || is_field, "{place}: no option `{name}`");
        }
    }
    calls.len()
}

fn help_of(command: &[&str], place: &str) -> String {
    let done = program::command().args(command).arg("--help").output().expect("the program starts");
    let done = program::Done::from(done);
    assert_eq!(done.code, Some(0), "{place}: no command `{command:?}`");
    done.stdout
}

fn has_field(collection: &str, field: &str) -> bool {
    let parse = |(_, text): &(&str, &str)| class_from_toml(text).expect("a shipped class");
    let classes: Classes = shipped_classes().iter().map(parse).collect();
    let found = match collection {
        DUE => Some(Collection::Due(Date::MIN, DueOf::All)),
        name => Collection::find(name, &classes),
    };
    found.is_some_and(|known| known.position(field, &Scope::everything()).is_some())
}

#[test]
fn every_limit_in_the_documentation_is_that_of_the_program() {
    let known = constants();
    let mut told = Vec::new();
    for page in pages() {
        for line in page.text.lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let name = cells[1].trim_matches('`');
            if !name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') {
                continue;
            }
            let mut words = cells[2].split(' ');
            let number = words.next().unwrap_or_default().replace(',', "");
            let unit = words.next().unwrap_or_default();
            let value = known.get(name).unwrap_or_else(|| panic!("{line}: no such limit"));
            let found = (number.parse().expect("a number"), unit);
            let unit = if value.1.is_empty() { unit } else { value.1 };
            assert_eq!(found, (value.0, unit), "{}: {line}", page.name());
            told.push(name.to_owned());
        }
    }
    let limits = fs::read_to_string(root().join("crates/api/src/limits.rs")).expect("the limits");
    for name in limits.lines().filter_map(|line| line.strip_prefix("pub const ")) {
        let name = name.split(':').next().unwrap_or_default();
        assert!(told.iter().any(|told| told == name), "{name} is not documented");
    }
}

/// The numbers that stand in the program under names of their own, durations with their unit.
fn constants() -> HashMap<String, (u64, &'static str)> {
    let mut found = HashMap::new();
    walk(&root().join("crates"), &mut |path| {
        if path.extension().is_none_or(|extension| extension != "rs") {
            return;
        }
        let text = fs::read_to_string(path).expect("source is text");
        for line in text.lines() {
            let inner = ["pub ", "pub(crate) "].iter().find_map(|door| line.strip_prefix(door));
            let line = inner.unwrap_or(line);
            let Some((head, value)) = line.strip_prefix("const ").and_then(|l| l.split_once(" = "))
            else {
                continue;
            };
            let name = head.split(':').next().unwrap_or_default();
            if let Some(value) = value.strip_suffix(';').and_then(number) {
                let former = found.insert(name.to_owned(), value);
                let is_same = former.is_none_or(|former| former == value);
                assert!(is_same || !name.starts_with("MAX_"), "{name} has two values");
            }
        }
    });
    found
}

/// Reads `8 * 1024`, `10_000`, `Duration::from_secs(10)` and their like.
fn number(text: &str) -> Option<(u64, &'static str)> {
    let text = text.replace('_', "");
    let units = [
        ("Duration::frommins(", "min"),
        ("Duration::fromsecs(", "s"),
        ("Duration::frommillis(", "ms"),
    ];
    for (head, unit) in units {
        if let Some(rest) = text.strip_prefix(head) {
            return Some((rest.strip_suffix(')')?.parse().ok()?, unit));
        }
    }
    let mut parts = text.split(" * ").map(|part| part.parse::<u64>().ok());
    parts.try_fold(1_u64, |product, part| product.checked_mul(part?)).map(|n| (n, ""))
}
