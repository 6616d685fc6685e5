//! The foundation of the contract tests: a service to call, and responses to check.
//!
//! [`Service::any`] is the service that `TELEMATICS_URL`, `TELEMATICS_INSTANCE_ID` and `TELEMATICS_INSTANCE_KEY` name. If
//! `TELEMATICS_URL` is not set, it is a mock server that the test starts for itself.
//!
//! [`Service::mock`] is always a mock server: in the test's own process or, if `TELEMATICS_MOCK_PROGRAM` is set, the program that it names.
//! With `node mock-wasm/npm/bin/telematics-mock.js` that is the server of the npm package.
//!
//! A test that calls nothing but a mock carries the attribute
//! `#[cfg_attr(another_service, ignore = "needs the mock server")]`. While another service is tested, the output of the run
//! names such a test and reports it as ignored. `documents.rs` checks that no test forgets the attribute.

// Fixtures fail by panicking: the message tells the test what went wrong.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod answer;
mod known;
mod listener;
mod machine_time;
mod mock;
mod multipart;
mod pages;
mod program;
pub mod random_calls;
pub mod random_control;
mod request;
mod service;
mod until;
mod waits;
mod wire;

pub use answer::{Answer, Tokens};
pub use known::{
    ADMIN_EMAIL, ADMIN_PASSWORD, DEMO, Instance, InstanceCredentials, NEW_YEAR_SECONDS, NOBODY, UBI, path_with,
    unused_uuid,
};
pub use listener::{Event, Listener};
pub use machine_time::MachineTime;
pub use mock::Mock;
pub use multipart::Multipart;
pub use pages::{ControlRoute, code_spans, control_routes, page, root};
pub use request::Request;
pub use service::Service;
pub use until::until;
pub use waits::{timed, wait_ms};
pub use wire::{Wire, WireAnswer};
