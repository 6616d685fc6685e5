//! Removes from a WebAssembly module the code that formats text and reports panics.
//!
//! A panic of the client ends in a trap, which `client-wasm/npm/module.js` notices. The message is dropped in any case, because it
//! could hold a secret, so nothing needs the code that builds it: a tenth of the module. The bodies of these functions are replaced by
//! `unreachable`; wasm-opt then removes everything that only they used.

use anyhow::{Result, bail};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, Function, Instruction, Module};
use wasmparser::{FunctionBody, Operator};

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

struct Snipper<F> {
    next: u32,
    is_snipped: F,
}

impl<F: Fn(u32) -> bool> Reencode for Snipper<F> {
    type Error = std::convert::Infallible;

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
