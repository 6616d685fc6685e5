//! A telematics user service to test against.
//!
//! Three floors, and every arrow points down: [`server`] (sockets) → [`http`] (warp: paths, bodies, statuses) →
//! [`service`] (what decides: users, tokens, clock; no HTTP) and [`control`] (journal, faults, barriers, events, hints; no
//! HTTP). [`config`], [`seeding`], [`state_file`] and
//! [`ready`] are the binary's.

pub mod config;
pub mod embedding;
pub mod healthcheck;
pub mod http;
pub mod ready;
pub mod seeding;
pub mod server;
pub mod state_file;

pub use embedding::{MockServer, MockServerBuilder, TestInstance};
pub use telematics_mock_core::{control, service};
