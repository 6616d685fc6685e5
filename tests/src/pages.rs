//! The pages under `docs/` that tests read.

use std::fs;
use std::path::{Path, PathBuf};

/// A call of the control API, as `docs/control-api.md` lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlRoute {
    /// The method.
    pub method: String,
    /// The path below `/__mock`; `{id}` is a parameter.
    pub path: String,
}

impl ControlRoute {
    /// Whether the call changes something.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.method != "GET"
    }
}

/// The folder of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The text of a page, by its path from the folder of the repository.
///
/// # Panics
///
/// There is no such page.
#[must_use]
pub fn page(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The code spans of a Markdown text.
#[must_use]
pub fn code_spans(markdown: &str) -> Vec<&str> {
    markdown.split('`').skip(1).step_by(2).collect()
}

/// Every call that the tables of `docs/control-api.md` list: each stands in the first cell of a row as `METHOD path`.
#[must_use]
pub fn control_routes() -> Vec<ControlRoute> {
    let page = page("docs/control-api.md");
    let first_cells = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let spans = first_cells.flat_map(code_spans);
    let routes = spans.filter_map(|span| {
        let (method, rest) = span.split_once(' ')?;
        let path = rest.split('?').next()?;
        let is_method = method.chars().all(|letter| letter.is_ascii_uppercase());
        is_method.then(|| ControlRoute { method: method.to_owned(), path: format!("/{path}") })
    });
    routes.collect()
}
