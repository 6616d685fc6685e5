//! Chromium and its driver, for the tests that run in a real browser.

use std::env;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const DRIVER: &[&str] = &["chromedriver"];
const PACKAGES: &[&str] = &["chromium", "chromium-driver"];

/// A browser and the program that drives it. Chromium requires that both have the same version.
pub(crate) struct Browser {
    /// Chromium or Chrome.
    pub(crate) chromium: PathBuf,
    /// chromedriver.
    pub(crate) driver: PathBuf,
}

/// Finds a browser, or installs the one of Debian.
///
/// # Errors
/// If no browser is found and none can be installed.
pub(crate) fn find_or_install(workspace: &Workspace) -> Result<Browser> {
    for variable in ["CHROMIUM", "CHROMEDRIVER"] {
        if let Some(path) = named(variable).filter(|path| !path.is_file()) {
            bail!("{variable} is {}, which is not a file: correct or unset it", path.display());
        }
    }
    if let Some(browser) = find(workspace) {
        return Ok(browser);
    }
    install(workspace);
    match find(workspace) {
        Some(browser) => Ok(browser),
        None => bail!(
            "Chromium and chromedriver are missing: install both (on Debian, as root, `apt-get install {}`), or set \
             CHROMIUM and CHROMEDRIVER to their paths",
            PACKAGES.join(" ")
        ),
    }
}

fn find(workspace: &Workspace) -> Option<Browser> {
    Some(Browser {
        chromium: named("CHROMIUM").or_else(|| workspace.find(CHROMIUM))?,
        driver: named("CHROMEDRIVER").or_else(|| workspace.find(DRIVER))?,
    })
}

fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Installs Chromium with apt, if apt is present and needs no password. The caller looks for the result.
fn install(workspace: &Workspace) {
    if workspace.find(&["apt-get"]).is_none() {
        return;
    }
    let apt = |arguments: &[&str]| {
        let mut command = if rustix::process::geteuid().is_root() {
            workspace.command("apt-get")
        } else {
            let mut sudo = workspace.command("sudo");
            sudo.args(["--non-interactive", "apt-get"]);
            sudo
        };
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    // A single unreachable source makes the update fail, and the installation may still succeed.
    let _ = workspace.quietly("updating apt's lists", &mut apt(&["update"]));
    let install = [&["install", "-y", "--no-install-recommends"], PACKAGES].concat();
    let _ = workspace.quietly("installing Chromium and its driver", &mut apt(&install));
}
