//! The mock's control API over HTTP.

// A test fails by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod access;
mod advice;
mod advice_reports;
mod api;
mod barriers;
mod clocks;
mod events;
mod faults;
mod gateways;
mod hints;
mod instances;
mod isolation;
mod journal;
mod minting;
mod repeatable;
mod resets;
mod settings;
mod snapshots;
mod tokens;
mod users;
mod waiting;
mod wrong;
