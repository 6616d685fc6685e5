//! docs/contract.md, held against what there is.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

const PAGE: &str = "docs/contract.md";
const SOURCES: [&str; 3] = ["tests", "mock-server/src", "contract/src"];
/// Where a file that the page names may lie.
const BASES: [&str; 2] = ["mock-server/src", ""];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page() -> String {
    fs::read_to_string(root().join(PAGE)).expect("the page is there")
}

/// The code spans of a Markdown text.
fn code_spans(markdown: &str) -> Vec<&str> {
    markdown.split('`').skip(1).step_by(2).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// What a file is called: `mod.rs` by its folder, any other by itself.
fn module_of(path: &Path) -> String {
    let named =
        if path.file_name().is_some_and(|name| name == "mod.rs") { path.parent().expect("a folder") } else { path };
    named.file_stem().expect("a name").to_string_lossy().into_owned()
}

/// Every test there is, as `file::function`.
fn tests() -> HashSet<String> {
    let files = SOURCES.iter().flat_map(|folder| rust_files(&root().join(folder)));
    files
        .flat_map(|path| {
            let module = module_of(&path);
            let source = fs::read_to_string(&path).expect("a source");
            let mut tests = Vec::new();
            for block in source.split("#[test]").skip(1).chain(source.split("#[tokio::test").skip(1)) {
                let name = block.split_once("fn ").and_then(|(_, rest)| rest.split_once('('));
                tests.extend(name.map(|(name, _)| format!("{module}::{name}")));
            }
            tests
        })
        .collect()
}

/// Whether a code span names a test: `file::function`, both in snake_case.
fn names_a_test(span: &str) -> bool {
    let is_name =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    span.split_once("::").is_some_and(|(file, function)| is_name(file) && is_name(function))
}

fn names_a_file(span: &str) -> bool {
    span.split_once('.').is_some_and(|(path, extension)| extension == "rs" && !path.contains(char::is_whitespace))
}

#[test]
fn every_test_and_every_file_that_the_contract_names_exists() {
    let (page, tests) = (page(), tests());
    let named: Vec<_> = code_spans(&page).into_iter().filter(|span| names_a_test(span)).collect();
    assert!(named.len() > 200, "the page names tests in code spans: {}", named.len());
    let missing: Vec<_> = named.into_iter().filter(|name| !tests.contains(*name)).collect();
    assert!(missing.is_empty(), "{PAGE} names tests that do not exist: {missing:#?}");

    let files: Vec<_> = code_spans(&page).into_iter().filter(|span| names_a_file(span)).collect();
    assert!(files.len() > 100, "the page names files in code spans: {}", files.len());
    let exists = |name: &str| BASES.iter().any(|base| root().join(base).join(name).is_file());
    let missing: Vec<_> = files.into_iter().filter(|name| !exists(name)).collect();
    assert!(missing.is_empty(), "{PAGE} names files that do not exist: {missing:#?}");
}

#[test]
fn every_rule_of_the_contract_has_its_evidence_and_a_test() {
    let page = page();
    let rules: Vec<_> = page
        .lines()
        .filter(|line| line.starts_with("| ") && code_spans(line).iter().any(|span| names_a_file(span)))
        .collect();
    assert!(rules.len() > 100, "the page is made of tables: {}", rules.len());
    for rule in rules {
        let cells: Vec<_> = rule.trim_matches('|').split(" | ").map(str::trim).collect();
        let tags: Vec<_> = cells[1].split(' ').collect();
        assert!(tags.iter().all(|tag| ["[S]", "[V]", "[C]", "[F]", "[P]"].contains(tag)), "no evidence: {rule}");
        let last = cells.last().expect("a cell");
        assert!(code_spans(last).iter().any(|span| names_a_test(span)), "no test: {rule}");
    }
}
