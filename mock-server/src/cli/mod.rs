//! The binary's own parts: options, log, signals, ready line, health check, state file, and what a start begins with.

pub mod config;
pub mod healthcheck;
pub mod init_calls;
pub mod init_files;
pub mod log;
pub mod ready;
pub mod signals;
pub mod state_file;
