//! The client of a telematics user service: registers users, keeps them signed in and makes calls for them.
//!
//! | Module | What it is |
//! |---|---|
//! | [`engine`] | who is signed in, and what is renewed when: plain Rust without I/O |
//! | [`calls`] | the calls of the service, each as two pure halves |
//! | [`client`] | what JavaScript sees of a client |
//! | [`stateless`] | what JavaScript sees of calls without a client |
//! | [`error`] | one vocabulary of codes |
//! | `browser` | the ports of the engine, made of what a browser has |

mod browser;
pub mod calls;
pub mod client;
pub mod engine;
pub mod error;
mod panic;
pub mod stateless;

/// A fifth of the size of the standard allocator, which the download would carry otherwise.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
