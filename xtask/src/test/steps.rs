//! The steps: what each checks, and its command.

use std::ffi::OsString;

use anyhow::{Result, bail};

use crate::progress::run as show;
use crate::setup::engines::{Engine, Engines, Kind};
use crate::setup::rust::WINDOWS;
use crate::workspace::Workspace;
use crate::{pack, pages, size};

/// One check.
pub(super) struct Step {
    /// The name for `--only`.
    pub(super) name: &'static str,
    /// The state that the step checks.
    pub(super) title: &'static str,
    pub(super) run: Run,
}

/// How often a step runs.
pub(super) enum Run {
    Once(fn(&Workspace, &Engines) -> Result<()>),
    InEachEngine(fn(&Workspace, &Engine) -> Result<()>),
}

pub(super) const STEPS: &[Step] = &[
    Step { name: "format", title: "the sources are formatted", run: Run::Once(format) },
    Step { name: "lint", title: "clippy finds nothing on the host", run: Run::Once(lint) },
    Step { name: "lint-wasm", title: "clippy finds nothing for WebAssembly", run: Run::Once(lint_wasm) },
    Step {
        name: "core-wasm",
        title: "the core of the mock server and its command line build for WebAssembly",
        run: Run::Once(core_wasm),
    },
    Step { name: "windows", title: "the crates that ship, and xtask, compile for Windows", run: Run::Once(windows) },
    Step { name: "host", title: "tests on the host, with those in the documentation", run: Run::Once(host) },
    Step { name: "wasm", title: "tests of the client in WebAssembly, in each engine", run: Run::InEachEngine(wasm) },
    Step { name: "build", title: "the packages, the page and the mock server build", run: Run::Once(build) },
    Step {
        name: "node-server",
        title: "the tests of contract, control API and command line, against the server of the npm package in Node",
        run: Run::Once(node_server),
    },
    Step { name: "package", title: "tests of the packages in Node", run: Run::Once(package) },
    Step {
        name: "frameworks",
        title: "tests of the entries for frameworks, and of the client with HTTP libraries",
        run: Run::Once(frameworks),
    },
    Step { name: "types", title: "the types check in TypeScript", run: Run::Once(types) },
    Step {
        name: "page",
        title: "tests of tabs and of the page in each engine, against the mock server and against the mock in a service worker",
        run: Run::InEachEngine(page),
    },
    Step {
        name: "packages",
        title: "tests of the tarballs with bundlers, in pages, in a worker and in Node",
        run: Run::Once(packages),
    },
    Step { name: "examples", title: "tests of the examples", run: Run::Once(examples) },
    Step { name: "size", title: "the packages keep their budgets", run: Run::Once(sizes) },
];

fn format(workspace: &Workspace, _: &Engines) -> Result<()> {
    show(workspace.cargo().args(["fmt", "--check"]))
}

fn lint(workspace: &Workspace, _: &Engines) -> Result<()> {
    show(workspace.cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn lint_wasm(workspace: &Workspace, _: &Engines) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["clippy", "--package", "telematics-contract", "--package", "telematics-mock-core"]);
    cargo.args(["--package", "telematics-mock-cli", "--package", "telematics-user-client"]);
    cargo.args(["--package", "telematics-mock-wasm", "--features", "telematics-mock-wasm/cli"]);
    show(cargo.args(["--target", "wasm32-unknown-unknown", "--", "-D", "warnings"]))
}

fn core_wasm(workspace: &Workspace, _: &Engines) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", "telematics-mock-core", "--package", "telematics-mock-cli"]);
    show(cargo.args(["--target", "wasm32-unknown-unknown"]))
}

fn windows(workspace: &Workspace, _: &Engines) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["check", "--package", "telematics-mock", "--package", "telematics-mock-core"]);
    cargo.args(["--package", "telematics-mock-cli", "--package", "telematics-contract", "--package", "xtask"]);
    show(cargo.args(["--target", WINDOWS]))
}

fn host(workspace: &Workspace, _: &Engines) -> Result<()> {
    show(workspace.cargo().args(["test", "--workspace"]))
}

