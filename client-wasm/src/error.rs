//! What can go wrong: one vocabulary of codes for the engine, the calls and JavaScript.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use telematics_contract::FieldError;

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// No answer came.
    Network,
    /// No answer came in time.
    Timeout,
    /// The caller, or a change of user, ended the call.
    Aborted,
    /// Too many calls.
    RateLimited,
    /// The service does not accept who asks.
    Unauthorized,
    /// The session could neither be refreshed nor replaced.
    SessionExpired,
    /// Whoever asks is known and may not do this.
    Forbidden,
    /// What the call is about does not exist.
    NotFound,
    /// The service does not accept what was sent.
    Validation,
    /// The service failed.
    Service,
    /// The answer cannot be understood.
    Decode,
    /// The storage cannot be used.
    Storage,
    /// The call needs a signed-in user and there is none.
    NotSignedIn,
    /// The call was given something it cannot work with.
    InvalidArgument,
    /// The client was disposed.
    Disposed,
}

impl ErrorCode {
    /// The code as JavaScript sees it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::Aborted => "aborted",
            Self::RateLimited => "rate-limited",
            Self::Unauthorized => "unauthorized",
            Self::SessionExpired => "session-expired",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::Validation => "validation",
            Self::Service => "service",
            Self::Decode => "decode",
            Self::Storage => "storage",
            Self::NotSignedIn => "not-signed-in",
            Self::InvalidArgument => "invalid-argument",
            Self::Disposed => "disposed",
        }
    }

    /// What an HTTP status that is no success means.
    ///
    /// The vendor's iOS apps handle 419 as an expired session \[C\].
    #[must_use]
    pub const fn of_status(status: u16) -> Self {
        match status {
            401 | 419 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            400 | 413 | 415 | 422 => Self::Validation,
            429 => Self::RateLimited,
            _ => Self::Service,
        }
    }
}

/// What lies beneath an error: something only the outside knows, such as the browser's own error.
pub type Cause = Rc<dyn Any>;

/// Why a call failed. It never holds a token, a key or a password.
///
/// It is one pointer wide, because every `?` of the engine carries it.
#[derive(Clone)]
pub struct Error(Rc<Failure>);

/// What an [`Error`] says.
#[derive(Clone)]
pub struct Failure {
    /// What kind of thing went wrong.
    pub code: ErrorCode,
    /// The same as a sentence.
    pub message: Cow<'static, str>,
    /// The HTTP status, where an answer came.
    pub status: Option<u16>,
    /// What the service says went wrong; empty where it says nothing.
    pub title: String,
    /// What the service says is wrong, field by field.
    pub fields: Vec<FieldError>,
    /// How long to wait before the next try, in seconds.
    pub retry_after_seconds: Option<u32>,
    /// What lies beneath.
    pub cause: Option<Cause>,
}

impl Deref for Error {
    type Target = Failure;

    fn deref(&self) -> &Failure {
        &self.0
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self(Rc::new(failure))
    }
}

impl Failure {
    /// A failure without an answer of the service.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            status: None,
            title: String::new(),
            fields: Vec::new(),
            retry_after_seconds: None,
            cause: None,
        }
    }
}

impl Error {
    /// An error without an answer of the service.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Failure::new(code, message).into()
    }

    /// An error with what lies beneath it.
    #[must_use]
    pub fn caused(code: ErrorCode, message: &'static str, cause: Cause) -> Self {
        Failure { cause: Some(cause), ..Failure::new(code, message) }.into()
    }

    /// Something given to a call is not as it must be.
    #[must_use]
    pub fn invalid_argument(field: &str, must: &str) -> Self {
        Self::new(ErrorCode::InvalidArgument, [field, " ", must, "."].concat())
    }

    /// The answer cannot be understood.
    #[must_use]
    pub fn decode() -> Self {
        Self::new(ErrorCode::Decode, "The answer of the service cannot be understood.")
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn not_signed_in() -> Self {
        Self::new(ErrorCode::NotSignedIn, "Nobody is signed in.")
    }

    /// The session could neither be refreshed nor replaced.
    #[must_use]
    pub fn session_expired() -> Self {
        Self::new(ErrorCode::SessionExpired, "The session has expired: the user has to sign in again.")
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?}): {}", self.code.as_str(), self.status, self.message)
    }
}
