//! The session engine: plain Rust without I/O. Everything from outside reaches it through the traits in [`ports`].
//!
//! A module uses only the modules above it in this table. The rules that the engine follows are in `docs/session-rules.md`.
//!
//! | Module | Contents |
//! |---|---|
//! | [`clock`] | the clocks |
//! | [`shared`] | an outcome that many tasks wait for |
//! | [`session`] | the three credentials of a user and their age |
//! | [`ports`] | the traits through which the engine uses the browser |
//! | [`service`] | sending a request, with time limit and retries |
//! | `state` | who is signed in, and which change wins |
//! | `session_store` | the session in the storage |
//! | `tabs` | changes that other tabs made |
//! | `sign_in` | registration, login and sign-out |
//! | `renewal` | refresh, and the fallback if the refresh token is dead |
//! | `bearer` | calls with the access token of the user |

mod bearer;
pub mod clock;
pub mod ports;
mod renewal;
pub mod service;
pub mod session;
mod session_store;
pub mod shared;
mod sign_in;
mod state;
mod tabs;

pub use bearer::Bearer;
pub use state::Engine;
