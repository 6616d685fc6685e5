//! Builds the npm packages, and the page from its sources.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::module;
use crate::react_native;
use crate::workspace::{Workspace, copy, empty_folder, files};

/// An npm package of this repository: where its sources are, and how they become what is shipped.
pub(crate) struct Package {
    /// Its name, as in its package.json.
    name: &'static str,
    /// The folder of its sources.
    sources: &'static str,
    /// Builds what the sources need and what git does not have.
    build: fn(&Workspace) -> Result<()>,
    /// The files that are no entries, and that an entry loads when it needs them.
    loaded_later: &'static [&'static str],
    /// The files that are shipped as they are, in the folders in which they are. Those at the root are shipped anyway.
    unchanged: &'static [&'static str],
    /// The options with which the bundler makes the file of an entry.
    bundling: fn(&str) -> &'static [&'static str],
    /// Adds what is not made from one entry to the folder that is shipped.
    finish: fn(&Workspace, &Path, &Path) -> Result<()>,
}

/// The client. Apps ship its entries, so these are minified.
pub(crate) const CLIENT: Package = Package {
    name: "telematics-user-client",
    sources: "client-wasm/npm",
    build: |workspace| module::build(workspace, &module::CLIENT),
    // The calls that few apps make, and the WebAssembly inside JavaScript.
    loaded_later: &["on-demand.js", "bytes.js"],
    unchanged: &["wasm/client_bg.wasm"],
    bundling: |_| &["--minify"],
    finish: react_native::bundle,
};

/// The mock server for tests. Its entries keep readable stack traces.
pub(crate) const MOCK: Package = Package {
    name: "telematics-mock",
    sources: "mock-wasm/npm",
    build: |workspace| {
        module::build(workspace, &module::MOCK)?;
        module::build(workspace, &module::MOCK_CLI)
    },
    loaded_later: &["bin/telematics-mock.js"],
    unchanged: &["wasm/mock_bg.wasm", "wasm/bytes.js", "wasm/cli_bg.wasm"],
    bundling: |entry| match entry {
        "server.js" => &["--platform", "node", "--no-comments"],
        // One file, which loads the WebAssembly only if no native program is installed.
        "bin/telematics-mock.js" => &["--platform", "node", "--no-comments", "--no-codeSplitting"],
        _ => &["--no-comments"],
    },
    finish: |workspace, _, staged| bundle_worker(workspace, staged),
};

/// The script with the mock as a service worker, which sites copy into their folder.
const WORKER: &str = "telematics-mock-worker.js";

/// Packs all packages into `target/npm`; returns the tarballs.
///
/// # Errors
/// If a tool is missing or fails.
pub(crate) fn packages(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    [CLIENT, MOCK].iter().map(|package| self::package(workspace, package)).collect()
}

/// The command `telematics-mock` as the package ships it; it is there once the package was built.
pub(crate) fn command(workspace: &Workspace) -> PathBuf {
    workspace.built("npm").join(MOCK.name).join("bin/telematics-mock.js")
}

/// Builds a package and packs it into `target/npm`; returns the tarball.
///
/// # Errors
/// If a tool is missing or fails.
pub(crate) fn package(workspace: &Workspace, package: &Package) -> Result<PathBuf> {
    (package.build)(workspace)?;
    let staged = stage(workspace, package)?;
    // People and tests expect the tarball here, even if cargo builds into another folder.
    let folder = workspace.path("target/npm");
    fs::create_dir_all(&folder)?;
    for old in tarballs(&folder, package.name)? {
        fs::remove_file(old)?;
    }
    let mut npm = workspace.npm();
    npm.arg("pack").arg("--pack-destination").arg(&folder).current_dir(staged);
    workspace.quietly(&format!("packing {}", package.name), &mut npm)?;
    tarballs(&folder, package.name)?
        .pop()
        .with_context(|| format!("`npm pack` left no tarball of {} in target/npm", package.name))
}

/// Fills the folder that is shipped: each entry bundled into one file, types, documentation, licences and what the package adds.
fn stage(workspace: &Workspace, package: &Package) -> Result<PathBuf> {
    let (sources, staged) = (workspace.path(package.sources), workspace.built("npm").join(package.name));
    empty_folder(&staged)?;
    // Types and documentation are copied unchanged; `npm pack` leaves out the files that package.json does not list.
    for file in files(&sources)? {
        copy(&file, &staged)?;
    }
    for license in ["LICENSE-APACHE", "LICENSE-MIT"] {
        copy(&workspace.path(license), &staged)?;
    }
    for file in package.unchanged {
        let folder = staged.join(Path::new(file).parent().unwrap_or(Path::new("")));
        fs::create_dir_all(&folder)?;
        copy(&sources.join(file), &folder)?;
    }
    bundle(workspace, package, &sources, &staged)?;
    (package.finish)(workspace, &sources, &staged)?;
    Ok(staged)
}

/// Bundles each script of a package into one file.
fn bundle(workspace: &Workspace, package: &Package, sources: &Path, staged: &Path) -> Result<()> {
    let manifest = fs::read_to_string(sources.join("package.json"))?;
    let manifest = serde_json::from_str(&manifest)
        .with_context(|| format!("the package.json of {} is not valid JSON", package.name))?;
    let scripts = scripts(&manifest, package.loaded_later);
    for script in &scripts {
        let source = sources.join(script);
        let mut bundler = workspace.command("node_modules/.bin/rolldown");
        bundler.arg(&source).arg("--file").arg(staged.join(script)).args(["--format", "esm"]);
        bundler.args((package.bundling)(script));
        let unchanged = package.unchanged.iter().map(|file| (*file).to_owned());
        let others: Vec<String> = scripts.iter().filter(|other| *other != script).cloned().chain(unchanged).collect();
        let root = if script.contains('/') { "../" } else { "./" };
        for external in externals(&fs::read_to_string(&source)?, &others, root) {
            bundler.arg("--external").arg(external);
        }
        workspace.quietly(&format!("bundling {script} of {}", package.name), &mut bundler)?;
    }
    Ok(())
}