fn wasm(workspace: &Workspace, engine: &Engine) -> Result<()> {
    // WebKit's driver takes the options of safaridriver.
    let (browser, driver, variable) = match engine.kind {
        Kind::Chromium => ("--chrome", "--chromedriver", "CHROMEDRIVER"),
        Kind::Firefox => ("--firefox", "--geckodriver", "GECKODRIVER"),
        Kind::WebKit => ("--safari", "--safaridriver", "SAFARIDRIVER"),
    };
    let mut pack = engine.command(workspace, "wasm-pack");
    // The variable of another engine would decide which one the tests run in.
    for other in ["CHROMEDRIVER", "GECKODRIVER", "SAFARIDRIVER"].iter().filter(|other| **other != variable) {
        pack.env_remove(other);
    }
    if let (Kind::Firefox, Some(firefox)) = (engine.kind, &engine.browser) {
        pack.env("GECKODRIVER_ARGS", format!("--binary '{}'", firefox.display()));
    }
    pack.args(["test", "--mode", "no-install", "--headless", browser, driver]).arg(&engine.driver);
    show(pack.arg("client-wasm"))
}

fn build(workspace: &Workspace, _: &Engines) -> Result<()> {
    pack::packages(workspace)?;
    pack::page(workspace)?;
    pages::build(workspace)?;
    // With the tests of all packages the features are those of the step `host`, so that nothing is compiled twice.
    show(workspace.cargo().args(["build", "--workspace", "--tests", "--bin", "telematics-mock"]))
}

/// The same tests as on the host, but each starts the packed command as a process of its own, which finds no native program.
fn node_server(workspace: &Workspace, _: &Engines) -> Result<()> {
    let command = pack::command(workspace);
    if !command.is_file() {
        bail!("{} is missing: run `cargo xtask test --only build` first", command.display());
    }
    let tests = |package: &str, names: &[&str]| {
        let mut cargo = workspace.cargo();
        cargo.args(["test", "--package", package]).args(names.iter().flat_map(|name| ["--test", name]));
        cargo.env("TELEMATICS_MOCK_PROGRAM", format!("node {}", command.display())).env_remove("TELEMATICS_MOCK_BIN");
        cargo
    };
    show(&mut tests("telematics-contract-tests", &["contract", "control", "same_bytes"]))?;
    show(&mut tests("telematics-mock", &["binary", "exec", "page", "state"]))
}

fn package(workspace: &Workspace, _: &Engines) -> Result<()> {
    show(workspace.command("node").args(["--test", "client-wasm/tests/", "mock-wasm/tests/"]))
}

fn frameworks(workspace: &Workspace, _: &Engines) -> Result<()> {
    show(workspace.npm().args(["test", "--workspace", "tests/frameworks"]))
}

fn types(workspace: &Workspace, _: &Engines) -> Result<()> {
    show(workspace.npm().args(["run", "check", "--workspaces", "--if-present"]))
}

/// The variables that tell the tests in JavaScript where the mock server is, and which engine they run in.
fn server_and_engine(workspace: &Workspace, engine: &Engine) -> Vec<(&'static str, OsString)> {
    let server = ("TELEMATICS_MOCK_BIN", workspace.built("debug/telematics-mock").into());
    std::iter::once(server).chain(engine.variables()).collect()
}

fn page(workspace: &Workspace, engine: &Engine) -> Result<()> {
    let (page, static_page) = (workspace.path("web-demo/dist"), pages::folder(workspace));
    for needed in [&workspace.built("debug/telematics-mock"), &page, &static_page] {
        if !needed.exists() {
            bail!("{} is missing: run `cargo xtask test --only build` first", needed.display());
        }
    }
    let mut npm = engine.command(workspace, "npm");
    npm.args(["test", "--workspace", "tests/browser"]).envs(server_and_engine(workspace, engine));
    show(npm.env("TELEMATICS_DEMO_PAGE", page).env("TELEMATICS_STATIC_PAGE", static_page))
}

fn packages(workspace: &Workspace, engines: &Engines) -> Result<()> {
    let mut npm = workspace.npm();
    npm.args(["test", "--workspace", "tests/packages"]);
    show(npm.envs(server_and_engine(workspace, &engines.chromium)))
}

fn examples(workspace: &Workspace, engines: &Engines) -> Result<()> {
    let npm = |arguments: &[&str]| {
        let mut npm = workspace.npm();
        npm.args(["--prefix", "examples"]).args(arguments);
        npm
    };
    show(&mut npm(&["ci"]))?;
    show(&mut npm(&["run", "check"]))?;
    show(npm(&["test"]).envs(server_and_engine(workspace, &engines.chromium)))
}

fn sizes(workspace: &Workspace, _: &Engines) -> Result<()> {
    size::check(workspace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_steps_have_the_same_name() {
        let mut names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len());
    }
}
