//! Removes from a WebAssembly module the code that reports panics, and other functions that nothing calls although the compiler keeps
//! them.
//!
//! A panic ends in a trap, which the JavaScript around the module notices. The message is dropped in any case, because it could hold a
//! secret, so nothing needs the code that builds it: a tenth of the client. The bodies of these functions are replaced by
//! `unreachable`; wasm-opt then removes everything that only they used.

use std::collections::HashSet;

use anyhow::{Result, bail};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, DataSection, Function, Instruction, Module};
use wasmparser::{Data, FunctionBody, Operator};

use super::locations::Locations;
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

/// What is removed from a module beside the code of panics.
pub(crate) struct Removed {
    /// The names of functions that format text. Nothing but a panic and each other may call them. A `*` stands for any text, and any
    /// text may be around the name.
    pub(super) formatting: &'static [&'static str],
    /// The names of those that are not removed, although a name in `formatting` stands for them too.
    pub(super) kept: &'static [&'static str],
}

impl Removed {
    fn contains(&self, name: &str) -> bool {
        let is_one_of = |patterns: &[&str]| patterns.iter().any(|pattern| fits(pattern, name));
        is_one_of(self.formatting) && !is_one_of(self.kept)
    }
}

/// Whether a name contains the parts of a pattern, in their order.
fn fits(pattern: &str, name: &str) -> bool {
    pattern.split('*').try_fold(name, |rest, part| rest.split_once(part).map(|(_, rest)| rest)).is_some()
}

/// Replaces the functions that report panics, and those that `removed` names.
///
/// # Errors
/// If the module cannot be read; if no function has one of the names, because the standard library has changed; or if other code
/// calls one of them, which would trap.
pub(super) fn snip(module: &[u8], removed: &Removed) -> Result<Vec<u8>> {
    let functions = Functions::read(module)?;
    // `<std::panicking::… as core::panic::PanicPayload>::get` reports a panic, too.
    let is_panic = |name: &str| PANICS.iter().any(|start| name.trim_start_matches('<').starts_with(start));
    let is_formatting = |name: &str| removed.contains(name);
    for name in PANICS {
        if !functions.names().any(|found| found.starts_with(name)) {
            bail!("no function is called `{name}…`: the standard library has changed, adapt xtask/src/module/snip.rs");
        }
    }
    for pattern in removed.formatting.iter().chain(removed.kept) {
        if !functions.names().any(|found| fits(pattern, found)) {
            bail!("no function is called `{pattern}`: a library has changed, adapt xtask/src/module/described.rs");
        }
    }
    let bodies = defined_functions(module)?;
    let mut returning = HashSet::new();
    for (index, body) in &bodies {
        if !ends_in_trap(body)? {
            returning.insert(*index);
        }
    }
    for (index, body) in bodies {
        let caller = functions.name(index);
        if is_panic(caller) || is_formatting(caller) {
            continue;
        }
        for callee in callees(&body)? {
            let name = functions.name(callee);
            if is_formatting(name) {
                bail!("`{caller}` formats text by `{name}`, which the shipped module cannot do");
            }
            if is_panic(name) && returning.contains(&callee) {
                bail!("`{caller}` calls `{name}`, which is removed although it returns");
            }
        }
    }
    let mut snipper = Snipper {
        next: functions.imported(),
        locations: Locations::read(module)?,
        is_snipped: |index| is_panic(functions.name(index)) || is_formatting(functions.name(index)),
    };
    let mut snipped = Module::new();
    snipper.parse_core_module(&mut snipped, wasmparser::Parser::new(0), module)?;
    Ok(snipped.finish())
}

/// Whether a body ends in `unreachable`, as that of a function does that never returns.
fn ends_in_trap(body: &FunctionBody<'_>) -> Result<bool> {
    let operators = body.get_operators_reader()?.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(matches!(operators.as_slice(), [.., Operator::Unreachable, Operator::End]))
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
    locations: Locations,
    is_snipped: F,
}

impl<F: Fn(u32) -> bool> Reencode for Snipper<F> {
    type Error = std::convert::Infallible;

