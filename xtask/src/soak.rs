//! The soak: four tabs of one user in Chromium, disturbed at random.

use anyhow::Result;

use crate::progress::run as show;
use crate::workspace::Workspace;
use crate::{pack, setup};

/// Builds the package and the mock server, and runs the soak.
///
/// # Errors
/// If a tool is missing, a build fails, or the soak finds a violation.
pub(crate) fn run(workspace: &mut Workspace, minutes: f64, seed: Option<u32>) -> Result<()> {
    setup::for_packing(workspace)?;
    let chromium = setup::engines::find_or_install(workspace, false)?.chromium;
    pack::package(workspace, &pack::CLIENT)?;
    let mut cargo = workspace.cargo();
    workspace.quietly("building the mock server", cargo.args(["build", "--package", "telematics-mock"]))?;

    let mut soak = workspace.command("node");
    soak.arg("tests/soak/soak.mjs").args(["--minutes", &minutes.to_string()]);
    soak.args(seed.iter().flat_map(|seed| ["--seed".to_owned(), seed.to_string()]));
    soak.env("TELEMATICS_MOCK_BIN", workspace.built("debug/telematics-mock")).envs(chromium.variables());
    show(&mut soak)
}
