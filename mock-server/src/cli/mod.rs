//! The binary's own parts: options, log, signals, ready line, health check, state file.

pub mod config;
pub mod healthcheck;
pub mod log;
pub mod ready;
pub mod signals;
pub mod state_file;