    fn parse_data(&mut self, section: &mut DataSection, data: Data<'_>) -> Result<(), Error<Self::Error>> {
        let blank = self.locations.without(&data);
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
    use wasm_encoder::{FunctionSection, NameMap, NameSection, TypeSection};

    use super::*;

    /// A module with these functions, each with the functions that it calls and whether it returns. The imports come first.
    fn module(functions: &[(&str, &[u32], bool)]) -> Vec<u8> {
        let (mut types, mut declared, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
        types.ty().function([], []);
        let (mut names, mut map) = (NameSection::new(), NameMap::new());
        for (index, (name, callees, returns)) in (0..).zip(functions) {
            declared.function(0);
            map.append(index, name);
            let mut body = Function::new([]);
            for callee in *callees {
                body.instruction(&Instruction::Call(*callee));
            }
            if !returns {
                body.instruction(&Instruction::Unreachable);
            }
            body.instruction(&Instruction::End);
            code.function(&body);
        }
        names.functions(&map);
        let mut module = Module::new();
        module.section(&types).section(&declared).section(&code).section(&names);
        module.finish()
    }

    const REMOVED: Removed = Removed { formatting: &["core::fmt::", " as core::fmt::"], kept: &[] };

    /// The functions whose names `snip` expects; their indexes begin at 0.
    fn known() -> Vec<(&'static str, &'static [u32], bool)> {
        let panics = PANICS.iter().map(|name| (*name, [].as_slice(), false));
        panics.chain(REMOVED.formatting.iter().map(|name| (*name, [].as_slice(), true))).collect()
    }

    #[test]
    fn ordinary_code_stays_and_the_code_of_panics_becomes_a_trap() {
        let mut functions = known();
        functions.push(("client::call", &[0], true));
        let before = module(&functions);
        let after = snip(&before, &REMOVED).unwrap();
        let bodies = |module: &[u8]| {
            defined_functions(module).unwrap().iter().map(|(_, body)| body.as_bytes().to_vec()).collect::<Vec<_>>()
        };
        let (before, after) = (bodies(&before), bodies(&after));
        assert_eq!(before.last(), after.last());
        let (_, removed) = after.split_last().unwrap();
        assert!(removed.iter().all(|body| body == &removed[0]));
    }

    #[test]
    fn ordinary_code_that_formats_text_is_an_error() {
        let mut functions = known();
        let formatting = u32::try_from(PANICS.len()).unwrap();
        let calls = [formatting];
        functions.push(("client::call", &calls, true));
        assert!(snip(&module(&functions), &REMOVED).unwrap_err().to_string().contains("`client::call` formats text"));
    }

    #[test]
    fn a_module_may_format_text_of_which_nothing_is_to_be_removed() {
        let mut functions = known();
        let formatting = u32::try_from(PANICS.len()).unwrap();
        let calls = [formatting];
        functions.push(("mock::call", &calls, true));
        assert!(snip(&module(&functions), &Removed { formatting: &[], kept: &[] }).is_ok());
    }

    #[test]
    fn a_star_stands_for_any_text_and_a_kept_function_stays() {
        let removed =
            Removed { formatting: &["<*jiff*as core::fmt::D"], kept: &["jiff::DateTime as core::fmt::Display"] };
        for name in ["<jiff::Error as core::fmt::Debug>::fmt", "<&jiff::Error<u8> as core::fmt::Display>::fmt"] {
            assert!(removed.contains(name), "{name}");
        }
        for name in
            ["<jiff::DateTime as core::fmt::Display>::fmt", "<str as core::fmt::Display>::fmt", "jiff::fmt::parse", ""]
        {
            assert!(!removed.contains(name), "{name}");
        }
    }

    #[test]
    fn ordinary_code_that_calls_a_removed_function_that_returns_is_an_error() {
        let mut functions = known();
        let last = u32::try_from(functions.len()).unwrap();
        let calls = [last];
        functions.push(("std::panicking::panic_count::increase", &[], true));
        functions.push(("client::call", &calls, true));
        assert!(
            snip(&module(&functions), &REMOVED).unwrap_err().to_string().contains("is removed although it returns")
        );
    }

    #[test]
    fn a_name_that_no_function_has_is_an_error() {
        let functions = known();
        let error = snip(&module(functions.split_first().unwrap().1), &REMOVED).unwrap_err().to_string();
        assert!(error.contains("the standard library has changed"), "{error}");
    }
}
