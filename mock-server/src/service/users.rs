//! Users and their credentials.

use telematics_contract::user::{AccountInfo, MobileDevice, UserRecord, UserStatus, WrittenStatus};

use super::ids::{DeviceToken, InstanceId};
use super::instances::Instance;
use super::profile::{Profile, Telematics};
use super::time::{Period, Timestamp};
use super::tokens::{Family, Owner, Pair, Place};

/// A registered user.
#[derive(Debug)]
pub struct User {
    /// The permanent id.
    pub device_token: DeviceToken,
    /// Tells the user from an earlier one with the same DeviceToken.
    pub birth: u64,
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
    /// The user's id at an identity provider, and that provider.
    pub identity: Option<Box<Identity>>,
    /// The live family, once the user has been given tokens.
    family: Option<Family>,
    /// How many families there were.
    families: u32,
    /// The number of the latest access token.
    access_issued: u64,
    /// Access tokens up to this number were expired on request.
    access_expired: u64,
}

/// The user's id at an identity provider \[V\].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The id.
    pub id: Option<Box<str>>,
    /// The provider.
    pub provider: Option<Box<str>>,
}

/// What keeps a user from everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// Switched off, not deleted \[S\].
    Deactivated,
    /// Softly deleted \[V\].
    Deleted,
}

/// How long the tokens of a pair live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Of the access token.
    pub access: Period,
    /// Of the refresh token.
    pub refresh: Period,
}

impl User {
    /// A user who has just been registered and has no tokens yet.
    #[must_use]
    pub fn new(device_token: DeviceToken, birth: u64, instance: InstanceId, created: Timestamp) -> Self {
        Self {
            device_token,
            birth,
            instance,
            created,
            status: WrittenStatus::Active,
            telematics: Telematics::default(),
            profile: None,
            identity: None,
            family: None,
            families: 0,
            access_issued: 0,
            access_expired: 0,
        }
    }

    /// Whose refresh tokens these are.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        Owner { device_token: self.device_token, birth: self.birth }
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

    /// The live family.
    #[must_use]
    pub const fn family(&self) -> Option<&Family> {
        self.family.as_ref()
    }

    /// The live family, to judge or to end it.
    pub const fn family_mut(&mut self) -> Option<&mut Family> {
        self.family.as_mut()
    }

    /// Starts a new family and retires the one before, as every registration and login does \[P\].
    pub fn start_family(&mut self, now: Timestamp, lifetimes: Lifetimes) -> Pair {
        self.families = self.families.saturating_add(1);
        let pair = self.issue(Place { family: self.families, generation: 1 }, now, lifetimes);
        self.family = Some(Family::new(pair));
        pair
    }

    /// Moves the live family on to that place, as a refresh does.
    pub fn advance_family(&mut self, place: Place, now: Timestamp, lifetimes: Lifetimes) -> Pair {
        let pair = self.issue(place, now, lifetimes);
        if let Some(family) = &mut self.family {
            family.advance(pair, now);
        }
        pair
    }

    fn issue(&mut self, place: Place, now: Timestamp, lifetimes: Lifetimes) -> Pair {
        self.access_issued = self.access_issued.saturating_add(1);
        Pair {
            place,
            access_number: self.access_issued,
            issued: now,
            // A JWT counts in whole seconds, and must not die before the lifetime it was given [P].
            access_expires: Timestamp::from_seconds(now.plus(lifetimes.access).seconds_rounded_up()),
            refresh_expires: now.plus(lifetimes.refresh),
        }
    }

    /// Expires every access token given out so far.
    pub const fn expire_access_tokens(&mut self) {
        self.access_expired = self.access_issued;
    }

    /// Whether the access token of that number was expired on request.
    #[must_use]
    pub const fn is_access_expired(&self, number: u64) -> bool {
        number <= self.access_expired
    }

    /// As the contract shows the user.
    #[must_use]
    pub fn record(&self, instance: &Instance) -> UserRecord {
        let (identity_id, identity_provider) = match &self.identity {
            Some(identity) => (identity.id.clone(), identity.provider.clone()),
            None => (None, None),
        };
        UserRecord {
            device_token: self.device_token.to_string(),
            date_created: self.created.to_wire(),
            status: match (self.barred(), self.status) {
                (Some(Barred::Deleted), _) => UserStatus::Deleted,
                (_, WrittenStatus::Deactivated) => UserStatus::Inactive,
                (_, WrittenStatus::Active | WrittenStatus::Deleted) => UserStatus::Active,
            },
            activity_status: "No Data".to_owned(),
            user_profile: self.profile.as_deref().map_or_else(|| Profile::default().record(), Profile::record),
            mobile_device: MobileDevice::default(),
            account_info: AccountInfo {
                company_id: Some(instance.company.to_string()),
                application_id: Some(instance.application.to_string()),
                instance_id: Some(instance.id.to_string()),
                ..AccountInfo::default()
            },
            user_wallets: Vec::new(),
            identity_id: identity_id.map(Into::into),
            identity_provider: identity_provider.map(Into::into),
            user_fields: vec![self.telematics.record()],
        }
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
    fn a_login_starts_a_family_of_its_own() {
        let lifetimes = Lifetimes { access: Period::from_seconds(1), refresh: Period::from_seconds(2) };
        let mut user = user();
        let first = user.start_family(Timestamp::EPOCH, lifetimes);
        let second = user.start_family(Timestamp::EPOCH, lifetimes);
        assert_eq!((first.place.family, second.place.family), (1, 2));
        assert_eq!((first.access_number, second.access_number), (1, 2));
    }

    #[test]
    fn only_the_access_tokens_so_far_are_expired_on_request() {
        let lifetimes = Lifetimes { access: Period::from_seconds(1), refresh: Period::from_seconds(2) };
        let mut user = user();
        let before = user.start_family(Timestamp::EPOCH, lifetimes);
        user.expire_access_tokens();
        let after = user.start_family(Timestamp::EPOCH, lifetimes);
        assert!(user.is_access_expired(before.access_number));
        assert!(!user.is_access_expired(after.access_number));
    }
}
