//! The record of the signed-in user.

use serde::Serialize;
use telematics_contract::Call;

use super::shape::{Answer, Field, Shape, Table};
use super::{Operation, RelayedCall};
use crate::error::Error;
use crate::wire::{Codec, Config, HttpRequest};

/// The fields that a user has in every request and response.
pub(super) const PROFILE: &[Field] = &[
    ("FirstName", Shape::Text),
    ("LastName", Shape::Text),
    ("Nickname", Shape::Text),
    ("Phone", Shape::Text),
    ("Email", Shape::Text),
    ("Birthday", Shape::Text),
    ("MaritalStatus", Shape::Text),
    ("ChildrenCount", Shape::Whole(u32::MAX)),
    ("Country", Shape::Text),
    ("District", Shape::Text),
    ("City", Shape::Text),
    ("Address", Shape::Text),
    ("ImageUrl", Shape::Text),
];

/// The genders that a request may contain.
pub(super) const WRITTEN_GENDER: &[Field] = &[("Gender", Shape::OneOf(&["None", "Male", "Female", "Other"]))];

/// The telematics parameters as a request contains them.
pub(super) const WRITTEN_TELEMATICS: Table = &[&[
    ("EnableTracking", Shape::Flag),
    ("EnableLogging", Shape::Flag),
    ("EnableRealTimeLocation", Shape::Flag),
    ("Enabled", Shape::Flag),
    ("ClientId", Shape::Text),
]];

/// The telematics parameters as a field of a user in a request.
pub(super) const TELEMATICS: &[Field] = &[("UserFields", Shape::Object(WRITTEN_TELEMATICS))];

/// The fields of an [`UpdateUserRequest`](telematics_contract::user::UpdateUserRequest).
pub const USER_CHANGES: Table = &[
    PROFILE,
    WRITTEN_GENDER,
    TELEMATICS,
    &[
        ("ExternalImageUrl", Shape::Text),
        ("Status", Shape::OneOf(&["Active", "Deactivated", "Deleted"])),
        ("OldPassword", Shape::Text),
        ("NewPassword", Shape::Text),
        ("IdentityId", Shape::Text),
        ("IdentityProvider", Shape::Text),
    ],
];

/// The fields of a [`UserRecord`](telematics_contract::user::UserRecord). The telematics parameters arrive as an array of one
/// object \[V\].
pub const USER_RECORD: Table = &[&[
    ("DeviceToken", Shape::RequiredText),
    ("DateCreated", Shape::RequiredText),
    ("Status", Shape::RequiredOneOf(&["Active", "Inactive", "Deleted"])),
    ("ActivityStatus", Shape::TextOr("")),
    ("UserProfile", Shape::Object(&[PROFILE, &[("Gender", Shape::Text), ("ExternalImageUrl", Shape::Text)]])),
    ("MobileDevice", Shape::Object(MOBILE_DEVICE)),
    ("AccountInfo", Shape::Object(ACCOUNT_INFO)),
    ("UserWallets", Shape::List),
    ("IdentityId", Shape::Text),
    ("IdentityProvider", Shape::Text),
    ("UserFields", Shape::FirstOf(READ_TELEMATICS)),
]];

const MOBILE_DEVICE: Table = &[&[
    ("MobileUid", Shape::Text),
    ("DeviceModel", Shape::Text),
    ("OsType", Shape::Text),
    ("OsVersion", Shape::Text),
    ("SdkVersion", Shape::Text),
    ("AppVersion", Shape::Text),
    ("VirtualImei", Shape::TextOr("000000000000000")),
]];

const ACCOUNT_INFO: Table = &[&[
    ("CompanyId", Shape::Text),
    ("CompanyName", Shape::Text),
    ("ApplicationId", Shape::Text),
    ("ApplicationName", Shape::Text),
    ("InstanceId", Shape::Text),
    ("InstanceName", Shape::Text),
]];

const READ_TELEMATICS: Table = &[&[
    ("ClientId", Shape::Text),
    ("EnableLogging", Shape::FlagOr(false)),
    ("EnableRealTimeLocation", Shape::FlagOr(false)),
    ("EnableTracking", Shape::FlagOr(true)),
    ("Enabled", Shape::FlagOr(true)),
]];

/// `GET /v1/Management/users` \[C\].
pub struct ReadUser;

impl Operation for ReadUser {
    fn request(&self, config: &Config, _codec: &impl Codec) -> Result<HttpRequest, Error> {
        Ok(config.request(Call::ReadUser))
    }
}

impl RelayedCall for ReadUser {
    const ANSWER: Answer = Answer::Object(USER_RECORD);
}

/// `PUT /v1/Management/users` \[V\].
pub struct UpdateUser<T> {
    /// The changes: see [`USER_CHANGES`].
    pub changes: T,
    /// Whether the password changes. Such a request is never repeated: the old password is wrong the second time.
    pub has_password: bool,
}

impl<T: Serialize> Operation for UpdateUser<T> {
    fn request(&self, config: &Config, codec: &impl Codec) -> Result<HttpRequest, Error> {
        let mut request = config.request(Call::UpdateUser);
        request.is_repeatable &= !self.has_password;
        request.with_body(&self.changes, codec)
    }
}

impl<T: Serialize> RelayedCall for UpdateUser<T> {
    /// The response has no result \[V\].
    const ANSWER: Answer = Answer::Nothing;
}
