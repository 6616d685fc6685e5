//! The tools that the commands need: found, otherwise installed, otherwise named in an error with the way to install them.
//!
//! A step prints nothing if its tool is present, so that each command can run all of its steps every time.

mod apt;
pub(crate) mod buildah;
pub(crate) mod engines;
mod npm;
pub(crate) mod python;
pub(crate) mod rust;
mod version;

use anyhow::Result;

use self::engines::Engines;
use crate::workspace::Workspace;

/// Provides the tools that build the package and the page.
///
/// # Errors
/// If a tool is missing and cannot be installed.
pub(crate) fn for_packing(workspace: &mut Workspace) -> Result<()> {
    npm::node(workspace)?;
    rust::target(workspace, rust::WASM)?;
    npm::packages(workspace)?;
    rust::tools(workspace)
}

/// Checks that Node and npm are installed and new enough.
///
/// # Errors
/// If one is missing, or Node is too old.
pub(crate) fn node(workspace: &Workspace) -> Result<()> {
    npm::node(workspace)
}

/// Provides the tools that the tests need, too: Chromium and, if `all_engines` is set, the other engines that can be had.
///
/// # Errors
/// If a tool is missing and cannot be installed.
pub(crate) fn for_testing(workspace: &mut Workspace, all_engines: bool) -> Result<Engines> {
    rust::components(workspace)?;
    rust::target(workspace, rust::WINDOWS)?;
    for_packing(workspace)?;
    engines::find_or_install(workspace, all_engines)
}
