//! Builds the page with the mock in a service worker: files that any static file server has under any path.

use std::path::PathBuf;

use anyhow::Result;

use crate::pack;
use crate::workspace::{Workspace, empty_folder};

/// Builds the page into `target/pages`.
///
/// # Errors
/// If a tool is missing or fails.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    // People and tests expect the page here, even if cargo builds into another folder.
    let folder = workspace.path("target/pages");
    empty_folder(&folder)?;
    pack::page_in(workspace, &folder, "pages")?;
    pack::mock_worker(workspace, &folder)?;
    Ok(folder)
}
