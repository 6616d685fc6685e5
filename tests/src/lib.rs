//! What contract tests stand on: a service to ask, and answers to look at.
//!
//! By default every test starts a mock server of its own. With `TELEMATICS_URL`, `TELEMATICS_INSTANCE_ID` and
//! `TELEMATICS_INSTANCE_KEY` set, the same tests ask that service instead; those that need the mock's control API then
//! say so and pass over.

// Fixtures fail by panicking: that is how a test says what went wrong.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod answer;
mod known;
mod multipart;
mod service;
mod wire;

pub use answer::{Answer, Tokens};
pub use known::{ADMIN_EMAIL, ADMIN_PASSWORD, DEMO, Instance, NOBODY, UBI};
pub use multipart::Multipart;
pub use service::{Request, Service};
pub use wire::{Wire, WireAnswer};
