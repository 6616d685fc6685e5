//! Answers: every one of the contract's is an envelope.

use bytes::Bytes;
use serde::Serialize;
use telematics_contract::{Envelope, FieldError};
use warp::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use warp::http::{HeaderValue, StatusCode};
use warp::reply::Response;

/// `200` and what the call returns.
pub fn success(result: impl Serialize) -> Response {
    json(StatusCode::OK, &Envelope::success(result))
}

/// `200` of a command with nothing to return.
pub fn done() -> Response {
    json(StatusCode::OK, &Envelope::<()>::done())
}

/// A failure.
pub fn failure(status: StatusCode, title: impl Into<String>, errors: Vec<FieldError>) -> Response {
    json(status, &Envelope::<()>::failure(status.as_u16(), title, errors))
}

/// The body of an answer, put beside it so that the journal can keep it.
#[derive(Clone)]
pub struct Kept(pub Bytes);

/// A text body.
pub fn text(status: StatusCode, body: String) -> Response {
    let kept = Kept(Bytes::from(body));
    let mut response = Response::new(kept.0.clone().into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response.extensions_mut().insert(kept);
    response
}

/// A JSON body. Nothing here may be kept: most of it carries tokens (RFC 6749, section 5.1).
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let (status, text) = match serde_json::to_vec(body) {
        Ok(text) => (status, text),
        // Cannot be: the types written here have string keys and no failing serializer.
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, Vec::new()),
    };
    let kept = Kept(Bytes::from(text));
    let mut response = Response::new(kept.0.clone().into());
    *response.status_mut() = status;
    response.extensions_mut().insert(kept);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
