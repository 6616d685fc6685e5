//! What can be set about the service, each with the contract's default.

use telematics_contract::auth::{LOGIN_TOKEN_SECONDS, REFRESH_TOKEN_SECONDS, REGISTRATION_TOKEN_SECONDS};

use super::time::Period;
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
}

/// What a dead refresh token is answered with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefreshRejected {
    /// `401` \[V\].
    #[default]
    Unauthorized,
    /// `400`, on which the vendor's Android client starts its device-token login \[C\].
    BadRequest,
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
        }
    }
}
