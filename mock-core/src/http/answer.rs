//! Answers, and how they are written. Every answer of the contract is an envelope.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use telematics_contract::{Envelope, FieldError};

use super::body::{Body, Response};

/// The number of headers that an answer usually has: content type, cache, date, length, CORS and a hint.
const USUAL_HEADERS: usize = 8;

/// The answer to a request, or the instruction to close the connection.
pub type Answer = Result<Response, Closed>;

/// The host closes the connection without an answer, because a fault asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fault closed the connection")]
pub struct Closed {
    /// Whether the connection is reset, so that the client sees an error instead of an end.
    pub reset: bool,
}

/// `200` with the result of a call.
pub fn success(result: impl Serialize) -> Response {
    json(StatusCode::OK, &Envelope::success(result))
}

/// `200` of a command without a result.
pub fn done() -> Response {
    json(StatusCode::OK, &Envelope::<()>::done())
}

/// A failure.
pub fn failure(status: StatusCode, title: impl Into<String>, errors: Vec<FieldError>) -> Response {
    json(status, &Envelope::<()>::failure(status.as_u16(), title, errors))
}

/// The bytes of a whole answer for a client that did not send the head of its request in time. The host sends them and closes
/// the connection; what the request was for is unknown.
#[must_use]
pub fn late_head() -> Vec<u8> {
    let response = failure(StatusCode::REQUEST_TIMEOUT, "The head of the request did not arrive in time.", Vec::new());
    let body = response.body().bytes();
    let head = format!(
        "HTTP/1.1 {}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {}\r\n\r\n",
        response.status(),
        body.len()
    );
    [head.as_bytes(), &body].concat()
}

/// A text.
pub fn text(status: StatusCode, text: String) -> Response {
    let mut response = from_bytes(status, Bytes::from(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// JSON. It must not be cached, because most answers carry tokens (RFC 6749, section 5.1).
pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let mut text = Vec::with_capacity(1024);
    // The types written here have string keys and serializers that cannot fail.
    let is_written = serde_json::to_writer(&mut text, value).is_ok();
    from_json(if is_written { status } else { StatusCode::INTERNAL_SERVER_ERROR }, text)
}

/// The part of [`json`] that is the same for every type.
fn from_json(status: StatusCode, mut text: Vec<u8>) -> Response {
    // The journal keeps the bytes of many answers.
    text.shrink_to_fit();
    let mut response = from_bytes(status, Bytes::from(text));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A response with these bytes and no headers.
pub fn from_bytes(status: StatusCode, bytes: Bytes) -> Response {
    let mut response = Response::new(Body::Whole(bytes));
    *response.status_mut() = status;
    *response.headers_mut() = HeaderMap::with_capacity(USUAL_HEADERS);
    response
}
