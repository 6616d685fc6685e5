//! Requests and answers as text: all the engine knows of HTTP.

use telematics_contract::Method;

/// A request. It carries secrets and therefore has no `Debug`.
#[derive(Clone)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The whole address.
    pub url: String,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body, as JSON.
    pub body: Option<String>,
}

impl HttpRequest {
    /// The same request with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same request with an access token.
    #[must_use]
    pub fn with_bearer(self, access_token: &str) -> Self {
        self.with_header("Authorization", ["Bearer ", access_token].concat())
    }
}

/// An answer. It carries secrets and therefore has no `Debug`.
pub struct HttpResponse {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After` in seconds, where it could be read: another origin may keep it from us.
    pub retry_after_seconds: Option<u32>,
    /// The body.
    pub body: String,
}
