//! What can be set about the service, each with the contract's default.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use telematics_contract::auth::{LOGIN_TOKEN_SECONDS, REFRESH_TOKEN_SECONDS, REGISTRATION_TOKEN_SECONDS};

use super::credentials::Lifetimes;
use super::time::{Period, Timestamp};
use super::tokens::Rotation;

/// What can be set about the service.
#[derive(Clone, Debug, PartialEq, Eq, Copy, Serialize, Deserialize)]
pub struct Settings {
    /// Lifetime of an access token given out at registration; five days \[V\].
    pub registration_token: Period,
    /// Lifetime of an access token given out at login and refresh; one day \[V\].
    pub login_token: Period,
    /// Lifetime of a refresh token; three months \[V\], taken as 90 days \[P\].
    pub refresh_token: Period,
    /// How long after its `exp` an access token is still taken; none \[P\].
    pub clock_skew: Period,
    /// What becomes of a used refresh token \[P\].
    pub rotation: Rotation,
    /// What a dead refresh token is answered with \[V, C\].
    pub refresh_rejected: RefreshRejected,
    /// Whether too many logins lock their address out \[V\]; off unless asked for \[P\].
    pub login_lockout: bool,
    /// From when on a device token in the headers is no authentication any more; never unless said \[S, P\].
    pub device_token_sunset: Option<Timestamp>,
}

/// What is set differently; what is not given stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overrides {
    /// Lifetime of an access token given out at registration.
    pub registration_token: Option<Period>,
    /// Lifetime of an access token given out at login and refresh.
    pub login_token: Option<Period>,
    /// Lifetime of a refresh token.
    pub refresh_token: Option<Period>,
    /// How long after its `exp` an access token is still taken.
    pub clock_skew: Option<Period>,
    /// What becomes of a used refresh token.
    pub rotation: Option<Rotation>,
    /// What a dead refresh token is answered with.
    pub refresh_rejected: Option<RefreshRejected>,
    /// Whether too many logins lock their address out.
    pub login_lockout: Option<bool>,
    /// From when on a device token in the headers is no authentication any more.
    pub device_token_sunset: Option<Sunset>,
}

/// From when on a device token in the headers is no authentication any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sunset {
    /// Never.
    Never,
    /// From then on.
    From(Timestamp),
}

impl Overrides {
    /// These, and the newer ones over them.
    #[must_use]
    pub fn under(self, newer: Self) -> Self {
        Self {
            registration_token: newer.registration_token.or(self.registration_token),
            login_token: newer.login_token.or(self.login_token),
            refresh_token: newer.refresh_token.or(self.refresh_token),
            clock_skew: newer.clock_skew.or(self.clock_skew),
            rotation: newer.rotation.or(self.rotation),
            refresh_rejected: newer.refresh_rejected.or(self.refresh_rejected),
            login_lockout: newer.login_lockout.or(self.login_lockout),
            device_token_sunset: newer.device_token_sunset.or(self.device_token_sunset),
        }
    }
}

impl Settings {
    /// These, with what is set differently.
    #[must_use]
    pub fn with(self, overrides: &Overrides) -> Self {
        Self {
            registration_token: overrides.registration_token.unwrap_or(self.registration_token),
            login_token: overrides.login_token.unwrap_or(self.login_token),
            refresh_token: overrides.refresh_token.unwrap_or(self.refresh_token),
            clock_skew: overrides.clock_skew.unwrap_or(self.clock_skew),
            rotation: overrides.rotation.unwrap_or(self.rotation),
            refresh_rejected: overrides.refresh_rejected.unwrap_or(self.refresh_rejected),
            login_lockout: overrides.login_lockout.unwrap_or(self.login_lockout),
            device_token_sunset: match overrides.device_token_sunset {
                None => self.device_token_sunset,
                Some(Sunset::Never) => None,
                Some(Sunset::From(at)) => Some(at),
            },
        }
    }

    /// How long the tokens of a login or a refresh live.
    #[must_use]
    pub const fn login_lifetimes(&self) -> Lifetimes {
        Lifetimes { access: self.login_token, refresh: self.refresh_token }
    }

    /// How long the tokens of a registration live.
    #[must_use]
    pub const fn registration_lifetimes(&self) -> Lifetimes {
        Lifetimes { access: self.registration_token, refresh: self.refresh_token }
    }
}

/// What a dead refresh token is answered with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum RefreshRejected {
    /// `401` \[V\].
    #[default]
    Unauthorized,
    /// `400`, on which the vendor's Android client starts its device-token login \[C\].
    BadRequest,
}

/// A dead refresh token cannot be answered with that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a dead refresh token is answered with 401 or 400")]
pub struct NoRejection;

impl TryFrom<u16> for RefreshRejected {
    type Error = NoRejection;

    fn try_from(status: u16) -> Result<Self, NoRejection> {
        match status {
            400 => Ok(Self::BadRequest),
            401 => Ok(Self::Unauthorized),
            _ => Err(NoRejection),
        }
    }
}

impl From<RefreshRejected> for u16 {
    fn from(rejected: RefreshRejected) -> Self {
        match rejected {
            RefreshRejected::Unauthorized => 401,
            RefreshRejected::BadRequest => 400,
        }
    }
}

impl FromStr for RefreshRejected {
    type Err = NoRejection;

    fn from_str(text: &str) -> Result<Self, NoRejection> {
        text.parse::<u16>().map_err(|_| NoRejection)?.try_into()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            registration_token: Period::from_seconds(REGISTRATION_TOKEN_SECONDS),
            login_token: Period::from_seconds(LOGIN_TOKEN_SECONDS),
            refresh_token: Period::from_seconds(REFRESH_TOKEN_SECONDS),
            clock_skew: Period::ZERO,
            rotation: Rotation::default(),
            refresh_rejected: RefreshRejected::default(),
            login_lockout: false,
            device_token_sunset: None,
        }
    }
}
