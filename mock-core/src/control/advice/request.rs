//! What advice looks at in a request and in its answer.

use std::fmt;

use bytes::Bytes;
use telematics_contract::Call;

use super::retry_after::RetryAfter;
use super::rule::Rule;
use crate::control::hints::Hint;
use crate::service::ids::{AdminId, DeviceToken};
use crate::service::jwt::Subject;
use crate::service::refusal::RefreshTokenFault;
use crate::service::time::Timestamp;
use crate::service::{OpenedToken, Scope};

/// The user or the admin who sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A user.
    User(DeviceToken),
    /// An admin.
    Admin(AdminId),
}

impl Actor {
    /// The owner of the access token, otherwise the user whom the request names.
    #[must_use]
    pub fn of(token: Option<&OpenedToken>, named: Option<DeviceToken>) -> Option<Self> {
        match token.map(|token| token.subject) {
            Some(Subject::User { device_token, .. }) => Some(Self::User(device_token)),
            Some(Subject::Admin(id)) => Some(Self::Admin(id)),
            None => named.map(Self::User),
        }
    }
}

/// A request when it arrives.
#[derive(Clone)]
pub struct Arrival {
    /// The number in the journal.
    pub number: u64,
    /// The scope that the request belongs to.
    pub owner: Scope,
    /// The call of the contract, if method and path lead to one.
    pub call: Option<Call>,
    /// Who sends it, as far as the request tells.
    pub actor: Option<Actor>,
    /// Real time.
    pub at: Timestamp,
    /// The number of the access token among those of its owner. A later token has a larger one.
    pub access_number: Option<u64>,
    /// The lifetime of the access token of a refresh: from its issue to its expiry.
    pub lifetime: Option<(Timestamp, Timestamp)>,
    /// A hash of the refresh token of a refresh.
    pub refresh_token: Option<u64>,
    /// The body. It is compared and never shown.
    pub body: Bytes,
    /// Whether a token, a key or a password is in the URL.
    pub has_secret_in_url: bool,
    /// Whether the user is authenticated by a device token in the headers.
    pub uses_device_token: bool,
}

// The body can contain secrets.
impl fmt::Debug for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Arrival({})", self.number)
    }
}

/// What the client gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An answer with this status: the one in the envelope, if a fault made it differ from that of HTTP.
    Status(u16),
    /// A fault closed the connection.
    Closed,
    /// The client has given up before.
    GaveUp,
}

/// Why the service refused a request, if advice cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The access token has expired. `can_refresh` tells whether the user has a refresh token that is still good.
    Expired {
        /// Whether the user has a refresh token that is still good.
        can_refresh: bool,
    },
    /// The refresh token is not accepted.
    RefreshToken(RefreshTokenFault),
    /// A device token in the headers is no longer accepted.
    DeviceTokenSunset,
}

/// The end of a request.
#[derive(Clone)]
pub struct Outcome<'a> {
    /// The method.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
    /// The query. It is compared and never shown.
    pub query: &'a str,
    /// The time of the answer, by the clock of the owner.
    pub at: Timestamp,
    /// The HTTP status of the answer; `None` if none was sent.
    pub status: Option<u16>,
    /// What the client gets.
    pub answer: Answer,
    /// Whether the answer is the one that the call gave, whole and unchanged. Faults can delay such an answer.
    pub is_genuine: bool,
    /// The reason of a refusal.
    pub refused: Option<Refused>,
    /// The time that the answer asks to wait.
    pub retry_after: Option<RetryAfter>,
    /// Whether the answer announces the end of the authentication by device token.
    pub announces_end: bool,
    /// The hints for the request.
    pub hints: &'a [Hint],
}

// The query can contain secrets.
impl fmt::Debug for Outcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outcome({:?})", self.answer)
    }
}

impl Outcome<'_> {
    /// The mistakes that the hints name, and their sentences.
    pub(super) fn mistakes(&self) -> impl Iterator<Item = (Rule, &str)> {
        self.hints.iter().filter_map(|hint| Some((hint.rule?, &*hint.text)))
    }

    /// Whether the client got the answer of a call that succeeded.
    pub(super) fn is_delivered(&self) -> bool {
        self.is_genuine && matches!(self.answer, Answer::Status(200..=299))
    }

    /// Whether the answer says that the access token is not accepted.
    pub(super) fn is_unauthorized(&self) -> bool {
        matches!(self.answer, Answer::Status(401 | 419))
    }

    /// The failure: the status, and 0 for a connection that a fault closed; `None` for a success and for a client that gave up.
    pub(super) fn failure(&self) -> Option<u16> {
        match self.answer {
            Answer::Status(status) => (status >= 400).then_some(status),
            Answer::Closed => Some(0),
            Answer::GaveUp => None,
        }
    }
}
