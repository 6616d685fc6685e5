//! The folders that the benchmark writes to.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The repository in which this program was compiled.
///
/// # Errors
/// If it was compiled outside of one.
pub(crate) fn repository() -> Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the benchmark lies outside of a repository")
}

/// A folder of this name below cargo's target folder. It need not exist.
///
/// # Errors
/// If this program does not lie in a target folder.
pub(crate) fn below_target(name: &str) -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program.parent().and_then(Path::parent).context("the benchmark lies outside of a target folder")?;
    Ok(target.join(name))
}
