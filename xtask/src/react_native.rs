//! Bundles the entry for React Native: the sources of the package with the module as JavaScript.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::module::native;
use crate::workspace::{Workspace, copy, empty_folder, files};

/// The entry, which the condition `react-native` of package.json names.
const ENTRY: &str = "native.js";
/// A source that starts with this takes the place of the one without.
const REPLACEMENT: &str = "native-";
/// Metro compiles newer syntax too, but not static blocks.
const SYNTAX: &str = "es2020";

/// Builds `native.js` into the folder that is shipped.
///
/// # Errors
/// If a tool is missing or fails.
pub(crate) fn bundle(workspace: &Workspace, sources: &Path, staged: &Path) -> Result<()> {
    let compiled = native::build(workspace)?;
    let draft = workspace.built("npm/native-sources");
    empty_folder(&draft)?;
    fs::create_dir_all(draft.join("wasm"))?;
    for file in files(sources)? {
        copy(&file, &draft)?;
    }
    for file in files(sources)? {
        let name = file.file_name().and_then(|name| name.to_str());
        if let Some(replaced) = name.and_then(|name| name.strip_prefix(REPLACEMENT)) {
            fs::copy(&file, draft.join(replaced))?;
        }
    }
    for file in files(&compiled)? {
        copy(&file, &draft.join("wasm"))?;
    }
    let mut bundler = workspace.command("node_modules/.bin/rolldown");
    bundler.arg(draft.join("index.js")).arg("--file").arg(staged.join(ENTRY));
    // One file: not every version of Metro can load a part later.
    bundler.args(["--format", "esm", "--minify", "--no-codeSplitting", "--transform.target", SYNTAX]);
    workspace.quietly(&format!("bundling {ENTRY}"), &mut bundler)
}
