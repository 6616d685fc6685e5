//! Users.

use serde::{Deserialize, Serialize};
use telematics_contract::user::{AccountInfo, MobileDevice, UserRecord, UserStatus, WrittenStatus};

use super::credentials::Credentials;
use super::ids::{DeviceToken, InstanceId, PictureId};
use super::instances::NewInstance;
use super::passwords::PasswordHash;
use super::profile::Profile;
use super::refresh_token::Owner;
use super::telematics::{Telematics, Text};
use super::time::Timestamp;

/// A registered user.
///
/// There can be a million users, so a user takes little memory: fields that few users have are boxed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    /// The permanent id.
    pub device_token: DeviceToken,
    /// The user's instance.
    pub instance: InstanceId,
    /// The time of registration.
    pub created: Timestamp,
    /// The status that an admin or the user has set.
    pub status: WrittenStatus,
    /// The telematics parameters.
    pub telematics: Telematics,
    /// The profile; `None` for a user without any profile field.
    pub profile: Option<Box<Profile>>,
    /// The fields that only some users have.
    pub extra: Option<Box<Extra>>,
    /// The tokens.
    pub credentials: Credentials,
}

/// The fields that only some users have.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Extra {
    /// The password, on an instance with the product UBI.
    pub password: Option<PasswordHash>,
    /// The id at an identity provider.
    pub identity_id: Text,
    /// The name of that identity provider.
    pub identity_provider: Text,
    /// The uploaded picture.
    pub picture: Option<PictureId>,
}

/// The reason for which every request of a user is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// The user is deactivated, not deleted \[S\].
    Deactivated,
    /// The user is marked as deleted \[V\].
    Deleted,
}

impl User {
    /// A new user without tokens.
    #[must_use]
    pub fn new(device_token: DeviceToken, incarnation: u64, instance: InstanceId, created: Timestamp) -> Self {
        Self {
            device_token,
            instance,
            created,
            status: WrittenStatus::Active,
            telematics: Telematics::default(),
            profile: None,
            extra: None,
            credentials: Credentials::new(incarnation),
        }
    }

    /// The owner of the user's refresh tokens.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        Owner { id: *self.device_token.as_bytes(), incarnation: self.credentials.incarnation() }
    }

    /// The reason for which every request of the user is refused, if there is one.
    #[must_use]
    pub const fn barred(&self) -> Option<Barred> {
        match self.status {
            WrittenStatus::Deleted => Some(Barred::Deleted),
            WrittenStatus::Deactivated => Some(Barred::Deactivated),
            WrittenStatus::Active if self.telematics.enabled => None,
            WrittenStatus::Active => Some(Barred::Deactivated),
        }
    }

    /// The password, if the user has one.
    #[must_use]
    pub fn password(&self) -> Option<&PasswordHash> {
        self.extra.as_ref()?.password.as_ref()
    }

    /// The fields that only some users have, to change them.
    pub fn extra_mut(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    /// The user as the contract shows it; with the names of company, application and instance only `with_names` \[V\].
    #[must_use]
    pub fn record(&self, instance: &NewInstance, with_names: bool) -> UserRecord {
        let text = |text: &Text| text.as_deref().map(str::to_owned);
        let name = |name: &str| with_names.then(|| name.to_owned());
        let ownership = &instance.ownership;
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
                company_id: Some(ownership.company.to_string()),
                company_name: name(&ownership.company_name),
                application_id: Some(ownership.application.to_string()),
                application_name: name(&ownership.application_name),
                instance_id: Some(instance.id.to_string()),
                instance_name: name(&instance.name),
            },
            user_wallets: Some(Vec::new()),
            identity_id: self.extra.as_ref().and_then(|extra| text(&extra.identity_id)),
            identity_provider: self.extra.as_ref().and_then(|extra| text(&extra.identity_provider)),
            user_fields: vec![self.telematics.record()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deactivated_user_is_not_a_deleted_one() {
        let mut user = User::new(DeviceToken::from_u128(1), 2, InstanceId::from_u128(3), Timestamp::EPOCH);
        assert_eq!(user.barred(), None);
        user.telematics.enabled = false;
        assert_eq!(user.barred(), Some(Barred::Deactivated));
        user.telematics.enabled = true;
        user.status = WrittenStatus::Deactivated;
        assert_eq!(user.barred(), Some(Barred::Deactivated));
        user.status = WrittenStatus::Deleted;
        assert_eq!(user.barred(), Some(Barred::Deleted));
    }
}
