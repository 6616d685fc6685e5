//! The calls of the service, each as two pure halves: its request, and its answer.

use serde::Serialize;
use telematics_contract::headers;

use crate::engine::config::Config;
use crate::engine::http::{Body, HttpRequest};
use crate::engine::ports::Codec;
use crate::error::{Error, ErrorCode};

pub mod auth;
pub mod envelope;
pub mod management;
pub mod registration;
pub mod shape;
pub mod user;

/// A call of the service.
pub trait Operation {
    /// What the call returns.
    type Answer;

    /// The request, without the access token where one is needed.
    ///
    /// # Errors
    /// `invalid-argument`
    fn request(&self, config: &Config, codec: &impl Codec) -> Result<HttpRequest, Error>;

    /// What the body of a success says.
    ///
    /// # Errors
    /// `decode`
    fn answer<C: Codec>(body: &str, codec: &C) -> Result<Self::Answer, Error>;
}

impl HttpRequest {
    /// The same request with a body.
    fn with_body(mut self, body: &impl Serialize, codec: &impl Codec) -> Result<Self, Error> {
        let json = codec.encode(body);
        let json = json.ok_or_else(|| Error::new(ErrorCode::InvalidArgument, "The request cannot be written."))?;
        self.body = Some(Body::Json(json));
        Ok(self)
    }

    /// The same request with the headers that say which instance it is about.
    fn with_instance(self, config: &Config) -> Self {
        let request = self.with_header(headers::INSTANCE_ID, config.instance_id.as_str());
        match &config.instance_key {
            Some(key) => request.with_header(headers::INSTANCE_KEY, key.expose()),
            None => request,
        }
    }
}
