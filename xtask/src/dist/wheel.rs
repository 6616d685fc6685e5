//! The Python package: a wheel with the binary, which `pip install` turns into a command.

use std::fs;

use anyhow::{Context, Result};

use super::{Release, trial};
use crate::setup::python;
use crate::workspace::{Workspace, files};

/// The tags of a wheel for Linux: a static binary runs beside glibc and beside musl.
const LINUX: [&str; 2] = ["manylinux2014", "musllinux_1_2"];

/// Writes the wheel, installs it into a new virtual environment, and tries the command.
///
/// # Errors
/// If maturin is missing or fails, or the command does not work.
pub(super) fn make(workspace: &mut Workspace, release: &Release) -> Result<()> {
    python::maturin(workspace)?;
    release.binary(workspace)?;
    let folder = release.trial_folder("wheel")?;
    let made = folder.join("made");
    let mut maturin = workspace.command("maturin");
    maturin.args(["build", "--release", "--locked", "--target", release.platform.target, "--out"]).arg(&made);
    maturin.arg("--manifest-path").arg(workspace.path("mock-server/Cargo.toml"));
    maturin.arg("--compatibility");
    if release.platform.os == "linux" {
        maturin.args(LINUX)
    } else {
        maturin.arg("pypi")
    };
    release.platform.set_flags(&mut maturin);
    workspace.quietly("making the wheel", &mut maturin)?;
    let wheel = files(&made)?.pop().context("maturin left no wheel")?;

    let environment = folder.join("environment");
    python::environment(workspace, &environment)?;
    let mut pip = workspace.command(python::program(&environment, "python"));
    // Without an index: the wheel must need no other package.
    pip.args(["-m", "pip", "install", "--no-index", "--disable-pip-version-check"]).arg(&wheel);
    workspace.quietly("installing the wheel into a new environment", &mut pip)?;
    trial::answers(&workspace.command(python::program(&environment, "telematics-mock")))?;

    let name = wheel.file_name().context("a wheel without a name")?;
    fs::copy(&wheel, release.file(&name.to_string_lossy())).context("the wheel cannot be copied")?;
    Ok(())
}
