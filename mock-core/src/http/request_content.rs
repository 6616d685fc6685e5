//! The parts of a request that a match rarely asks for: its headers and its body.

use std::borrow::Cow;
use std::sync::OnceLock;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

use super::received::ReceivedRequest;
use crate::control::matching::{Content, TextPattern};

/// The headers and the body of a request. The body is parsed when a match asks for it, and only once.
pub struct RequestContent<'a> {
    headers: &'a HeaderMap,
    body: Option<&'a Bytes>,
    json: OnceLock<Option<Value>>,
}

impl<'a> RequestContent<'a> {
    /// The content of a request.
    pub fn new(request: &'a ReceivedRequest) -> Self {
        Self { headers: &request.head.headers, body: request.body.as_ref().ok(), json: OnceLock::new() }
    }
}

impl Content for RequestContent<'_> {
    fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    fn header_fits(&self, name: &str, pattern: &TextPattern) -> bool {
        // A value may hold bytes that are not text.
        self.headers.get_all(name).iter().any(|value| pattern.fits(&String::from_utf8_lossy(value.as_bytes())))
    }

    fn body(&self) -> Option<Cow<'_, Value>> {
        let json = self.json.get_or_init(|| serde_json::from_slice(self.body?).ok());
        json.as_ref().map(Cow::Borrowed)
    }
}
