//! Gives the imports and exports of a module names of one or two letters, in the module and in its JavaScript.
//!
//! The names that wasm-bindgen generates end in hashes, which do not compress: they are a twentieth of the download.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write as _;

use anyhow::{Result, bail};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{ExportSection, ImportSection, Module};
use wasmparser::{CustomSectionReader, Export, Imports, Parser, Payload};

/// The export that `module.js` calls by its name.
const START: &str = "__wbindgen_start";
/// The names that wasm-bindgen's JavaScript gives to the exports object.
const EXPORTS_OBJECT: &str = "wasm.";
/// Keywords of JavaScript that have at most two letters.
const KEYWORDS: &[&str] = &["do", "if", "in"];

/// A module with short names, and the JavaScript that belongs to it.
pub(super) struct Renamed {
    /// The module, without custom sections.
    pub(super) module: Vec<u8>,
    /// The JavaScript of wasm-bindgen, which calls the exports.
    pub(super) bindings: String,
    /// A JavaScript module with the import object. It names only the functions that are imported, so that a bundler drops the others.
    pub(super) imports: String,
}

/// Renames the imports and exports of `module`. `bindings` is the file `bindings_name`, which wasm-bindgen generated for it.
///
/// # Errors
/// If the module cannot be read, or if it and the JavaScript do not fit together.
pub(super) fn rename(module: &[u8], bindings: &str, bindings_name: &str) -> Result<Renamed> {
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imports.push(import?.name);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    exports.push(export?.name);
                }
            }
            _ => {}
        }
    }
    let imports: BTreeMap<&str, String> = imports.into_iter().zip(short_names()).collect();
    for name in imports.keys() {
        if !bindings.contains(&format!("export function {name}(")) {
            bail!("the bindings do not define the import `{name}`");
        }
    }
    let exports: BTreeMap<&str, String> =
        exports.into_iter().filter(|name| *name != START).zip(short_names()).collect();
    let mut renamed = Module::new();
    Renamer { imports: &imports, exports: &exports }.parse_core_module(&mut renamed, Parser::new(0), module)?;
    Ok(Renamed {
        module: renamed.finish(),
        bindings: with_short_exports(bindings, &exports)?,
        imports: import_object(&imports, bindings_name),
    })
}

/// `a`, `b`, … `Z`, `aa`, `ab`, …
fn short_names() -> impl Iterator<Item = String> {
    let letters = || ('a'..='z').chain('A'..='Z');
    let pairs = letters().flat_map(move |first| letters().map(move |second| [first, second].iter().collect()));
    letters().map(String::from).chain(pairs.filter(|name: &String| !KEYWORDS.contains(&name.as_str())))
}

/// Replaces the names of exports in the JavaScript: wherever it uses a property of the exports object.
fn with_short_exports(bindings: &str, exports: &BTreeMap<&str, String>) -> Result<String> {
    let mut parts = bindings.split(EXPORTS_OBJECT);
    let mut renamed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_part_of_a_name = |byte: char| byte.is_ascii_alphanumeric() || byte == '_' || byte == '$';
        let (name, rest) = part.split_at(part.find(|byte| !is_part_of_a_name(byte)).unwrap_or(part.len()));
        let Some(short) = exports.get(name) else {
            bail!("the bindings use `{name}`, which the module does not export")
        };
        renamed.extend([EXPORTS_OBJECT, short, rest]);
    }
    Ok(renamed)
}

fn import_object(imports: &BTreeMap<&str, String>, bindings_name: &str) -> String {
    let (mut named, mut object) = (String::new(), String::new());
    for (name, short) in imports {
        let _ = writeln!(named, "  {name} as {short},");
        let _ = write!(object, "{}{short}", if object.is_empty() { "" } else { ", " });
    }
    format!("import {{\n{named}}} from \"./{bindings_name}\";\nexport const imports = {{ \"\": {{ {object} }} }};\n")
}

struct Renamer<'a> {
    imports: &'a BTreeMap<&'a str, String>,
    exports: &'a BTreeMap<&'a str, String>,
}

impl Reencode for Renamer<'_> {
    type Error = Infallible;

    fn parse_imports(&mut self, section: &mut ImportSection, imports: Imports<'_>) -> Result<(), Error<Infallible>> {
        for import in imports {
            let (_, import) = import?;
            let name = self.imports.get(import.name).map_or(import.name, String::as_str);
            section.import("", name, self.entity_type(import.ty)?);
        }
        Ok(())
    }

    fn parse_export(&mut self, section: &mut ExportSection, export: Export<'_>) -> Result<(), Error<Infallible>> {
        let name = self.exports.get(export.name).map_or(export.name, String::as_str);
        section.export(name, self.export_kind(export.kind)?, self.external_index(export.kind, export.index)?);
        Ok(())
    }

    fn parse_custom_section(&mut self, _: &mut Module, _: CustomSectionReader<'_>) -> Result<(), Error<Infallible>> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_distinct_and_no_keywords() {
        let names: Vec<String> = short_names().collect();
        let mut distinct = names.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(names.len(), distinct.len());
        assert_eq!((names[0].as_str(), names[52].as_str()), ("a", "aa"));
        assert!(!names.iter().any(|name| KEYWORDS.contains(&name.as_str())));
    }

    #[test]
    fn the_exports_are_renamed_wherever_they_are_used() {
        let exports = BTreeMap::from([("client_new", "a".to_owned()), ("memory", "b".to_owned())]);
        let renamed = with_short_exports("f(wasm.client_new(1), wasm.memory.buffer); wasm = x;", &exports).unwrap();
        assert_eq!(renamed, "f(wasm.a(1), wasm.b.buffer); wasm = x;");
        let error = with_short_exports("wasm.gone()", &exports).unwrap_err();
        assert_eq!(error.to_string(), "the bindings use `gone`, which the module does not export");
    }
}
