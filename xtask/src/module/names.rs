//! The functions of a WebAssembly module and their names.

use std::collections::HashMap;
use std::convert::Infallible;

use anyhow::{Context, Result};
use wasm_encoder::Module;
use wasm_encoder::reencode::{Error, Reencode};
use wasmparser::{CustomSectionReader, FunctionBody, KnownCustom, Name, Parser, Payload, TypeRef};

/// The names of the functions of a module.
pub(super) struct Functions {
    names: HashMap<u32, String>,
    imported: u32,
}

impl Functions {
    /// Reads the name section.
    ///
    /// # Errors
    /// If the module cannot be read or has no name section.
    pub(super) fn read(module: &[u8]) -> Result<Self> {
        let (mut names, mut imported) = (HashMap::new(), 0);
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CustomSection(section) => {
                    let KnownCustom::Name(subsections) = section.as_known() else { continue };
                    for subsection in subsections {
                        let Name::Function(functions) = subsection? else { continue };
                        for function in functions {
                            let function = function?;
                            names.insert(function.index, without_hashes(function.name));
                        }
                    }
                }
                _ => {}
            }
        }
        (!names.is_empty()).then_some(Self { names, imported }).context("the module has no names")
    }

    /// The name of a function, without hashes; empty if it has none.
    pub(super) fn name(&self, index: u32) -> &str {
        self.names.get(&index).map_or("", String::as_str)
    }

    /// The names of all functions.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.values().map(String::as_str)
    }

    /// The number of imported functions: the indexes of the others follow theirs.
    pub(super) fn imported(&self) -> u32 {
        self.imported
    }
}

/// The functions that the module defines, each with its index.
///
/// # Errors
/// If the module cannot be read.
pub(super) fn defined_functions(module: &[u8]) -> Result<Vec<(u32, FunctionBody<'_>)>> {
    let mut next = Functions::read(module)?.imported();
    let mut functions = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CodeSectionEntry(body) = payload? {
            functions.push((next, body));
            next += 1;
        }
    }
    Ok(functions)
}

/// The module without the names of its functions, and without every other custom section.
///
/// # Errors
/// If the module cannot be read.
pub(super) fn without_names(module: &[u8]) -> Result<Vec<u8>> {
    let mut bare = Module::new();
    CustomRemover.parse_core_module(&mut bare, Parser::new(0), module)?;
    Ok(bare.finish())
}

struct CustomRemover;

impl Reencode for CustomRemover {
    type Error = Infallible;

    fn parse_custom_section(&mut self, _: &mut Module, _: CustomSectionReader<'_>) -> Result<(), Error<Infallible>> {
        Ok(())
    }
}

/// `core[0123456789abcdef]::fmt::write` and `core::fmt::write::h0123456789abcdef` are both `core::fmt::write`: the hashes change with
/// every version of a crate.
fn without_hashes(name: &str) -> String {
    let is_hash = |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let name = match name.rsplit_once("::h") {
        Some((name, hash)) if is_hash(hash) => name,
        _ => name,
    };
    let mut parts = name.split('[');
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((hash, rest)) if is_hash(hash) => clean.push_str(rest),
            _ => clean.extend(["[", part]),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{NameMap, NameSection};

    use super::*;

    #[test]
    fn a_module_without_names_has_no_other_difference() {
        let (mut names, mut map) = (NameSection::new(), NameMap::new());
        map.append(0, "a");
        names.functions(&map);
        let named = Module::new().section(&names).clone().finish();
        assert_eq!(without_names(&named).unwrap(), Module::new().finish());
    }

    #[test]
    fn a_name_loses_its_hashes_and_nothing_else() {
        assert_eq!(without_hashes("core[c5930c85a12de822]::fmt::write"), "core::fmt::write");
        assert_eq!(without_hashes("engine::send::{{closure}}::hf197118bc2749e04"), "engine::send::{{closure}}");
        assert_eq!(
            without_hashes(
                "<alloc[3ca501edff3f0c7c]::string::String as core[c5930c85a12de822]::fmt::Write>::write_char"
            ),
            "<alloc::string::String as core::fmt::Write>::write_char"
        );
        assert_eq!(without_hashes("<impl [T]>::to_vec"), "<impl [T]>::to_vec");
        assert_eq!(without_hashes("a::help"), "a::help");
    }
}
