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
    let folder = folder(workspace);
    empty_folder(&folder)?;
    pack::page_in(workspace, &folder, "pages")?;
    pack::mock_worker(workspace, &folder)?;
    Ok(folder)
}

/// Where the page is. People and tests expect it there, even if cargo builds into another folder.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.path("target/pages")
}
