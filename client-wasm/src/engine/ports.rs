//! The traits through which the engine uses its surroundings: a browser implements them, and so do the tests.

use std::future::Future;

use telematics_contract::auth::TokensResponse;

use super::clock::Clock;
use super::session::Session;
use crate::error::{Error, ErrorCode};
use crate::wire::{Codec, HttpRequest, HttpResponse};

/// Sends requests.
pub trait Transport {
    /// Sends one request and reads the whole response. Dropping the future aborts the request.
    ///
    /// # Errors
    /// [`ErrorCode::Network`] if no response arrived, [`ErrorCode::InvalidArgument`] if the request cannot be sent.
    fn send(&self, request: HttpRequest) -> impl Future<Output = Result<HttpResponse, Error>>;
}

/// Keeps the session across reloads of the page.
pub trait Storage {
    /// Reads the value of a key.
    ///
    /// # Errors
    /// [`ErrorCode::Storage`]
    fn load(&self, key: &str) -> impl Future<Output = Result<Option<String>, Error>>;
    /// Writes the value of a key.
    ///
    /// # Errors
    /// [`ErrorCode::Storage`]
    fn save(&self, key: &str, value: &str) -> impl Future<Output = Result<(), Error>>;
    /// Removes a key. Removing an absent key succeeds.
    ///
    /// # Errors
    /// [`ErrorCode::Storage`]
    fn remove(&self, key: &str) -> impl Future<Output = Result<(), Error>>;
}

/// The other tabs of the same browser.
pub trait Tabs {
    /// The right to refresh. Dropping it gives the next tab its turn.
    type Turn;
    /// Whether other tabs use the same storage.
    fn share_storage(&self) -> bool;
    /// Waits at most `wait_ms` until no other tab refreshes; `None` if the wait is too long or tabs have no lock. A tab loses
    /// its turn after `hold_ms`.
    fn turn(&self, wait_ms: u32, hold_ms: u32) -> impl Future<Output = Option<Self::Turn>>;
    /// Tells the other tabs that the session in the storage changed, and nothing else.
    fn announce(&self);
}

/// The `reauthenticate` function of the app, which signs the user in without the secret of the instance.
pub trait Reauthentication {
    /// Whether the app supplied the function.
    fn can_reauthenticate(&self) -> bool;
    /// Asks the app for new credentials. Dropping the future aborts the request of the app.
    ///
    /// # Errors
    /// The error of the app; its status is treated like the status of a login.
    fn reauthenticate(
        &self,
        device_token: Option<&str>,
        reason: Reason,
    ) -> impl Future<Output = Result<TokensResponse, Error>>;
}

/// The reason for a reauthentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The access token has expired, and there is no refresh token.
    Expired,
    /// The service rejected the refresh token.
    Rejected,
    /// The session has no access token.
    NoToken,
    /// No user is signed in, and the app asked for a sign-in.
    SignedOut,
}

impl Reason {
    /// The reason as JavaScript sees it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Rejected => "rejected",
            Self::NoToken => "no-token",
            Self::SignedOut => "signed-out",
        }
    }
}

/// Runs tasks in the background.
pub trait Spawn {
    /// Starts a task that runs to its end.
    fn spawn(&self, task: impl Future<Output = ()> + 'static);
}

/// Receives the events of the engine.
pub trait Listener {
    /// The session changed.
    fn changed(&self, kind: ChangeKind, session: Option<&Session>, origin: Origin);
    /// A failure that made no call fail.
    fn warned(&self, code: ErrorCode, message: &str);
}

/// All ports of the engine.
pub trait Ports: Clock + Transport + Codec + Storage + Tabs + Reauthentication + Spawn + Listener + 'static {}

impl<P: Clock + Transport + Codec + Storage + Tabs + Reauthentication + Spawn + Listener + 'static> Ports for P {}

/// Where the session changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In this tab.
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

/// The kind of change of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// A new user was registered and is signed in.
    Registered,
    /// A user logged in.
    SignedIn,
    /// A refresh returned the next pair of tokens.
    Refreshed,
    /// A stored session was restored.
    Restored,
    /// The refresh token was dead, and the client signed the user in again.
    Reauthenticated,
    /// The user signed out.
    SignedOut,
    /// The session could be neither refreshed nor replaced.
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
