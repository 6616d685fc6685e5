//! Builds the npm package from the Rust client, and the page from its sources.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::module::{self, MODULE};
use crate::react_native;
use crate::workspace::{Workspace, copy, empty_folder, files};

/// The files that are no entries and that `index.js` loads when it needs them: the calls that few apps make, and the WebAssembly
/// inside JavaScript.
const LOADED_LATER: [&str; 2] = ["on-demand.js", "bytes.js"];

/// Builds the WebAssembly module and packs the npm package into `target/npm`; returns the tarball.
///
/// # Errors
/// If a tool is missing or fails.
pub(crate) fn package(workspace: &Workspace) -> Result<PathBuf> {
    module::build(workspace)?;
    let staged = stage(workspace)?;
    // People and tests expect the tarball here, even if cargo builds into another folder.
    let folder = workspace.path("target/npm");
    fs::create_dir_all(&folder)?;
    for old in tarballs(&folder)? {
        fs::remove_file(old)?;
    }
    let mut npm = workspace.npm();
    npm.arg("pack").arg("--pack-destination").arg(&folder).current_dir(staged);
    workspace.quietly("packing the npm package", &mut npm)?;
    tarballs(&folder)?.pop().context("`npm pack` left no tarball in target/npm")
}

/// Fills the folder that is shipped: each entry bundled into one file, the module, types, documentation and licences.
fn stage(workspace: &Workspace) -> Result<PathBuf> {
    let (sources, staged) = (workspace.path("client-wasm/npm"), workspace.built("npm/package"));
    empty_folder(&staged)?;
    fs::create_dir_all(staged.join("wasm"))?;
    // Documentation is copied unchanged; `npm pack` leaves out the files that package.json does not list.
    for file in files(&sources)? {
        copy(&file, &staged)?;
    }
    for license in ["LICENSE-APACHE", "LICENSE-MIT"] {
        copy(&workspace.path(license), &staged)?;
    }
    copy(&sources.join("wasm").join(MODULE), &staged.join("wasm"))?;
    let manifest = fs::read_to_string(sources.join("package.json"))?;
    let manifest = serde_json::from_str(&manifest).context("client-wasm/npm/package.json is not valid JSON")?;
    let entries = entries(&manifest);
    for entry in &entries {
        let mut bundler = workspace.command("node_modules/.bin/rolldown");
        let (source, bundled) = (sources.join(entry), staged.join(entry));
        bundler.arg(&source).arg("--file").arg(&bundled).args(["--format", "esm"]).args(options(entry));
        for external in externals(&fs::read_to_string(&source)?, &entries, entry) {
            bundler.arg("--external").arg(external);
        }
        workspace.quietly(&format!("bundling {entry}"), &mut bundler)?;
        if !LOADED_LATER.contains(&entry.as_str()) {
            copy(&source.with_extension("d.ts"), bundled.parent().unwrap_or(&staged))?;
        }
    }
    react_native::bundle(workspace, &sources, &staged)?;
    Ok(staged)
}

/// The files that ship as JavaScript, each bundled by itself: the entries of the package, and those that `index.js` loads later.
fn entries(manifest: &Value) -> Vec<String> {
    let exports = manifest["exports"].as_object().into_iter().flatten();
    let files = exports.filter_map(|(_, export)| export["default"].as_str()?.strip_prefix("./"));
    let scripts = files.filter(|file| file.ends_with(".js")).map(str::to_owned);
    scripts.chain(LOADED_LATER.map(str::to_owned)).collect()
}

/// The options of the bundler. Apps ship the entries, so these are minified. The entries for tests, in Node and in pages, keep readable
/// stack traces.
fn options(entry: &str) -> &'static [&'static str] {
    match entry {
        "testing.js" => &["--platform", "node", "--no-comments"],
        _ if entry.starts_with("testing/") => &["--no-comments"],
        _ => &["--minify"],
    }
}

/// What an entry imports and does not contain: other packages, which are its peer dependencies, and the other entries.
fn externals(source: &str, entries: &[String], entry: &str) -> Vec<String> {
    let imported = source.lines().filter_map(|line| line.split_once(" from \"")?.1.split_once('"'));
    let packages = imported.map(|(name, _)| name.to_owned()).filter(|name| !name.starts_with('.'));
    let others = entries.iter().filter(|other| *other != entry).map(|other| format!("./{other}"));
    packages.chain(others).collect()
}

/// Builds the demo page into `web-demo/dist`, after the package in `client-wasm/npm` that the page imports.
///
/// # Errors
/// If a tool is missing or fails.
pub(crate) fn page(workspace: &Workspace) -> Result<PathBuf> {
    module::build(workspace)?;
    let mut npm = workspace.npm();
    workspace.quietly("building the page", npm.args(["run", "build", "--workspace", "web-demo"]))?;
    let page = workspace.path("web-demo/dist");
    if !page.join("index.html").is_file() {
        bail!("the page was built but {} has no index.html", page.display());
    }
    Ok(page)
}

fn tarballs(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = files(folder)?;
    found.retain(|path| path.extension().is_some_and(|extension| extension == "tgz"));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_script_of_the_manifest_is_an_entry() {
        let manifest = json!({ "exports": {
            ".": { "types": "./index.d.ts", "default": "./index.js" },
            "./testing/page": { "default": "./testing/page.js" },
            "./client.wasm": "./wasm/client_bg.wasm",
            "./package.json": "./package.json",
        } });
        assert_eq!(entries(&manifest), ["index.js", "testing/page.js", "on-demand.js", "bytes.js"]);
    }

    #[test]
    fn an_entry_contains_neither_the_other_entries_nor_other_packages() {
        let source = "import { x } from \"react\";\nimport y from \"./shapes.js\";\nexport * from \"./index.js\";";
        let entries = ["index.js".to_owned(), "react.js".to_owned()];
        assert_eq!(externals(source, &entries, "react.js"), ["react", "./index.js"]);
    }
}
