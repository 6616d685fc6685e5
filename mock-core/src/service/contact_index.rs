//! The index over what users are searched by: ClientId, e-mail address and phone number.

use std::collections::BTreeSet;
use std::hash::BuildHasher as _;

use super::map::Hashing;
use super::profile::Profile;
use super::users::User;

/// A value that users are searched by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact<'a> {
    /// The user's id in the integrator's system, compared exactly.
    ClientId(&'a str),
    /// An e-mail address, compared without letter case.
    Email(&'a str),
    /// A phone number, compared without letter case.
    Phone(&'a str),
}

/// The slots of the users that have a value.
///
/// It stores a hash of the value and not the value, so an entry takes 12 bytes, and only users who have a value take any memory. A
/// search gives *candidates*: a caller compares each candidate with the value that it searches for. A tree and not a hash map,
/// because a hash map that grows moves all of its entries at once.
#[derive(Clone, Debug, Default)]
pub struct ContactIndex {
    hashing: Hashing,
    entries: BTreeSet<(u64, u32)>,
}

/// The hashes of the values of one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContactHashes([Option<u64>; 3]);

impl ContactIndex {
    fn hash(&self, contact: Contact<'_>) -> u64 {
        // Without letter case and surrounding spaces, so that a search by either comparison finds its candidates.
        let without_case = |text: &str| text.trim().to_lowercase();
        match contact {
            Contact::ClientId(text) => self.hashing.hash_one((0_u8, text)),
            Contact::Email(text) => self.hashing.hash_one((1_u8, without_case(text))),
            Contact::Phone(text) => self.hashing.hash_one((2_u8, without_case(text))),
        }
    }

    /// The hashes of the values of a user.
    #[must_use]
    pub fn hashes(&self, user: &User) -> ContactHashes {
        fn text<'a>(
            user: &'a User,
            field: fn(&Profile) -> &Option<Box<str>>,
            contact: fn(&'a str) -> Contact<'a>,
        ) -> Option<Contact<'a>> {
            user.profile.as_deref().and_then(|profile| field(profile).as_deref()).map(contact)
        }
        let client_id = user.telematics.client_id.as_deref().map(Contact::ClientId);
        let email = text(user, |profile| &profile.email, Contact::Email);
        let phone = text(user, |profile| &profile.phone, Contact::Phone);
        ContactHashes([client_id, email, phone].map(|contact| contact.map(|contact| self.hash(contact))))
    }

    /// Adds a user.
    pub fn add(&mut self, hashes: ContactHashes, slot: u32) {
        self.entries.extend(hashes.0.into_iter().flatten().map(|hash| (hash, slot)));
    }

    /// Removes a user.
    pub fn remove(&mut self, hashes: ContactHashes, slot: u32) {
        for hash in hashes.0.into_iter().flatten() {
            self.entries.remove(&(hash, slot));
        }
    }

    /// The slots of all users that have this value, and possibly of some that do not.
    pub fn candidates(&self, contact: Contact<'_>) -> impl Iterator<Item = u32> {
        let hash = self.hash(contact);
        self.entries.range((hash, 0)..=(hash, u32::MAX)).map(|(_, slot)| *slot)
    }

    /// The number of entries.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.entries.len()
    }
}
