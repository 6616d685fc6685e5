//! A session: the three credentials of a user, and how old they are.

use serde::{Deserialize, Serialize};
use telematics_contract::Secret;
use telematics_contract::auth::{AccessToken, REFRESH_TOKEN_SECONDS, TokensResponse};

use super::ports::Clock;

/// One moment by both clocks.
#[derive(Clone, Copy)]
pub struct Moment {
    /// See [`Clock::monotonic_ms`].
    pub monotonic_ms: u64,
    /// See [`Clock::wall_ms`].
    pub wall_ms: u64,
}

impl Moment {
    /// This moment.
    pub fn now(clock: &impl Clock) -> Self {
        Self { monotonic_ms: clock.monotonic_ms(), wall_ms: clock.wall_ms() }
    }
}

/// The three credentials of a user. They are secrets, and therefore there is no `Debug`.
#[derive(Clone)]
pub struct Session {
    /// The permanent id of the user; empty for an admin.
    pub device_token: String,
    /// Calls the API; missing after a registration without tokens.
    pub access_token: Option<AccessToken>,
    /// Buys the next pair.
    pub refresh_token: Option<Secret>,
    /// When the access token was asked for, by the wall clock.
    obtained_ms: u64,
    /// When it expires, by the monotonic clock; `None` where nobody knows.
    deadline_ms: Option<u64>,
}

impl Session {
    /// What the service gave out when it was asked at that moment; `None` when the access token cannot be one.
    #[must_use]
    pub fn given(tokens: TokensResponse, asked: Moment) -> Option<Self> {
        Self::aged(tokens, asked.wall_ms, Some(asked.monotonic_ms))
    }

    /// `start` is the moment of `obtained_ms` by the monotonic clock.
    fn aged(tokens: TokensResponse, obtained_ms: u64, start: Option<u64>) -> Option<Self> {
        let access_token = tokens.access_token;
        if access_token.as_ref().is_some_and(|access| !is_token(access.token.expose())) {
            return None;
        }
        let lifetime = access_token.as_ref().map_or(0, lifetime_ms);
        Some(Self {
            device_token: tokens.device_token.unwrap_or_default(),
            access_token,
            refresh_token: tokens.refresh_token,
            obtained_ms,
            deadline_ms: start.map(|start| start.saturating_add(lifetime)),
        })
    }

    /// This session as the successor of another one, which lends what this one lacks.
    #[must_use]
    pub fn succeeding(mut self, previous: &Self) -> Self {
        if self.device_token.is_empty() {
            self.device_token.clone_from(&previous.device_token);
        }
        if self.refresh_token.is_none() {
            self.refresh_token.clone_from(&previous.refresh_token);
        }
        self
    }

    /// Whether both hold the same credentials.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let token = |session: &Self| session.access_token.as_ref().map(|access| access.token.clone());
        self.device_token == other.device_token
            && token(self) == token(other)
            && self.refresh_token == other.refresh_token
    }

    /// The same user without access and refresh token.
    #[must_use]
    pub fn bare(&self) -> Self {
        Self { access_token: None, refresh_token: None, ..self.clone() }
    }

    /// When the access token expires, by the wall clock.
    #[must_use]
    pub fn expires_at_ms(&self) -> Option<u64> {
        self.access_token.as_ref().map(|access| self.obtained_ms.saturating_add(lifetime_ms(access)))
    }

    /// Whether the access token has expired; not as long as nobody knows.
    #[must_use]
    pub fn has_expired(&self, monotonic_ms: u64) -> bool {
        self.deadline_ms.is_some_and(|deadline| monotonic_ms >= deadline)
    }

    /// Whether the access token is about to expire: within that margin, but never for more than a tenth of its lifetime.
    /// With a margin of 0 it never is.
    #[must_use]
    pub fn is_due(&self, monotonic_ms: u64, margin_seconds: u32) -> bool {
        let tenth = self.access_token.as_ref().map_or(0, lifetime_ms) / 10;
        let margin = (u64::from(margin_seconds) * 1000).min(tenth);
        margin_seconds > 0 && self.has_expired(monotonic_ms.saturating_add(margin))
    }

    /// The session as it is stored.
    #[must_use]
    pub fn stored(&self) -> StoredSession {
        StoredSession {
            obtained_ms: self.obtained_ms as f64,
            tokens: TokensResponse {
                device_token: Some(self.device_token.clone()),
                access_token: self.access_token.clone(),
                refresh_token: self.refresh_token.clone(),
            },
        }
    }
}

/// A session in the storage: all three credentials together, and when they were obtained.
#[derive(Serialize, Deserialize)]
pub struct StoredSession {
    /// When the access token was asked for, by the wall clock of then: a number as JavaScript has it.
    #[serde(rename = "ObtainedMs")]
    obtained_ms: f64,
    /// The credentials.
    #[serde(rename = "Tokens")]
    tokens: TokensResponse,
}

impl StoredSession {
    /// The session, with its age judged by the wall clock; `None` when it is none.
    ///
    /// A clock that has gone backwards, or on for longer than a refresh token lives, says nothing of the age.
    #[must_use]
    pub fn restore(self, now: Moment) -> Option<Session> {
        let obtained_ms = self.obtained_ms as u64;
        let age = now.wall_ms.checked_sub(obtained_ms);
        let age = age.filter(|age| *age <= u64::from(REFRESH_TOKEN_SECONDS) * 1000);
        let lifetime = self.tokens.access_token.as_ref().map_or(0, lifetime_ms);
        let left = age.map(|age| lifetime.saturating_sub(age));
        let mut session = Session::aged(self.tokens, obtained_ms, None)?;
        session.deadline_ms = left.map(|left| now.monotonic_ms.saturating_add(left));
        let is_anyone = !session.device_token.is_empty() || session.access_token.is_some();
        is_anyone.then_some(session)
    }
}

fn lifetime_ms(access: &AccessToken) -> u64 {
    u64::from(access.expires_in) * 1000
}

/// Whether that can stand in a header.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}
