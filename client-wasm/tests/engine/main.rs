//! The session engine against a world of its own: no browser, no network, no waiting.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs)]

mod aborts;
mod calls;
mod fallback;
mod renewal;
mod sign_out;
mod storage;
mod world;
