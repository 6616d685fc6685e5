//! Every check there is, one visible step after the other, the quickest to fail first.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::builder::PossibleValuesParser;

use crate::progress::{run as show, say, time};
use crate::setup::browser::Browser;
use crate::workspace::Workspace;
use crate::{pack, setup, size};

/// One check.
struct Step {
    /// What `--only` calls it.
    name: &'static str,
    /// What it is about.
    title: &'static str,
    run: fn(&Workspace, &Browser) -> Result<()>,
}

const STEPS: &[Step] = &[
    Step { name: "format", title: "the sources are formatted", run: format },
    Step { name: "lint", title: "no lint on the host", run: lint },
    Step { name: "lint-wasm", title: "no lint for WebAssembly", run: lint_wasm },
    Step { name: "host", title: "tests on the host, documentation's included", run: host },
    Step { name: "wasm", title: "tests of the client in WebAssembly, in Chromium", run: wasm },
    Step { name: "build", title: "the package, the page and the mock server build", run: build },
    Step { name: "package", title: "the package in Node", run: package },
    Step { name: "types", title: "the types hold in TypeScript", run: types },
    Step { name: "page", title: "the page in Chromium, against the mock server", run: page },
    Step { name: "packages", title: "the packed package under bundlers, in pages, a worker and Node", run: packages },
    Step { name: "examples", title: "the examples, and the testing entry of the package", run: examples },
    Step { name: "size", title: "the package stays small", run: sizes },
];

/// The names of the steps, for the command line.
pub(crate) fn names() -> PossibleValuesParser {
    STEPS.iter().map(|step| step.name).collect::<Vec<_>>().into()
}

/// Runs all steps, or the named one, and says at the end how long each took.
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
                "step {number} of {count}, {0}, failed after {1}; repeat it alone with `cargo xtask test --only {0}`: \
                 {cause:#}",
                step.name,
                time(duration)
            );
        }
        say(&format!("[{number}/{count}] {} passed in {}", step.name, time(duration)));
    }
    let verdict =
        only.map_or("All checks passed.".to_owned(), |name| format!("{name} passed; the others did not run."));
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
    cargo.args(["clippy", "--package", "telematics-contract", "--package", "telematics-user-client"]);
    show(cargo.args(["--target", "wasm32-unknown-unknown", "--", "-D", "warnings"]))
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
    // All tests at once turn on the same features as the step before did: nothing is compiled twice.
    show(workspace.cargo().args(["build", "--workspace", "--tests", "--bin", "telematics-mock"]))
}

fn package(workspace: &Workspace, _: &Browser) -> Result<()> {
    show(workspace.command("node").args(["--test", "client-wasm/tests/"]))
}

fn types(workspace: &Workspace, _: &Browser) -> Result<()> {
    show(workspace.npm().args(["run", "check", "--workspaces", "--if-present"]))
}

fn page(workspace: &Workspace, browser: &Browser) -> Result<()> {
    let given: [(&str, OsString); 3] = [
        ("TELEMATICS_MOCK_BIN", workspace.built("debug/telematics-mock").into()),
        ("TELEMATICS_DEMO_PAGE", workspace.path("web-demo/dist").into()),
        ("CHROMIUM", browser.chromium.clone().into()),
    ];
    if let Some((_, missing)) = given.iter().find(|(_, path)| !Path::new(path).exists()) {
        bail!("{} is missing: run `cargo xtask test --only build` first", missing.display());
    }
    show(workspace.npm().args(["test", "--workspace", "tests/browser"]).envs(given))
}

fn packages(workspace: &Workspace, browser: &Browser) -> Result<()> {
    show(workspace.npm().args(["test", "--workspace", "tests/packages"]).env("CHROMIUM", &browser.chromium))
}

fn examples(workspace: &Workspace, browser: &Browser) -> Result<()> {
    let npm = |arguments: &[&str]| {
        let mut npm = workspace.npm();
        npm.args(["--prefix", "examples"]).args(arguments).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        npm
    };
    show(&mut npm(&["ci"]))?;
    show(&mut npm(&["run", "check"]))?;
    let given: [(&str, OsString); 2] = [
        ("TELEMATICS_MOCK_BIN", workspace.built("debug/telematics-mock").into()),
        ("CHROMIUM", browser.chromium.clone().into()),
    ];
    show(npm(&["test"]).envs(given))
}

fn sizes(workspace: &Workspace, _: &Browser) -> Result<()> {
    size::report(&pack::package(workspace)?)
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
    fn every_step_has_a_name_of_its_own() {
        let mut names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len());
    }

    #[test]
    fn the_summary_lines_the_times_up() {
        let summary = summary(&[("host", Duration::from_secs(75))], Duration::from_secs(80));
        assert_eq!(summary, "  host         1 min 15 s\n  total        1 min 20 s\n");
    }
}
