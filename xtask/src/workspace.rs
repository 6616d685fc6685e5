//! The folders of the repository, and commands that run there.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::progress;

/// The program `npm`; on Windows it is a script.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// How the file names of programs end.
const SUFFIXES: &[&str] = if cfg!(windows) { &[".exe", ".cmd"] } else { &[""] };

/// The repository and the search path for its tools.
pub(crate) struct Workspace {
    /// The folder with the workspace's `Cargo.toml`.
    root: PathBuf,
    /// Cargo's target folder; `CARGO_TARGET_DIR` and cargo's configuration can move it.
    target: PathBuf,
    /// Folders searched before those of `PATH`.
    tools: Vec<PathBuf>,
}

impl Workspace {
    /// Finds the repository this program was compiled in.
    ///
    /// # Errors
    /// If cargo cannot describe the workspace.
    pub(crate) fn open() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().context("xtask is not inside the repository")?.to_path_buf();
        let mut workspace = Self { target: root.join("target"), root, tools: Vec::new() };

        let metadata = output(workspace.cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
        let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
        if let Some(target) = metadata.get("target_directory").and_then(|directory| directory.as_str()) {
            workspace.target = PathBuf::from(target);
        }
        Ok(workspace)
    }

    /// The absolute path of a file or folder in the repository.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The absolute path of a file or folder in cargo's target folder.
    pub(crate) fn built(&self, relative: &str) -> PathBuf {
        self.target.join(relative)
    }

    /// Puts `folder` first in the search path of all later commands.
    pub(crate) fn prefer(&mut self, folder: PathBuf) {
        self.tools.insert(0, folder);
    }

    /// The first of these programs that is on the search path.
    pub(crate) fn find(&self, names: &[&str]) -> Option<PathBuf> {
        let folders = self.search_path();
        names
            .iter()
            .flat_map(|name| SUFFIXES.iter().map(move |suffix| format!("{name}{suffix}")))
            .find_map(|name| folders.iter().map(|folder| folder.join(&name)).find(|candidate| candidate.is_file()))
    }

    /// A command that runs at the root of the repository.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        if let Ok(path) = env::join_paths(self.search_path()) {
            command.env("PATH", path);
        }
        // Cargo sets variables that describe xtask. Passed on, they would make some build scripts run again.
        for (name, _) in env::vars_os().filter(|(name, _)| describes_a_package(name)) {
            command.env_remove(name);
        }
        command
    }

    /// `cargo`, at the root of the repository.
    pub(crate) fn cargo(&self) -> Command {
        self.command("cargo")
    }

    /// `npm`, at the root of the repository.
    pub(crate) fn npm(&self) -> Command {
        self.command(NPM)
    }

    /// Runs a command and shows its output only if it fails; see [`progress::quietly`].
    ///
    /// # Errors
    /// If the command cannot be started or fails.
    pub(crate) fn quietly(&self, what: &str, command: &mut Command) -> Result<()> {
        progress::quietly(what, command, &self.built("xtask.log"))
    }

    fn search_path(&self) -> Vec<PathBuf> {
        let inherited = env::var_os("PATH").unwrap_or_default();
        self.tools.iter().cloned().chain(env::split_paths(&inherited)).collect()
    }
}

/// The standard output of a command. Its standard error is part of the error if it fails, and dropped otherwise.
///
/// # Errors
/// If the command cannot be started or fails.
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

/// Creates a folder, and removes what an earlier run has left there.
///
/// # Errors
/// If the folder cannot be removed or created.
pub(crate) fn empty_folder(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("{} cannot be removed", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be created", folder.display()))
}

/// Copies `file` into `folder`.
///
/// # Errors
/// If it cannot be copied.
pub(crate) fn copy(file: &Path, folder: &Path) -> Result<()> {
    let name = file.file_name().context("a file without a name")?;
    fs::copy(file, folder.join(name)).with_context(|| format!("{} cannot be copied", file.display()))?;
    Ok(())
}

/// The files of a folder, ordered by name.
///
/// # Errors
/// If the folder cannot be read.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|path| path.is_file());
    files.sort();
    Ok(files)
}
