//! Cross-origin access: a page of any origin may make every call and read every header, without cookies \[P\].
//!
//! The control API has a guard of its own behind this (`control::guard`), because CORS does not keep a page from sending.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::answer;
use super::body::Response;

const REQUEST_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");
const ANY: HeaderValue = HeaderValue::from_static("*");

/// Whether a browser asks for permission before it sends the real request (Fetch Standard, CORS-preflight request).
pub fn is_preflight(head: &Parts) -> bool {
    head.method == Method::OPTIONS && head.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to a preflight: whatever method and headers the page asked for are allowed.
pub fn preflight(head: &Parts) -> Response {
    let mut response = answer::from_bytes(StatusCode::OK, bytes::Bytes::new());
    let headers = response.headers_mut();
    for (asked, allowed) in [
        (ACCESS_CONTROL_REQUEST_METHOD, ACCESS_CONTROL_ALLOW_METHODS),
        (ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_ALLOW_HEADERS),
        (REQUEST_PRIVATE_NETWORK, ALLOW_PRIVATE_NETWORK),
    ] {
        if let Some(value) = head.headers.get(&asked) {
            headers.insert(allowed, value.clone());
        }
    }
    let asked = "access-control-request-method, access-control-request-headers";
    headers.insert(VARY, HeaderValue::from_static(asked));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    response
}

/// Lets a page of any origin read an answer.
pub fn allow(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, ANY);
}
