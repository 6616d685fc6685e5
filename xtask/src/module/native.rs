//! Compiles the client to JavaScript, for React Native, whose engine Hermes has no WebAssembly.
//!
//! `wasm2js` translates a module without reference types and without results of several values. The standard library is compiled with
//! both, but wasm-bindgen makes use of them only if the section `target_features` of the module names them.

use std::convert::Infallible;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CustomSection, Instruction, Module};
use wasmparser::{CustomSectionReader, Operator, Parser, Payload, TypeRef};

use super::{CLIENT, OPTIMISE, STEPS, rename};
use crate::workspace::Workspace;

/// The JavaScript that `wasm2js` makes of the module.
const COMPILED: &str = "compiled.js";

/// The options of the optimiser that replace what `wasm2js` cannot translate.
const LOWER: &[&str] =
    &["--llvm-memory-copy-fill-lowering", "--signext-lowering", "--llvm-nontrapping-fptoint-lowering"];

/// The section that tells wasm-bindgen which features it may use.
const FEATURES: &str = "target_features";
/// The imported function that returns the number of reserved places in the table of JavaScript values. Without reference types the
/// table is an array of the bindings, and wasm-bindgen leaves the import in place.
const RESERVED: &str = "__wbindgen_externref_statics_end";
/// That number; the bindings contain it, too.
const RESERVED_PLACES: i32 = 1028;

/// How the bindings notice that the memory has grown, and what replaces it: a grown memory of WebAssembly detaches its old buffer; that
/// of `wasm2js` does not.
const GROWN: [[&str; 2]; 2] = [
    ["cachedUint8ArrayMemory0.byteLength === 0", "cachedUint8ArrayMemory0.buffer !== wasm.memory.buffer"],
    ["cachedDataViewMemory0.buffer.detached === true", "cachedDataViewMemory0.buffer !== wasm.memory.buffer"],
];

/// Older versions of Hermes have neither of the classes that the bindings use for text.
const TEXT: &str = "import { TextDecoder, TextEncoder } from \"../text.js\";\n";

/// Builds the module as JavaScript, unless nothing has changed since the last time; returns the folder with its three files.
/// [`super::build`] must have compiled the client.
///
/// # Errors
/// If a tool is missing or fails.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    let (folder, stamp) = (workspace.built("npm/native/wasm"), workspace.built("npm/native.stamp"));
    let compiled = fs::read(super::compiled(workspace, &CLIENT))?;
    let inputs = inputs(&compiled, &super::tools(workspace)?);
    if fs::read_to_string(&stamp).is_ok_and(|old| old == inputs) && folder.is_dir() {
        return Ok(folder);
    }
    let draft = workspace.built("npm/native-draft");
    fs::create_dir_all(&draft)?;
    let (plain, optimised) = (draft.join("plain.wasm"), draft.join("optimised.wasm"));
    fs::write(&plain, without_features(&compiled)?)?;
    let mut bindgen = workspace.command("wasm-bindgen");
    bindgen.arg(&plain).args(["--target", "bundler", "--no-typescript", "--omit-default-module-path"]);
    workspace.quietly(
        "generating the bindings for React Native",
        bindgen.args(["--out-name", CLIENT.name, "--out-dir"]).arg(&draft),
    )?;
    let bindings = bindings(&fs::read_to_string(draft.join(CLIENT.bindings()))?)?;
    let lowered = super::optimise(
        workspace,
        "optimising for React Native",
        &CLIENT,
        &draft.join(CLIENT.file()),
        &optimised,
        LOWER,
    )?;
    let renamed = rename::rename(&lowered, &bindings, &CLIENT.bindings())?;
    fs::write(&optimised, renamed.module)?;
    let script = draft.join(COMPILED);
    let mut translator = workspace.command("node_modules/.bin/wasm2js");
    workspace.quietly("translating to JavaScript", translator.arg("-O").arg(&optimised).arg("-o").arg(&script))?;

    fs::create_dir_all(&folder)?;
    fs::write(folder.join(CLIENT.bindings()), renamed.bindings)?;
    fs::write(folder.join("imports.js"), renamed.imports)?;
    fs::write(folder.join(COMPILED), as_function(&fs::read_to_string(script)?)?)?;
    fs::write(stamp, inputs)?;
    Ok(folder)
}

fn inputs(compiled: &[u8], tools: &str) -> String {
    let mut hasher = DefaultHasher::new();
    (compiled, tools, OPTIMISE, LOWER, STEPS, include_str!("native.rs")).hash(&mut hasher);
    format!("{:016x}\n", hasher.finish())
}

