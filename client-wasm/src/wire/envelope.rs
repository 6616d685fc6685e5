//! The envelope around every response.

use serde::de::{DeserializeOwned, IgnoredAny};
use telematics_contract::Envelope;

use super::codec::Codec;
use super::http::HttpResponse;
use crate::error::{Error, ErrorCode, Failure};

/// Returns the body of a success, and an error for everything else.
///
/// A failure can arrive under HTTP 200 \[C\], so the status of the envelope is checked as well.
///
/// # Errors
/// The code that belongs to the status; `decode` for a success without an envelope.
pub fn success_body(response: HttpResponse, codec: &impl Codec) -> Result<String, Error> {
    let is_success = |status: u16| (200..300).contains(&status);
    let envelope = codec.decode::<Envelope<IgnoredAny>>(&response.body);
    let (status, envelope) = match (is_success(response.status), envelope) {
        (true, None) => return Err(Error::decode()),
        (true, Some(envelope)) if is_success(envelope.status) => return Ok(response.body),
        (true, Some(envelope)) => (envelope.status, Some(envelope)),
        (false, envelope) => (response.status, envelope),
    };
    let (title, fields) = envelope.map(|envelope| (envelope.title, envelope.errors)).unwrap_or_default();
    let code = ErrorCode::from_status(status);
    let separator = if title.is_empty() { "." } else { ": " };
    let message = ["The service answered ", &status.to_string(), separator, &title].concat();
    let retry_after_seconds = response.retry_after_seconds;
    Err(Failure { status: Some(status), title, fields, retry_after_seconds, ..Failure::new(code, message) }.into())
}

/// Reads the result of a success.
///
/// # Errors
/// `decode` if it is absent or has another shape.
pub fn result<T: DeserializeOwned>(body: &str, codec: &impl Codec) -> Result<T, Error> {
    codec.decode::<Envelope<T>>(body).and_then(|envelope| envelope.result).ok_or_else(Error::decode)
}
