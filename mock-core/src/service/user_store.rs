//! The place where users are stored, and the ways to find one.
//!
//! The users of an instance are stored together, so that a reset replaces all of them at once. One directory for the whole server
//! leads from a DeviceToken to its user. No operation here takes time in proportion to the number of users, except [`Users::view`],
//! which takes one step for each 128.

use std::sync::Arc;

use super::contact_index::Contact;
use super::credentials::Credentials;
use super::ids::{DeviceToken, InstanceId};
use super::instance_users::{Address, InstanceUsers, Replacement};
use super::map::{Map, ShardedMap};
use super::profile::{Login, Logins};
use super::slab::SlabView;
use super::users::User;

/// The users of a server.
#[derive(Clone, Debug, Default)]
pub struct Users {
    /// The addresses of all users. An address can be outdated: [`Users::locate`] compares the user at the address.
    pub(super) directory: ShardedMap<DeviceToken, Address>,
    numbers: Map<InstanceId, u32>,
    groups: Vec<InstanceUsers>,
    /// The numbers of instances that were removed, for new instances.
    free: Vec<u32>,
    /// The replacement of the users of one instance that is in progress.
    pub(super) replacement: Option<Replacement>,
}

impl Users {
    /// The address of the user with this DeviceToken.
    #[must_use]
    pub fn locate(&self, device_token: DeviceToken) -> Option<Address> {
        let found = self.directory.get(&device_token).copied().filter(|address| self.lives_at(device_token, *address));
        found.or_else(|| {
            let address = self.replacement.as_ref()?.address(device_token)?;
            self.lives_at(device_token, address).then_some(address)
        })
    }

    pub(super) fn lives_at(&self, device_token: DeviceToken, address: Address) -> bool {
        self.at(address).is_some_and(|user| user.device_token == device_token)
    }

    /// The user at an address.
    #[must_use]
    pub fn at(&self, address: Address) -> Option<&Arc<User>> {
        self.groups.get(address.group as usize)?.get(address.slot)
    }

    /// The credentials of the user at an address, to change them.
    pub fn credentials_at(&mut self, address: Address) -> Option<&mut Credentials> {
        self.groups.get_mut(address.group as usize)?.credentials_mut(address.slot)
    }

    /// Changes the user at an address, and keeps the index up to date. `change` must not change the DeviceToken or the instance.
    pub fn update<T>(&mut self, address: Address, change: impl FnOnce(&mut User) -> T) -> Option<T> {
        self.groups.get_mut(address.group as usize)?.update(address.slot, change)
    }

    /// The user with this DeviceToken.
    #[must_use]
    pub fn get(&self, device_token: DeviceToken) -> Option<&Arc<User>> {
        self.at(self.locate(device_token)?)
    }

    /// The users of an instance at this moment.
    #[must_use]
    pub fn view(&self, instance: InstanceId) -> Option<SlabView<User>> {
        self.group(instance).filter(|group| !group.is_empty()).map(InstanceUsers::view)
    }

    /// The users of an instance that can have this value; see [`InstanceUsers::candidates`].
    pub fn candidates(&self, instance: InstanceId, contact: Contact<'_>) -> impl Iterator<Item = &Arc<User>> {
        self.group(instance).into_iter().flat_map(move |group| group.candidates(contact))
    }

    /// The user of an instance with this login.
    #[must_use]
    pub fn with_login(&self, instance: InstanceId, login: &Login) -> Option<&Arc<User>> {
        let contact = match login {
            Login::Phone(phone) => Contact::Phone(phone),
            Login::Email(email) => Contact::Email(email),
        };
        self.candidates(instance, contact).find(|user| login.belongs_to(user.profile.as_deref()))
    }

