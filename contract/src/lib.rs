//! The wire contract of a telematics user service: what travels, and where to.
//!
//! Both sides of the wire are built on these types, so that neither can drift from the other. They are strict: they write
//! and read exactly the PascalCase names of the contract. Everything lenient (letter case, booleans as strings, `null` for
//! "not given") is the reader's business and lives in the mock server.
//!
//! Every rule carries the tag of its evidence:
//!
//! | Tag | Evidence |
//! |---|---|
//! | **\[S\]** | the specification this project was created from |
//! | **\[V\]** | the vendor's live documentation and recorded answers |
//! | **\[C\]** | read from the vendor's own clients |
//! | **\[F\]** | the default of the web framework the service runs on |
//! | **\[P\]** | this project's own choice, because nothing says |

pub mod auth;
pub mod envelope;
pub mod headers;
pub mod management;
pub mod paths;
pub mod registration;
pub mod secret;
pub mod user;

pub use envelope::{Envelope, FieldError};
pub use paths::{Access, Call, Endpoint, Method};
pub use secret::Secret;
