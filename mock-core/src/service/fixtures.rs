//! Users that a test creates in the state that it needs: the data of such a user, and its changes.

use serde::Deserialize;
use telematics_contract::Secret;
use telematics_contract::user::{Gender, ProfileFields, UserFields};

use super::ids::DeviceToken;
use super::refusal::Refusal;
use super::token_states::{AccessTokenState, RefreshTokenState, TokenStates};
use super::user_views::UserState;

/// The largest number of users that one fixture adds.
pub const MAX_FIXTURE_USERS: u32 = 10_000;
/// A user to add, with the names of the control API.
///
/// ```
/// use telematics_mock_core::service::{AccessTokenState, RefreshTokenState, UserFixture, UserProfileFixture};
///
/// let ada = UserFixture {
///     access_token: AccessTokenState::Expired,
///     refresh_token: RefreshTokenState::Used,
///     profile: UserProfileFixture { first_name: Some("Ada".to_owned()), ..UserProfileFixture::default() },
///     ..UserFixture::default()
/// };
/// # assert!(ada.count.is_none());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UserFixture {
    /// The state of the user.
    pub state: UserState,
    /// The state of the access token that is returned.
    pub access_token: AccessTokenState,
    /// The state of the refresh token that is returned.
    pub refresh_token: RefreshTokenState,
    /// The DeviceToken; random by default.
    pub device_token: Option<DeviceToken>,
    /// The user's id in the integrator's own system.
    pub client_id: Option<String>,
    /// SDK tracking.
    pub enable_tracking: Option<bool>,
    /// SDK logging.
    pub enable_logging: Option<bool>,
    /// Online location monitoring.
    pub enable_real_time_location: Option<bool>,
    /// Whether the account is enabled.
    pub enabled: Option<bool>,
    /// The profile.
    pub profile: UserProfileFixture,
    /// The password, only in an instance with the product UBI; generated and sent by default.
    pub password: Option<Secret>,
    /// The number of users to add, from 1 to [`MAX_FIXTURE_USERS`]; one by default.
    pub count: Option<u32>,
}

/// A change of a user. A field that is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UserChange {
    /// The state of the user.
    pub state: Option<UserState>,
    /// The state of a new access token. Alone it starts no family, and the user's other tokens stay as they are.
    pub access_token: Option<AccessTokenState>,
    /// The state of a new refresh token. Its family supersedes the user's refresh token, as a login does.
    pub refresh_token: Option<RefreshTokenState>,
    /// The user's id in the integrator's own system.
    pub client_id: Option<String>,
    /// SDK tracking.
    pub enable_tracking: Option<bool>,
    /// SDK logging.
    pub enable_logging: Option<bool>,
    /// Online location monitoring.
    pub enable_real_time_location: Option<bool>,
    /// Whether the account is enabled.
    pub enabled: Option<bool>,
    /// The fields of the profile to change.
    pub profile: UserProfileFixture,
    /// The new password, only in an instance with the product UBI.
    pub password: Option<Secret>,
}

/// The profile of a [`UserFixture`]: the fields of a registration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UserProfileFixture {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Nickname.
    pub nickname: Option<String>,
    /// Phone number; a login in an instance with the product UBI.
    pub phone: Option<String>,
    /// E-mail address; a login in an instance with the product UBI.
    pub email: Option<String>,
    /// Gender.
    pub gender: Option<Gender>,
    /// Date of birth: `yyyy-MM-dd`, or ISO 8601 with a time.
    pub birthday: Option<String>,
    /// Marital status.
    pub marital_status: Option<String>,
    /// Number of children.
    pub children_count: Option<u32>,
    /// Country.
    pub country: Option<String>,
    /// District.
    pub district: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// URL of the picture.
    pub image_url: Option<String>,
}

/// A fixture, a change or a query cannot be carried out; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FixtureError {
    /// A field is invalid.
    #[error("{field} {reason}")]
    Invalid {
        /// The path of the field, with the names of the control API.
        field: String,
        /// The reason, as the rest of a sentence that starts with the field.
        reason: String,
    },
    /// The server has no such instance.
    #[error("No instance has this id.")]
    NoSuchInstance,
    /// The scope has no such user.
    #[error("No user has this device token.")]
    NoSuchUser,
}

impl FixtureError {
    pub(super) fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), reason: reason.into() }
    }
}

/// The service's reason in the words of the control API.
impl From<Refusal> for FixtureError {
    fn from(refusal: Refusal) -> Self {
        let Refusal::Invalid(error) = refusal else { return Self::NoSuchInstance };
        let (field, reason) = match error.key.as_str() {
            "CustomToken" => ("deviceToken", "is already in use"),
            "Birthday" => ("profile.birthday", "must be a date such as 2019-12-13 or 2019-12-13T06:19:18.837Z"),
            "Phone" => ("profile.phone", "is already in use"),
            "Email" if error.message.ends_with("in use.") => ("profile.email", "is already in use"),
            "Email" => ("profile.email", "is required as login, or profile.phone"),
            other => return Self::invalid(other, error.message),
        };
        Self::invalid(field, reason)
    }
}

impl From<UserProfileFixture> for ProfileFields {
    fn from(profile: UserProfileFixture) -> Self {
        Self {
            first_name: profile.first_name,
            last_name: profile.last_name,
            nickname: profile.nickname,
            phone: profile.phone,
            email: profile.email,
            gender: profile.gender,
            birthday: profile.birthday,
            marital_status: profile.marital_status,
            children_count: profile.children_count,
            country: profile.country,
            district: profile.district,
            city: profile.city,
            address: profile.address,
            image_url: profile.image_url,
        }
    }
}

/// The telematics parameters of a fixture or of a change.
macro_rules! user_fields {
    ($fixture:expr) => {
        UserFields {
            enable_tracking: $fixture.enable_tracking,
            enable_logging: $fixture.enable_logging,
            enable_real_time_location: $fixture.enable_real_time_location,
            enabled: $fixture.enabled,
            client_id: $fixture.client_id.clone(),
        }
    };
}

impl UserFixture {
    pub(super) const fn tokens(&self) -> TokenStates {
        TokenStates { access: self.access_token, refresh: self.refresh_token }
    }

    pub(super) fn user_fields(&self) -> UserFields {
        user_fields!(self)
    }
}

impl UserChange {
    /// The states of the new tokens; `None` if the change has none. A state that is absent has its default beside the other one: a
    /// refresh token comes with a valid access token, and an access token alone.
    pub(super) fn tokens(&self) -> Option<TokenStates> {
        match (self.access_token, self.refresh_token) {
            (None, None) => None,
            (access, Some(refresh)) => Some(TokenStates { access: access.unwrap_or_default(), refresh }),
            (Some(access), None) => Some(TokenStates { access, refresh: RefreshTokenState::None }),
        }
    }

    pub(super) fn user_fields(&self) -> UserFields {
        user_fields!(self)
    }
}