    /// The field of the first login that another user of the instance has; `by` is the user who wants the logins.
    #[must_use]
    pub fn taken(&self, instance: InstanceId, logins: &Logins, by: Option<DeviceToken>) -> Option<&'static str> {
        let is_taken =
            |login: &Login| self.with_login(instance, login).is_some_and(|user| Some(user.device_token) != by);
        logins.iter().find(|(_, login)| is_taken(login)).map(|(field, _)| field)
    }

    /// Adds a user, whose DeviceToken no other user has.
    pub fn add(&mut self, user: Arc<User>) {
        let (device_token, number) = (user.device_token, self.number(user.instance));
        let Some(group) = self.groups.get_mut(number as usize) else { return };
        let slot = group.insert(user);
        self.directory.insert(device_token, Address { group: number, slot });
        if let Some(replacement) = &mut self.replacement {
            replacement.note_arrival(number, device_token);
        }
    }

    /// Moves a user to another instance.
    pub fn change_instance(&mut self, device_token: DeviceToken, to: InstanceId) {
        if let Some(mut user) = self.remove(device_token) {
            Arc::make_mut(&mut user).instance = to;
            self.add(user);
        }
    }

    /// Removes a user permanently.
    pub fn remove(&mut self, device_token: DeviceToken) -> Option<Arc<User>> {
        let address = self.locate(device_token)?;
        self.directory.remove(&device_token);
        self.groups.get_mut(address.group as usize)?.remove(address.slot)
    }

    fn group(&self, instance: InstanceId) -> Option<&InstanceUsers> {
        self.groups.get(*self.numbers.get(&instance)? as usize)
    }

    /// The number of the instance's users in `groups`; an instance gets its number with its first user.
    pub(super) fn number(&mut self, instance: InstanceId) -> u32 {
        let Self { numbers, groups, free, .. } = self;
        *numbers.entry(instance).or_insert_with(|| {
            free.pop().unwrap_or_else(|| {
                groups.push(InstanceUsers::default());
                groups.len() as u32 - 1
            })
        })
    }

    /// Forgets an instance that has no user and no address in the directory any more. No replacement may be in progress.
    pub fn forget(&mut self, instance: InstanceId) {
        if let Some(number) = self.numbers.remove(&instance) {
            self.swap_group(number, InstanceUsers::default());
            self.free.push(number);
        }
    }

    /// The number of users of an instance.
    #[must_use]
    pub fn count(&self, instance: InstanceId) -> usize {
        self.group(instance).map_or(0, InstanceUsers::len)
    }

    /// The number of addresses in the directory.
    #[cfg(test)]
    pub(super) fn directory_len(&self) -> usize {
        self.directory.len()
    }

    /// The number of entries in all indexes.
    #[cfg(test)]
    pub(super) fn contact_entries(&self) -> usize {
        self.groups.iter().map(InstanceUsers::contact_entries).sum()
    }

    pub(super) fn swap_group(&mut self, number: u32, group: InstanceUsers) -> InstanceUsers {
        self.groups.get_mut(number as usize).map_or_else(Default::default, |old| std::mem::replace(old, group))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::profile::Profile;
    use crate::service::time::Timestamp;
    use crate::service::users::User;

    #[test]
    fn a_login_belongs_to_one_user_of_an_instance_and_is_free_after_the_user_is_removed() {
        let (here, there) = (InstanceId::from_u128(3), InstanceId::from_u128(4));
        let (ada, bob) = (DeviceToken::from_u128(1), DeviceToken::from_u128(2));
        let mut users = Users::default();
        let mut user = User::new(ada, 2, here, Timestamp::EPOCH);
        user.profile = Some(Box::new(Profile { email: Some("Ada@Example.com".into()), ..Profile::default() }));
        users.add(Arc::new(user));
        let same = Logins { email: Login::email("ada@example.COM".to_owned()), phone: None };
        assert_eq!(users.taken(here, &same, Some(bob)), Some("Email"));
        assert_eq!(users.taken(here, &same, None), Some("Email"));
        assert_eq!(users.taken(there, &same, Some(bob)), None);
        assert_eq!(users.taken(here, &same, Some(ada)), None);
        assert!(users.with_login(here, &same.email.clone().unwrap()).is_some());
        users.change_instance(ada, there);
        assert_eq!(users.taken(here, &same, Some(bob)), None);
        assert_eq!(users.taken(there, &same, Some(bob)), Some("Email"));
        assert!(users.remove(ada).is_some() && users.get(ada).is_none());
        assert_eq!(users.taken(there, &same, Some(bob)), None);
    }
}
