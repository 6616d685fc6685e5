//! The wire contract of a telematics user service: the types of the bodies, the names of the headers and the route table.
//!
//! The client and the mock server both use these types, so they cannot disagree. The types are strict: they write and read
//! exactly the PascalCase names of the contract. The lenient rules for reading (letter case, booleans as strings, `null` for
//! an absent field) are in the mock server.
//!
//! Every rule has a tag for its evidence:
//!
//! | Tag | Evidence |
//! |---|---|
//! | **\[S\]** | the specification from which this project was created |
//! | **\[V\]** | the vendor's live documentation and recorded answers |
//! | **\[C\]** | the source of the vendor's own clients |
//! | **\[F\]** | the default of the web framework on which the service runs |
//! | **\[P\]** | our own choice, because no source specifies it |

pub mod accounts;
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
