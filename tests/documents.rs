//! `docs/contract.md` and the tests must name each other correctly, and the documents must name files that exist.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use telematics_contract_tests::{code_spans, page, root};

const PAGE: &str = "docs/contract.md";
/// The attribute of a test that calls nothing but a mock server.
const MARK: &str = r#"#[cfg_attr(another_service, ignore = "needs the mock server")]"#;

/// A test function.
struct Test {
    /// The file and the function, as the page names them: `login::a_batch_may_have_ten_thousand_users`.
    name: String,
    /// Whether the test is an `async` function.
    is_async: bool,
    /// The source from the attribute of the test to the end of the function.
    source: String,
}

/// Every Rust file below a folder, except for build results and packages.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" && name != "node_modules" {
                found.extend(rust_files(&path));
            }
        } else if name.ends_with(".rs") {
            found.push(path);
        }
    }
    found
}

/// The name of the module that a file tests: that of the folder for `mod.rs` and `tests.rs`, and that of the file otherwise.
fn module_of(path: &Path) -> String {
    let takes_folder = path.file_name().is_some_and(|name| name == "mod.rs" || name == "tests.rs");
    let named = if takes_folder { path.parent().expect("a folder") } else { path };
    named.file_stem().expect("a name").to_string_lossy().into_owned()
}

/// The tests of a file.
fn tests_of(path: &Path) -> Vec<Test> {
    let source = fs::read_to_string(path).expect("a source");
    // A test starts at its attribute and ends at the first brace with the indentation of that attribute.
    let mut tests = Vec::new();
    let lines: Vec<_> = source.lines().collect();
    for (start, line) in lines.iter().enumerate() {
        let attribute = line.trim_start();
        if !(attribute == "#[test]" || attribute.starts_with("#[tokio::test")) {
            continue;
        }
        let indentation = &line[..line.len() - attribute.len()];
        let end =
            lines[start..].iter().position(|line| *line == format!("{indentation}}}")).expect("the end of a test");
        let source = lines[start..=start + end].join("\n");
        let (head, rest) = source.split_once("fn ").expect("a function");
        let (function, _) = rest.split_once('(').expect("parameters");
        let name = format!("{}::{function}", module_of(path));
        tests.push(Test { name, is_async: head.contains("async "), source: source.clone() });
    }
    tests
}

fn tests_below(folder: &str) -> Vec<Test> {
    rust_files(&root().join(folder)).iter().flat_map(|path| tests_of(path)).collect()
}

/// Whether a code span has the form `file::function`, with both names in snake_case.
fn names_a_test(span: &str) -> bool {
    let is_name =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    span.split_once("::").is_some_and(|(file, function)| is_name(file) && is_name(function))
}

/// Whether a code span is the path of a file in the repository.
fn names_a_file(span: &str) -> bool {
    let extensions = [".rs", ".js", ".mjs", ".ts", ".md", ".toml", ".json", ".svg"];
    let is_path = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    span.contains('/') && span.chars().all(is_path) && extensions.iter().any(|extension| span.ends_with(extension))
}

/// The documents for people: the README, CONTRIBUTING and the pages below `docs/`.
fn documents() -> Vec<String> {
    let pages = fs::read_dir(root().join("docs")).expect("a folder").map(|entry| {
        let name = entry.expect("an entry").file_name();
        format!("docs/{}", name.to_string_lossy())
    });
    let pages = pages.filter(|path| path.ends_with(".md"));
    ["README.md", "CONTRIBUTING.md"].map(str::to_owned).into_iter().chain(pages).collect()
}

#[test]
fn every_file_that_a_document_names_exists() {
    let (mut missing, mut named) = (Vec::new(), 0);
    for document in documents() {
        let text = page(&document);
        for path in code_spans(&text).into_iter().filter(|span| names_a_file(span)) {
            named += 1;
            if !root().join(path).is_file() {
                missing.push(format!("{document}: {path}"));
            }
        }
    }
    assert!(named > 10, "the documents name files in code spans: {named}");
    assert!(missing.is_empty(), "these files do not exist: {missing:#?}");
}

#[test]
fn every_test_that_the_contract_names_exists() {
    let page = page(PAGE);
    let tests: HashSet<_> = tests_below("").into_iter().map(|test| test.name).collect();
    let named: Vec<_> = code_spans(&page).into_iter().filter(|span| names_a_test(span)).collect();
    assert!(named.len() > 200, "the page names tests in code spans: {}", named.len());
    let missing: Vec<_> = named.into_iter().filter(|name| !tests.contains(*name)).collect();
    assert!(missing.is_empty(), "{PAGE} names tests that do not exist: {missing:#?}");
}

#[test]
fn the_contract_names_every_contract_test() {
    let page = page(PAGE);
    let named: HashSet<_> = code_spans(&page).into_iter().collect();
    let tests = tests_below("tests/contract");
    assert!(tests.len() > 200, "the contract has many tests: {}", tests.len());
    let unnamed: Vec<_> = tests.iter().map(|test| &test.name).filter(|name| !named.contains(name.as_str())).collect();
    assert!(unnamed.is_empty(), "{PAGE} does not name these tests: {unnamed:#?}");
}

#[test]
fn every_rule_of_the_contract_has_its_evidence_and_a_test() {
    let page = page(PAGE);
    let (_, rules) = page.split_once("\n## 1. ").expect("the first chapter with rules");
    let is_rule =
        |line: &&str| line.starts_with("| ") && !line.starts_with("| Rule |") && !line.starts_with("| Case |");
    let rules: Vec<_> = rules.lines().filter(is_rule).collect();
    assert!(rules.len() > 100, "the page is made of tables: {}", rules.len());
    for rule in rules {
        let cells: Vec<_> = rule.trim_matches('|').split(" | ").map(str::trim).collect();
        let tags: Vec<_> = cells[1].split(' ').collect();
        assert!(tags.iter().all(|tag| ["[S]", "[V]", "[C]", "[F]", "[P]"].contains(tag)), "no evidence: {rule}");
        let last = cells.last().expect("a cell");
        assert!(code_spans(last).iter().any(|span| names_a_test(span)), "no test: {rule}");
    }
}

#[test]
fn a_test_either_calls_any_service_or_is_marked_as_one_that_needs_the_mock_server() {
    let mut marked = 0;
    for test in tests_below("tests").into_iter().filter(|test| !test.name.starts_with("documents::")) {
        let calls_any_service = test.source.contains("Service::any()");
        let is_marked = test.source.contains(MARK);
        assert!(!(calls_any_service && is_marked), "{} calls any service, so it must not be marked", test.name);
        // A test that is not async and starts no mock server needs no service at all.
        let needs_a_service = test.is_async || test.source.contains("Service::mock()");
        assert!(!needs_a_service || calls_any_service || is_marked, "{} must carry the attribute {MARK}", test.name);
        marked += usize::from(is_marked);
    }
    assert!(marked > 100, "many tests need the mock server: {marked}");
}
