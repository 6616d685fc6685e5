//! buildah, which makes images for containers without a daemon.

use anyhow::{Result, bail};

use super::apt;
use crate::workspace::Workspace;

const NAME: &str = "buildah";

/// The packages of Debian; the second one is for users who are not root.
const PACKAGES: &[&str] = &[NAME, "uidmap"];

/// Finds buildah, or installs it.
///
/// # Errors
/// If it is missing and cannot be installed.
pub(crate) fn provide(workspace: &Workspace) -> Result<()> {
    let is_missing = || workspace.find(&[NAME]).is_none();
    if is_missing() {
        apt::install(workspace, NAME, PACKAGES);
    }
    if is_missing() {
        bail!(
            "buildah is missing: install it with your package manager (on Debian, as root, `apt-get install {}`)",
            PACKAGES.join(" ")
        );
    }
    Ok(())
}
