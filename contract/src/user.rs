//! A user: what is known about one, as it is written and as it is read.

use serde::{Deserialize, Serialize};

use crate::Secret;

/// Declares a flat request that carries every profile field beside its own.
///
/// The wire wants them flat, and `#[serde(flatten)]` would take the types of the fields away from the reader.
macro_rules! with_profile_fields {
    ($(#[$meta:meta])* pub struct $name:ident { $($own:tt)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub struct $name {
            /// Given name.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub first_name: Option<String>,
            /// Family name.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub last_name: Option<String>,
            /// What the user wants to be called.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub nickname: Option<String>,
            /// Phone number; on a UBI instance a login \[S\].
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub phone: Option<String>,
            /// E-mail address; on a UBI instance a login \[S\].
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub email: Option<String>,
            /// Gender, `None` unless given \[S\].
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub gender: Option<$crate::user::Gender>,
            /// Date of birth: `yyyy-MM-dd`, or ISO 8601 with time \[V, C\].
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub birthday: Option<String>,
            /// Free text; clients send `1` to `4` for married, widowed, divorced, single \[C\].
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub marital_status: Option<String>,
            /// Number of children.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub children_count: Option<u32>,
            /// Country.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub country: Option<String>,
            /// District.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub district: Option<String>,
            /// City.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub city: Option<String>,
            /// Street and number.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub address: Option<String>,
            /// Where the picture is; it can be uploaded later \[S\].
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub image_url: Option<String>,
            $($own)*
        }

        impl $name {
            /// Takes the profile fields out, and leaves none behind.
            #[must_use]
            pub fn take_profile(&mut self) -> $crate::user::ProfileFields {
                $crate::user::ProfileFields {
                    first_name: self.first_name.take(),
                    last_name: self.last_name.take(),
                    nickname: self.nickname.take(),
                    phone: self.phone.take(),
                    email: self.email.take(),
                    gender: self.gender.take(),
                    birthday: self.birthday.take(),
                    marital_status: self.marital_status.take(),
                    children_count: self.children_count.take(),
                    country: self.country.take(),
                    district: self.district.take(),
                    city: self.city.take(),
                    address: self.address.take(),
                    image_url: self.image_url.take(),
                }
            }
        }
    };
}
pub(crate) use with_profile_fields;

/// Gender \[S\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gender {
    /// Not given.
    #[default]
    None,
    /// Male.
    Male,
    /// Female.
    Female,
    /// Other.
    Other,
}

impl Gender {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Male => "Male",
            Self::Female => "Female",
            Self::Other => "Other",
        }
    }
}

/// The state a user can be put in \[V\].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WrittenStatus {
    /// The user may do everything.
    Active,
    /// Switched off, not deleted \[S\]; reads back as [`UserStatus::Inactive`] \[V\].
    Deactivated,
    /// Softly deleted: an admin can bring the user back \[V\].
    Deleted,
}

/// The state a user is in, as it is read \[V\].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserStatus {
    /// The user may do everything.
    Active,
    /// Switched off; written as [`WrittenStatus::Deactivated`] \[V\].
    Inactive,
    /// Softly deleted.
    Deleted,
    /// A state this version does not know.
    #[serde(other)]
    Unknown,
}

/// The telematics parameters as they are written; what is not given gets its default or stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserFields {
    /// SDK tracking; `true` unless given \[S\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_tracking: Option<bool>,
    /// Debug mode, which costs battery; `false` unless given \[S\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_logging: Option<bool>,
    /// Online location monitoring; `false` unless given \[V\]. The old documentation spells it `EnableRealtimeLocation`,
    /// which is the same name to a reader that ignores letter case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_real_time_location: Option<bool>,
    /// The master switch of the account; `true` unless given \[S, V\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The user's id in the integrator's own system \[S\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
}

with_profile_fields! {
    /// The fields that say who a user is, in registration and update alike \[S\].
    pub struct ProfileFields {}
}

with_profile_fields! {
    /// `PUT /v1/Management/users`: what is not given stays as it is \[V\].
    pub struct UpdateUserRequest {
        /// A picture that lives elsewhere \[V\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub external_image_url: Option<String>,
        /// The new state \[V\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<WrittenStatus>,
        /// The password so far; a user needs it to set a new one \[V\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub old_password: Option<Secret>,
        /// The new password \[V\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub new_password: Option<Secret>,
        /// The user's id at an identity provider \[V\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub identity_id: Option<String>,
        /// That identity provider \[V\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub identity_provider: Option<String>,
        /// The telematics parameters to switch \[S\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_fields: Option<UserFields>,
    }
}

