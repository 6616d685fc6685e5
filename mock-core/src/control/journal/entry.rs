//! An entry of the journal: a request and its answer.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::Value;

use crate::control::matching::{Candidate, Content, RequestMatch, TextPattern};
use crate::control::redaction::{redacted_body, redacted_query};
use crate::service::Scope;
use crate::service::ids::DeviceToken;
use crate::service::time::Timestamp;

/// The largest body that is kept, in bytes; of a larger one only the length is kept \[P\].
pub const MAX_BODY_BYTES: usize = 4 * 1024;

/// A body in the journal.
#[derive(Clone, Debug)]
pub enum KeptBody {
    /// An empty body.
    None,
    /// The bytes, with their secrets. Only [`Entry::request`] and [`Entry::response`] show them, redacted.
    Whole(Bytes),
    /// The length of a body that was too large, in bytes.
    Length(usize),
}

impl KeptBody {
    /// Keeps a body that owns its memory, such as an answer.
    #[must_use]
    pub fn sharing(bytes: &Bytes) -> Self {
        match bytes.len() {
            0 => Self::None,
            length if length > MAX_BODY_BYTES => Self::Length(length),
            _ => Self::Whole(bytes.clone()),
        }
    }

    /// Keeps a copy of a body. The body of a request is a slice of a larger read buffer and would keep all of it alive.
    #[must_use]
    pub fn copied(bytes: &Bytes) -> Self {
        match bytes.len() {
            0 => Self::None,
            length if length > MAX_BODY_BYTES => Self::Length(length),
            _ => Self::Whole(Bytes::copy_from_slice(bytes)),
        }
    }

    /// The body as JSON; `None` if it is not JSON or was too large.
    fn json(&self) -> Option<Value> {
        let Self::Whole(bytes) = self else { return None };
        serde_json::from_slice(bytes).ok()
    }

    /// The body without its secrets. Of a body that is not JSON only the length is shown.
    fn redacted(&self) -> RedactedBody {
        match self {
            Self::None => RedactedBody::None,
            Self::Length(length) => RedactedBody::Length(*length),
            Self::Whole(bytes) => match serde_json::from_slice::<Value>(bytes) {
                Ok(value) => RedactedBody::Json(redacted_body(value)),
                Err(_) => RedactedBody::Length(bytes.len()),
            },
        }
    }
}

/// A body without its secrets.
#[derive(Clone, Debug, PartialEq)]
pub enum RedactedBody {
    /// An empty body.
    None,
    /// JSON.
    Json(Value),
    /// The length of a body that is not JSON or was too large, in bytes.
    Length(usize),
}

/// The names of the headers of a request. The values may be secrets and are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderNames(Box<str>);

impl HeaderNames {
    /// Copies names, which are slices of a larger read buffer, into one text. A name contains no line break.
    pub fn copied<'a, I: Iterator<Item = &'a str>>(names: impl Fn() -> I) -> Self {
        let mut text = String::with_capacity(names().map(|name| name.len() + 1).sum());
        for name in names() {
            text.push_str(name);
            text.push('\n');
        }
        Self(text.into_boxed_str())
    }

    /// The names in lower case.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.lines()
    }
}

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The number; a later request has a larger one.
    pub number: u64,
    /// The time of the answer, by the clock of the owner.
    pub at: Timestamp,
    /// The scope that the request belongs to.
    pub owner: Scope,
    /// The method.
    pub method: Cow<'static, str>,
    /// The path. A path of the contract is spelled as the contract spells it.
    pub path: Cow<'static, str>,
    /// The query as it was sent; empty if absent. It may contain secrets; [`Entry::query`] shows it.
    pub raw_query: Box<str>,
    /// The names of the headers.
    pub headers: HeaderNames,
    /// The status; `None` if a fault closed the connection, or if the client gave up.
    pub status: Option<u16>,
    /// The user, if the request names one.
    pub device_token: Option<DeviceToken>,
    /// The body of the request.
    pub request_body: KeptBody,
    /// The body of the answer.
    pub response_body: KeptBody,
    /// The id of the fault that was applied.
    pub fault: Option<u64>,
    /// The hint for the integrator.
    pub hint: Option<Box<str>>,
}

impl Entry {
    /// The query without its secrets; empty if absent.
    #[must_use]
    pub fn query(&self) -> String {
        redacted_query(&self.raw_query)
    }

    /// The body of the request, without its secrets.
    #[must_use]
    pub fn request(&self) -> RedactedBody {
        self.request_body.redacted()
    }

    /// The body of the answer, without its secrets.
    #[must_use]
    pub fn response(&self) -> RedactedBody {
        self.response_body.redacted()
    }

    /// The user: the one that the request names, otherwise the one that the answer names, as after a registration.
    #[must_use]
    pub fn user(&self) -> Option<DeviceToken> {
        self.device_token.or_else(|| {
            let KeptBody::Whole(bytes) = &self.response_body else { return None };
            let answer: Value = serde_json::from_slice(bytes).ok()?;
            answer.get("Result")?.get("DeviceToken")?.as_str()?.parse().ok()
        })
    }

    /// Whether the request is in a set.
    #[must_use]
    pub fn meets(&self, wanted: &RequestMatch) -> bool {
        wanted.fits(self.candidate(wanted))
    }

    pub(super) fn candidate(&self, wanted: &RequestMatch) -> Candidate<'_> {
        // The user may be in the answer only, so it is looked up only if the match asks for one.
        let device_token = wanted.device_token.and_then(|_| self.user());
        let Self { method, path, status, hint, .. } = self;
        Candidate { method, path, status: *status, device_token, hint: hint.as_deref(), content: self }
    }
}

impl Content for Entry {
    fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|given| given.eq_ignore_ascii_case(name))
    }

    // A match with a pattern is refused before: see `RequestMatch::check_answered`.
    fn header_fits(&self, _: &str, _: &TextPattern) -> bool {
        false
    }

    fn body(&self) -> Option<Cow<'_, Value>> {
        self.request_body.json().map(Cow::Owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_body_that_is_not_json_only_the_length_is_shown() {
        assert_eq!(KeptBody::sharing(&Bytes::from_static(b"Password=canary")).redacted(), RedactedBody::Length(15));
        assert_eq!(KeptBody::sharing(&Bytes::from(vec![b' '; 5000])).redacted(), RedactedBody::Length(5000));
        assert_eq!(KeptBody::sharing(&Bytes::new()).redacted(), RedactedBody::None);
    }

    #[test]
    fn the_names_of_headers_are_kept_in_their_order() {
        let names = HeaderNames::copied(|| ["accept", "x-request-id"].into_iter());
        assert_eq!(names.iter().collect::<Vec<_>>(), ["accept", "x-request-id"]);
        assert_eq!(HeaderNames::default().iter().count(), 0);
    }
}
