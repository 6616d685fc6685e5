//! What can be set about the service, each with the contract's default.

use std::str::FromStr;

use serde::Deserialize;
use telematics_contract::auth::{LOGIN_TOKEN_SECONDS, REFRESH_TOKEN_SECONDS, REGISTRATION_TOKEN_SECONDS};

use super::time::{Period, Timestamp};
use super::tokens::Rotation;

/// What can be set about the service.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// What a dead refresh token is answered with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u16")]
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
