//! What a fresh machine lacks: found, else installed, else one sentence that says what a person should do.
//!
//! Every step is silent where there is nothing to do, so that each command can ask for all it needs every time.

pub(crate) mod browser;
mod npm;
mod rust;
mod version;

use anyhow::Result;

use self::browser::Browser;
use crate::workspace::Workspace;

/// What building the package and the page takes.
///
/// # Errors
/// When something is missing that cannot be installed from here.
pub(crate) fn for_packing(workspace: &mut Workspace) -> Result<()> {
    npm::node(workspace)?;
    rust::wasm_target(workspace)?;
    npm::packages(workspace)?;
    rust::tools(workspace)
}

/// What the whole test run takes.
///
/// # Errors
/// When something is missing that cannot be installed from here.
pub(crate) fn for_testing(workspace: &mut Workspace) -> Result<Browser> {
    rust::components(workspace)?;
    for_packing(workspace)?;
    browser::find_or_install(workspace)
}
