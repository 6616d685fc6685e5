//! The Rust side: the wasm32 target, rustup's components, wasm-pack and wasm-bindgen.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::version::{self, Version};
use crate::progress::say;
use crate::workspace::{Workspace, output};

const TARGET: &str = "wasm32-unknown-unknown";

/// The version of wasm-pack this repository is built and tested with.
const WASM_PACK: Version = Version(0, 15, 1);

/// Makes sure that the standard library for wasm32 is there.
///
/// # Errors
/// When it is missing and rustup is missing or fails.
pub(crate) fn wasm_target(workspace: &Workspace) -> Result<()> {
    let libraries = output(workspace.command("rustc").args(["--print", "target-libdir", "--target", TARGET]))?;
    let has_core = fs::read_dir(libraries.trim()).is_ok_and(|mut files| {
        files.any(|file| file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libcore-")))
    });
    if has_core {
        return Ok(());
    }
    if workspace.find(&["rustup"]).is_none() {
        bail!(
            "Rust's standard library for {TARGET} is missing and there is no rustup to add it: install it with your \
             package manager (Debian calls it libstd-rust-dev-wasm32), or install Rust with rustup"
        );
    }
    workspace
        .quietly(&format!("adding the target {TARGET}"), workspace.command("rustup").args(["target", "add", TARGET]))
        .with_context(|| {
            format!("run `rustup target add {TARGET}` yourself once rustup can reach its server, then repeat this")
        })
}

/// Makes sure that `cargo fmt` and `cargo clippy` are there; rustup's minimal profile leaves them out.
///
/// # Errors
/// When one is missing and rustup is missing or fails.
pub(crate) fn components(workspace: &Workspace) -> Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if output(workspace.cargo().args([subcommand, "--version"])).is_ok() {
            continue;
        }
        if workspace.find(&["rustup"]).is_none() {
            bail!("`cargo {subcommand}` is missing: install {component} the way you installed Rust");
        }
        workspace
            .quietly(&format!("adding {component}"), workspace.command("rustup").args(["component", "add", component]))
            .with_context(|| {
                format!("run `rustup component add {component}` yourself once rustup can reach its server")
            })?;
    }
    Ok(())
}

/// Makes sure that wasm-pack and the wasm-bindgen of `Cargo.lock` come first on the search path; found there, wasm-pack
/// downloads nothing.
///
/// # Errors
/// When one is missing and cannot be installed.
pub(crate) fn tools(workspace: &mut Workspace) -> Result<()> {
    let lock = fs::read_to_string(workspace.path("Cargo.lock")).context("Cargo.lock is missing")?;
    let bindgen = version::locked(&lock, "wasm-bindgen").context("Cargo.lock names no version of wasm-bindgen")?;
    let tools = [
        // The generated code and the tool that reads it must be of one version, to the last number.
        Tool {
            package: "wasm-bindgen-cli",
            programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
            wanted: bindgen,
            exact: true,
            optimised: "1",
        },
        Tool { package: "wasm-pack", programs: &["wasm-pack"], wanted: WASM_PACK, exact: false, optimised: "0" },
    ];
    let mut installed = false;
    for tool in &tools {
        installed |= tool.provide(workspace)?;
    }
    if installed {
        // Where an interrupted installation goes on from; of no use once both are there.
        let _ = fs::remove_dir_all(cache()?.join("build"));
    }
    Ok(())
}

/// A program that cargo can install.
struct Tool {
    /// The name in the registry.
    package: &'static str,
    /// What it installs; the first one knows `--version`.
    programs: &'static [&'static str],
    /// The version to install.
    wanted: Version,
    /// Whether no other version will do.
    exact: bool,
    /// How well it is compiled: its own work takes a second at most, what a person waits for is its installation.
    optimised: &'static str,
}

impl Tool {
    /// Finds or installs the tool, and says whether it had to be installed.
    fn provide(&self, workspace: &mut Workspace) -> Result<bool> {
        if self.is_on(workspace) {
            return Ok(false);
        }
        let root = cache()?.join(format!("{}-{}", self.package, self.wanted));
        workspace.prefer(root.join("bin"));
        if self.is_on(workspace) {
            return Ok(false);
        }
        self.install(workspace, &root)?;
        if !self.is_on(workspace) {
            bail!("{} {} was installed in {} but does not run there", self.package, self.wanted, root.display());
        }
        Ok(true)
    }

    fn is_on(&self, workspace: &Workspace) -> bool {
        let version =
            self.programs.first().and_then(|program| output(workspace.command(program).arg("--version")).ok());
        let fits = |found: Version| if self.exact { found == self.wanted } else { found.fits(self.wanted) };
        version.and_then(|text| Version::find(&text)).is_some_and(fits)
            && self.programs.iter().all(|program| workspace.find(&[program]).is_some())
    }

    fn install(&self, workspace: &Workspace, root: &Path) -> Result<()> {
        let install = |how: &[&str]| {
            let mut cargo = workspace.cargo();
            cargo.args(["install", self.package, "--version", &self.wanted.to_string(), "--force"]).args(how);
            cargo.arg("--root").arg(root);
            // Not into the repository's own target folder, wherever that is.
            cargo.env("CARGO_TARGET_DIR", cache()?.join("build"));
            cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", self.optimised).env("CARGO_PROFILE_RELEASE_LTO", "off");
            cargo.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16").env("CARGO_PROFILE_RELEASE_DEBUG", "0");
            workspace.quietly(&format!("installing {} {}, a few minutes, once", self.package, self.wanted), &mut cargo)
        };
        // What the authors locked is best, but a registry may have lost one of those versions since.
        install(&["--locked"])
            .or_else(|_| {
                say("  trying again without the versions its authors locked");
                install(&[])
            })
            .with_context(|| {
                format!(
                    "{0} {1} could not be installed: run `cargo install {0} --version {1}` yourself once the cause above \
                     is gone, and put it on PATH",
                    self.package, self.wanted
                )
            })
    }
}

/// Where tools are kept between checkouts: one folder per user.
fn cache() -> Result<PathBuf> {
    let given = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let cache = given.or_else(|| env::home_dir().map(|home| home.join(".cache")));
    Ok(cache.context("neither XDG_CACHE_HOME nor HOME says where to keep tools")?.join("telematics-user-kit"))
}
