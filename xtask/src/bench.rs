//! The benchmark: the shipped binary against bare hyper.

use anyhow::Result;

use crate::progress::run as show;
use crate::workspace::Workspace;

/// Builds the mock server and the benchmark, and runs the benchmark.
///
/// # Errors
/// If a build or a measure fails.
pub(crate) fn run(workspace: &Workspace, quick: bool, peers: bool, only: Option<&str>) -> Result<()> {
    // Two builds: one of both packages would turn on the features of either in the dependencies of the server.
    for package in ["telematics-mock", "telematics-bench"] {
        let mut cargo = workspace.cargo();
        cargo.args(["build", "--release", "--package", package]);
        workspace.quietly(&format!("building {package}"), &mut cargo)?;
    }
    let mut bench = workspace.command(workspace.built("release/telematics-bench"));
    bench.arg("--binary").arg(workspace.built("release/telematics-mock"));
    bench.args(quick.then_some("--quick")).args(peers.then_some("--peers"));
    show(bench.args(only.iter().flat_map(|name| ["--only", name])))
}
