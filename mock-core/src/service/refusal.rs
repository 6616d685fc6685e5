//! Every reason for which the service refuses a request. HTTP makes each error response from one of these.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use telematics_contract::FieldError;

/// A reason for which the service refuses a request. `Display` gives a sentence for a person, without a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A field or header is missing or invalid: `422` with its name.
    Invalid(FieldError),
    /// The call needs a valid access token: `401` \[S\].
    AccessToken(AccessTokenFault),
    /// The login is wrong, and the answer does not tell which part of it: `401` \[V\].
    WrongLogin,
    /// The instance is unknown, or the key belongs to another instance: `401` \[P\].
    WrongInstance,
    /// The refresh token is not accepted: `401`, or the status in the settings \[V, C\].
    RefreshToken {
        /// The reason.
        fault: RefreshTokenFault,
        /// The status of the answer.
        answer: RefreshRejected,
    },
    /// The user is deactivated: `403` until an admin activates the user again \[P\].
    Deactivated,
    /// The call needs an admin's access token: `403` \[V\].
    NotAnAdmin,
    /// Too many logins: `429` until the time has passed \[V\].
    LockedOut {
        /// The time to wait, in seconds.
        seconds: u32,
    },
    /// The call needs a user's access token: `403` \[P\].
    NotAUser,
    /// The admin manages single instances, and the call changes a company or an application: `403` \[P\].
    NotPermitted,
    /// The object of the call does not exist: `404` with this sentence.
    NotFound(&'static str),
}

/// The status of the answer to a refresh token that is not accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum RefreshRejected {
    /// `401` \[V\].
    #[default]
    Unauthorized,
    /// `400`, on which the vendor's Android client starts its device-token login \[C\].
    BadRequest,
}

/// The status cannot be that of a rejected refresh token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rejected refresh token is answered with 401 or 400")]
pub struct InvalidStatus;

impl TryFrom<u16> for RefreshRejected {
    type Error = InvalidStatus;

    fn try_from(status: u16) -> Result<Self, InvalidStatus> {
        match status {
            400 => Ok(Self::BadRequest),
            401 => Ok(Self::Unauthorized),
            _ => Err(InvalidStatus),
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
    type Err = InvalidStatus;

    fn from_str(text: &str) -> Result<Self, InvalidStatus> {
        text.parse::<u16>().map_err(|_| InvalidStatus)?.try_into()
    }
}

/// The fault of an access token. Each one is answered with `401`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessTokenFault {
    /// The request has no access token.
    Missing,
    /// The text is not a JWT of this server.
    Malformed,
    /// The token expired.
    Expired,
    /// The token's user was deleted.
    UserGone,
    /// The request has a device token instead, and it is wrong or belongs to another instance \[S\].
    WrongDeviceToken,
    /// The request has a device token instead, which the server no longer accepts \[S\].
    DeviceTokenSunset,
}

impl AccessTokenFault {
    /// The sentence for `error_description` (RFC 6750, section 3), without a full stop.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Missing => "The call needs an access token",
            Self::Malformed => "The access token is malformed or not of this service",
            Self::Expired => "The access token expired",
            Self::UserGone => "The user of the access token no longer exists",
            Self::WrongDeviceToken => "The DeviceToken, the InstanceId or the InstanceKey is wrong",
            Self::DeviceTokenSunset => "A DeviceToken is no longer accepted as authentication; use an access token",
        }
    }
}

/// The fault of a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshTokenFault {
    /// The text is not a refresh token of this user.
    Unknown,
    /// The token expired.
    Expired,
    /// The token was already used; a refresh token can be used once \[P\].
    AlreadyUsed,
    /// A later login started another family \[S\].
    Superseded,
    /// The token's family was revoked because one of its used tokens was presented again \[P\] (RFC 9700, section 4.14.2).
    Revoked,
    /// The token's user was deleted.
    UserGone,
}

impl RefreshTokenFault {
    /// The fault as a sentence.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Unknown => "The refresh token is unknown.",
            Self::Expired => "The refresh token expired.",
            Self::AlreadyUsed => "The refresh token was already used.",
            Self::Superseded => "The refresh token was superseded by a later login.",
            Self::Revoked => "The refresh token was revoked.",
            Self::UserGone => "The user of the refresh token no longer exists.",
        }
    }
}

impl Refusal {
    /// A field or header is invalid.
    pub fn invalid(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(FieldError { key: key.into(), message: message.into() })
    }

    /// A field or header must be a UUID.
    #[must_use]
    pub fn invalid_uuid(key: &str) -> Self {
        Self::invalid(key, format!("{key} is not a valid UUID."))
    }

    /// A required field or header is missing.
    pub fn missing(key: impl Into<String>) -> Self {
        let key = key.into();
        let message = format!("{key} is required.");
        Self::invalid(key, message)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid(error) => &error.message,
            Self::AccessToken(fault) => return write!(f, "{}.", fault.description()),
            Self::WrongLogin => "The login or the password is wrong.",
            Self::WrongInstance => "The InstanceId or the InstanceKey is wrong.",
            Self::RefreshToken { fault, .. } => fault.description(),
            Self::Deactivated => "The user is deactivated.",
            Self::NotAnAdmin => "The call needs an admin's access token.",
            Self::NotPermitted => "The admin may not change applications.",
            Self::NotAUser => "The call needs a user's access token.",
            Self::LockedOut { .. } => "Too many logins; the address has to wait.",
            Self::NotFound(sentence) => sentence,
        })
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_a_sentence() {
        assert_eq!(Refusal::invalid_uuid("InstanceId").to_string(), "InstanceId is not a valid UUID.");
        assert_eq!(Refusal::AccessToken(AccessTokenFault::Expired).to_string(), "The access token expired.");
        let fault = RefreshTokenFault::AlreadyUsed;
        let refused = Refusal::RefreshToken { fault, answer: RefreshRejected::BadRequest };
        assert_eq!(refused.to_string(), "The refresh token was already used.");
    }

    #[test]
    fn a_rejected_refresh_token_has_one_of_two_statuses() {
        assert_eq!("400".parse(), Ok(RefreshRejected::BadRequest));
        assert_eq!("401".parse(), Ok(RefreshRejected::Unauthorized));
        for other in ["402", "soon", ""] {
            assert_eq!(other.parse::<RefreshRejected>(), Err(InvalidStatus));
        }
    }
}
