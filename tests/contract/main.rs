//! The contract over HTTP, one sentence a test.

// A test fails by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod bodies;
mod control;
mod credentials;
mod envelope;
mod general;
mod large;
mod login;
mod paths;
mod records;
mod refresh;
mod registration;
