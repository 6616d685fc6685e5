//! The binary of the release, which every product contains.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::elf;
use super::platform::Platform;
use super::trial;
use crate::setup::rust;
use crate::workspace::Workspace;

/// Builds the binary with the release profile, and checks that it runs and, on Linux, that it is statically linked.
///
/// # Errors
/// If the target of the platform cannot be installed, the build fails, or the binary is not as it has to be.
pub(super) fn build(workspace: &Workspace, platform: &Platform) -> Result<PathBuf> {
    rust::target(workspace, platform.target)?;
    let mut cargo = platform.cargo(workspace);
    cargo.args(["build", "--release", "--locked", "--package", "telematics-mock", "--target", platform.target]);
    workspace.quietly(&format!("building the binary for {}", platform.name()), &mut cargo)?;

    let binary = workspace.built(&format!("{}/release/{}", platform.target, platform.executable()));
    if platform.os == "linux" {
        let bytes = fs::read(&binary).with_context(|| format!("{} cannot be read", binary.display()))?;
        elf::check_static(&bytes).with_context(|| format!("{} does not run everywhere", binary.display()))?;
    }
    trial::answers(&workspace.command(&binary))?;
    Ok(binary)
}
