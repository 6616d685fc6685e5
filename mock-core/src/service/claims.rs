//! The contents of access tokens, in the service's own types.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::ids::{AdminId, ApplicationId, CompanyId, DeviceToken, InstanceId};
use super::instances::Ownership;
use super::time::Timestamp;
use super::users::User;

/// Identifies an access token among all tokens of all users; travels as `jti`, thirty-two hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenId {
    /// The incarnation of the user: it differs from that of an earlier user with the same DeviceToken.
    pub incarnation: u64,
    /// Counts the access tokens of the user, from 1.
    pub number: u64,
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.incarnation, self.number)
    }
}

impl TokenId {
    fn parse(text: &str) -> Option<Self> {
        let (incarnation, number) = text.split_at_checked(16)?;
        let digits = |text: &str| u64::from_str_radix(text, 16).ok().filter(|_| text.len() == 16);
        Some(Self { incarnation: digits(incarnation)?, number: digits(number)? })
    }
}

impl Serialize for TokenId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TokenId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;
        impl de::Visitor<'_> for Digits {
            type Value = TokenId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("thirty-two hex digits")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<TokenId, E> {
                TokenId::parse(text).ok_or_else(|| E::custom("not thirty-two hex digits"))
            }
        }
        deserializer.deserialize_str(Digits)
    }
}

/// The owner of an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A user.
    User {
        /// The user.
        device_token: DeviceToken,
        /// The user's instance when the token was issued.
        instance: InstanceId,
    },
    /// An admin.
    Admin(AdminId),
}

/// The claims of an access token that the server reads back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessClaims {
    /// The owner.
    pub subject: Subject,
    /// The token's own id.
    pub id: TokenId,
    /// The time of issue, in whole seconds.
    pub issued: Timestamp,
    /// The token is expired from this time on, in whole seconds.
    pub expires: Timestamp,
    /// The expiry of the refresh token of the same pair.
    pub refresh_token_expires: Timestamp,
}

/// An access token of this server whose signature is valid. It can be expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenedToken {
    /// The owner.
    pub subject: Subject,
    /// The token's own id.
    pub id: TokenId,
    /// The time of issue, in whole seconds.
    pub issued: Timestamp,
    /// The token is expired from this time on, in whole seconds.
    pub expires: Timestamp,
    /// The keys that signed it.
    pub epoch: KeyEpoch,
}

/// Identifies the keys of one seed. A restored snapshot can bring another seed while a request is in progress; the request's
/// token then has an epoch that is no longer current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyEpoch(pub u64);

/// The claims of a user's access token that only the SDK reads.
#[derive(Clone, Debug)]
pub struct SdkClaims {
    /// The application of the user's instance.
    pub application: ApplicationId,
    /// The company of that application.
    pub company: CompanyId,
    /// Whether the SDK tracks.
    pub enable_tracking: bool,
    /// Whether the SDK logs.
    pub enable_logging: bool,
    /// Whether the SDK reports its location continuously.
    pub enable_real_time_location: bool,
    /// The user's id in the integrator's system.
    pub client_id: Option<Box<str>>,
}

impl SdkClaims {
    /// The claims of a user of an instance with these owners.
    #[must_use]
    pub fn new(user: &User, ownership: &Ownership) -> Self {
        Self {
            application: ownership.application,
            company: ownership.company,
            enable_tracking: user.telematics.enable_tracking,
            enable_logging: user.telematics.enable_logging,
            enable_real_time_location: user.telematics.enable_real_time_location,
            client_id: user.telematics.client_id.clone(),
        }
    }
}
