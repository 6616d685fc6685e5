//! Removes from a WebAssembly module the code that formats text and reports panics.
//!
//! A panic of the client ends in a trap, which `client-wasm/npm/module.js` notices. The message is dropped in any case, because it
//! could hold a secret, so nothing needs the code that builds it: a tenth of the module. The bodies of these functions are replaced by
//! `unreachable`; wasm-opt then removes everything that only they used.

use anyhow::{Result, bail};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, DataSection, Function, Instruction, Module};
use wasmparser::{Data, FunctionBody, Operator};

use super::names::{Functions, defined_functions};

/// The functions that report a panic, by the beginning of their names.
const PANICS: &[&str] = &[
    "__rustc::rust_begin_unwind",
    "alloc::alloc::handle_alloc_error",
    "alloc::raw_vec::capacity_overflow",
    "alloc::raw_vec::handle_error",
    "core::option::expect_failed",
    "core::panicking::",
    "std::alloc::rust_oom",
    "std::panicking::",
];

/// The functions that format text, by a part of their names. They are removed only if nothing but a panic calls them.
const FORMATTING: &[&str] = &["core::fmt::", " as core::fmt::"];

/// What the paths of other crates begin with.
pub(super) const SOURCES: &str = "@src/";
/// What a path of a source file begins with: each panic has one, which nothing reads any more.
const PATHS: &[&str] = &[SOURCES, "/rustc/", "/rust/deps/", "client-wasm/src/", "contract/src/"];
/// What a path of a source file ends with.
const EXTENSION: &str = ".rs";

/// Replaces the functions that report panics and format text.
///
/// # Errors
/// If the module cannot be read; if no function has one of the names, because the standard library has changed; or if other code
/// formats text, which would trap.
pub(super) fn snip(module: &[u8]) -> Result<Vec<u8>> {
    let functions = Functions::read(module)?;
    // `<std::panicking::… as core::panic::PanicPayload>::get` reports a panic, too.
    let is_panic = |name: &str| PANICS.iter().any(|start| name.trim_start_matches('<').starts_with(start));
    let is_formatting = |name: &str| FORMATTING.iter().any(|part| name.contains(part));
    for name in PANICS {
        if !functions.names().any(|found| found.starts_with(name)) {
            bail!("no function is called `{name}…`: the standard library has changed, adapt xtask/src/module/snip.rs");
        }
    }
    for name in FORMATTING {
        if !functions.names().any(|found| found.contains(name)) {
            bail!(
                "no function has `{name}` in its name: the standard library has changed, adapt xtask/src/module/snip.rs"
            );
        }
    }
    for (index, body) in defined_functions(module)? {
        let caller = functions.name(index);
        if is_panic(caller) || is_formatting(caller) {
            continue;
        }
        for callee in callees(&body)? {
            if is_formatting(functions.name(callee)) {
                bail!("`{caller}` formats text by `{}`, which the shipped module cannot do", functions.name(callee));
            }
        }
    }
    let mut snipper = Snipper {
        next: functions.imported(),
        is_snipped: |index| is_panic(functions.name(index)) || is_formatting(functions.name(index)),
    };
    let mut snipped = Module::new();
    snipper.parse_core_module(&mut snipped, wasmparser::Parser::new(0), module)?;
    Ok(snipped.finish())
}

/// The functions that a body calls by name.
fn callees(body: &FunctionBody<'_>) -> Result<Vec<u32>> {
    let mut callees = Vec::new();
    for operator in body.get_operators_reader()? {
        if let Operator::Call { function_index } | Operator::ReturnCall { function_index } = operator? {
            callees.push(function_index);
        }
    }
    Ok(callees)
}

/// The data with zeros, which compress to nothing, in place of the paths of source files.
fn without_paths(data: &[u8]) -> Vec<u8> {
    let mut blank = data.to_vec();
    let mut rest = blank.as_mut_slice();
    while let Some(start) = PATHS.iter().filter_map(|path| position(rest, path)).min() {
        let (_, path) = rest.split_at_mut(start);
        let Some(end) = position(path, EXTENSION) else { break };
        let (path, behind) = path.split_at_mut(end + EXTENSION.len());
        path.fill(0);
        rest = behind;
    }
    blank
}

fn position(data: &[u8], text: &str) -> Option<usize> {
    data.windows(text.len()).position(|window| window == text.as_bytes())
}

struct Snipper<F> {
    next: u32,
    is_snipped: F,
}

impl<F: Fn(u32) -> bool> Reencode for Snipper<F> {
    type Error = std::convert::Infallible;

    fn parse_data(&mut self, section: &mut DataSection, data: Data<'_>) -> Result<(), Error<Self::Error>> {
        let blank = without_paths(data.data);
        wasm_encoder::reencode::utils::parse_data(self, section, Data { data: &blank, ..data })
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), Error<Self::Error>> {
        let index = self.next;
        self.next += 1;
        if !(self.is_snipped)(index) {
            return wasm_encoder::reencode::utils::parse_function_body(self, code, body);
        }
        let mut trap = Function::new([]);
        trap.instruction(&Instruction::Unreachable).instruction(&Instruction::End);
        code.function(&trap);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_source_files_become_zeros_and_the_rest_stays() {
        let data = b"baseUrl@src/client/a.rs/rustc/0/library/core/b.rs: failed/rustc";
        let blank = without_paths(data);
        assert_eq!(blank.len(), data.len());
        let left: Vec<u8> = blank.into_iter().filter(|byte| *byte != 0).collect();
        assert_eq!(String::from_utf8_lossy(&left), "baseUrl: failed/rustc");
    }
}
