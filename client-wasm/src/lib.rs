//! The client of a telematics user service: registers users, keeps them signed in and makes calls for them.
//!
//! A module uses only the modules above it in this table.
//!
//! | Module | Contents |
//! |---|---|
//! | [`error`] | the error and its codes |
//! | [`wire`] | the configuration; requests, responses and envelopes as text |
//! | [`calls`] | the calls that the engine makes, each as a request; the reading of tokens |
//! | [`engine`] | the session: who is signed in and when tokens are renewed; plain Rust without I/O |
//! | `browser` | the ports of the engine, implemented with the APIs of a browser |
//! | [`client`] | the client class for JavaScript |
//! | [`stateless`] | calls without a client, for JavaScript |

mod browser;
pub mod calls;
pub mod client;
pub mod engine;
pub mod error;
pub mod stateless;
pub mod wire;

/// A fifth of the size of the standard allocator.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
