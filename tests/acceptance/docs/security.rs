//! The page on security names tests that there are.

use std::fs;

use super::page::root;

/// What a page names: the file of tests, and each test in it.
fn named(section: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut file = String::new();
    // A list of tests begins with the path of its file, and goes on until another line begins.
    for line in section.lines() {
        let is_item = line.starts_with("- `");
        if !is_item && !line.starts_with("  ") {
            file.clear();
            continue;
        }
        for name in line.split('`').skip(1).step_by(2) {
            if name.contains('/') {
                name.clone_into(&mut file);
            } else {
                found.push((file.clone(), name.to_owned()));
            }
        }
    }
    found
}

#[test]
fn every_risk_on_the_page_on_security_has_tests_that_there_are() {
    let page = fs::read_to_string(root().join("docs/security.md")).expect("the page is there");
    let sections = page.split("\n## API").skip(1);
    let mut risks = 0;
    for (number, section) in (1..).zip(sections) {
        assert!(section.starts_with(&format!("{number}: ")), "API{number} is missing");
        let tests = named(section.split("\n## ").next().unwrap_or_default());
        assert!(!tests.is_empty(), "API{number} has no test");
        for (file, test) in tests {
            let path = root().join(&file);
            let source = fs::read_to_string(path).unwrap_or_else(|error| panic!("{file}: {error}"));
            let at = source.find(&format!("fn {test}()"));
            let before = at.map(|at| source[..at].trim_end());
            let is_test = before
                .is_some_and(|before| ["test]", "async"].iter().any(|end| before.ends_with(end)));
            assert!(is_test, "API{number}: `{file}` has no test `{test}`");
        }
        risks = number;
    }
    assert_eq!(risks, 10);
}
