//! Reading the envelope of an answer.

use serde::de::{DeserializeOwned, IgnoredAny};
use telematics_contract::Envelope;

use crate::engine::http::HttpResponse;
use crate::engine::ports::Codec;
use crate::error::{Error, ErrorCode, Failure};

/// The body of a success.
///
/// A failure may come under HTTP 200 \[C\], so the envelope's own status counts there.
///
/// # Errors
/// What the status means; `decode` for a success without an envelope.
pub fn accept(response: HttpResponse, codec: &impl Codec) -> Result<String, Error> {
    let is_success = |status: u16| (200..300).contains(&status);
    let envelope = codec.decode::<Envelope<IgnoredAny>>(&response.body);
    let (status, envelope) = match (is_success(response.status), envelope) {
        (true, None) => return Err(Error::decode()),
        (true, Some(envelope)) if is_success(envelope.status) => return Ok(response.body),
        (true, Some(envelope)) => (envelope.status, Some(envelope)),
        (false, envelope) => (response.status, envelope),
    };
    let (title, fields) = envelope.map(|envelope| (envelope.title, envelope.errors)).unwrap_or_default();
    let code = ErrorCode::of_status(status);
    let told = if title.is_empty() { "." } else { ": " };
    let message = ["The service answered ", &status.to_string(), told, &title].concat();
    let retry_after_seconds = response.retry_after_seconds;
    Err(Failure { status: Some(status), title, fields, retry_after_seconds, ..Failure::new(code, message) }.into())
}

/// What a success returns.
///
/// # Errors
/// `decode` when it is missing or something else.
pub fn result<T: DeserializeOwned>(body: &str, codec: &impl Codec) -> Result<T, Error> {
    codec.decode::<Envelope<T>>(body).and_then(|envelope| envelope.result).ok_or_else(Error::decode)
}
