//! The JavaScript side: Node and the npm packages of the workspaces.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use super::version::Version;
use crate::workspace::{Workspace, output};

/// The oldest Node that runs the page's build tool; `package.json` has the same number.
const NODE: Version = Version(20, 19, 0);

/// Checks that Node and npm are installed and that Node is new enough.
///
/// # Errors
/// If one is missing, or Node is too old.
pub(crate) fn node(workspace: &Workspace) -> Result<()> {
    let found = output(workspace.command("node").arg("--version")).ok().and_then(|text| Version::find(&text));
    match found {
        Some(version) if version >= NODE => {}
        Some(version) => bail!("Node {version} is too old: install Node {NODE} or newer"),
        None => bail!("Node is missing: install Node {NODE} or newer, with npm"),
    }
    if workspace.find(&["npm"]).is_none() {
        bail!("npm is missing: install it with Node");
    }
    Ok(())
}

/// Installs the packages of `package-lock.json` into `node_modules`, unless they are there.
///
/// # Errors
/// If `package-lock.json` is missing or npm fails.
pub(crate) fn packages(workspace: &Workspace) -> Result<()> {
    let Some(lock) = changed(&workspace.path("package-lock.json")) else {
        bail!("package-lock.json is missing: restore it with `git checkout package-lock.json`");
    };
    // npm writes this file last, so it is missing after an interrupted installation.
    let installed = changed(&workspace.path("node_modules/.package-lock.json"));
    if !is_stale(installed, lock) {
        return Ok(());
    }
    workspace
        .quietly("installing npm packages", workspace.npm().arg("ci"))
        .context("the npm packages could not be installed: fix the cause shown above and run `npm ci`")
}

/// Whether a file made at `made` is older than its source, changed at `source`, or missing.
fn is_stale(made: Option<SystemTime>, source: SystemTime) -> bool {
    made.is_none_or(|made| made < source)
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_file_that_was_never_made_is_stale() {
        assert!(is_stale(None, SystemTime::UNIX_EPOCH));
    }

    #[test]
    fn a_file_older_than_its_source_is_stale_and_one_of_the_same_age_is_not() {
        let source = SystemTime::UNIX_EPOCH + Duration::from_secs(10);
        assert!(is_stale(Some(source - Duration::from_secs(1)), source));
        assert!(!is_stale(Some(source), source));
        assert!(!is_stale(Some(source + Duration::from_secs(1)), source));
    }
}
