//! Why the service says no. Each answer of `http` is made from one of these, in one place.

use telematics_contract::FieldError;

use super::settings::RefreshRejected;

/// Why the service says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Something given is wrong or missing: `422` and the field or header it is about.
    Invalid(FieldError),
    /// The call needs an access token, and this is none: `401` \[S\].
    AccessToken(AccessTokenFault),
    /// The login is wrong, and the answer does not say in which part: `401` \[V\].
    WrongLogin,
    /// Unknown instance, or the key of another one: `401` \[P\].
    WrongInstance,
    /// The refresh token buys nothing any more: `401`, or what the settings say \[V, C\].
    RefreshToken {
        /// Why.
        fault: RefreshTokenFault,
        /// What it is answered with.
        answer: RefreshRejected,
    },
    /// The user is switched off: `403` until an admin switches it on again \[P\].
    Deactivated,
    /// The call is an admin's: `403` \[V\].
    NotAnAdmin,
    /// Too many logins: `429`, and the address has to wait \[V\].
    LockedOut {
        /// How long, in seconds.
        seconds: u32,
    },
    /// The call is a user's: `403` \[P\].
    NotAUser,
    /// What the call is about does not exist: `404`.
    NotFound(&'static str),
}

/// What is wrong with an access token; all of them are `401`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessTokenFault {
    /// There is none.
    Missing,
    /// It is no JWT of this server.
    Malformed,
    /// Its time is over.
    Expired,
    /// Its user is gone.
    UserGone,
    /// A device token was presented instead, and is wrong or stands beside the wrong instance \[S\].
    WrongDeviceToken,
    /// A device token was presented instead, and that counts no more \[S\].
    DeviceTokenSunset,
}

impl AccessTokenFault {
    /// The sentence for `error_description` (RFC 6750, section 3).
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Missing => "The call needs an access token",
            Self::Malformed => "The access token is malformed or not of this service",
            Self::Expired => "The access token expired",
            Self::UserGone => "The user of the access token does not exist any more",
            Self::WrongDeviceToken => "The DeviceToken, the InstanceId or the InstanceKey is wrong",
            Self::DeviceTokenSunset => "A DeviceToken is no authentication any more; use an access token",
        }
    }
}

/// What is wrong with a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshTokenFault {
    /// It is no refresh token of this user.
    Unknown,
    /// Its time is over.
    Expired,
    /// It was already used: a refresh token buys one pair \[P\].
    AlreadyUsed,
    /// A later login took its place \[S\].
    Superseded,
    /// Its family was revoked, because a used token of it came back \[P\] (RFC 9700, section 4.14.2).
    Revoked,
    /// Its user is gone.
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
            Self::UserGone => "The user of the refresh token does not exist any more.",
        }
    }
}

impl Refusal {
    /// A field or header that is wrong.
    pub fn invalid(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(FieldError { key: key.into(), message: message.into() })
    }

    /// A field or header that should be a UUID.
    #[must_use]
    pub fn no_uuid(key: &str) -> Self {
        Self::invalid(key, format!("{key} is no UUID."))
    }

    /// A required field or header that is not there.
    pub fn missing(key: impl Into<String>) -> Self {
        let key = key.into();
        let message = format!("{key} is required.");
        Self::invalid(key, message)
    }
}
