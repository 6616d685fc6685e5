//! What the engine needs from outside; a browser gives it, and so does a test.

use std::future::Future;

use serde::Serialize;
use serde::de::DeserializeOwned;
use telematics_contract::auth::TokensResponse;

use super::http::{HttpRequest, HttpResponse};
use super::session::Session;
use crate::error::{Error, ErrorCode};

/// Two clocks and an alarm.
pub trait Clock {
    /// Milliseconds since some fixed moment; only ever grows, whatever happens to the system's clock.
    fn monotonic_ms(&self) -> u64;
    /// Milliseconds since 1970, as the system's clock has it.
    fn wall_ms(&self) -> u64;
    /// Waits.
    fn sleep(&self, ms: u32) -> impl Future<Output = ()>;
}

/// Sends requests.
pub trait Transport {
    /// Sends one request and reads the whole answer; dropping the future aborts the request.
    ///
    /// # Errors
    /// [`ErrorCode::Network`] when no answer came, [`ErrorCode::InvalidArgument`] when the request cannot be sent as it is.
    fn send(&self, request: HttpRequest) -> impl Future<Output = Result<HttpResponse, Error>>;
}

/// Writes and reads JSON.
pub trait Codec {
    /// The value as JSON; `None` when it has no such form.
    fn encode<T: Serialize>(&self, value: &T) -> Option<String>;
    /// The value in that JSON; `None` when it is not there. `null` in an object reads as "not given".
    fn decode<T: DeserializeOwned>(&self, json: &str) -> Option<T>;
}

/// Keeps the session over a reload.
pub trait Storage {
    /// Reads.
    ///
    /// # Errors
    /// [`ErrorCode::Storage`]
    fn load(&self, key: &str) -> impl Future<Output = Result<Option<String>, Error>>;
    /// Writes.
    ///
    /// # Errors
    /// [`ErrorCode::Storage`]
    fn save(&self, key: &str, value: &str) -> impl Future<Output = Result<(), Error>>;
    /// Removes; not being there is no error.
    ///
    /// # Errors
    /// [`ErrorCode::Storage`]
    fn remove(&self, key: &str) -> impl Future<Output = Result<(), Error>>;
}

/// The other tabs.
pub trait Tabs {
    /// The right to refresh; dropping it passes it on.
    type Turn;
    /// Whether other tabs can see the storage of this one.
    fn share_storage(&self) -> bool;
    /// Waits at most that long until no other tab refreshes; `None` when that cannot be had. Whoever holds a turn for longer
    /// than the second bound has lost it.
    fn turn(&self, wait_ms: u32, hold_ms: u32) -> impl Future<Output = Option<Self::Turn>>;
    /// Tells the other tabs that something changed, and nothing else: what it is they see in the storage.
    fn announce(&self);
}

/// The user's own way of signing in again, without the secret of the instance.
pub trait Reauthentication {
    /// Whether there is one.
    fn is_given(&self) -> bool;
    /// Asks for new credentials; dropping the future says that nobody needs them any more.
    ///
    /// # Errors
    /// Whatever the user's own code fails with; its status counts as that of a login.
    fn reauthenticate(
        &self,
        device_token: Option<&str>,
        reason: Reason,
    ) -> impl Future<Output = Result<TokensResponse, Error>>;
}

/// Why a user has to be signed in again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The access token has expired, and there is no refresh token.
    Expired,
    /// The service does not take the refresh token.
    Rejected,
    /// There never was an access token.
    NoToken,
}

impl Reason {
    /// The reason as JavaScript sees it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Rejected => "rejected",
            Self::NoToken => "no-token",
        }
    }
}

/// Runs tasks beside the one that asks.
pub trait Spawn {
    /// Starts a task that nobody can abort.
    fn spawn(&self, task: impl Future<Output = ()> + 'static);
}

/// Hears what happens.
pub trait Listener {
    /// The session changed.
    fn changed(&self, kind: ChangeKind, session: Option<&Session>, origin: Origin);
    /// Something went wrong without breaking a call.
    fn warned(&self, code: ErrorCode, message: &str);
}

/// Everything the engine needs from outside.
pub trait Ports: Clock + Transport + Codec + Storage + Tabs + Reauthentication + Spawn + Listener + 'static {}

impl<P: Clock + Transport + Codec + Storage + Tabs + Reauthentication + Spawn + Listener + 'static> Ports for P {}

/// Where something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Here.
    ThisTab,
    /// In another tab with the same storage.
    OtherTab,
}

impl Origin {
    /// The origin as JavaScript sees it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ThisTab => "this-tab",
            Self::OtherTab => "other-tab",
        }
    }
}

/// What happened to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// A new user was registered and is signed in.
    Registered,
    /// A user signed in.
    SignedIn,
    /// The refresh token bought the next pair.
    Refreshed,
    /// A stored session was taken up again.
    Restored,
    /// The refresh token was dead, and the user was signed in again without being asked.
    Reauthenticated,
    /// The user signed out.
    SignedOut,
    /// The session could neither be refreshed nor replaced.
    Expired,
}

impl ChangeKind {
    /// The kind as JavaScript sees it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::SignedIn => "signed-in",
            Self::Refreshed => "refreshed",
            Self::Restored => "restored",
            Self::Reauthenticated => "reauthenticated",
            Self::SignedOut => "signed-out",
            Self::Expired => "expired",
        }
    }
}
