//! The shapes of what only passes through: a user on the way from JavaScript to the service, and back.
//!
//! A user's record has more than forty fields, and nothing here looks at any of them. Reading them into the types of the
//! contract only to write them again would make a third of the download; a table of their names and kinds says the same. The
//! tests hold the tables against those types.

/// A field, with its name on the wire, and what it may be.
pub type Field = (&'static str, Shape);

/// The fields of an object, in groups, so that two objects can share one.
pub type Table = &'static [&'static [Field]];

/// What a value may be. Where it is missing, `null` stands for it unless there is a default.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A string.
    Text,
    /// A string with a default.
    TextOr(&'static str),
    /// A string that must be there.
    Known,
    /// A boolean.
    Flag,
    /// A boolean with a default.
    FlagOr(bool),
    /// A whole number up to that one.
    Whole(u32),
    /// A whole number from 1 to that one, which must be there.
    Quantity(u32),
    /// One of these names.
    OneOf(&'static [&'static str]),
    /// One of these names, which must be there; one of a later version reads as `Unknown`.
    KnownOf(&'static [&'static str]),
    /// A list of anything.
    List,
    /// An object; where it is missing, so are its fields.
    Fields(Table),
    /// An object as the first item of a list.
    First(Table),
}

use Shape::{Fields, First, Flag, FlagOr, Known, KnownOf, List, OneOf, Quantity, Text, TextOr, Whole};

const PROFILE: &[Field] = &[
    ("FirstName", Text),
    ("LastName", Text),
    ("Nickname", Text),
    ("Phone", Text),
    ("Email", Text),
    ("Birthday", Text),
    ("MaritalStatus", Text),
    ("ChildrenCount", Whole(u32::MAX)),
    ("Country", Text),
    ("District", Text),
    ("City", Text),
    ("Address", Text),
    ("ImageUrl", Text),
];

const WRITTEN_GENDER: &[Field] = &[("Gender", OneOf(&["None", "Male", "Female", "Other"]))];

const WRITTEN_TELEMATICS: Table = &[&[
    ("EnableTracking", Flag),
    ("EnableLogging", Flag),
    ("EnableRealTimeLocation", Flag),
    ("Enabled", Flag),
    ("ClientId", Text),
]];

const TOKENS_WANTED: &[Field] = &[("CreateAccessToken", Flag)];

const TELEMATICS: &[Field] = &[("UserFields", Fields(WRITTEN_TELEMATICS))];

/// [`RegisterRequest`](telematics_contract::registration::RegisterRequest).
pub const NEW_USER: Table = &[
    PROFILE,
    WRITTEN_GENDER,
    TOKENS_WANTED,
    TELEMATICS,
    &[("InstanceInviteCode", Text), ("CustomToken", Text), ("Password", Text)],
];

/// [`RegisterManyRequest`](telematics_contract::registration::RegisterManyRequest).
pub const NEW_USERS: Table = &[
    TOKENS_WANTED,
    &[
        ("Quantity", Quantity(telematics_contract::registration::MAX_QUANTITY)),
        ("CustomFields", Fields(WRITTEN_TELEMATICS)),
    ],
];

/// [`UpdateUserRequest`](telematics_contract::user::UpdateUserRequest).
pub const USER_CHANGES: Table = &[
    PROFILE,
    WRITTEN_GENDER,
    TELEMATICS,
    &[
        ("ExternalImageUrl", Text),
        ("Status", OneOf(&["Active", "Deactivated", "Deleted"])),
        ("OldPassword", Text),
        ("NewPassword", Text),
        ("IdentityId", Text),
        ("IdentityProvider", Text),
    ],
];

/// [`UserRecord`](telematics_contract::user::UserRecord). The telematics parameters are read as an array of one object \[V\].
pub const USER_RECORD: Table = &[&[
    ("DeviceToken", Known),
    ("DateCreated", Known),
    ("Status", KnownOf(&["Active", "Inactive", "Deleted"])),
    ("ActivityStatus", TextOr("")),
    ("UserProfile", Fields(&[PROFILE, &[("Gender", Text), ("ExternalImageUrl", Text)]])),
    ("MobileDevice", Fields(MOBILE_DEVICE)),
    ("AccountInfo", Fields(ACCOUNT_INFO)),
    ("UserWallets", List),
    ("IdentityId", Text),
    ("IdentityProvider", Text),
    ("UserFields", First(READ_TELEMATICS)),
]];

const MOBILE_DEVICE: Table = &[&[
    ("MobileUid", Text),
    ("DeviceModel", Text),
    ("OsType", Text),
    ("OsVersion", Text),
    ("SdkVersion", Text),
    ("AppVersion", Text),
    ("VirtualImei", TextOr("000000000000000")),
]];

const ACCOUNT_INFO: Table = &[&[
    ("CompanyId", Text),
    ("CompanyName", Text),
    ("ApplicationId", Text),
    ("ApplicationName", Text),
    ("InstanceId", Text),
    ("InstanceName", Text),
]];

