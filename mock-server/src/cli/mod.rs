//! The binary's own parts: options, ready line, health check, state file.

pub mod config;
pub mod healthcheck;
pub mod ready;
pub mod state_file;
