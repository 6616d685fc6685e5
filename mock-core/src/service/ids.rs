//! The ids of the contract, each with a type of its own. The only file that knows uuid.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::mac::same;

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl TryFrom<String> for $name {
            type Error = NoUuid;

            fn try_from(text: String) -> Result<Self, NoUuid> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl $name {
            /// The id with that value.
            #[must_use]
            pub const fn from_u128(value: u128) -> Self {
                Self(Uuid::from_u128(value))
            }

            /// A random (version 4) id of those bytes.
            #[must_use]
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }

            /// The sixteen bytes of the id.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl FromStr for $name {
            type Err = NoUuid;

            fn from_str(text: &str) -> Result<Self, NoUuid> {
                Uuid::try_parse(text).map(Self).map_err(|_| NoUuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
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
    /// The id of an application, which holds instances.
    ApplicationId
}
id! {
    /// The id of a company, which holds applications.
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

/// The text is no UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no UUID")]
pub struct NoUuid;

/// The secret of an instance: a UUID that is never shown \[S\].
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InstanceKey(Uuid);

impl TryFrom<String> for InstanceKey {
    type Error = NoUuid;

    fn try_from(text: String) -> Result<Self, NoUuid> {
        text.parse()
    }
}

impl From<InstanceKey> for String {
    fn from(key: InstanceKey) -> Self {
        key.expose()
    }
}

impl InstanceKey {
    /// The key with that value.
    #[must_use]
    pub const fn from_u128(value: u128) -> Self {
        Self(Uuid::from_u128(value))
    }

    /// A random key of those bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// Whether it is that key; takes the same time whatever the answer.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        same(self.0.as_bytes(), other.0.as_bytes())
    }

    /// Hands the key out: to the ready line, and to nothing else.
    #[must_use]
    pub fn expose(&self) -> String {
        self.0.to_string()
    }
}

impl FromStr for InstanceKey {
    type Err = NoUuid;

    fn from_str(text: &str) -> Result<Self, NoUuid> {
        Uuid::try_parse(text).map(Self).map_err(|_| NoUuid)
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
        assert_eq!("nonsense".parse::<InstanceId>(), Err(NoUuid));
    }

    #[test]
    fn a_key_is_only_itself_and_is_never_shown() {
        let key = InstanceKey::from_u128(7);
        assert!(key.is(&InstanceKey::from_u128(7)));
        assert!(!key.is(&InstanceKey::from_u128(8)));
        assert_eq!(format!("{key:?}"), "InstanceKey(…)");
    }
}
