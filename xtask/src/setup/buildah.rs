//! buildah, which makes images for containers without a daemon.

use anyhow::{Result, bail};

use super::apt;
use crate::workspace::Workspace;

const NAME: &str = "buildah";

/// Finds buildah, or installs it.
///
/// # Errors
/// If it is missing and cannot be installed.
pub(crate) fn provide(workspace: &Workspace) -> Result<()> {
    let is_missing = || workspace.find(&[NAME]).is_none();
    if is_missing() {
        apt::install(workspace, NAME, &[NAME]);
    }
    if is_missing() {
        bail!(
            "buildah is missing: install it with your package manager (on Debian, as root, `apt-get install buildah`)"
        );
    }
    Ok(())
}
