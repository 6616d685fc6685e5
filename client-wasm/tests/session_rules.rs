//! Compares `docs/session-rules.md` with the tests that it names.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const PAGE: &str = include_str!("../../docs/session-rules.md");
/// The folders of the Rust tests, below `client-wasm/tests`.
const RUST_SUITES: [&str; 2] = ["engine", "browser"];

/// The sections of the page, one for each rule.
fn rules() -> Vec<&'static str> {
    PAGE.split("\n## ").skip(1).collect()
}

/// The tests that a text names. A name may be broken across lines.
fn named_tests(text: &str) -> BTreeSet<String> {
    let spans = text.split('`').skip(1).step_by(2).map(|span| span.split_whitespace().collect::<Vec<_>>().join(" "));
    spans.filter(|span| span.contains("::") || span.contains(" › ")).collect()
}

fn tests_folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The files of a folder with this extension, each with its name and its content.
fn sources(folder: &Path, extension: &str) -> Vec<(String, String)> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let matching = paths.filter(|path| path.extension().is_some_and(|found| found == extension));
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    matching.map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect()
}

/// All tests of the client, named as on the page: a Rust test with its suite, because both suites have a file `calls.rs`.
fn existing_tests() -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    for suite in RUST_SUITES {
        for (file, source) in sources(&tests_folder().join(suite), "rs") {
            for attribute in ["#[test]", "#[wasm_bindgen_test]"] {
                for test in source.split(attribute).skip(1) {
                    let (_, rest) = test.split_once("fn ").unwrap();
                    let (name, _) = rest.split_once('(').unwrap();
                    tests.insert(format!("{suite}/{}::{name}", file.trim_end_matches(".rs")));
                }
            }
        }
    }
    for (file, source) in sources(&tests_folder(), "mjs") {
        for test in source.split("\ntest(").skip(1) {
            let quote = test.chars().next().unwrap();
            let name = test.split(quote).nth(1).unwrap();
            tests.insert(format!("{file} › {name}"));
        }
    }
    tests
}

#[test]
fn every_test_that_the_session_rules_name_exists() {
    let existing = existing_tests();
    let missing: Vec<_> = named_tests(PAGE).into_iter().filter(|name| !existing.contains(name)).collect();
    assert!(missing.is_empty(), "docs/session-rules.md names tests that do not exist: {missing:#?}");
}

#[test]
fn every_rule_has_its_number_a_reason_and_the_test_of_its_number() {
    let rules = rules();
    assert_eq!(rules.len(), 9);
    for (rule, number) in rules.iter().zip(1..) {
        assert!(rule.starts_with(&format!("Rule {number}: ")), "{rule}");
        assert!(rule.contains("\n**Why.** ") && rule.contains("\n**Tests.** "), "{rule}");
        let own_test = format!("engine/rules::rule_{number}_");
        assert_eq!(named_tests(rule).iter().filter(|name| name.starts_with(&own_test)).count(), 1, "{rule}");
    }
}

#[test]
fn the_tests_of_the_rules_are_all_on_the_page() {
    let named = named_tests(PAGE);
    let existing = existing_tests();
    let unnamed: Vec<_> =
        existing.iter().filter(|name| name.starts_with("engine/rules::") && !named.contains(*name)).collect();
    assert!(existing.len() > 100 && unnamed.is_empty(), "docs/session-rules.md does not name {unnamed:#?}");
}
