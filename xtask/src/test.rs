//! All checks, one step after the other; the steps that fail fastest come first.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::builder::PossibleValuesParser;

use crate::progress::{run as show, say, time};
use crate::setup::browser::Browser;
use crate::workspace::Workspace;
use crate::{module, pack, setup, size};

/// One check.
struct Step {
    /// The name for `--only`.
    name: &'static str,
    /// The state that the step checks.
    title: &'static str,
    run: fn(&Workspace, &Browser) -> Result<()>,
}

const STEPS: &[Step] = &[
    Step { name: "format", title: "the sources are formatted", run: format },
    Step { name: "lint", title: "clippy finds nothing on the host", run: lint },
    Step { name: "lint-wasm", title: "clippy finds nothing for WebAssembly", run: lint_wasm },
    Step { name: "core-wasm", title: "the core of the mock server builds for WebAssembly", run: core_wasm },
    Step { name: "host", title: "tests on the host, with those in the documentation", run: host },
    Step { name: "wasm", title: "tests of the client in WebAssembly, in Chromium", run: wasm },
    Step { name: "build", title: "the package, the page and the mock server build", run: build },
    Step { name: "package", title: "tests of the package in Node", run: package },
    Step {
        name: "frameworks",
        title: "tests of the entries for frameworks, and of the client with HTTP libraries",
        run: frameworks,
    },
    Step { name: "types", title: "the types check in TypeScript", run: types },
    Step { name: "page", title: "tests of the page in Chromium, against the mock server", run: page },
    Step {
        name: "packages",
        title: "tests of the tarball with bundlers, in pages, in a worker and in Node",
        run: packages,
    },
    Step { name: "examples", title: "tests of the examples", run: examples },
    Step { name: "size", title: "the package keeps its budget", run: sizes },
];

/// The names of the steps, for the command line.
pub(crate) fn names() -> PossibleValuesParser {
    STEPS.iter().map(|step| step.name).collect::<Vec<_>>().into()
}

/// Runs all steps, or the named one, and prints the time that each took.
///
/// # Errors
/// At the first step that fails.
pub(crate) fn run(workspace: &mut Workspace, only: Option<&str>) -> Result<()> {
    let began = Instant::now();
    let browser = setup::for_testing(workspace)?;
    let mut taken = vec![("set-up", began.elapsed())];

    let chosen: Vec<&Step> = STEPS.iter().filter(|step| only.is_none_or(|name| step.name == name)).collect();
    for (index, step) in chosen.iter().enumerate() {
        let (number, count) = (index + 1, chosen.len());
        say(&format!("\n[{number}/{count}] {}: {}", step.name, step.title));
        let began = Instant::now();
        let result = (step.run)(workspace, &browser);
        let duration = began.elapsed();
        taken.push((step.name, duration));
        if let Err(cause) = result {
            bail!(
                "step {number} of {count}, {0}, failed after {1} (run it alone with `cargo xtask test --only {0}`): {cause:#}",
                step.name,
                time(duration)
            );
        }
        say(&format!("[{number}/{count}] {} passed in {}", step.name, time(duration)));
    }
    let verdict =
        only.map_or("All checks passed.".to_owned(), |name| format!("{name} passed; the other steps did not run."));
    say(&format!("\n{verdict}\n\n{}", summary(&taken, began.elapsed())));
    Ok(())
}

fn format(workspace: &Workspace, _: &Browser) -> Result<()> {
    show(workspace.cargo().args(["fmt", "--check"]))
}

fn lint(workspace: &Workspace, _: &Browser) -> Result<()> {
    show(workspace.cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn lint_wasm(workspace: &Workspace, _: &Browser) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["clippy", "--package", "telematics-contract", "--package", "telematics-mock-core"]);
    cargo.args(["--package", "telematics-user-client"]);
    show(cargo.args(["--target", "wasm32-unknown-unknown", "--", "-D", "warnings"]))
}

fn core_wasm(workspace: &Workspace, _: &Browser) -> Result<()> {
    let mut cargo = workspace.cargo();
    show(cargo.args(["build", "--package", "telematics-mock-core", "--target", "wasm32-unknown-unknown"]))
}

fn host(workspace: &Workspace, _: &Browser) -> Result<()> {
    show(workspace.cargo().args(["test", "--workspace"]))
}

fn wasm(workspace: &Workspace, browser: &Browser) -> Result<()> {
    let mut pack = workspace.command("wasm-pack");
    pack.args(["test", "--mode", "no-install", "--headless", "--chrome", "--chromedriver"]).arg(&browser.driver);
    show(pack.arg("client-wasm"))
}

fn build(workspace: &Workspace, _: &Browser) -> Result<()> {
    pack::package(workspace)?;
    pack::page(workspace)?;
    // With the tests of all packages the features are those of the step `host`, so that nothing is compiled twice.
    show(workspace.cargo().args(["build", "--workspace", "--tests", "--bin", "telematics-mock"]))
}

fn package(workspace: &Workspace, _: &Browser) -> Result<()> {
    show(workspace.command("node").args(["--test", "client-wasm/tests/"]))
}

fn frameworks(workspace: &Workspace, _: &Browser) -> Result<()> {
    show(workspace.npm().args(["test", "--workspace", "tests/frameworks"]))
}

fn types(workspace: &Workspace, _: &Browser) -> Result<()> {
    show(workspace.npm().args(["run", "check", "--workspaces", "--if-present"]))
}

/// The variables that tell the JavaScript tests where the mock server and the browser are.
fn server_and_browser(workspace: &Workspace, browser: &Browser) -> [(&'static str, OsString); 2] {
    [
        ("TELEMATICS_MOCK_BIN", workspace.built("debug/telematics-mock").into()),
        ("CHROMIUM", browser.chromium.clone().into()),
    ]
}

fn page(workspace: &Workspace, browser: &Browser) -> Result<()> {
    let [server, chromium] = server_and_browser(workspace, browser);
    let given = [server, ("TELEMATICS_DEMO_PAGE", workspace.path("web-demo/dist").into()), chromium];
    if let Some((_, missing)) = given.iter().find(|(_, path)| !Path::new(path).exists()) {
        bail!("{} is missing: run `cargo xtask test --only build` first", missing.display());
    }
    show(workspace.npm().args(["test", "--workspace", "tests/browser"]).envs(given))
}

fn packages(workspace: &Workspace, browser: &Browser) -> Result<()> {
    show(workspace.npm().args(["test", "--workspace", "tests/packages"]).envs(server_and_browser(workspace, browser)))
}

fn examples(workspace: &Workspace, browser: &Browser) -> Result<()> {
    let npm = |arguments: &[&str]| {
        let mut npm = workspace.npm();
        npm.args(["--prefix", "examples"]).args(arguments);
        npm
    };
    show(&mut npm(&["ci"]))?;
    show(&mut npm(&["run", "check"]))?;
    show(npm(&["test"]).envs(server_and_browser(workspace, browser)))
}

fn sizes(workspace: &Workspace, _: &Browser) -> Result<()> {
    size::report(&pack::package(workspace)?, &module::named(workspace))
}

fn summary(taken: &[(&str, Duration)], total: Duration) -> String {
    let mut table = String::new();
    for (name, duration) in taken.iter().chain([&("total", total)]) {
        table += &format!("  {name:<10} {:>12}\n", time(*duration));
    }
    table
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

    #[test]
    fn the_times_in_the_summary_are_aligned() {
        let summary = summary(&[("host", Duration::from_secs(75))], Duration::from_secs(80));
        assert_eq!(summary, "  host         1 min 15 s\n  total        1 min 20 s\n");
    }
}
