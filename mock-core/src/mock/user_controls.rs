//! The verbs that add, find, change and remove users, and mint tokens.

use telematics_contract::Secret;

use super::controls::Controls;
use crate::service::ids::DeviceToken;
use crate::service::{
    AccessTokenKey, FixtureError, MintOptions, UserChange, UserCredentials, UserFixture, UserPage, UserQuery, UserView,
};

impl Controls {
    /// Adds a user in a chosen state: to the instance, or to the Demo instance if the scope is the server.
    ///
    /// # Errors
    ///
    /// A field is invalid; nobody was added.
    pub fn add_user(&self, fixture: UserFixture) -> Result<UserCredentials, FixtureError> {
        let added = self.add_users(UserFixture { count: None, ..fixture })?;
        added.into_iter().next().ok_or(FixtureError::NoSuchUser)
    }

    /// Adds as many users as the `count` of the fixture says.
    ///
    /// # Errors
    ///
    /// A field is invalid; nobody was added.
    pub fn add_users(&self, fixture: UserFixture) -> Result<Vec<UserCredentials>, FixtureError> {
        self.mock().service.add_users(self.scope(), fixture)
    }

    /// A page of users, the oldest first.
    ///
    /// # Errors
    ///
    /// The page or its size is out of range.
    pub fn users(&self, query: &UserQuery) -> Result<UserPage, FixtureError> {
        self.mock().service.find_fixture_users(self.scope(), query)
    }

    /// A user.
    ///
    /// # Errors
    ///
    /// The scope has no such user.
    pub fn user(&self, device_token: DeviceToken) -> Result<UserView, FixtureError> {
        self.mock().service.fixture_user(self.scope(), device_token)
    }

    /// Changes a user, and returns new tokens if the change has any.
    ///
    /// # Errors
    ///
    /// The scope has no such user, or a field is invalid; nothing was changed.
    pub fn change_user(
        &self,
        device_token: DeviceToken,
        change: UserChange,
    ) -> Result<Option<UserCredentials>, FixtureError> {
        self.mock().service.change_fixture_user(self.scope(), device_token, change)
    }

    /// Removes a user permanently.
    ///
    /// # Errors
    ///
    /// The scope has no such user.
    pub fn remove_user(&self, device_token: DeviceToken) -> Result<(), FixtureError> {
        self.mock().service.remove_fixture_user(self.scope(), device_token)
    }

    /// Mints an access token with chosen claims and a chosen signature.
    ///
    /// # Errors
    ///
    /// The scope has no such user, or an option is invalid.
    pub fn mint(&self, options: &MintOptions) -> Result<Secret, FixtureError> {
        self.mock().service.mint(self.scope(), options)
    }

    /// The keys that verify access tokens. They also sign them.
    #[must_use]
    pub fn keys(&self) -> Vec<AccessTokenKey> {
        self.mock().service.access_token_keys()
    }
}
