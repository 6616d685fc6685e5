//! The calls of the service that the engine makes itself, one type each: its request, and how its response is read.
//!
//! JavaScript checks the fields of a registration and of an update, and passes the body as JSON.

use telematics_contract::auth::TokensResponse;

use crate::error::Error;
use crate::wire::{Codec, Config, HttpRequest};

pub mod auth;
pub mod registration;
pub mod user;

/// A call of the service.
pub trait Operation {
    /// Builds the request, without the access token of the user.
    ///
    /// # Errors
    /// `invalid-argument`
    fn request(&self, config: &Config, codec: &impl Codec) -> Result<HttpRequest, Error>;
}

/// A call that returns tokens.
pub trait TokenCall: Operation {
    /// Whether the response has every token that the call promises.
    fn is_complete(tokens: &TokensResponse) -> bool;
}
