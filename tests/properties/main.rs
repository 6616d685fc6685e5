//! Properties: random sequences of calls are compared with a model, and random requests must be answered.

// A test fails by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod anything;
mod model;
mod sequences;
mod shared_service;
