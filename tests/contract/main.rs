//! The contract over HTTP. Each test is one sentence, and `docs/contract.md` names the rule that it holds.

// A test fails by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod access;
mod accounts;
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
mod vendor_flows;