/// The files that ship as JavaScript, each bundled by itself: the entries of the package, and those that an entry loads later.
fn scripts(manifest: &Value, loaded_later: &[&str]) -> Vec<String> {
    let exports = manifest["exports"].as_object().into_iter().flatten();
    let files = exports.filter_map(|(_, export)| export["default"].as_str()?.strip_prefix("./"));
    let entries = files.filter(|file| file.ends_with(".js"));
    entries.chain(loaded_later.iter().copied()).map(str::to_owned).collect()
}

/// What a script imports and does not contain: other packages, which are peer dependencies or parts of Node, and the other files that ship,
/// whose paths begin with `root` for the script.
fn externals(source: &str, others: &[String], root: &str) -> Vec<String> {
    let imported = source.lines().filter_map(|line| line.split_once(" from \"")?.1.split_once('"'));
    let packages = imported.map(|(name, _)| name.to_owned()).filter(|name| !name.starts_with('.'));
    packages.chain(others.iter().map(|other| format!("{root}{other}"))).collect()
}

/// Builds the mock as a service worker into `folder`: one script, with the WebAssembly.
///
/// # Errors
/// If a tool is missing or fails.
pub(crate) fn mock_worker(workspace: &Workspace, folder: &Path) -> Result<()> {
    module::build(workspace, &module::MOCK)?;
    bundle_worker(workspace, folder)
}

/// The script is no module, because a page that registers one has to say so. It imports nothing, so that it starts again when its server is gone.
fn bundle_worker(workspace: &Workspace, folder: &Path) -> Result<()> {
    let mut bundler = workspace.command("node_modules/.bin/rolldown");
    bundler.arg(workspace.path(MOCK.sources).join(WORKER)).arg("--file").arg(folder.join(WORKER));
    bundler.args(["--format", "iife", "--minify", "--no-comments"]);
    // The address of a module, which such a script does not have; it has the WebAssembly inside.
    bundler.args(["--transform.define", "import.meta.url:undefined"]);
    workspace.quietly(&format!("bundling {WORKER}"), &mut bundler)
}

/// Builds the demo page into `web-demo/dist`, after the package in `client-wasm/npm` that the page imports.
///
/// # Errors
/// If a tool is missing or fails.
pub(crate) fn page(workspace: &Workspace) -> Result<PathBuf> {
    let page = workspace.path("web-demo/dist");
    page_in(workspace, &page, "production")?;
    Ok(page)
}

/// Builds the demo page into `folder`, in a mode of its bundler.
///
/// # Errors
/// If a tool is missing or fails.
pub(crate) fn page_in(workspace: &Workspace, folder: &Path, mode: &str) -> Result<()> {
    module::build(workspace, &module::CLIENT)?;
    let mut npm = workspace.npm();
    npm.args(["run", "build", "--workspace", "web-demo", "--", "--mode", mode, "--emptyOutDir", "--outDir"])
        .arg(folder);
    workspace.quietly("building the page", &mut npm)?;
    if !folder.join("index.html").is_file() {
        bail!("the page was built but {} has no index.html", folder.display());
    }
    Ok(())
}

/// The tarballs of the package `name`, of any version.
fn tarballs(folder: &Path, name: &str) -> Result<Vec<PathBuf>> {
    let mut found = files(folder)?;
    found.retain(|path| path.file_name().and_then(OsStr::to_str).is_some_and(|file| is_tarball(file, name)));
    Ok(found)
}

/// Whether `file` is the name of a tarball of the package `name`: the name, a version, and the extension. The name of another package can
/// start with that name.
fn is_tarball(file: &str, name: &str) -> bool {
    let version = file.strip_prefix(name).and_then(|rest| rest.strip_prefix('-')?.strip_suffix(".tgz"));
    version.is_some_and(|version| version.starts_with(|first: char| first.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_script_of_the_manifest_and_those_that_are_loaded_later_are_bundled() {
        let manifest = json!({ "exports": {
            ".": { "types": "./index.d.ts", "default": "./index.js" },
            "./page": { "default": "./page.js" },
            "./client.wasm": "./wasm/client_bg.wasm",
            "./package.json": "./package.json",
        } });
        assert_eq!(scripts(&manifest, &["bytes.js"]), ["index.js", "page.js", "bytes.js"]);
    }

    #[test]
    fn a_tarball_has_the_name_of_its_package_and_a_version() {
        assert!(is_tarball("telematics-mock-0.1.0.tgz", "telematics-mock"));
        assert!(!is_tarball("telematics-mock-linux-x64-0.1.0.tgz", "telematics-mock"));
        assert!(!is_tarball("telematics-mock-0.1.0.whl", "telematics-mock"));
        assert!(!is_tarball("telematics-user-client-0.1.0.tgz", "telematics-mock"));
    }

    #[test]
    fn a_script_contains_neither_the_other_scripts_nor_other_packages() {
        let source = "import { x } from \"react\";\nimport y from \"./shapes.js\";\nexport * from \"./index.js\";";
        let others = ["index.js".to_owned()];
        assert_eq!(externals(source, &others, "./"), ["react", "./index.js"]);
        assert_eq!(externals(source, &others, "../"), ["react", "../index.js"]);
    }
}
