//! Where things are, and how programs are started there.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::progress;

/// The checked-out repository and the search path for its tools.
pub(crate) struct Workspace {
    /// The folder with the workspace's `Cargo.toml`.
    root: PathBuf,
    /// Where cargo builds to; not always `target`, since a person may have moved it.
    target: PathBuf,
    /// Folders searched before those of `PATH`.
    tools: Vec<PathBuf>,
}

impl Workspace {
    /// Finds the repository this program was compiled in.
    ///
    /// # Errors
    /// When cargo cannot describe the workspace.
    pub(crate) fn open() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().context("xtask lies outside of the repository")?.to_path_buf();
        let mut workspace = Self { target: root.join("target"), root, tools: Vec::new() };

        let metadata = output(workspace.cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
        let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
        if let Some(target) = metadata.get("target_directory").and_then(|directory| directory.as_str()) {
            workspace.target = PathBuf::from(target);
        }
        Ok(workspace)
    }

    /// The absolute path of something in the repository.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The absolute path of something cargo built.
    pub(crate) fn built(&self, relative: &str) -> PathBuf {
        self.target.join(relative)
    }

    /// Lets every later command find the programs in `folder`, before those of `PATH`.
    pub(crate) fn prefer(&mut self, folder: PathBuf) {
        self.tools.insert(0, folder);
    }

    /// The first program of these names, in the order given.
    pub(crate) fn find(&self, names: &[&str]) -> Option<PathBuf> {
        let folders = self.search_path();
        names
            .iter()
            .find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|candidate| candidate.is_file()))
    }

    /// A command at the root of the repository.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        if let Ok(path) = env::join_paths(self.search_path()) {
            command.env("PATH", path);
        }
        // Cargo describes xtask to xtask. Passed on, that would look like a change to some build scripts.
        for (name, _) in env::vars_os().filter(|(name, _)| describes_a_package(name)) {
            command.env_remove(name);
        }
        command
    }

    /// `cargo` at the root of the repository.
    pub(crate) fn cargo(&self) -> Command {
        self.command("cargo")
    }

    /// `npm` at the root of the repository.
    pub(crate) fn npm(&self) -> Command {
        self.command("npm")
    }

    /// Runs a command that nobody needs to read unless it fails; see [`progress::quietly`].
    ///
    /// # Errors
    /// When it cannot be started or fails.
    pub(crate) fn quietly(&self, what: &str, command: &mut Command) -> Result<()> {
        progress::quietly(what, command, &self.built("xtask.log"))
    }

    fn search_path(&self) -> Vec<PathBuf> {
        let inherited = env::var_os("PATH").unwrap_or_default();
        self.tools.iter().cloned().chain(env::split_paths(&inherited)).collect()
    }
}

/// What a command prints on standard output; its standard error is dropped.
///
/// # Errors
/// When it cannot be started or fails.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = progress::shown(command);
    let output = command.output().with_context(|| format!("`{shown}` could not be started"))?;
    if !output.status.success() {
        bail!("`{shown}` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn describes_a_package(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
}