/// The bindings with a check for a grown memory that works without WebAssembly, and with the text classes of the package.
fn bindings(generated: &str) -> Result<String> {
    let reserved = format!("if (idx < {RESERVED_PLACES}) return;");
    for used in GROWN.iter().map(|[check, _]| *check).chain([reserved.as_str()]) {
        if generated.matches(used).count() != 1 {
            bail!(
                "the bindings do not contain `{used}` once: wasm-bindgen has changed, adapt xtask/src/module/native.rs"
            );
        }
    }
    let adapted =
        GROWN.iter().fold(generated.to_owned(), |text, [check, replacement]| text.replace(check, replacement));
    Ok(format!("{TEXT}{adapted}"))
}

/// The script of `wasm2js` as a module that exports the function `instantiate`. As generated, it runs when it is imported.
fn as_function(script: &str) -> Result<String> {
    let body = script.find("\n\n").and_then(|end| script.get(end..)).context("the script has no imports")?;
    let (functions, _) = body.split_once("\nvar retasmFunc = ").context("the script is not called")?;
    Ok(format!("{}\nexport {{ asmFunc as instantiate }};\n", functions.trim_start()))
}

/// The module with an empty list of features, and with a number in place of the calls of [`RESERVED`].
fn without_features(module: &[u8]) -> Result<Vec<u8>> {
    let mut plain = Module::new();
    let reserved = imported_function(module, RESERVED)?;
    FeatureRemover { reserved }.parse_core_module(&mut plain, Parser::new(0), module)?;
    Ok(plain.finish())
}

/// The index of an imported function.
fn imported_function(module: &[u8], name: &str) -> Result<u32> {
    for payload in Parser::new(0).parse_all(module) {
        let Payload::ImportSection(imports) = payload? else { continue };
        let mut index = 0;
        for import in imports.into_imports() {
            let import = import?;
            if import.name == name {
                return Ok(index);
            }
            index += u32::from(matches!(import.ty, TypeRef::Func(_)));
        }
    }
    bail!("the module does not import `{name}`: wasm-bindgen has changed, adapt xtask/src/module/native.rs")
}

struct FeatureRemover {
    reserved: u32,
}

impl Reencode for FeatureRemover {
    type Error = Infallible;

    fn parse_custom_section(
        &mut self,
        module: &mut Module,
        section: CustomSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        if section.name() != FEATURES {
            return utils::parse_custom_section(self, module, section);
        }
        // An empty list; without the section, wasm-bindgen takes the features as given.
        module.section(&CustomSection { name: FEATURES.into(), data: (&[0_u8]).into() });
        Ok(())
    }

    fn instruction<'a>(&mut self, operator: Operator<'a>) -> Result<Instruction<'a>, Error<Infallible>> {
        match operator {
            Operator::Call { function_index } if function_index == self.reserved => {
                Ok(Instruction::I32Const(RESERVED_PLACES))
            }
            other => utils::instruction(self, other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENERATED: &str = "if (idx < 1028) return; if (cachedUint8ArrayMemory0.byteLength === 0) {} \
                             if (cachedDataViewMemory0.buffer.detached === true) {}";

    #[test]
    fn the_bindings_compare_the_buffers_of_the_memory() {
        let adapted = bindings(GENERATED).unwrap();
        assert!(adapted.starts_with(TEXT));
        assert!(!adapted.contains("detached") && !adapted.contains("byteLength"), "{adapted}");
        assert_eq!(adapted.matches(".buffer !== wasm.memory.buffer").count(), 2);
    }

    #[test]
    fn bindings_of_another_version_are_an_error() {
        for missing in ["idx < 1028", "byteLength === 0", "detached === true"] {
            let error = bindings(&GENERATED.replace(missing, "")).unwrap_err().to_string();
            assert!(error.starts_with("the bindings do not contain `") && error.contains(missing), "{error}");
        }
    }

    #[test]
    fn the_script_becomes_a_function_without_imports() {
        let script = "import * as a from '';\n\nfunction asmFunc(imports) {}\n\nvar retasmFunc = asmFunc({});\nexport var a = 1;\n";
        let module = as_function(script).unwrap();
        assert_eq!(module, "function asmFunc(imports) {}\n\nexport { asmFunc as instantiate };\n");
        assert!(as_function("function asmFunc() {}").is_err());
    }
}
