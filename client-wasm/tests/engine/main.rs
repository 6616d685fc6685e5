//! The session engine with test ports: no browser, no network, no real time.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod aborts;
mod adoption;
mod answers;
mod calls;
mod fallback;
mod interleavings;
mod json;
mod keyless;
mod names;
mod reading;
mod renewal;
mod retries;
mod rules;
mod sign_out;
mod storage;
mod tabs;
mod world;
