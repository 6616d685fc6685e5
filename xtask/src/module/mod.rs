//! Builds the WebAssembly modules and their JavaScript bindings into the sources of the npm packages.

mod described;
mod locations;
#[expect(clippy::wildcard_enum_match_arm, reason = "a module has many other sections")]
mod names;
#[expect(clippy::wildcard_enum_match_arm, reason = "a module has many other sections")]
pub(crate) mod native;
#[expect(clippy::wildcard_enum_match_arm, reason = "a module has many other sections")]
mod rename;
#[expect(clippy::wildcard_enum_match_arm, reason = "a module has many other sections")]
pub(crate) mod sections;
mod snip;

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::Result;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

pub(crate) use self::described::{CLIENT, MOCK, MOCK_CLI, Module};
use crate::workspace::{Workspace, output};

/// The options of the optimiser. The features are those that rustc emits by default; the optimiser rejects a module with
/// features that are not enabled.
const OPTIMISE: &[&str] = &[
    // Copies of one function for several types lie together, so that brotli finds what they share: one percent.
    "--reorder-functions-by-name",
    "--debuginfo",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The sources of the steps around the optimiser: a change to them means building again.
const STEPS: &[&str] = &[
    include_str!("described.rs"),
    include_str!("locations.rs"),
    include_str!("names.rs"),
    include_str!("rename.rs"),
    include_str!("snip.rs"),
];

/// The optimised module with the names of its functions, which the shipped one does not have.
pub(crate) fn named(workspace: &Workspace, module: &Module) -> PathBuf {
    made(workspace, module, "named.wasm")
}

/// Builds a module into the sources of its package, unless nothing has changed since the last time.
///
/// # Errors
/// If a tool is missing or fails.
pub(crate) fn build(workspace: &Workspace, module: &Module) -> Result<()> {
    // Cargo runs every time and finds out what has changed; the later steps run only if its output is new.
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", module.package, "--lib", "--profile", module.profile]);
    cargo.args(["--features", &module.features.join(",")]);
    // As wasm-pack does: with `--target` cargo would build everything a second time.
    cargo.env("CARGO_BUILD_TARGET", "wasm32-unknown-unknown");
    let flags = flags(workspace);
    cargo.env(FLAGS, &flags);
    workspace.quietly(&format!("compiling {} to WebAssembly", module.title), &mut cargo)?;

    let compiled = compiled(workspace, module);
    let shipped = workspace.path(module.shipped);
    let (stamp, tools) = (made(workspace, module, "module.stamp"), tools(workspace)?);
    if fs::read_to_string(&stamp)
        .is_ok_and(|old| current(&compiled, &shipped, module, &tools).is_ok_and(|new| old == new))
    {
        return Ok(());
    }

    let draft = made(workspace, module, "draft");
    fs::create_dir_all(&draft)?;
    let mut pack = workspace.command("wasm-pack");
    pack.env(FLAGS, &flags);
    pack.args(["build", module.sources, "--mode", "no-install", "--target", "bundler", "--profile", module.profile]);
    pack.args(["--no-pack", "--no-opt", "--no-gitignore", "--no-typescript", "--out-name", module.name, "--out-dir"]);
    pack.arg(&draft).args(["--", "--features", &module.features.join(",")]);
    workspace.quietly(&format!("generating the bindings of {}", module.title), &mut pack)?;

    let what = format!("optimising {} for size", module.title);
    let optimised = optimise(workspace, &what, module, &draft.join(module.file()), &named(workspace, module), &[])?;
    let bindings = fs::read_to_string(draft.join(module.bindings()))?;
    // The shipped files are replaced only after all steps have succeeded.
    fs::create_dir_all(&shipped)?;
    for (name, bytes) in generated(module, &optimised, bindings)? {
        fs::write(shipped.join(name), bytes)?;
    }
    fs::write(&stamp, current(&compiled, &shipped, module, &tools)?)?;
    Ok(())
}

/// The files that are generated of the optimised module and its bindings, by their names.
fn generated(module: &Module, optimised: &[u8], bindings: String) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let (wasm, bindings) = if module.has_short_names {
        let renamed = rename::rename(optimised, &bindings, &module.bindings())?;
        files.insert(IMPORTS.to_owned(), renamed.imports.into_bytes());
        (renamed.module, renamed.bindings)
    } else {
        (names::without_names(optimised)?, bindings)
    };
    if module.has_bytes {
        files.insert(BYTES.to_owned(), bytes(&wasm).into_bytes());
    }
    files.insert(module.file(), wasm);
    files.insert(module.bindings(), bindings.into_bytes());
    Ok(files)
}

/// The JavaScript with the import object of a module with short names.
const IMPORTS: &str = "imports.js";
/// The JavaScript that holds the module.
const BYTES: &str = "bytes.js";

/// The names of the files that [`generated`] makes.
fn names_of_files(module: &Module) -> impl Iterator<Item = String> {
    let imports = module.has_short_names.then(|| IMPORTS.to_owned());
    let bytes = module.has_bytes.then(|| BYTES.to_owned());
    [module.file(), module.bindings()].into_iter().chain(imports).chain(bytes)
}

