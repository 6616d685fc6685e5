//! Python: virtual environments, and maturin, which makes wheels.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::apt;
use super::rust::cache;
use super::version::Version;
use crate::workspace::{Workspace, output};

/// The names of Python's interpreter.
const PYTHON: &[&str] = &["python3", "python"];

/// The version of maturin that makes the wheels.
const MATURIN: Version = Version(1, 16, 0);

/// The folder of a virtual environment that contains its programs.
const PROGRAMS: &str = if cfg!(windows) { "Scripts" } else { "bin" };

/// Finds maturin, or installs it into a virtual environment of its own.
///
/// # Errors
/// If it is missing and cannot be installed.
pub(crate) fn maturin(workspace: &mut Workspace) -> Result<()> {
    if has_maturin(workspace) {
        return Ok(());
    }
    let folder = cache()?.join(format!("maturin-{MATURIN}"));
    workspace.prefer(folder.join(PROGRAMS));
    if has_maturin(workspace) {
        return Ok(());
    }
    environment(workspace, &folder)?;
    let mut pip = workspace.command(program(&folder, "python"));
    pip.args(["-m", "pip", "install", "--quiet", &format!("maturin=={MATURIN}")]);
    workspace.quietly(&format!("installing maturin {MATURIN}"), &mut pip).with_context(|| {
        format!("maturin {MATURIN} could not be installed: fix the cause shown above, or put the program on PATH")
    })?;
    if !has_maturin(workspace) {
        bail!("maturin {MATURIN} was installed in {} but does not run there", folder.display());
    }
    Ok(())
}

/// Makes a new virtual environment with pip in a folder.
///
/// # Errors
/// If Python or its package for virtual environments is missing and cannot be installed.
pub(crate) fn environment(workspace: &Workspace, folder: &Path) -> Result<()> {
    let make = || {
        let python = workspace.find(PYTHON).context("Python is missing")?;
        output(workspace.command(python).args(["-m", "venv", "--clear"]).arg(folder))
    };
    if make().is_ok() {
        return Ok(());
    }
    apt::install(workspace, "Python", &["python3", "python3-venv"]);
    make()
        .map(drop)
        .context("install Python 3.8 or newer with venv (on Debian, as root, `apt-get install python3-venv`)")
}

/// The path of a program in a virtual environment.
pub(crate) fn program(environment: &Path, name: &str) -> PathBuf {
    environment.join(PROGRAMS).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

fn has_maturin(workspace: &Workspace) -> bool {
    let found = output(workspace.command("maturin").arg("--version")).ok();
    found.and_then(|text| Version::find(&text)).is_some_and(|version| version.fits(MATURIN))
}