/// A user record as it is read \[V\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserRecord {
    /// The permanent id.
    pub device_token: String,
    /// When the user was registered: ISO 8601 without a zone, UTC.
    pub date_created: String,
    /// The state.
    pub status: UserStatus,
    /// How active the user's device is; `No Data` until it sends some.
    #[serde(default)]
    pub activity_status: String,
    /// Who the user is.
    #[serde(default)]
    pub user_profile: UserProfile,
    /// The user's phone.
    #[serde(default)]
    pub mobile_device: MobileDevice,
    /// Where the user belongs.
    #[serde(default)]
    pub account_info: AccountInfo,
    /// Wallets; this service never fills them \[V\].
    #[serde(default)]
    pub user_wallets: Vec<UserWallet>,
    /// The user's id at an identity provider.
    #[serde(default)]
    pub identity_id: Option<String>,
    /// That identity provider.
    #[serde(default)]
    pub identity_provider: Option<String>,
    /// The telematics parameters: one object in an array when read, the object alone when written \[V\].
    #[serde(default)]
    pub user_fields: Vec<UserFieldsRecord>,
}

/// A wallet, of which nothing is known but that there can be some \[V\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserWallet {}

/// Who a user is, as it is read \[V\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UserProfile {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Gender: a name of [`Gender`]; free text here, so that a later name does not make a record unreadable.
    pub gender: Option<String>,
    /// Date of birth: ISO 8601 without a zone, UTC.
    pub birthday: Option<String>,
    /// Free text, or `1` to `4`.
    pub marital_status: Option<String>,
    /// Number of children.
    pub children_count: Option<u32>,
    /// Street and number.
    pub address: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// District.
    pub district: Option<String>,
    /// City.
    pub city: Option<String>,
    /// What the user wants to be called.
    pub nickname: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Where the picture is.
    pub image_url: Option<String>,
    /// A picture that lives elsewhere.
    pub external_image_url: Option<String>,
}

/// The user's phone, as the SDK reports it \[V\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct MobileDevice {
    /// Id of the phone.
    pub mobile_uid: Option<String>,
    /// Model of the phone.
    pub device_model: Option<String>,
    /// Operating system.
    pub os_type: Option<String>,
    /// Its version.
    pub os_version: Option<String>,
    /// Version of the telematics SDK.
    pub sdk_version: Option<String>,
    /// Version of the app.
    pub app_version: Option<String>,
    /// Fifteen digits; zeros until a phone has reported \[V\].
    pub virtual_imei: String,
}

impl Default for MobileDevice {
    /// No phone has reported yet \[V\].
    fn default() -> Self {
        Self {
            mobile_uid: None,
            device_model: None,
            os_type: None,
            os_version: None,
            sdk_version: None,
            app_version: None,
            virtual_imei: "000000000000000".to_owned(),
        }
    }
}

/// Where a user belongs; the names are `null` unless asked for \[V\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct AccountInfo {
    /// The company.
    pub company_id: Option<String>,
    /// Its name.
    pub company_name: Option<String>,
    /// The application.
    pub application_id: Option<String>,
    /// Its name.
    pub application_name: Option<String>,
    /// The instance (user group).
    pub instance_id: Option<String>,
    /// Its name.
    pub instance_name: Option<String>,
}

/// The telematics parameters as they are read \[V\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UserFieldsRecord {
    /// The user's id in the integrator's own system.
    pub client_id: Option<String>,
    /// Debug mode.
    pub enable_logging: bool,
    /// Online location monitoring.
    pub enable_real_time_location: bool,
    /// SDK tracking.
    pub enable_tracking: bool,
    /// The master switch of the account.
    pub enabled: bool,
}

impl Default for UserFieldsRecord {
    /// What a user gets who says nothing \[S\].
    fn default() -> Self {
        Self {
            client_id: None,
            enable_logging: false,
            enable_real_time_location: false,
            enable_tracking: true,
            enabled: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_sends_only_what_is_given() {
        let update = UpdateUserRequest {
            user_fields: Some(UserFields { enable_tracking: Some(false), ..UserFields::default() }),
            ..UpdateUserRequest::default()
        };
        assert_eq!(serde_json::to_string(&update).unwrap(), r#"{"UserFields":{"EnableTracking":false}}"#);
    }

    #[test]
    fn a_status_of_a_later_version_is_read() {
        assert_eq!(serde_json::from_str::<UserStatus>(r#""Paused""#).unwrap(), UserStatus::Unknown);
    }

    #[test]
    fn the_record_is_written_with_the_names_of_the_vendor() {
        let record = serde_json::to_value(UserProfile::default()).unwrap();
        assert_eq!(record["Gender"], serde_json::Value::Null);
        assert_eq!(record["ExternalImageUrl"], serde_json::Value::Null);
        let device = serde_json::to_value(MobileDevice::default()).unwrap();
        assert_eq!(device["VirtualImei"], "000000000000000");
        let fields = serde_json::to_value(UserFieldsRecord::default()).unwrap();
        assert_eq!(fields["EnableRealTimeLocation"], false);
    }
}
