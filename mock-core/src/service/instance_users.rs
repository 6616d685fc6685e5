//! The users of one instance, the addresses of users, and a replacement in progress: the data of [`super::user_store`].

use std::sync::Arc;

use super::contact_index::{Contact, ContactIndex};
use super::credentials::Credentials;
use super::ids::DeviceToken;
use super::map::Map;
use super::slab::{Slab, SlabView};
use super::users::User;

/// The users of one instance.
#[derive(Clone, Debug, Default)]
pub struct InstanceUsers {
    slab: Slab<User>,
    contacts: ContactIndex,
}

/// The place of a user in [`super::user_store::Users`]. It stays valid until the user is removed or moved, so a verb finds a user
/// once and then uses the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    pub(super) group: u32,
    pub(super) slot: u32,
}

impl InstanceUsers {
    pub(super) fn insert(&mut self, user: Arc<User>) -> u32 {
        let hashes = self.contacts.hashes(&user);
        let slot = self.slab.insert(user);
        self.contacts.add(hashes, slot);
        slot
    }

    pub(super) fn remove(&mut self, slot: u32) -> Option<Arc<User>> {
        let user = self.slab.remove(slot)?;
        self.contacts.remove(self.contacts.hashes(&user), slot);
        Some(user)
    }

    pub(super) fn update<T>(&mut self, slot: u32, change: impl FnOnce(&mut User) -> T) -> Option<T> {
        let user = self.slab.get_mut(slot)?;
        let before = self.contacts.hashes(user);
        let result = change(user);
        let after = self.contacts.hashes(user);
        if before != after {
            self.contacts.remove(before, slot);
            self.contacts.add(after, slot);
        }
        Some(result)
    }

    pub(super) fn get(&self, slot: u32) -> Option<&Arc<User>> {
        self.slab.get(slot)
    }

    /// The credentials of a user, to change them.
    pub(super) fn credentials_mut(&mut self, slot: u32) -> Option<&mut Credentials> {
        Some(&mut self.slab.get_mut(slot)?.credentials)
    }

    /// The users that can have this value; see [`ContactIndex::candidates`].
    pub(super) fn candidates(&self, contact: Contact<'_>) -> impl Iterator<Item = &Arc<User>> {
        self.contacts.candidates(contact).filter_map(|slot| self.slab.get(slot))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn len(&self) -> usize {
        self.slab.len()
    }

    /// The number of entries in the index.
    #[cfg(test)]
    pub(super) fn contact_entries(&self) -> usize {
        self.contacts.len()
    }

    /// The users at this moment.
    #[must_use]
    pub fn view(&self) -> SlabView<User> {
        self.slab.view()
    }
}

/// The new users of an instance, prepared outside the lock.
#[derive(Clone, Debug, Default)]
pub struct NewUsers {
    pub(super) users: InstanceUsers,
    pub(super) slots: Map<DeviceToken, u32>,
}

/// A replacement in progress.
#[derive(Clone, Debug)]
pub struct Replacement {
    pub(super) group: u32,
    pub(super) slots: Map<DeviceToken, u32>,
    /// The new users until they are current.
    pub(super) announced: Option<InstanceUsers>,
    /// The new users who have meanwhile arrived in another instance.
    pub(super) conflicts: Vec<DeviceToken>,
}

impl NewUsers {
    /// Prepares users, whose DeviceTokens must all differ.
    #[must_use]
    pub fn new(users: impl IntoIterator<Item = Arc<User>>) -> Self {
        let mut new = Self::default();
        for user in users {
            let device_token = user.device_token;
            let slot = new.users.insert(user);
            new.slots.insert(device_token, slot);
        }
        new
    }

    /// The DeviceTokens of the users.
    #[must_use]
    pub fn device_tokens(&self) -> Vec<DeviceToken> {
        self.slots.keys().copied().collect()
    }
}

impl Replacement {
    /// The address of a new user, if the new users are current.
    pub(super) fn address(&self, device_token: DeviceToken) -> Option<Address> {
        let slot = *self.slots.get(&device_token).filter(|_| self.announced.is_none())?;
        Some(Address { group: self.group, slot })
    }

    /// Notes that a user has arrived in a group.
    pub(super) fn note_arrival(&mut self, group: u32, device_token: DeviceToken) {
        if self.announced.is_some() && group != self.group && self.slots.contains_key(&device_token) {
            self.conflicts.push(device_token);
        }
    }
}
