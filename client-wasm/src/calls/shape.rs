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

/// [`JoinInstanceResponse`](telematics_contract::management::JoinInstanceResponse).
pub const JOINED: Table = &[&[("InstanceName", TextOr(""))]];

/// [`UserExistsResponse`](telematics_contract::management::UserExistsResponse).
pub const EXISTING: Table = &[&[
    ("UserExists", FlagOr(false)),
    ("FirstName", Text),
    ("LastName", Text),
    ("Nickname", Text),
    ("ImageUrl", Text),
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
