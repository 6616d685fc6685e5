//! Requests and responses as text.

use std::any::Any;
use std::rc::Rc;

use telematics_contract::Method;

use super::codec::{Codec, Object};

/// A request. It carries secrets and therefore has no `Debug`.
#[derive(Clone)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Option<Body>,
    /// Whether sending the request twice has the same effect as sending it once.
    pub is_repeatable: bool,
    /// Whether the service expects an access token.
    pub needs_access_token: bool,
}

/// The body of a request.
#[derive(Clone)]
pub enum Body {
    /// JSON.
    Json(String),
    /// A body of a type that only the transport knows: in a browser a string with JSON, or a form.
    Given(Rc<dyn Any>),
}

impl HttpRequest {
    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds headers.
    #[must_use]
    pub fn with_headers(mut self, headers: Vec<(&'static str, String)>) -> Self {
        self.headers.extend(headers);
        self
    }

    /// Sets the body, as JSON.
    #[must_use]
    pub fn with_body(mut self, body: &Object, codec: &impl Codec) -> Self {
        self.body = Some(Body::Json(codec.encode(body)));
        self
    }
}

/// A response. It carries secrets and therefore has no `Debug`.
pub struct HttpResponse {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After` in seconds; `None` if absent, or if CORS hides the header.
    pub retry_after_seconds: Option<u32>,
    /// The body.
    pub body: String,
}
