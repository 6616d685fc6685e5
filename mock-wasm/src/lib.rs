//! The mock as WebAssembly: the core for programs in JavaScript. Nothing listens, and nothing is started.
//!
//! A host in JavaScript hands each request over as text and bytes, and gets its answer in the same way. It passes in the
//! entropy; the time and the timers are JavaScript's.
//!
//! | Module | Contents |
//! |---|---|
//! | [`mock`] | a mock, made of options |
//! | [`options`] | the options |
//! | [`exchange`] | one request and its answer |
//! | [`answer`] | an answer as JavaScript reads it |
//! | [`stream`] | a body that arrives in pieces |
//! | [`platform`] | the clock and the timers of JavaScript |
//! | `cli` | with the feature `cli`: the command line of the mock server, and the server that a program in Node serves |

pub mod answer;
#[cfg(feature = "cli")]
pub mod cli;
pub mod exchange;
pub mod mock;
pub mod options;
pub mod platform;
pub mod stream;
