//! Users, and where they are kept.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use telematics_contract::user::{AccountInfo, MobileDevice, UserRecord, UserStatus, WrittenStatus};

use super::credentials::Credentials;
use super::ids::{DeviceToken, InstanceId, PictureId};
use super::instances::Instance;
use super::passwords::PasswordHash;
use super::profile::{Login, Logins, Profile, Telematics, Text};
use super::time::Timestamp;
use super::tokens::Owner;

/// A registered user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    /// The permanent id.
    pub device_token: DeviceToken,
    /// Where the user belongs.
    pub instance: InstanceId,
    /// When the user was registered.
    pub created: Timestamp,
    /// The state an admin or the user has set.
    pub status: WrittenStatus,
    /// The telematics parameters.
    pub telematics: Telematics,
    /// Who the user is; most say nothing, and then nothing is kept.
    pub profile: Option<Box<Profile>>,
    /// What only some users have.
    pub extra: Option<Box<Extra>>,
    /// The tokens.
    pub credentials: Credentials,
}

/// What only some users have.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Extra {
    /// The password, on a UBI instance.
    pub password: Option<PasswordHash>,
    /// The id at an identity provider.
    pub identity_id: Text,
    /// That identity provider.
    pub identity_provider: Text,
    /// The uploaded picture.
    pub picture: Option<PictureId>,
}

/// What keeps a user from everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// Switched off, not deleted \[S\].
    Deactivated,
    /// Softly deleted \[V\].
    Deleted,
}

impl User {
    /// A user who has just been registered and has no tokens yet.
    #[must_use]
    pub fn new(device_token: DeviceToken, birth: u64, instance: InstanceId, created: Timestamp) -> Self {
        Self {
            device_token,
            instance,
            created,
            status: WrittenStatus::Active,
            telematics: Telematics::default(),
            profile: None,
            extra: None,
            credentials: Credentials::new(birth),
        }
    }

    /// Whose refresh tokens these are.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        Owner { id: *self.device_token.as_bytes(), birth: self.credentials.birth() }
    }

    /// What keeps the user from everything, if anything does.
    #[must_use]
    pub const fn barred(&self) -> Option<Barred> {
        match self.status {
            WrittenStatus::Deleted => Some(Barred::Deleted),
            WrittenStatus::Deactivated => Some(Barred::Deactivated),
            WrittenStatus::Active if self.telematics.enabled => None,
            WrittenStatus::Active => Some(Barred::Deactivated),
        }
    }

    /// The password, if there is one.
    #[must_use]
    pub fn password(&self) -> Option<&PasswordHash> {
        self.extra.as_ref()?.password.as_ref()
    }

    /// What only some users have, to change it.
    pub fn extra_mut(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    /// As the contract shows the user; the names of the account only if they are wanted \[V\].
    #[must_use]
    pub fn record(&self, instance: &Instance, with_names: bool) -> UserRecord {
        let text = |text: &Text| text.as_deref().map(str::to_owned);
        let name = |name: &str| with_names.then(|| name.to_owned());
        UserRecord {
            device_token: self.device_token.to_string(),
            date_created: self.created.to_wire(),
            status: match self.status {
                WrittenStatus::Active => UserStatus::Active,
                WrittenStatus::Deactivated => UserStatus::Inactive,
                WrittenStatus::Deleted => UserStatus::Deleted,
            },
            activity_status: "No Data".to_owned(),
            user_profile: self.profile.as_deref().map_or_else(|| Profile::default().record(), Profile::record),
            mobile_device: MobileDevice::default(),
            account_info: AccountInfo {
                company_id: Some(instance.home.company.to_string()),
                company_name: name(&instance.home.company_name),
                application_id: Some(instance.home.application.to_string()),
                application_name: name(&instance.home.application_name),
                instance_id: Some(instance.id.to_string()),
                instance_name: name(&instance.name),
            },
            user_wallets: Vec::new(),
            identity_id: self.extra.as_ref().and_then(|extra| text(&extra.identity_id)),
            identity_provider: self.extra.as_ref().and_then(|extra| text(&extra.identity_provider)),
            user_fields: vec![self.telematics.record()],
        }
    }
}

/// The users of a server, each in the home of an instance, so that an instance can be emptied at once.
#[derive(Clone, Debug, Default)]
pub struct Users {
    homes: HashMap<InstanceId, Home>,
}

/// The users of one instance, and the logins of those who have one.
#[derive(Clone, Debug, Default)]
pub struct Home {
    // Boxed, so that the free places of the map cost little.
    by_token: HashMap<DeviceToken, Box<User>>,
    by_login: HashMap<Login, DeviceToken>,
}

impl Home {
    /// The home of these users, whose logins count only on a UBI instance.
    #[must_use]
    pub fn of(users: Vec<User>, has_ubi: bool) -> Self {
        let mut home = Self::default();
        for user in users {
            if has_ubi {
                for (_, login) in Logins::of(user.profile.as_deref()).iter() {
                    home.by_login.insert(login.clone(), user.device_token);
                }
            }
            home.by_token.insert(user.device_token, Box::new(user));
        }
        home
    }

    /// Every user, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &User> {
        self.by_token.values().map(Box::as_ref)
    }
}

impl Users {
    /// The user of that DeviceToken.
    #[must_use]
    pub fn get(&self, device_token: DeviceToken) -> Option<&User> {
        self.homes.values().find_map(|home| home.by_token.get(&device_token)).map(Box::as_ref)
    }

    /// The user of that DeviceToken, who most likely is still where the token was issued.
    #[must_use]
    pub fn get_near(&self, instance: InstanceId, device_token: DeviceToken) -> Option<&User> {
        let near = self.homes.get(&instance).and_then(|home| home.by_token.get(&device_token));
        near.map(Box::as_ref).or_else(|| self.get(device_token))
    }

