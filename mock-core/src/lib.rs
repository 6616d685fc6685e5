//! The telematics user service to test against, without sockets.

pub mod control;
pub mod runtime;
pub mod service;
