//! The ids of the contract, each with its own type. The only file that uses `uuid`.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::mac::equal_in_constant_time;

/// The text is not a valid UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid UUID")]
pub struct InvalidUuid;

/// Parses and serializes a UUID type without an allocation.
macro_rules! uuid_text {
    ($name:ident) => {
        impl $name {
            /// The id with this value.
            #[must_use]
            pub const fn from_u128(value: u128) -> Self {
                Self(Uuid::from_u128(value))
            }

            /// A random (version 4) id made of these bytes.
            #[must_use]
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }
        }

        impl FromStr for $name {
            type Err = InvalidUuid;

            fn from_str(text: &str) -> Result<Self, InvalidUuid> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidUuid)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.0.hyphenated().encode_lower(&mut [0; Hyphenated::LENGTH]))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(UuidVisitor).map(Self)
            }
        }
    };
}

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        uuid_text!($name);

        impl $name {
            /// The id with these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The id as a number; ids are ordered as their numbers are.
            #[must_use]
            pub const fn as_u128(&self) -> u128 {
                self.0.as_u128()
            }

            /// The sixteen bytes of the id.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0.hyphenated().encode_lower(&mut [0; Hyphenated::LENGTH]))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

struct UuidVisitor;

impl Visitor<'_> for UuidVisitor {
    type Value = Uuid;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a UUID")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Uuid, E> {
        // The message must not contain the text, because it can be an instance key.
        Uuid::try_parse(text).map_err(|_| E::custom(InvalidUuid))
    }
}

id! {
    /// The permanent id of a user \[V\].
    DeviceToken
}
id! {
    /// The id of an instance (user group) \[S\].
    InstanceId
}
id! {
    /// The id of an application, which contains instances.
    ApplicationId
}
id! {
    /// The id of a company, which contains applications.
    CompanyId
}
id! {
    /// The id of an admin.
    AdminId
}
id! {
    /// The id of an uploaded picture.
    PictureId
}

/// The secret of an instance: a UUID that no message, log or `Debug` output contains \[S\].
#[derive(Clone, Copy)]
pub struct InstanceKey(Uuid);

uuid_text!(InstanceKey);

impl InstanceKey {
    /// Whether two keys are equal; the comparison takes constant time.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        equal_in_constant_time(self.0.as_bytes(), other.0.as_bytes())
    }

    /// The key as text, for the ready line and for the answer that creates an instance.
    #[must_use]
    pub fn expose(&self) -> String {
        self.0.to_string()
    }
}

impl fmt::Debug for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InstanceKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_in_any_letter_case_and_written_in_lower_case() {
        let id: InstanceId = "ABCDEF01-2345-4678-9ABC-DEF012345678".parse().unwrap();
        assert_eq!(id.to_string(), "abcdef01-2345-4678-9abc-def012345678");
        assert_eq!("nonsense".parse::<InstanceId>(), Err(InvalidUuid));
    }

    #[test]
    fn ids_are_strings_in_json() {
        let id = DeviceToken::from_u128(7);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, "\"00000000-0000-0000-0000-000000000007\"");
        assert_eq!(serde_json::from_str::<DeviceToken>(&json).unwrap(), id);
        assert!(serde_json::from_str::<DeviceToken>("\"nonsense\"").is_err());
        assert!(serde_json::from_str::<DeviceToken>("7").is_err());
    }

    #[test]
    fn a_key_equals_only_itself_and_debug_does_not_show_it() {
        let key = InstanceKey::from_u128(7);
        assert!(key.same_as(&InstanceKey::from_u128(7)));
        assert!(!key.same_as(&InstanceKey::from_u128(8)));
        assert_eq!(format!("{key:?}"), "InstanceKey(…)");
        let error = serde_json::from_str::<InstanceKey>("\"my secret\"").unwrap_err();
        assert!(!error.to_string().contains("my secret"), "{error}");
    }
}
