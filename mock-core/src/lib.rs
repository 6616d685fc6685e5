//! A telematics user service to test against, without sockets.
//!
//! [`service`] is the user service: users, tokens, clocks. [`control`] is the control plane: journal, faults, barriers,
//! events, hints. [`mock`] joins both and has the verbs with which a test controls them. [`http`] turns a request into its
//! answer. [`runtime`] is what the core asks of the platform that it runs on.
//!
//! The crate opens no socket, reads no clock and draws no entropy: time, randomness, sleep and threads are passed in. It
//! builds for `wasm32-unknown-unknown`.

pub mod control;
pub mod http;
pub mod initial_data;
pub mod json_tree;
pub mod mock;
mod ordering;
pub mod runtime;
pub mod service;
pub mod strict_json;
