//! The envelope around every response.

use telematics_contract::FieldError;

use super::codec::{Codec, Json};
use super::http::HttpResponse;
use crate::error::{Error, ErrorCode, Failure};

/// The parts of the envelope that decide whether a response is a success.
struct Head {
    status: u16,
    title: String,
    errors: Vec<FieldError>,
}

/// Returns the envelope of a success, and an error for everything else.
///
/// A failure can arrive under HTTP 200 \[C\], so the status of the envelope is checked as well.
///
/// # Errors
/// The code that belongs to the status; `decode` for a success without an envelope.
pub fn success<C: Codec>(response: HttpResponse, codec: &C) -> Result<C::Value, Error> {
    let is_success = |status: u16| (200..300).contains(&status);
    let envelope = codec.parse(&response.body);
    let head = envelope.as_ref().and_then(head);
    let (status, head) = match (is_success(response.status), head) {
        (true, None) => return Err(Error::decode()),
        (true, Some(head)) if is_success(head.status) => return envelope.ok_or_else(Error::decode),
        (true, Some(head)) => (head.status, Some(head)),
        (false, head) => (response.status, head),
    };
    let (title, fields) = head.map(|head| (head.title, head.errors)).unwrap_or_default();
    let code = ErrorCode::from_status(status);
    let separator = if title.is_empty() { "." } else { ": " };
    let message = ["The service answered ", &decimal(status), separator, &title].concat();
    let retry_after_seconds = response.retry_after_seconds;
    Err(Failure { status: Some(status), title, fields, retry_after_seconds, ..Failure::new(code, message) }.into())
}

/// Reads the head of an envelope; `None` if a field has another type.
fn head(envelope: &impl Json) -> Option<Head> {
    let status = envelope.field("Status")?.whole()?.try_into().ok()?;
    let title = envelope.optional("Title", Json::text)?.unwrap_or_default();
    let errors = envelope.optional("Errors", |errors| errors.items()?.iter().map(field_error).collect())?;
    Some(Head { status, title, errors: errors.unwrap_or_default() })
}

fn field_error(error: &impl Json) -> Option<FieldError> {
    let text = |name| Some(error.optional(name, Json::text)?.unwrap_or_default());
    Some(FieldError { key: text("Key")?, message: text("Message")? })
}

/// The number in decimal digits. `to_string` would add the formatting of the standard library to the download.
fn decimal(number: u16) -> String {
    let digits = [10_000, 1_000, 100, 10, 1].map(|power| char::from(b'0' + (number / power % 10) as u8));
    let digits: String = digits.into_iter().skip_while(|digit| *digit == '0').collect();
    if digits.is_empty() { "0".to_owned() } else { digits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_in_decimal_digits() {
        for number in [0, 7, 10, 200, 401, 1_000, u16::MAX] {
            assert_eq!(decimal(number), number.to_string());
        }
    }
}