const READ_TELEMATICS: Table = &[&[
    ("ClientId", Text),
    ("EnableLogging", FlagOr(false)),
    ("EnableRealTimeLocation", FlagOr(false)),
    ("EnableTracking", FlagOr(true)),
    ("Enabled", FlagOr(true)),
]];

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::fmt::Debug;

    use serde::{Serialize, de::DeserializeOwned};
    use serde_json::{Value, json};
    use telematics_contract::registration::{RegisterManyRequest, RegisterRequest};
    use telematics_contract::user::{
        Gender, UpdateUserRequest, UserFields, UserFieldsRecord, UserRecord, WrittenStatus,
    };

    use super::*;

    fn object(table: Table, value: impl Fn(&str, Shape) -> Value) -> Value {
        table.iter().copied().flatten().map(|(name, shape)| (*name, value(name, *shape))).collect()
    }

    /// What stands for a value that is missing.
    fn default(shape: Shape) -> Value {
        match shape {
            Known | KnownOf(_) | Quantity(_) => panic!("it must be there"),
            Text | Flag | Whole(_) | OneOf(_) => Value::Null,
            TextOr(text) => text.into(),
            FlagOr(flag) => flag.into(),
            List => json!([]),
            Fields(table) | First(table) => object(table, |_, shape| default(shape)),
        }
    }

    /// A value that fits, and is no default.
    fn filled(shape: Shape) -> Value {
        match shape {
            Known | Text | TextOr(_) => "text".into(),
            Whole(most) | Quantity(most) => most.into(),
            Flag => true.into(),
            FlagOr(flag) => (!flag).into(),
            OneOf(names) | KnownOf(names) => names.last().copied().into(),
            List => json!([{}]),
            Fields(table) => object(table, |_, shape| filled(shape)),
            First(table) => json!([filled(Fields(table))]),
        }
    }

    /// Names and kinds are those of the type, and none is missing: `full` has every field.
    fn is_held_against<T: Serialize + DeserializeOwned + Debug>(table: Table, full: &T) {
        let of_table = filled(Fields(table));
        let read: T = serde_json::from_value(of_table.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), of_table);

        let of_type = serde_json::to_value(full).unwrap();
        let mut missing: Vec<&String> = of_type.as_object().unwrap().keys().collect();
        missing.retain(|name| of_table.get(name).is_none());
        assert!(missing.is_empty(), "{missing:?}");
    }

    fn text() -> Option<String> {
        Some("text".to_owned())
    }

    fn telematics() -> Option<UserFields> {
        Some(UserFields {
            enable_tracking: Some(true),
            enable_logging: Some(true),
            enable_real_time_location: Some(true),
            enabled: Some(true),
            client_id: text(),
        })
    }

    #[test]
    fn a_new_user_has_the_fields_of_the_contract() {
        is_held_against(
            NEW_USER,
            &RegisterRequest {
                first_name: text(),
                last_name: text(),
                nickname: text(),
                phone: text(),
                email: text(),
                gender: Some(Gender::Other),
                birthday: text(),
                marital_status: text(),
                children_count: Some(1),
                country: text(),
                district: text(),
                city: text(),
                address: text(),
                image_url: text(),
                create_access_token: Some(true),
                generate_access_token: None, // the other name of the same
                instance_invite_code: text(),
                user_fields: telematics(),
                custom_token: text(),
                password: Some("text".into()),
            },
        );
    }

    #[test]
    fn new_users_have_the_fields_of_the_contract() {
        is_held_against(
            NEW_USERS,
            &RegisterManyRequest {
                quantity: 1,
                create_access_token: Some(true),
                generate_access_token: None, // the other name of the same
                custom_fields: telematics(),
            },
        );
    }

    #[test]
    fn changes_of_a_user_have_the_fields_of_the_contract() {
        is_held_against(
            USER_CHANGES,
            &UpdateUserRequest {
                first_name: text(),
                last_name: text(),
                nickname: text(),
                phone: text(),
                email: text(),
                gender: Some(Gender::Other),
                birthday: text(),
                marital_status: text(),
                children_count: Some(1),
                country: text(),
                district: text(),
                city: text(),
                address: text(),
                image_url: text(),
                external_image_url: text(),
                status: Some(WrittenStatus::Deleted),
                old_password: Some("text".into()),
                new_password: Some("text".into()),
                identity_id: text(),
                identity_provider: text(),
                user_fields: telematics(),
            },
        );
    }

    #[test]
    fn telematics_parameters_have_the_fields_of_the_contract() {
        is_held_against(WRITTEN_TELEMATICS, &telematics().unwrap());
    }

    #[test]
    fn every_name_that_can_be_written_is_in_its_shape() {
        let genders = [Gender::None, Gender::Male, Gender::Female, Gender::Other].map(Gender::as_str);
        assert!(matches!(WRITTEN_GENDER, [("Gender", OneOf(names))] if *names == genders));
    }

    #[test]
    fn a_user_record_and_its_defaults_are_those_of_the_contract() {
        let known = json!({ "DeviceToken": "id", "DateCreated": "2026-06-12T04:51:03", "Status": "Active" });
        let mut record: UserRecord = serde_json::from_value(known.clone()).unwrap();
        record.user_fields.push(UserFieldsRecord::default());
        let mut of_type = serde_json::to_value(&record).unwrap();
        of_type["UserFields"] = of_type["UserFields"][0].take();
        assert_eq!(
            object(USER_RECORD, |name, shape| known.get(name).cloned().unwrap_or_else(|| default(shape))),
            of_type
        );
        is_held_against(USER_RECORD, &record);
    }
}
