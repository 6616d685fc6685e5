//! The files of a run: figures as JSON, the chart, the table in the documentation.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::chart::chart;
use crate::figure::Figure;
use crate::machine::Machine;
use crate::table::{markdown, processor_markdown};

/// The lines around the generated part of the documentation.
const BEGIN: &str = "<!-- written by cargo xtask bench -->\n";
const END: &str = "<!-- end -->\n";

/// A run and its figures.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Where and when.
    pub(crate) machine: Machine,
    /// Which process ran on which core.
    pub(crate) cores: String,
    /// The figures, in the order in which they were measured.
    pub(crate) figures: Vec<Figure>,
}

impl Report {
    /// Writes `bench/results.json`, `docs/speed.svg` and the table in `docs/speed.md` below `root`; the paths.
    ///
    /// # Errors
    /// If a file cannot be read or written, or the documentation has lost the lines around its table.
    pub(crate) fn publish(&self, root: &Path) -> Result<Vec<PathBuf>> {
        let page = root.join("docs/speed.md");
        let text = fs::read_to_string(&page).with_context(|| format!("{} cannot be read", page.display()))?;
        let text = with_table(&text, &self.table()).with_context(|| format!("{} has no table", page.display()))?;
        let mut written = self.write(&root.join("bench/results.json"), &root.join("docs/speed.svg"))?;
        fs::write(&page, text)?;
        written.push(page);
        Ok(written)
    }

    /// Writes `results.json` and `speed.svg` into `folder`; the paths.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub(crate) fn keep(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        fs::create_dir_all(folder)?;
        self.write(&folder.join("results.json"), &folder.join("speed.svg"))
    }

    fn write(&self, results: &Path, picture: &Path) -> Result<Vec<PathBuf>> {
        fs::write(results, serde_json::to_string_pretty(self)? + "\n")?;
        let mut written = vec![results.to_owned()];
        if let Some(svg) = chart(&self.figures) {
            fs::write(picture, svg)?;
            written.push(picture.to_owned());
        }
        Ok(written)
    }

    fn table(&self) -> String {
        let (figures, processor) = (markdown(&self.figures), processor_markdown(&self.figures));
        [self.machine.sentence(), figures, processor].join("\n\n").replace("\n\n\n", "\n\n").trim_end().to_owned()
            + "\n"
    }
}

/// The documentation with another table; `None` if the lines around the table are missing.
fn with_table(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some([before, BEGIN, "\n", table, "\n", END, after].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_table_takes_the_place_of_the_old_one_and_of_nothing_else() {
        let text = format!("# Speed\n\n{BEGIN}old\n{END}\nmore\n");
        let first = with_table(&text, "| new |\n").unwrap();
        assert_eq!(first, format!("# Speed\n\n{BEGIN}\n| new |\n\n{END}\nmore\n"));
        assert_eq!(with_table(&first, "| new |\n").unwrap(), first);
    }

    #[test]
    fn a_page_without_the_lines_around_its_table_is_left_alone() {
        assert_eq!(with_table("# Speed\n", "| new |\n"), None);
        assert_eq!(with_table(&format!("{BEGIN}old\n"), "| new |\n"), None);
    }
}
