//! The benchmark: the shipped binary against bare hyper, the packed client against plain `fetch`.

use anyhow::Result;

use crate::progress::run as show;
use crate::setup::engines::Engine;
use crate::workspace::Workspace;
use crate::{pack, setup};

/// The measure that needs the packed client and a browser.
const CLIENT: &str = "client";
/// The measure that needs the packed mock.
const IN_PROCESS: &str = "in-process";

/// Builds the mock server, the benchmark and, if it is measured, the client, and runs the benchmark.
///
/// # Errors
/// If a tool is missing, or a build or a measure fails.
pub(crate) fn run(workspace: &mut Workspace, quick: bool, peers: bool, only: Option<&str>) -> Result<()> {
    let chromium = if only.is_none_or(|name| name == CLIENT) {
        setup::for_packing(workspace)?;
        pack::package(workspace, &pack::CLIENT)?;
        Some(setup::engines::find_or_install(workspace, false)?.chromium)
    } else {
        None
    };
    if only.is_none_or(|name| name == IN_PROCESS) {
        setup::for_packing(workspace)?;
        pack::package(workspace, &pack::MOCK)?;
    }
    build(workspace)?;
    let mut bench = workspace.command(workspace.built("release/telematics-bench"));
    bench.arg("--binary").arg(workspace.built("release/telematics-mock"));
    bench.envs(chromium.iter().flat_map(Engine::variables));
    bench.args(quick.then_some("--quick")).args(peers.then_some("--peers"));
    show(bench.args(only.iter().flat_map(|name| ["--only", name])))
}

/// Builds the mock server and the benchmark, and measures the server while slow and idle clients are connected.
///
/// # Errors
/// If a build fails, an answer is missing, or the system does not allow so many connections.
pub(crate) fn slow_clients(workspace: &Workspace) -> Result<()> {
    build(workspace)?;
    let mut bench = workspace.command(workspace.built("release/telematics-bench"));
    show(bench.arg("slow-clients").arg("--binary").arg(workspace.built("release/telematics-mock")))
}

fn build(workspace: &Workspace) -> Result<()> {
    // Two builds: one of both packages would turn on the features of either in the dependencies of the server.
    for package in ["telematics-mock", "telematics-bench"] {
        let mut cargo = workspace.cargo();
        cargo.args(["build", "--release", "--package", package]);
        workspace.quietly(&format!("building {package}"), &mut cargo)?;
    }
    Ok(())
}
