//! The tools that the commands need: found, otherwise installed, otherwise named in an error with the way to install them.
//!
//! A step prints nothing if its tool is present, so that each command can run all of its steps every time.

pub(crate) mod browser;
mod npm;
mod rust;
mod version;

use anyhow::Result;

use self::browser::Browser;
use crate::workspace::Workspace;

/// Provides the tools that build the package and the page.
///
/// # Errors
/// If a tool is missing and cannot be installed.
pub(crate) fn for_packing(workspace: &mut Workspace) -> Result<()> {
    npm::node(workspace)?;
    rust::wasm_target(workspace)?;
    npm::packages(workspace)?;
    rust::tools(workspace)
}

/// Provides the tools that the tests need, too.
///
/// # Errors
/// If a tool is missing and cannot be installed.
pub(crate) fn for_testing(workspace: &mut Workspace) -> Result<Browser> {
    rust::components(workspace)?;
    for_packing(workspace)?;
    browser::find_or_install(workspace)
}
