//! Requests and answers as text: all the engine knows of HTTP.

use std::any::Any;
use std::rc::Rc;

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
    /// The body.
    pub body: Option<Body>,
    /// Whether doing it twice is the same as doing it once.
    pub is_repeatable: bool,
}

/// The body of a request.
#[derive(Clone)]
pub enum Body {
    /// JSON.
    Json(String),
    /// A form with one file, which only the outside can read.
    File(File),
}

/// A file of the outside.
pub type File = Rc<dyn Any>;

impl HttpRequest {
    /// The same request with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
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
