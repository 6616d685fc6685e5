//! The contract over HTTP, one sentence a test.

// A test fails by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod access;
mod admins;
mod batches;
mod bodies;
mod credentials;
mod deletion;
mod envelope;
mod exists;
mod find;
mod general;
mod instances;
mod large;
mod legacy;
mod listing;
mod lockout;
mod login;
mod passwords;
mod paths;
mod pictures;
mod races;
mod records;
mod refresh;
mod registration;
mod rotation;
mod states;
mod ubi;
mod updates;
