//! The replacement of all users of an instance by those of a snapshot, without a long lock.
//!
//! A reader sees the old users or the new ones, never a mixture. The new users are prepared outside the lock, one swap makes them
//! current, and only the directory is brought up to date in small steps before and after the swap:
//!
//! 1. [`Users::begin_replacement`] announces the new users. From now on [`Users::add`] notes a user who arrives in another instance
//!    with the DeviceToken of a new user.
//! 2. [`Users::find_conflict`], in steps: no other instance may already have such a user.
//! 3. [`Users::swap`]: the new users are current. The directory does not know their addresses yet, so [`Users::locate`] asks the
//!    replacement too.
//! 4. [`Users::settle`], in steps: enters the new addresses and removes the addresses of deleted users.
//! 5. [`Users::end_replacement`].
//!
//! The caller makes sure that only one replacement is in progress.

use super::ids::{DeviceToken, InstanceId};
use super::instance_users::{Address, InstanceUsers, NewUsers, Replacement};
use super::user_store::Users;

impl Users {
    /// Users that are all new, for a server whose state is restored. Addresses are entered at once.
    pub fn put_all(&mut self, instance: InstanceId, new: NewUsers) {
        let group = self.number(instance);
        for (device_token, slot) in new.slots {
            self.directory.insert(device_token, Address { group, slot });
        }
        self.swap_group(group, new.users);
    }

    /// Step 1: announces the new users of an instance.
    pub fn begin_replacement(&mut self, instance: InstanceId, new: NewUsers) {
        let group = self.number(instance);
        let NewUsers { users, slots } = new;
        self.replacement = Some(Replacement { group, slots, announced: Some(users), conflicts: Vec::new() });
    }

    /// Step 2, for some of the new users: the first one that another instance has.
    #[must_use]
    pub fn find_conflict(&self, device_tokens: &[DeviceToken]) -> Option<DeviceToken> {
        let Replacement { group, slots, .. } = self.replacement.as_ref()?;
        let elsewhere = |token: &&DeviceToken| {
            slots.contains_key(*token) && self.locate(**token).is_some_and(|address| address.group != *group)
        };
        device_tokens.iter().find(elsewhere).copied()
    }

    /// Removes a user from the new users before they are current.
    pub fn exclude(&mut self, device_token: DeviceToken) {
        let Some(Replacement { slots, announced, conflicts, .. }) = &mut self.replacement else { return };
        conflicts.retain(|token| *token != device_token);
        if let (Some(users), Some(slot)) = (announced, slots.remove(&device_token)) {
            users.remove(slot);
        }
    }

    /// Step 3: makes the new users current, and returns the old ones.
    ///
    /// # Errors
    ///
    /// Another instance has this user since the replacement began.
    pub fn swap(&mut self) -> Result<InstanceUsers, DeviceToken> {
        let Some(replacement) = &mut self.replacement else { return Ok(InstanceUsers::default()) };
        if let Some(token) = replacement.conflicts.last() {
            return Err(*token);
        }
        let (group, new) = (replacement.group, replacement.announced.take().unwrap_or_default());
        Ok(self.swap_group(group, new))
    }

    /// Step 4, for some of the old or the new users: brings the directory up to date.
    pub fn settle(&mut self, device_tokens: &[DeviceToken]) {
        for token in device_tokens {
            match self.locate(*token) {
                Some(address) => self.directory.insert(*token, address),
                None => self.directory.remove(token),
            };
        }
    }

    /// Step 5: ends a replacement. Before the swap, the new users are returned; they were never current.
    #[must_use = "dropping it takes time in proportion to its users, so drop it outside the lock"]
    pub fn end_replacement(&mut self) -> Option<Replacement> {
        self.replacement.take()
    }
}
