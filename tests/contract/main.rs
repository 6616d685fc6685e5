//! The contract over HTTP, one sentence a test.

// A test fails by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod control;
mod general;
mod login;
mod records;
mod refresh;
mod registration;
