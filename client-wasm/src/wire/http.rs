//! Requests and responses as text.

use std::any::Any;
use std::rc::Rc;

use serde::Serialize;
use telematics_contract::Method;

use super::codec::Codec;
use crate::error::{Error, ErrorCode};

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
    /// A form with one file.
    File(File),
}

/// A file. Only the transport knows its type: in a browser it is a `Blob`.
pub type File = Rc<dyn Any>;

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

    /// Replaces the last segment of the path, which is the parameter of the endpoint, by `value`.
    #[must_use]
    pub fn with_path_parameter(mut self, value: &str) -> Self {
        let is_slash = |byte| byte == b'/';
        self.url.truncate(self.url.bytes().rposition(is_slash).map_or(0, |slash| slash + 1));
        self.url.push_str(&percent_encoded(value));
        self
    }

    /// Adds a query.
    #[must_use]
    pub fn with_query(mut self, parameters: &[(&str, String)]) -> Self {
        let mut separator = "?";
        for (name, value) in parameters {
            self.url = [&self.url, separator, name, "=", &percent_encoded(value)].concat();
            separator = "&";
        }
        self
    }

    /// Sets the body, as JSON.
    ///
    /// # Errors
    /// `invalid-argument` if JSON cannot represent `body`.
    pub fn with_body(mut self, body: &impl Serialize, codec: &impl Codec) -> Result<Self, Error> {
        let json = codec.encode(body);
        let json = json.ok_or_else(|| Error::new(ErrorCode::InvalidArgument, "The request is not valid JSON."))?;
        self.body = Some(Body::Json(json));
        Ok(self)
    }
}

/// Encodes every byte except the unreserved characters of [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-2.3), so
/// that the text can be sent in a path and in a query.
fn percent_encoded(text: &str) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or_default();
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    encoded
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_characters_are_percent_encoded() {
        assert_eq!(percent_encoded("Az09-._~"), "Az09-._~");
        assert_eq!(percent_encoded("a/b?c&d=e #+é"), "a%2Fb%3Fc%26d%3De%20%23%2B%C3%A9");
    }
}
