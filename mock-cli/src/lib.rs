//! The command line of `telematics-mock` without the machine that it runs on.
//!
//! [`config`] reads the command line, the environment and the configuration file into a [`config::Task`]. [`program`] starts the server
//! of a configuration up to its ready line and keeps its state file. The other modules are the parts of both.
//!
//! The crate opens no socket and no file, starts no process, reads no clock and no variable of the environment: what it needs is passed
//! in, the files as [`files::Files`]. It builds for `wasm32-unknown-unknown`, so that the native binary and a program in Node have the
//! same options, sentences, ready line and exit codes.

pub mod advice;
mod bounds;
pub mod config;
pub mod exec;
pub mod files;
pub mod healthcheck;
pub mod init_calls;
pub mod init_files;
pub mod listening;
pub mod log;
#[cfg(test)]
mod memory;
pub mod printed;
pub mod program;
pub mod ready;
pub mod signals;
pub mod state_file;
