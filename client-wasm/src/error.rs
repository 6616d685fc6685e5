//! The error type, and one vocabulary of error codes for the calls, the engine and JavaScript.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use telematics_contract::FieldError;

/// The kind of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// No response arrived.
    Network,
    /// No response arrived within the time limit.
    Timeout,
    /// The caller aborted the call, or another user signed in meanwhile.
    Aborted,
    /// The service received too many calls.
    RateLimited,
    /// The service rejected the credentials.
    Unauthorized,
    /// The session could be neither refreshed nor replaced.
    SessionExpired,
    /// The service knows the caller and does not allow the call.
    Forbidden,
    /// The user, instance or record of the call does not exist.
    NotFound,
    /// The service rejected the content of the request.
    Validation,
    /// The service failed.
    Service,
    /// The response could not be understood.
    Decode,
    /// The storage cannot be used.
    Storage,
    /// The call needs a signed-in user.
    NotSignedIn,
    /// An argument or an option is not valid.
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

    /// The code of an HTTP status that is not a success.
    ///
    /// The vendor's iOS apps handle 419 as an expired session \[C\].
    #[must_use]
    pub const fn from_status(status: u16) -> Self {
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

/// The cause of an error, of a type that only the platform knows, such as an exception of the browser.
pub type Cause = Rc<dyn Any>;

/// Why a call failed. It never holds a token, a key or a password.
///
/// It is one pointer wide, because every `?` in the engine moves it.
#[derive(Clone)]
pub struct Error(Rc<Failure>);

/// The details of an [`Error`].
#[derive(Clone)]
pub struct Failure {
    /// The kind of the error.
    pub code: ErrorCode,
    /// One sentence for people.
    pub message: Cow<'static, str>,
    /// The HTTP status, if the service answered.
    pub status: Option<u16>,
    /// The title of the service's envelope; empty if absent.
    pub title: String,
    /// The invalid fields that the service reported.
    pub fields: Vec<FieldError>,
    /// How long to wait before the next attempt, in seconds.
    pub retry_after_seconds: Option<u32>,
    /// The cause.
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
    /// A failure without a response of the service.
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
    /// An error without a response of the service.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Failure::new(code, message).into()
    }

    /// An error with a cause.
    #[must_use]
    pub fn with_cause(code: ErrorCode, message: &'static str, cause: Cause) -> Self {
        Failure { cause: Some(cause), ..Failure::new(code, message) }.into()
    }

    /// An argument or an option that is not valid: `must` describes a valid one.
    #[must_use]
    pub fn invalid_argument(field: &str, must: &str) -> Self {
        Self::new(ErrorCode::InvalidArgument, [field, " ", must, "."].concat())
    }

    /// The response could not be understood.
    #[must_use]
    pub fn decode() -> Self {
        Self::new(ErrorCode::Decode, "The response of the service could not be understood.")
    }

    /// The response has the tokens of another user than the one who signs in or whose session is renewed.
    #[must_use]
    pub fn another_user() -> Self {
        Self::new(ErrorCode::Decode, "The tokens belong to another user: sign out first.")
    }

    /// No user is signed in.
    #[must_use]
    pub fn not_signed_in() -> Self {
        Self::new(ErrorCode::NotSignedIn, "No user is signed in.")
    }

    /// The session could be neither refreshed nor replaced.
    #[must_use]
    pub fn session_expired() -> Self {
        Self::new(ErrorCode::SessionExpired, "The session has expired: the user has to sign in again.")
    }
}

impl Failure {
    /// Whether the service rejected the credentials of a login, of a refresh or of a reauthentication for good.
    ///
    /// `403` is not in the list: the service knows the user and may allow the call again later.
    #[must_use]
    pub const fn rejects_credentials(&self) -> bool {
        matches!(self.status, Some(400 | 401 | 404 | 419 | 422))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?}): {}", self.code.as_str(), self.status, self.message)
    }
}
