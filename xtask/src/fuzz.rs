//! The fuzz: random requests to mock servers over real sockets.

use anyhow::Result;

use crate::progress::run as show;
use crate::workspace::Workspace;

/// Builds the mock server and the tests with optimisation, and sends random requests.
///
/// # Errors
/// If the build fails, or a request is answered wrongly.
pub(crate) fn run(workspace: &mut Workspace, requests: u64, seed: Option<u64>) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--release", "--package", "telematics-contract-tests", "--bin", "fuzz"]);
    workspace.quietly("building the fuzz", &mut cargo)?;
    let arguments = std::iter::once(requests).chain(seed).map(|number| number.to_string());
    show(workspace.command(workspace.built("release/fuzz")).args(arguments))
}