    /// The user of that DeviceToken, to change it. Logins are changed by [`Users::set_logins`], the instance by
    /// [`Users::change_home`].
    pub fn get_mut(&mut self, device_token: DeviceToken) -> Option<&mut User> {
        self.homes.values_mut().find_map(|home| home.by_token.get_mut(&device_token)).map(Box::as_mut)
    }

    /// Like [`Users::get_near`], to change the user.
    pub fn get_near_mut(&mut self, instance: InstanceId, device_token: DeviceToken) -> Option<&mut User> {
        let is_near = self.homes.get(&instance).is_some_and(|home| home.by_token.contains_key(&device_token));
        if is_near {
            self.homes.get_mut(&instance)?.by_token.get_mut(&device_token).map(Box::as_mut)
        } else {
            self.get_mut(device_token)
        }
    }

    /// The user with that login.
    #[must_use]
    pub fn with_login(&self, instance: InstanceId, login: &Login) -> Option<&User> {
        let home = self.homes.get(&instance)?;
        home.by_token.get(home.by_login.get(login)?).map(Box::as_ref)
    }

    /// Every user, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &User> {
        self.homes.values().flat_map(Home::iter)
    }

    /// Every user of an instance, in no order.
    pub fn of(&self, instance: InstanceId) -> impl Iterator<Item = &User> {
        self.homes.get(&instance).into_iter().flat_map(Home::iter)
    }

    /// Adds a user, without a login.
    pub fn add(&mut self, user: User) {
        self.homes.entry(user.instance).or_default().by_token.insert(user.device_token, Box::new(user));
    }

    /// The field of the first login that belongs to somebody else.
    #[must_use]
    pub fn taken(&self, instance: InstanceId, logins: &Logins, by: DeviceToken) -> Option<&'static str> {
        let home = self.homes.get(&instance)?;
        let is_taken = |login: &Login| home.by_login.get(login).is_some_and(|owner| *owner != by);
        logins.iter().find(|(_, login)| is_taken(login)).map(|(field, _)| field)
    }

    /// Replaces the logins of a user, of one instance by those of another, or of none.
    pub fn set_logins(
        &mut self,
        device_token: DeviceToken,
        before: Option<(InstanceId, &Logins)>,
        after: Option<(InstanceId, &Logins)>,
    ) {
        if let Some((instance, logins)) = before
            && let Some(home) = self.homes.get_mut(&instance)
        {
            for (_, login) in logins.iter() {
                home.by_login.remove(login);
            }
        }
        if let Some((instance, logins)) = after {
            let home = self.homes.entry(instance).or_default();
            for (_, login) in logins.iter() {
                home.by_login.insert(login.clone(), device_token);
            }
        }
    }

    /// Moves a user to another instance, without the logins.
    pub fn change_home(&mut self, device_token: DeviceToken, to: InstanceId) {
        let found = self.homes.values_mut().find_map(|home| home.by_token.remove(&device_token));
        if let Some(mut user) = found {
            user.instance = to;
            self.homes.entry(to).or_default().by_token.insert(device_token, user);
        }
    }

    /// Removes a user for good, with the logins.
    pub fn remove(&mut self, device_token: DeviceToken) -> Option<Box<User>> {
        let home = self.homes.values_mut().find(|home| home.by_token.contains_key(&device_token))?;
        let user = home.by_token.remove(&device_token)?;
        for (_, login) in Logins::of(user.profile.as_deref()).iter() {
            if home.by_login.get(login) == Some(&device_token) {
                home.by_login.remove(login);
            }
        }
        Some(user)
    }

    /// Puts another home in the place of an instance's, and gives the one before.
    pub fn replace_home(&mut self, instance: InstanceId, home: Home) -> Option<Home> {
        self.homes.insert(instance, home)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> User {
        User::new(DeviceToken::from_u128(1), 2, InstanceId::from_u128(3), Timestamp::EPOCH)
    }

    #[test]
    fn a_deactivated_user_is_not_a_deleted_one() {
        let mut user = user();
        assert_eq!(user.barred(), None);
        user.telematics.enabled = false;
        assert_eq!(user.barred(), Some(Barred::Deactivated));
        user.telematics.enabled = true;
        user.status = WrittenStatus::Deactivated;
        assert_eq!(user.barred(), Some(Barred::Deactivated));
        user.status = WrittenStatus::Deleted;
        assert_eq!(user.barred(), Some(Barred::Deleted));
    }

    #[test]
    fn a_login_belongs_to_one_user_of_an_instance_and_is_free_again_after_a_removal() {
        let (here, there) = (InstanceId::from_u128(3), InstanceId::from_u128(4));
        let mut users = Users::default();
        let mut ada = user();
        let email = Login::email("Ada@Example.com".to_owned());
        ada.profile = Some(Box::new(Profile { email: Some("Ada@Example.com".into()), ..Profile::default() }));
        let logins = Logins::of(ada.profile.as_deref());
        users.add(ada);
        users.set_logins(DeviceToken::from_u128(1), None, Some((here, &logins)));
        let bob = DeviceToken::from_u128(2);
        let same = Logins { email: Login::email("ada@example.COM".to_owned()), phone: None };
        assert_eq!(users.taken(here, &same, bob), Some("Email"));
        assert_eq!(users.taken(there, &same, bob), None);
        assert_eq!(users.taken(here, &same, DeviceToken::from_u128(1)), None);
        assert!(users.with_login(here, &email.unwrap()).is_some());
        assert!(users.remove(DeviceToken::from_u128(1)).is_some());
        assert_eq!(users.taken(here, &same, bob), None);
    }
}
