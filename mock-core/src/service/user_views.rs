//! Users as a test sees them: their state, their tokens when they are added, and pages of users.

use serde::{Deserialize, Serialize};
use telematics_contract::Secret;
use telematics_contract::auth::{AccessToken, TokensResponse};
use telematics_contract::user::WrittenStatus;

use super::ids::{DeviceToken, InstanceId};
use super::time::Timestamp;
use super::token_views::{GenerationState, GenerationView};
use super::users::{Barred, User};

/// The default number of users of a page.
pub const DEFAULT_USER_PAGE_SIZE: u32 = 50;
/// The largest number of users of a page.
pub const MAX_USER_PAGE_SIZE: u32 = 1_000;

/// The state of a user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UserState {
    /// The user may do everything.
    #[default]
    Active,
    /// Every request of the user is refused until the user is activated again.
    Deactivated,
    /// The user is softly deleted: an admin can restore the user.
    Deleted,
}

/// The tokens that a fixture returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserCredentials {
    /// The permanent id of the user.
    pub device_token: String,
    /// The access token; `None` if there is none.
    pub access_token: Option<Secret>,
    /// The remaining lifetime of the access token in seconds; 0 if it has expired, `None` if there is none.
    pub expires_in: Option<u32>,
    /// The refresh token; `None` if there is none.
    pub refresh_token: Option<Secret>,
}

/// Selects a page of users. The oldest users come first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserQuery {
    /// A part of a name, an e-mail address, a phone number or an id, in any letter case.
    pub search: Option<String>,
    /// The state of the users.
    pub state: Option<UserState>,
    /// The number of the page, from 1.
    pub page: u32,
    /// Users of a page, from 1 to [`MAX_USER_PAGE_SIZE`].
    pub page_size: u32,
}

/// A page of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPage {
    /// The users of the page.
    pub users: Vec<UserView>,
    /// The number of users that match.
    pub total: usize,
}

/// A user as a test sees one, without a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserView {
    /// The permanent id.
    pub device_token: DeviceToken,
    /// The user's instance.
    pub instance: InstanceId,
    /// The state.
    pub state: UserState,
    /// The user's id in the integrator's own system.
    pub client_id: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Nickname.
    pub nickname: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// The time of registration.
    pub created: Timestamp,
    /// The state of the current refresh token; `None` if the user never had one.
    pub refresh_token: Option<GenerationState>,
}

impl Default for UserQuery {
    fn default() -> Self {
        Self { search: None, state: None, page: 1, page_size: DEFAULT_USER_PAGE_SIZE }
    }
}

impl From<UserState> for WrittenStatus {
    fn from(state: UserState) -> Self {
        match state {
            UserState::Active => Self::Active,
            UserState::Deactivated => Self::Deactivated,
            UserState::Deleted => Self::Deleted,
        }
    }
}

impl From<TokensResponse> for UserCredentials {
    fn from(TokensResponse { device_token, access_token, refresh_token }: TokensResponse) -> Self {
        let (access_token, expires_in) =
            access_token.map(|AccessToken { token, expires_in }| (token, expires_in)).unzip();
        Self { device_token: device_token.unwrap_or_default(), access_token, expires_in, refresh_token }
    }
}

impl UserState {
    pub(super) const fn of(user: &User) -> Self {
        match user.barred() {
            None => Self::Active,
            Some(Barred::Deactivated) => Self::Deactivated,
            Some(Barred::Deleted) => Self::Deleted,
        }
    }
}

impl UserView {
    pub(super) fn new(user: &User, now: Timestamp) -> Self {
        let profile = user.profile.as_deref();
        let text = |text: Option<&Option<Box<str>>>| text.and_then(Option::as_deref).map(str::to_owned);
        Self {
            device_token: user.device_token,
            instance: user.instance,
            state: UserState::of(user),
            client_id: text(Some(&user.telematics.client_id)),
            first_name: text(profile.map(|profile| &profile.first_name)),
            last_name: text(profile.map(|profile| &profile.last_name)),
            nickname: text(profile.map(|profile| &profile.nickname)),
            email: text(profile.map(|profile| &profile.email)),
            phone: text(profile.map(|profile| &profile.phone)),
            created: user.created,
            refresh_token: user.credentials.family().map(|family| GenerationView::current(family, now).state),
        }
    }
}
