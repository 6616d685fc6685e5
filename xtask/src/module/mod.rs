//! Builds the WebAssembly module of the client and its JavaScript bindings into `client-wasm/npm/wasm`.

#[expect(clippy::wildcard_enum_match_arm, reason = "a module has many other sections")]
mod names;
#[expect(clippy::wildcard_enum_match_arm, reason = "a module has many other sections")]
pub(crate) mod native;
#[expect(clippy::wildcard_enum_match_arm, reason = "a module has many other sections")]
mod rename;
#[expect(clippy::wildcard_enum_match_arm, reason = "a module has many other sections")]
pub(crate) mod sections;
mod snip;

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::Result;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::workspace::{Workspace, copy, empty_folder, files, output};

/// The module that `wasm-bindgen` generates; its name starts with the value of `--out-name`.
pub(crate) const MODULE: &str = "client_bg.wasm";
/// The JavaScript that `wasm-bindgen` generates.
const BINDINGS: &str = "client_bg.js";

/// The options of the optimiser. The features are those that rustc emits by default; the optimiser rejects a module with
/// features that are not enabled.
const OPTIMISE: &[&str] = &[
    // A second pass saves half a percent in a second; `--converge` would double the time and save a tenth of a percent.
    "-Oz",
    "-Oz",
    "--debuginfo",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The sources of the steps around the optimiser: a change to them means building again.
const STEPS: &[&str] = &[include_str!("names.rs"), include_str!("rename.rs"), include_str!("snip.rs")];

/// The optimised module with the names of its functions, which the shipped one does not have.
pub(crate) fn named(workspace: &Workspace) -> PathBuf {
    workspace.built("npm/named.wasm")
}

/// Builds `client-wasm/npm/wasm`, unless nothing has changed since the last time.
///
/// # Errors
/// If a tool is missing or fails.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    // Cargo runs every time and finds out what has changed; the later steps run only if its output is new.
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", "telematics-user-client", "--lib", "--profile", "wasm"]);
    // As wasm-pack does: with `--target` cargo would build everything a second time.
    cargo.env("CARGO_BUILD_TARGET", "wasm32-unknown-unknown");
    let flags = without_paths(workspace);
    cargo.env(FLAGS, &flags);
    workspace.quietly("compiling the client to WebAssembly", &mut cargo)?;

    let compiled = compiled(workspace);
    let shipped = workspace.path("client-wasm/npm/wasm");
    let stamp = workspace.built("npm/module.stamp");
    let tools = tools(workspace)?;
    if fs::read_to_string(&stamp).is_ok_and(|old| current(&compiled, &shipped, &tools).is_ok_and(|new| old == new)) {
        return Ok(());
    }

    // The package's folder is replaced only after all steps have succeeded.
    let draft = workspace.built("npm/draft");
    fs::create_dir_all(&draft)?;
    let mut pack = workspace.command("wasm-pack");
    pack.env(FLAGS, &flags);
    pack.args(["build", "client-wasm", "--mode", "no-install", "--target", "bundler", "--profile", "wasm"]);
    pack.args(["--no-pack", "--no-opt", "--no-gitignore", "--no-typescript", "--out-name", "client", "--out-dir"])
        .arg(&draft);
    workspace.quietly("generating the bindings", &mut pack)?;

    let optimised = optimise(workspace, "optimising for size", &draft.join(MODULE), &named(workspace), &[])?;
    let renamed = rename::rename(&optimised, &fs::read_to_string(draft.join(BINDINGS))?, BINDINGS)?;
    let draft = workspace.built("npm/wasm");
    empty_folder(&draft)?;
    fs::write(draft.join("bytes.js"), bytes(&renamed.module))?;
    fs::write(draft.join(MODULE), renamed.module)?;
    fs::write(draft.join(BINDINGS), renamed.bindings)?;
    fs::write(draft.join("imports.js"), renamed.imports)?;
    replace(&draft, &shipped)?;
    fs::write(&stamp, current(&compiled, &shipped, &tools)?)?;
    Ok(())
}

/// Removes the code of panics from `module`, optimises it with `more` options into the file `optimised`, and returns that.
fn optimise(workspace: &Workspace, what: &str, module: &Path, optimised: &Path, more: &[&str]) -> Result<Vec<u8>> {
    let snipped = workspace.built("npm/snipped.wasm");
    fs::write(&snipped, snip::snip(&fs::read(module)?)?)?;
    let mut optimiser = workspace.command("node_modules/.bin/wasm-opt");
    workspace.quietly(what, optimiser.args(OPTIMISE).args(more).arg(&snipped).arg("-o").arg(optimised))?;
    Ok(fs::read(optimised)?)
}

/// The module as the compiler writes it.
fn compiled(workspace: &Workspace) -> PathBuf {
    workspace.built("wasm32-unknown-unknown/wasm/telematics_user_client.wasm")
}

/// The versions of the tools that run after the compiler.
fn tools(workspace: &Workspace) -> Result<String> {
    Ok(output(workspace.command("wasm-bindgen").arg("--version"))? + &version_of_optimiser(workspace))
}

/// The variable with the compiler's flags, separated by the unit separator (U+001F).
const FLAGS: &str = "CARGO_ENCODED_RUSTFLAGS";

/// Flags that keep the folders of the building machine out of the module: each panic has the path of its source file. The paths begin
/// with a mark, by which the step `snip` finds them.
fn without_paths(workspace: &Workspace) -> String {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let registries = home.and_then(|home| fs::read_dir(home.join("registry/src")).ok());
    let registries = registries.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let remap = |path: PathBuf| format!("--remap-path-prefix={}={}", path.display(), snip::SOURCES);
    registries.chain([workspace.path("")]).map(remap).collect::<Vec<_>>().join("\u{1f}")
}

/// Hashes of the inputs of the shipped module and of its files; equal to those of the last time if there is nothing to do.
fn current(compiled: &Path, shipped: &Path, tools: &str) -> Result<String> {
    let mut inputs = DefaultHasher::new();
    (fs::read(compiled)?, tools, OPTIMISE, STEPS).hash(&mut inputs);
    let mut files_hash = DefaultHasher::new();
    for file in files(shipped)? {
        (file.file_name(), fs::read(&file)?).hash(&mut files_hash);
    }
    Ok(format!("{:016x} {:016x}\n", inputs.finish(), files_hash.finish()))
}

/// The `package.json` of the installed optimiser: another version means optimising again. If it is missing, the optimiser
/// is missing too, and its step fails.
fn version_of_optimiser(workspace: &Workspace) -> String {
    fs::read_to_string(workspace.path("node_modules/binaryen/package.json")).unwrap_or_default()
}

/// A JavaScript module with the bytes of the WebAssembly, for the entry `inline`.
fn bytes(module: &[u8]) -> String {
    format!("export const bytes = \"{}\";\n", BASE64_STANDARD.encode(module))
}

/// Replaces the files of `shipped` by those of `draft`.
fn replace(draft: &Path, shipped: &Path) -> Result<()> {
    empty_folder(shipped)?;
    files(draft)?.iter().try_for_each(|file| copy(file, shipped))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A temporary folder for one test.
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
    fn replacing_removes_the_old_files() {
        let folder = Folder::new("replace");
        let (draft, shipped) = (folder.0.join("draft"), folder.0.join("shipped"));
        fs::create_dir_all(&draft).unwrap();
        fs::write(draft.join("client.js"), "new").unwrap();
        replace(&draft, &shipped).unwrap();
        assert_eq!(files(&shipped).unwrap(), [shipped.join("client.js")]);
    }
}
