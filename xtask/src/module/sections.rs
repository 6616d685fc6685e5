//! What the bytes of a WebAssembly module go into.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::Result;
use wasmparser::{Parser, Payload};

use super::described::Module;
use super::names::{Functions, defined_functions};

/// The parts of a module, and what the names of their functions contain. The first that fits counts.
pub(super) type Parts = &'static [(&'static str, &'static [&'static str])];

/// Those of the client.
pub(super) const CLIENT: Parts = &[
    ("client: engine", &["telematics_user_client::engine"]),
    (
        "client: calls and wire",
        &["telematics_user_client::calls", "telematics_user_client::wire", "telematics_contract"],
    ),
    ("client: browser", &["telematics_user_client::browser"]),
    ("client: exports", &["telematics_user_client", " shim"]),
    ("serde-wasm-bindgen", &["serde"]),
    ("gloo-net", &["gloo_net"]),
    ("wasm-bindgen and js-sys", &["wasm_bindgen", "js_sys", "web_sys", "__wbindgen", "__externref"]),
    ("futures", &["futures_util", "futures_core"]),
    ("allocator", &["rlsf", "__rust"]),
    ("std", &["core::", "alloc::", "std::", "hashbrown::"]),
];

/// Those of the mock. The types of a function's parameters are in its name, so reading and writing JSON come first.
pub(super) const MOCK: Parts = &[
    ("sorting", &["core::slice::sort"]),
    ("reading JSON", &["serde_core::de::", "strict_json", "serde_json::de", "serde_json::read", "http::json"]),
    ("writing JSON", &["serde_core::ser::", "serde_json::ser"]),
    ("formatting", &["core::fmt::", "core::num::flt2dec"]),
    ("mock: http", &["telematics_mock_core::http"]),
    ("mock: control", &["telematics_mock_core::control", "telematics_mock_core::mock"]),
    ("mock: service", &["telematics_mock_core", "telematics_contract"]),
    ("mock: exports", &["telematics_mock_wasm", "js_sys", "wasm_bindgen", " shim"]),
    ("jiff", &["jiff"]),
    ("http and multer", &["http::", "multer", "mime::", "httparse"]),
    ("cryptography", &["argon2", "blake2", "sha2", "hmac", "chacha", "base64", "digest"]),
    ("tokio and futures", &["tokio", "futures_"]),
    ("allocator", &["dlmalloc", "__rust"]),
    ("std", &["core::", "alloc::", "std::", "hashbrown::"]),
];

/// The raw sizes of the parts of a module, of which `named` are the bytes: of its functions by crate and module, and of its other sections.
///
/// # Errors
/// If the module cannot be read or has no names.
pub(crate) fn sizes(named: &[u8], module: &Module) -> Result<BTreeMap<String, usize>> {
    let functions = Functions::read(named)?;
    let mut sizes = BTreeMap::new();
    let mut add = |part: &str, size: usize| *sizes.entry(part.to_owned()).or_default() += size;
    for (index, body) in defined_functions(named)? {
        add(part(module.parts, functions.name(index)), length(body.range()));
    }
    for payload in Parser::new(0).parse_all(named) {
        match payload? {
            Payload::DataSection(section) => add("texts and tables", length(section.range())),
            Payload::ImportSection(section) => add("imports", length(section.range())),
            Payload::ExportSection(section) => add("exports", length(section.range())),
            Payload::TypeSection(section) => add("other sections", length(section.range())),
            Payload::FunctionSection(section) => add("other sections", length(section.range())),
            Payload::ElementSection(section) => add("other sections", length(section.range())),
            _ => {}
        }
    }
    Ok(sizes)
}

/// The number of bytes in a range.
fn length(range: Range<u64>) -> usize {
    usize::try_from(range.end - range.start).unwrap_or(usize::MAX)
}

/// The part that a function belongs to.
fn part(parts: Parts, name: &str) -> &'static str {
    let fits = |(_, texts): &&(&str, &[&str])| texts.iter().any(|text| name.contains(text));
    parts.iter().find(fits).map_or("other functions", |(part, _)| part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_belongs_to_its_crate_or_to_the_type_that_it_drops() {
        assert_eq!(part(CLIENT, "telematics_user_client::engine::bearer::send"), "client: engine");
        assert_eq!(
            part(CLIENT, "core::ptr::drop_in_place<telematics_user_client::browser::tabs::Turn>"),
            "client: browser"
        );
        assert_eq!(part(CLIENT, "client_login externref shim"), "client: exports");
        assert_eq!(part(CLIENT, "js_sys::futures::queue::Queue::new"), "wasm-bindgen and js-sys");
        assert_eq!(part(CLIENT, "core::option::Option<T>::filter"), "std");
        assert_eq!(part(CLIENT, ""), "other functions");
    }
}
