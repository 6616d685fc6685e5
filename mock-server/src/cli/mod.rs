//! The binary's own parts: what `telematics-mock-cli` needs of this machine, the log, the signals, and the socket of the health check.

pub mod exec;
pub mod files;
pub mod healthcheck;
pub mod invocation;
pub mod log;
pub mod running;
pub mod signals;
