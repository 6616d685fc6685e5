//! A session: the three credentials of a user and their age.

use telematics_contract::Secret;
use telematics_contract::auth::{AccessToken, REFRESH_TOKEN_SECONDS, TokensResponse};

use super::clock::Moment;
use crate::calls::auth;
use crate::error::Error;
use crate::wire::{Json, Object};

/// The three credentials of a user. They are secrets, so there is no `Debug`.
#[derive(Clone)]
pub struct Session {
    /// The permanent id of the user; empty for an admin.
    pub device_token: String,
    /// The JWT; absent after a registration without tokens.
    pub access_token: Option<AccessToken>,
    /// The token that a refresh exchanges for the next pair of tokens.
    pub refresh_token: Option<Secret>,
    /// When the access token was requested, by the wall clock.
    obtained_ms: u64,
    /// When the access token expires, by the monotonic clock; `None` if unknown.
    deadline_ms: Option<u64>,
}

impl Session {
    /// The session of a response to a request sent at `requested`; `None` if the access token cannot be sent in a header.
    #[must_use]
    pub fn from_tokens(tokens: TokensResponse, requested: Moment) -> Option<Self> {
        let mut session = Self::without_deadline(tokens, requested.wall_ms)?;
        session.deadline_ms = Some(requested.monotonic_ms.saturating_add(session.lifetime_ms()));
        Some(session)
    }

    /// The session before it is known when the access token expires by the monotonic clock.
    fn without_deadline(tokens: TokensResponse, obtained_ms: u64) -> Option<Self> {
        let access_token = tokens.access_token;
        if access_token.as_ref().is_some_and(|access| !fits_header(access.token.expose())) {
            return None;
        }
        Some(Self {
            device_token: tokens.device_token.unwrap_or_default(),
            access_token,
            refresh_token: tokens.refresh_token,
            obtained_ms,
            deadline_ms: None,
        })
    }

    /// The same session with this device token, which is empty if the user is not known.
    ///
    /// # Errors
    /// `decode` if the tokens belong to another user: the session of one user must not become that of another one.
    pub fn of_user(mut self, device_token: &str) -> Result<Self, Error> {
        if !device_token.is_empty() {
            if !self.device_token.is_empty() && !self.device_token.eq_ignore_ascii_case(device_token) {
                return Err(Error::another_user());
            }
            // Pending calls recognise their user by it, and the service may have written it in another letter case.
            device_token.clone_into(&mut self.device_token);
        }
        Ok(self)
    }

    /// Takes over the device token of `previous`, and its refresh token if the service did not send one again.
    ///
    /// # Errors
    /// Those of [`Self::of_user`].
    pub fn completed_from(self, previous: &Self) -> Result<Self, Error> {
        let mut session = self.of_user(&previous.device_token)?;
        if session.refresh_token.is_none() {
            session.refresh_token.clone_from(&previous.refresh_token);
        }
        Ok(session)
    }

    /// Whether both hold the same credentials.
    #[must_use]
    pub fn has_same_credentials(&self, other: &Self) -> bool {
        self.device_token == other.device_token
            && self.jwt() == other.jwt()
            && self.refresh_token == other.refresh_token
    }

    /// The same user without access token and refresh token.
    #[must_use]
    pub fn without_tokens(&self) -> Self {
        Self { access_token: None, refresh_token: None, ..self.clone() }
    }

    /// When the access token expires, by the wall clock.
    #[must_use]
    pub fn expires_at_ms(&self) -> Option<u64> {
        self.access_token.as_ref().map(|access| self.obtained_ms.saturating_add(lifetime_ms(access)))
    }

    /// Whether the access token has expired; `false` if that is unknown.
    #[must_use]
    pub fn has_expired(&self, monotonic_ms: u64) -> bool {
        self.deadline_ms.is_some_and(|deadline| monotonic_ms >= deadline)
    }

    /// Whether the access token expires within `margin_seconds`, or within a tenth of its lifetime if that is shorter. With a
    /// margin of 0 the answer is always `false`.
    #[must_use]
    pub fn is_due(&self, monotonic_ms: u64, margin_seconds: u32) -> bool {
        let tenth = self.lifetime_ms() / 10;
        let margin = (u64::from(margin_seconds) * 1000).min(tenth);
        margin_seconds > 0 && self.has_expired(monotonic_ms.saturating_add(margin))
    }

    /// The access token as text.
    #[must_use]
    pub fn jwt(&self) -> Option<&Secret> {
        self.access_token.as_ref().map(|access| &access.token)
    }

    /// The lifetime of the access token; 0 without one.
    fn lifetime_ms(&self) -> u64 {
        self.access_token.as_ref().map_or(0, lifetime_ms)
    }

    /// The session in the form that the storage keeps.
    #[must_use]
    pub fn to_stored(&self) -> StoredSession {
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
pub struct StoredSession {
    /// When the access token was requested, by the wall clock; a JavaScript number.
    obtained_ms: f64,
    /// The credentials.
    tokens: TokensResponse,
}

impl StoredSession {
    /// The stored value.
    #[must_use]
    pub fn to_object(&self) -> Object {
        Object::default().number("ObtainedMs", self.obtained_ms).object("Tokens", auth::to_object(&self.tokens))
    }

    /// Reads a stored value; `None` if a field is absent or has another type.
    #[must_use]
    pub fn read(stored: &impl Json) -> Option<Self> {
        let obtained_ms = stored.field("ObtainedMs")?.number()?;
        Some(Self { obtained_ms, tokens: auth::tokens(&stored.field("Tokens")?)? })
    }

    /// The session, with its age judged by the wall clock; `None` if the stored value does not identify a user.
    ///
    /// The age is unknown if the clock has gone back, or forward by more than the lifetime of a refresh token.
    #[must_use]
    pub fn restore(self, now: Moment) -> Option<Session> {
        let obtained_ms = self.obtained_ms as u64;
        let age = now.wall_ms.checked_sub(obtained_ms);
        let age = age.filter(|age| *age <= u64::from(REFRESH_TOKEN_SECONDS) * 1000);
        let mut session = Session::without_deadline(self.tokens, obtained_ms)?;
        let left = age.map(|age| session.lifetime_ms().saturating_sub(age));
        session.deadline_ms = left.map(|left| now.monotonic_ms.saturating_add(left));
        let identifies_user = !session.device_token.is_empty() || session.access_token.is_some();
        identifies_user.then_some(session)
    }
}

fn lifetime_ms(access: &AccessToken) -> u64 {
    u64::from(access.expires_in) * 1000
}

/// The longest access token that is accepted, in bytes. Servers refuse headers that are larger than 8 to 16 KiB, so that a longer
/// token would make every call fail until a sign-out.
const LONGEST_ACCESS_TOKEN: usize = 16 * 1024;

/// Whether the text can be sent in a header.
fn fits_header(text: &str) -> bool {
    (1..=LONGEST_ACCESS_TOKEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
