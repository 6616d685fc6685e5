//! Registration of one user and of many.

use serde::{Deserialize, Serialize};

use crate::Secret;
use crate::user::{UserFields, with_profile_fields};

/// The most users one batch may ask for \[P\].
pub const MAX_QUANTITY: u32 = 10_000;

with_profile_fields! {
    /// `POST /v1/Registration/Create`: every field is optional, `{}` is a valid body \[S\].
    pub struct RegisterRequest {
        /// Whether tokens are given out at once; `true` unless given \[S\]. The specification's refresh section calls it
        /// `GenerateAccessToken`.
        #[serde(default, skip_serializing_if = "Option::is_none", alias = "GenerateAccessToken")]
        pub create_access_token: Option<bool>,
        /// Registers into the instance with that code, and wins over the headers \[S, P\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub instance_invite_code: Option<String>,
        /// The telematics parameters \[S\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_fields: Option<UserFields>,
        /// A UUID that becomes the DeviceToken \[V\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub custom_token: Option<String>,
        /// The password on a UBI instance; generated unless given \[S; name: P\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub password: Option<Secret>,
    }
}

/// `POST /v1/Registration/CreateMultiple` \[S; path: P\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RegisterManyRequest {
    /// How many users: 1 to [`MAX_QUANTITY`].
    pub quantity: u32,
    /// Whether tokens are given out at once; `true` unless given \[S\].
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "GenerateAccessToken")]
    pub create_access_token: Option<bool>,
    /// The telematics parameters of every one of them \[S\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_fields: Option<UserFields>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_registration_is_an_empty_object() {
        assert_eq!(serde_json::to_string(&RegisterRequest::default()).unwrap(), "{}");
    }

    #[test]
    fn the_other_name_of_create_access_token_is_read() {
        let request: RegisterRequest = serde_json::from_str(r#"{"GenerateAccessToken":false}"#).unwrap();
        assert_eq!(request.create_access_token, Some(false));
    }
}
