//! From the Rust client to the npm package, and from the page's sources to the page.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::workspace::{Workspace, output};

/// What `wasm-bindgen` generates, all of it named after `--out-name`.
const MODULE: &str = "client_bg.wasm";

/// The entries of the package and the bundler's options for each. A page loads `index.js`, so it is minified; tests in Node load
/// `testing.js`, whose stack traces stay readable.
const ENTRIES: &[(&str, &[&str])] =
    &[("index.js", &["--minify"]), ("testing.js", &["--platform", "node", "--no-comments"])];

/// How the module is made small. The features are those rustc emits by default; the optimiser refuses what it is not told.
const OPTIMISE: &[&str] = &[
    // Twice finds half a percent more in a second; looking until nothing more is found doubles the time for a tenth.
    "-Oz",
    "-Oz",
    "--strip-debug",
    "--strip-producers",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Builds the WebAssembly module and packs what is shipped into `target/npm`; returns the tarball.
///
/// # Errors
/// When a tool is missing or fails.
pub(crate) fn package(workspace: &Workspace) -> Result<PathBuf> {
    module(workspace)?;
    let staged = stage(workspace)?;
    // A place people and tests know, wherever cargo builds to.
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
    if staged.exists() {
        fs::remove_dir_all(&staged)?;
    }
    fs::create_dir_all(staged.join("wasm"))?;
    // Types and documentation are copied unchanged; `npm pack` leaves out the files that package.json does not list.
    for file in files(&sources)? {
        copy(&file, &staged)?;
    }
    for license in ["LICENSE-APACHE", "LICENSE-MIT"] {
        copy(&workspace.path(license), &staged)?;
    }
    copy(&sources.join("wasm").join(MODULE), &staged.join("wasm"))?;
    for (entry, options) in ENTRIES {
        let mut bundler = workspace.command("node_modules/.bin/rolldown");
        bundler.arg(sources.join(entry)).arg("--file").arg(staged.join(entry)).args(["--format", "esm"]);
        workspace.quietly(&format!("bundling {entry}"), bundler.args(*options))?;
    }
    Ok(staged)
}

/// Copies a file into a folder.
fn copy(file: &Path, folder: &Path) -> Result<()> {
    let name = file.file_name().context("a file without a name")?;
    fs::copy(file, folder.join(name)).with_context(|| format!("{} cannot be copied", file.display()))?;
    Ok(())
}

/// Builds the demo page into `web-demo/dist`; it imports the package from `client-wasm/npm`, so that is built first.
///
/// # Errors
/// When a tool is missing or fails.
pub(crate) fn page(workspace: &Workspace) -> Result<PathBuf> {
    module(workspace)?;
    let mut npm = workspace.npm();
    workspace.quietly("building the page", npm.args(["run", "build", "--workspace", "web-demo"]))?;
    let page = workspace.path("web-demo/dist");
    if !page.join("index.html").is_file() {
        bail!("the page was built but {} has no index.html", page.display());
    }
    Ok(page)
}

/// Builds `client-wasm/npm/wasm`, or leaves it alone where nothing has changed since.
fn module(workspace: &Workspace) -> Result<()> {
    // Cargo knows best what has changed, so it is asked every time; the steps after it run only if its answer is new.
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", "telematics-user-client", "--lib", "--profile", "wasm"]);
    // The way wasm-pack names the target: in an argument it would be another build to cargo.
    cargo.env("CARGO_BUILD_TARGET", "wasm32-unknown-unknown");
    let flags = without_paths(workspace);
    cargo.env(FLAGS, &flags);
    workspace.quietly("compiling the client to WebAssembly", &mut cargo)?;

    let compiled = workspace.built("wasm32-unknown-unknown/wasm/telematics_user_client.wasm");
    let shipped = workspace.path("client-wasm/npm/wasm");
    let stamp = workspace.built("npm/module.stamp");
    let tools = output(workspace.command("wasm-bindgen").arg("--version"))? + &version_of_optimiser(workspace);
    if fs::read_to_string(&stamp).is_ok_and(|old| current(&compiled, &shipped, &tools).is_ok_and(|new| old == new)) {
        return Ok(());
    }

    // Nothing reaches the package's folder before it is whole.
    let draft = workspace.built("npm/draft");
    fs::create_dir_all(&draft)?;
    let mut pack = workspace.command("wasm-pack");
    pack.env(FLAGS, &flags);
    pack.args(["build", "client-wasm", "--mode", "no-install", "--target", "web", "--profile", "wasm"]);
    pack.args(["--no-pack", "--no-opt", "--no-gitignore", "--out-name", "client", "--out-dir"]).arg(&draft);
    workspace.quietly("generating the bindings", &mut pack)?;

    let module = draft.join(MODULE);
    let mut optimiser = workspace.command("node_modules/.bin/wasm-opt");
    optimiser.args(OPTIMISE).arg(&module).arg("-o").arg(&module);
    workspace.quietly("optimising for size", &mut optimiser)?;

    replace(&draft, &shipped)?;
    fs::write(&stamp, current(&compiled, &shipped, &tools)?)?;
    Ok(())
}

/// The compiler's flags, divided by the unit separator.
const FLAGS: &str = "CARGO_ENCODED_RUSTFLAGS";

/// Flags that keep the folders of this machine out of the module: a panic knows where in the sources it happened.
fn without_paths(workspace: &Workspace) -> String {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let registries = home.and_then(|home| fs::read_dir(home.join("registry/src")).ok());
    let registries = registries.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let remap = |path: PathBuf| format!("--remap-path-prefix={}=", path.display());
    registries.chain([workspace.path("")]).map(remap).collect::<Vec<_>>().join("\u{1f}")
}

/// What the shipped module was made from and is: equal to the last time exactly when there is nothing to do.
fn current(compiled: &Path, shipped: &Path, tools: &str) -> Result<String> {
    let mut made_from = DefaultHasher::new();
    (fs::read(compiled)?, tools, OPTIMISE).hash(&mut made_from);
    let mut is = DefaultHasher::new();
    for file in files(shipped)? {
        (file.file_name(), fs::read(&file)?).hash(&mut is);
    }
    Ok(format!("{:016x} {:016x}\n", made_from.finish(), is.finish()))
}

/// What npm says it installed; a change of it is worth optimising again, its absence fails soon enough.
fn version_of_optimiser(workspace: &Workspace) -> String {
    fs::read_to_string(workspace.path("node_modules/binaryen/package.json")).unwrap_or_default()
}

/// Puts the files of one folder in the place of another's.
fn replace(draft: &Path, shipped: &Path) -> Result<()> {
    if shipped.exists() {
        fs::remove_dir_all(shipped)?;
    }
    fs::create_dir_all(shipped)?;
    files(draft)?.iter().try_for_each(|file| copy(file, shipped))
}

fn tarballs(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = files(folder)?;
    found.retain(|path| path.extension().is_some_and(|extension| extension == "tgz"));
    Ok(found)
}

/// The files of a folder, in the order of their names.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|path| path.is_file());
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for one test, gone afterwards.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("xtask-pack-{name}-{}", std::process::id()));
            fs::create_dir_all(folder.join("shipped")).unwrap();
            fs::write(folder.join("compiled.wasm"), "compiled").unwrap();
            fs::write(folder.join("shipped").join(MODULE), "optimised").unwrap();
            Self(folder)
        }

        fn stamp(&self, tools: &str) -> String {
            current(&self.0.join("compiled.wasm"), &self.0.join("shipped"), tools).unwrap()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_stamp_stays_while_nothing_changes() {
        let folder = Folder::new("same");
        assert_eq!(folder.stamp("1"), folder.stamp("1"));
    }

    #[test]
    fn the_stamp_changes_with_the_compiled_module_the_tools_and_the_shipped_files() {
        let folder = Folder::new("changes");
        let mut stamps = vec![folder.stamp("1"), folder.stamp("2")];
        fs::write(folder.0.join("compiled.wasm"), "compiled anew").unwrap();
        stamps.push(folder.stamp("1"));
        fs::write(folder.0.join("shipped").join(MODULE), "not optimised").unwrap();
        stamps.push(folder.stamp("1"));
        fs::write(folder.0.join("shipped/client.js"), "").unwrap();
        stamps.push(folder.stamp("1"));
        let all = stamps.len();
        stamps.sort();
        stamps.dedup();
        assert_eq!(stamps.len(), all);
    }

    #[test]
    fn replacing_leaves_nothing_old_behind() {
        let folder = Folder::new("replace");
        let (draft, shipped) = (folder.0.join("draft"), folder.0.join("shipped"));
        fs::create_dir_all(&draft).unwrap();
        fs::write(draft.join("client.js"), "new").unwrap();
        replace(&draft, &shipped).unwrap();
        assert_eq!(files(&shipped).unwrap(), [shipped.join("client.js")]);
    }
}
