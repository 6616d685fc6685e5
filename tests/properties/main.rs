//! What holds whatever happens: random lives of users against a model, and random requests.

// A test fails by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod anything;
mod model;
mod requests;
mod sequences;
mod world;