/// Removes the functions that the description of a module names from `wasm`, optimises it with `more` options into the file
/// `optimised`, and returns that.
fn optimise(
    workspace: &Workspace,
    what: &str,
    module: &Module,
    wasm: &Path,
    optimised: &Path,
    more: &[&str],
) -> Result<Vec<u8>> {
    let snipped = made(workspace, module, "snipped.wasm");
    let compiled = fs::read(wasm)?;
    let kept = match module.removed {
        Some(removed) => snip::snip(&compiled, removed)?,
        None => compiled,
    };
    fs::write(&snipped, kept)?;
    let mut optimiser = workspace.command("node_modules/.bin/wasm-opt");
    workspace.quietly(
        what,
        optimiser.args(module.passes).args(OPTIMISE).args(more).arg(&snipped).arg("-o").arg(optimised),
    )?;
    Ok(fs::read(optimised)?)
}

/// The module as the compiler writes it.
fn compiled(workspace: &Workspace, module: &Module) -> PathBuf {
    workspace.built(&format!("wasm32-unknown-unknown/{}/{}.wasm", module.profile, module.library()))
}

/// A file that is made on the way, in the target folder.
fn made(workspace: &Workspace, module: &Module, file: &str) -> PathBuf {
    workspace.built("npm").join(module.name).join(file)
}

/// The versions of the tools that run after the compiler.
fn tools(workspace: &Workspace) -> Result<String> {
    Ok(output(workspace.command("wasm-bindgen").arg("--version"))? + &version_of_optimiser(workspace))
}

/// The variable with the compiler's flags, separated by the unit separator (U+001F).
const FLAGS: &str = "CARGO_ENCODED_RUSTFLAGS";

/// The flags of the compiler: names of functions that contain the types of their parameters, by which the step `snip` tells the copies of
/// a function apart, and paths without folders.
fn flags(workspace: &Workspace) -> String {
    format!("-Csymbol-mangling-version=v0\u{1f}{}", without_paths(workspace))
}

/// Flags that keep the folders of the building machine out of the module: each panic has the path of its source file. The paths begin
/// with a mark, by which `locations` finds them.
fn without_paths(workspace: &Workspace) -> String {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let registries = home.and_then(|home| fs::read_dir(home.join("registry/src")).ok());
    let registries = registries.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let remap = |path: PathBuf| format!("--remap-path-prefix={}={}", path.display(), locations::SOURCES);
    registries.chain([workspace.path("")]).map(remap).collect::<Vec<_>>().join("\u{1f}")
}

/// Hashes of the inputs of a shipped module and of its files; equal to those of the last time if there is nothing to do.
fn current(compiled: &Path, shipped: &Path, module: &Module, tools: &str) -> Result<String> {
    let mut inputs = DefaultHasher::new();
    (fs::read(compiled)?, tools, OPTIMISE, STEPS).hash(&mut inputs);
    let mut files = DefaultHasher::new();
    for name in names_of_files(module) {
        fs::read(shipped.join(name))?.hash(&mut files);
    }
    Ok(format!("{:016x} {:016x}\n", inputs.finish(), files.finish()))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A temporary folder for one test, with a compiled module and the shipped files of the client.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("xtask-module-{name}-{}", std::process::id()));
            fs::create_dir_all(folder.join("shipped")).unwrap();
            fs::write(folder.join("compiled.wasm"), "compiled").unwrap();
            for name in names_of_files(&CLIENT) {
                fs::write(folder.join("shipped").join(name), "shipped").unwrap();
            }
            Self(folder)
        }

        fn stamp(&self, tools: &str) -> Result<String> {
            current(&self.0.join("compiled.wasm"), &self.0.join("shipped"), &CLIENT, tools)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_stamp_stays_while_nothing_changes_and_when_another_module_is_built_into_the_folder() {
        let folder = Folder::new("same");
        let stamp = folder.stamp("1").unwrap();
        fs::write(folder.0.join("shipped").join(MOCK.file()), "").unwrap();
        assert_eq!(folder.stamp("1").unwrap(), stamp);
    }

    #[test]
    fn the_stamp_changes_with_the_compiled_module_the_tools_and_the_shipped_files() {
        let folder = Folder::new("changes");
        let mut stamps = vec![folder.stamp("1").unwrap(), folder.stamp("2").unwrap()];
        fs::write(folder.0.join("compiled.wasm"), "compiled anew").unwrap();
        stamps.push(folder.stamp("1").unwrap());
        for name in names_of_files(&CLIENT) {
            fs::write(folder.0.join("shipped").join(name), "changed").unwrap();
            stamps.push(folder.stamp("1").unwrap());
        }
        let all = stamps.len();
        stamps.sort();
        stamps.dedup();
        assert_eq!(stamps.len(), all);
    }

    #[test]
    fn there_is_no_stamp_if_a_shipped_file_is_missing() {
        let folder = Folder::new("missing");
        fs::remove_file(folder.0.join("shipped").join(BYTES)).unwrap();
        assert!(folder.stamp("1").is_err());
    }

    #[test]
    fn the_generated_files_have_the_names_by_which_the_stamp_finds_them() {
        let names = |module| {
            let mut names: Vec<String> = names_of_files(module).collect();
            names.sort();
            names
        };
        let empty = wasm_encoder::Module::new().finish();
        for module in [&CLIENT, &MOCK, &MOCK_CLI] {
            let generated = generated(module, &empty, String::new()).unwrap();
            assert_eq!(generated.into_keys().collect::<Vec<_>>(), names(module));
        }
    }
}
