//! The record of a user, as it is written and as it is read.

use serde::{Deserialize, Serialize};

use crate::Secret;

/// Declares a request that has every profile field beside its own fields.
///
/// The fields are flat on the wire. `#[serde(flatten)]` is not an option: it would hide the types of the fields from the
/// deserializer.
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
            /// Nickname.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub nickname: Option<String>,
            /// Phone number; a login in a UBI instance \[S\].
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub phone: Option<String>,
            /// E-mail address; a login in a UBI instance \[S\].
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub email: Option<String>,
            /// Gender; `None` by default \[S\].
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub gender: Option<$crate::user::Gender>,
            /// Date of birth: `yyyy-MM-dd`, or ISO 8601 with a time \[V, C\].
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
            /// URL of the picture; a picture can be uploaded later \[S\].
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub image_url: Option<String>,
            $($own)*
        }

        impl $name {
            /// Moves the profile fields out of the request; they are `None` afterwards.
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
    /// No gender was given.
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

/// The status of a user, as it is written \[V\].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WrittenStatus {
    /// The user may do everything.
    Active,
    /// Deactivated, not deleted \[S\]; reads back as [`UserStatus::Inactive`] \[V\].
    Deactivated,
    /// Softly deleted: an admin can restore the user \[V\].
    Deleted,
}

/// The status of a user, as it is read \[V\].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserStatus {
    /// The user may do everything.
    Active,
    /// Deactivated; written as [`WrittenStatus::Deactivated`] \[V\].
    Inactive,
    /// Softly deleted.
    Deleted,
    /// A status that this version does not know.
    #[serde(other)]
    Unknown,
}

/// The telematics parameters, as they are written. An absent field gets its default in a registration and stays unchanged
/// in an update.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserFields {
    /// SDK tracking; `true` by default \[S\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_tracking: Option<bool>,
    /// Debug mode, which uses more battery; `false` by default \[S\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_logging: Option<bool>,
    /// Online location monitoring; `false` by default \[V\]. The old documentation spells it `EnableRealtimeLocation`,
    /// which is the same name in any letter case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_real_time_location: Option<bool>,
    /// Whether the account is enabled; `true` by default \[S, V\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The user's id in the integrator's own system \[S\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
}

with_profile_fields! {
    /// The profile of a user; registration and update have the same fields \[S\].
    pub struct ProfileFields {}
}

with_profile_fields! {
    /// `PUT /v1/Management/users`: an absent field stays unchanged \[V\].
    pub struct UpdateUserRequest {
        /// URL of a picture on another server \[V\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub external_image_url: Option<String>,
        /// The new status \[V\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<WrittenStatus>,
        /// The current password; a user must send it to set a new one \[V\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub old_password: Option<Secret>,
        /// The new password \[V\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub new_password: Option<Secret>,
        /// The user's id at an identity provider \[V\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub identity_id: Option<String>,
        /// The name of that identity provider \[V\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub identity_provider: Option<String>,
        /// The telematics parameters to change \[S\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_fields: Option<UserFields>,
    }
}

/// The record of a user, as it is read \[V\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserRecord {
    /// The permanent id.
    pub device_token: String,
    /// Time of the registration: ISO 8601 without a zone, in UTC.
    pub date_created: String,
    /// The status.
    pub status: UserStatus,
    /// The activity of the user's device; `No Data` until it has sent data.
    #[serde(default)]
    pub activity_status: String,
    /// The profile.
    #[serde(default)]
    pub user_profile: UserProfile,
    /// The user's phone.
    #[serde(default)]
    pub mobile_device: MobileDevice,
    /// The instance, the application and the company of the user.
    #[serde(default)]
    pub account_info: AccountInfo,
    /// Wallets; none in this service: `null` in a page and an empty list elsewhere \[V\].
    #[serde(default = "no_wallets")]
    pub user_wallets: Option<Vec<UserWallet>>,
    /// The user's id at an identity provider.
    #[serde(default)]
    pub identity_id: Option<String>,
    /// The name of that identity provider.
    #[serde(default)]
    pub identity_provider: Option<String>,
    /// The telematics parameters: read as an array with one object, written as the object alone \[V\].
    #[serde(default)]
    pub user_fields: Vec<UserFieldsRecord>,
}

/// Absent wallets are an empty list.
#[expect(clippy::unnecessary_wraps, reason = "the field can be `null`")]
const fn no_wallets() -> Option<Vec<UserWallet>> {
    Some(Vec::new())
}

/// A wallet; its fields are not documented \[V\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserWallet {}

/// The profile of a user, as it is read \[V\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UserProfile {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Gender: a name of [`Gender`]. It is free text here, so that a record with a later name can still be read.
    pub gender: Option<String>,
    /// Date of birth: ISO 8601 without a zone, in UTC.
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
    /// Nickname.
    pub nickname: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// URL of the picture.
    pub image_url: Option<String>,
    /// URL of a picture on another server.
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
    /// Version of the operating system.
    pub os_version: Option<String>,
    /// Version of the telematics SDK.
    pub sdk_version: Option<String>,
    /// Version of the app.
    pub app_version: Option<String>,
    /// Fifteen digits; zeros until a phone has sent data \[V\].
    pub virtual_imei: String,
}

impl Default for MobileDevice {
    /// The values before a phone has sent data \[V\].
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

/// The instance, the application and the company of a user; the names are `null` unless they are requested \[V\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct AccountInfo {
    /// Id of the company.
    pub company_id: Option<String>,
    /// Name of the company.
    pub company_name: Option<String>,
    /// Id of the application.
    pub application_id: Option<String>,
    /// Name of the application.
    pub application_name: Option<String>,
    /// Id of the instance (user group).
    pub instance_id: Option<String>,
    /// Name of the instance.
    pub instance_name: Option<String>,
}

/// The telematics parameters, as they are read \[V\].
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
    /// Whether the account is enabled.
    pub enabled: bool,
}

impl Default for UserFieldsRecord {
    /// The defaults of a registration \[S\].
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
    fn an_update_sends_only_the_given_fields() {
        let update = UpdateUserRequest {
            user_fields: Some(UserFields { enable_tracking: Some(false), ..UserFields::default() }),
            ..UpdateUserRequest::default()
        };
        assert_eq!(serde_json::to_string(&update).unwrap(), r#"{"UserFields":{"EnableTracking":false}}"#);
    }

    #[test]
    fn an_unknown_status_is_read() {
        assert_eq!(serde_json::from_str::<UserStatus>(r#""Paused""#).unwrap(), UserStatus::Unknown);
    }

    #[test]
    fn a_record_has_the_names_of_the_vendor() {
        let record = serde_json::to_value(UserProfile::default()).unwrap();
        assert_eq!(record["Gender"], serde_json::Value::Null);
        assert_eq!(record["ExternalImageUrl"], serde_json::Value::Null);
        let device = serde_json::to_value(MobileDevice::default()).unwrap();
        assert_eq!(device["VirtualImei"], "000000000000000");
        let fields = serde_json::to_value(UserFieldsRecord::default()).unwrap();
        assert_eq!(fields["EnableRealTimeLocation"], false);
    }
}
