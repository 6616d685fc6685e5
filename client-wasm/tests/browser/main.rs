//! The client class in a browser, with a service that is a JavaScript function.
#![cfg(target_arch = "wasm32")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod arguments;
mod calls;
mod ends;
mod storage;
mod world;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
