//! What contract tests stand on: a service to ask, and answers to look at.
//!
//! By default every test starts a mock server of its own. With `TELEMATICS_URL`, `TELEMATICS_INSTANCE_ID` and
//! `TELEMATICS_INSTANCE_KEY` set, the same tests ask that service instead; those that need the mock's control API then
//! say so and pass over.

// Fixtures fail by panicking: that is how a test says what went wrong.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod answer;
mod service;

pub use answer::{Answer, Tokens};
pub use service::{Request, Service};

/// The id of no user and no instance.
pub const NOBODY: &str = "00000000-0000-4000-8000-000000000000";
