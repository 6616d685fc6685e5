//! The Rust side: the wasm32 target, rustup's components, and the tools that cargo installs.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::version::{self, Version};
use crate::progress::say;
use crate::workspace::{Workspace, output};

/// The target of the client.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The target that the shipped crates are checked for on other systems. A check needs no linker and no C compiler.
pub(crate) const WINDOWS: &str = "x86_64-pc-windows-gnu";

/// The version of wasm-pack that builds and tests this repository.
const WASM_PACK: Version = Version(0, 15, 1);

/// The version of geckodriver that is installed if there is none.
const GECKODRIVER: Version = Version(0, 37, 1);

/// Adds the standard library of a target, unless it is installed.
///
/// # Errors
/// If it is missing and rustup is missing or fails.
pub(crate) fn target(workspace: &Workspace, target: &str) -> Result<()> {
    let libraries = output(workspace.command("rustc").args(["--print", "target-libdir", "--target", target]))?;
    let has_core = fs::read_dir(libraries.trim()).is_ok_and(|mut files| {
        files.any(|file| file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libcore-")))
    });
    if has_core {
        return Ok(());
    }
    if workspace.find(&["rustup"]).is_none() {
        bail!(
            "Rust's standard library for {target} is missing, and so is rustup: install the library with your package \
             manager (on Debian: libstd-rust-dev-wasm32 or libstd-rust-dev-windows), or install Rust with rustup"
        );
    }
    workspace
        .quietly(&format!("adding the target {target}"), workspace.command("rustup").args(["target", "add", target]))
        .with_context(|| format!("run `rustup target add {target}` when rustup can reach its server, then try again"))
}

/// Adds `cargo fmt` and `cargo clippy`, unless they are installed; rustup's minimal profile does not have them.
///
/// # Errors
/// If one is missing and rustup is missing or fails.
pub(crate) fn components(workspace: &Workspace) -> Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if output(workspace.cargo().args([subcommand, "--version"])).is_ok() {
            continue;
        }
        if workspace.find(&["rustup"]).is_none() {
            bail!("`cargo {subcommand}` is missing: install {component} in the same way as Rust");
        }
        workspace
            .quietly(&format!("adding {component}"), workspace.command("rustup").args(["component", "add", component]))
            .with_context(|| {
                format!("run `rustup component add {component}` when rustup can reach its server, then try again")
            })?;
    }
    Ok(())
}

/// Puts wasm-pack and the version of wasm-bindgen in `Cargo.lock` first on the search path, where wasm-pack finds
/// wasm-bindgen and downloads nothing.
///
/// # Errors
/// If one is missing and cannot be installed.
pub(crate) fn tools(workspace: &mut Workspace) -> Result<()> {
    let lock = fs::read_to_string(workspace.path("Cargo.lock")).context("Cargo.lock is missing")?;
    let bindgen = version::locked(&lock, "wasm-bindgen").context("Cargo.lock does not contain wasm-bindgen")?;
    let tools = [
        // The generated code and the tool that reads it must have exactly the same version.
        Tool {
            package: "wasm-bindgen-cli",
            programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
            wanted: bindgen,
            exact: true,
            optimised: "1",
        },
        Tool { package: "wasm-pack", programs: &["wasm-pack"], wanted: WASM_PACK, exact: false, optimised: "0" },
    ];
    provide(workspace, &tools)
}

/// Finds geckodriver, Firefox's driver, or installs it.
///
/// # Errors
/// If it is missing and cannot be installed.
pub(crate) fn geckodriver(workspace: &mut Workspace) -> Result<PathBuf> {
    const NAME: &[&str] = &["geckodriver"];
    if let Some(found) = workspace.find(NAME) {
        return Ok(found);
    }
    let tool = Tool { package: "geckodriver", programs: NAME, wanted: GECKODRIVER, exact: false, optimised: "0" };
    provide(workspace, &[tool])?;
    workspace.find(NAME).context("geckodriver is missing")
}

fn provide(workspace: &mut Workspace, tools: &[Tool]) -> Result<()> {
    let mut installed = false;
    for tool in tools {
        installed |= tool.provide(workspace)?;
    }
    if installed {
        // The intermediate files of all installations: an interrupted one continues with them.
        let _ = fs::remove_dir_all(cache()?.join("build"));
    }
    Ok(())
}

/// A package of programs that cargo can install.
struct Tool {
    /// The name of the package.
    package: &'static str,
    /// The programs in the package; the first one has `--version`.
    programs: &'static [&'static str],
    /// The version to install.
    wanted: Version,
    /// Whether only the wanted version fits.
    exact: bool,
    /// The optimisation level. The tools run for a second at most; the time that counts is that of the installation.
    optimised: &'static str,
}

impl Tool {
    /// Finds or installs the tool; whether it was installed.
    fn provide(&self, workspace: &mut Workspace) -> Result<bool> {
        if self.is_found(workspace) {
            return Ok(false);
        }
        let root = cache()?.join(format!("{}-{}", self.package, self.wanted));
        workspace.prefer(root.join("bin"));
        if self.is_found(workspace) {
            return Ok(false);
        }
        self.install(workspace, &root)?;
        if !self.is_found(workspace) {
            bail!("{} {} was installed in {} but does not run there", self.package, self.wanted, root.display());
        }
        Ok(true)
    }

    fn is_found(&self, workspace: &Workspace) -> bool {
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
            // Not into the target folder of the repository.
            cargo.env("CARGO_TARGET_DIR", cache()?.join("build"));
            cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", self.optimised).env("CARGO_PROFILE_RELEASE_LTO", "off");
            cargo.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16").env("CARGO_PROFILE_RELEASE_DEBUG", "0");
            workspace.quietly(
                &format!("installing {} {} (once, takes a few minutes)", self.package, self.wanted),
                &mut cargo,
            )
        };
        // The versions that the authors locked come first, but the registry may no longer have one of them.
        install(&["--locked"])
            .or_else(|_| {
                say("  trying again without the locked versions");
                install(&[])
            })
            .with_context(|| {
                format!(
                    "{0} {1} could not be installed: fix the cause shown above, run `cargo install {0} --version {1}` and \
                     put the program on PATH",
                    self.package, self.wanted
                )
            })
    }
}

/// The folder for tools: one for each user, shared by all checkouts.
pub(super) fn cache() -> Result<PathBuf> {
    let given = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let cache = given.or_else(|| env::home_dir().map(|home| home.join(".cache")));
    Ok(cache.context("the folder for tools is unknown: set XDG_CACHE_HOME or HOME")?.join("telematics-user-kit"))
}
