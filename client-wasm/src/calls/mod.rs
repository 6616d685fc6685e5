//! The calls of the service, one type each: its request, and how its response is read.

use crate::error::Error;
use crate::wire::{Codec, Config, HttpRequest};

pub mod auth;
pub mod management;
pub mod registration;
pub mod shape;
pub mod user;

use shape::Answer;

/// A call of the service.
pub trait Operation {
    /// Builds the request, without the access token of the user.
    ///
    /// # Errors
    /// `invalid-argument`
    fn request(&self, config: &Config, codec: &impl Codec) -> Result<HttpRequest, Error>;
}

/// A call that returns tokens, so that the engine reads its response.
pub trait TokenCall: Operation {
    /// The tokens of one user or of many.
    type Tokens;

    /// Reads the body of a success.
    ///
    /// # Errors
    /// `decode`
    fn answer<C: Codec>(body: &str, codec: &C) -> Result<Self::Tokens, Error>;
}

/// A call whose result goes to JavaScript as the service sent it, apart from the names of its fields.
pub trait RelayedCall: Operation {
    /// The shape of the result.
    const ANSWER: Answer;
}
