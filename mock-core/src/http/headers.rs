//! Reads headers of requests.

use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE};

/// The text of a header, without the white space around it.
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// The media type of the header `Content-Type`, without its parameters; empty if the header is absent.
pub fn media_type(headers: &HeaderMap) -> &str {
    text(headers, CONTENT_TYPE.as_str()).unwrap_or_default().split(';').next().unwrap_or_default().trim()
}

/// The access token of `Authorization: Bearer …` (RFC 6750, section 2.1).
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = text(headers, AUTHORIZATION.as_str())?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}
