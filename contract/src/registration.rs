//! Registration of one user and of many.

use serde::{Deserialize, Serialize};

use crate::Secret;
use crate::user::{UserFields, with_profile_fields};

/// The largest number of users of one batch \[P\].
pub const MAX_QUANTITY: u32 = 10_000;

with_profile_fields! {
    /// `POST /v1/Registration/Create`: every field is optional, and `{}` is a valid body \[S\].
    pub struct RegisterRequest {
        /// Whether tokens are issued; `true` by default \[S\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub create_access_token: Option<bool>,
        /// Another name for `CreateAccessToken` in the specification; counts only if that is absent \[S\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub generate_access_token: Option<bool>,
        /// The invite code of the instance; takes precedence over the headers \[S, P\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub instance_invite_code: Option<String>,
        /// The telematics parameters \[S\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_fields: Option<UserFields>,
        /// A UUID that becomes the DeviceToken \[V\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub custom_token: Option<String>,
        /// The password in a UBI instance; generated if absent \[S; name: P\].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub password: Option<Secret>,
    }
}

/// `POST /v1/Registration/CreateMultiple` \[S; path: P\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RegisterManyRequest {
    /// The number of users, from 1 to [`MAX_QUANTITY`].
    pub quantity: u32,
    /// Whether tokens are issued; `true` by default \[S\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_access_token: Option<bool>,
    /// Another name for `CreateAccessToken` in the specification; counts only if that is absent \[S\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate_access_token: Option<bool>,
    /// The telematics parameters of every user \[S\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_fields: Option<UserFields>,
}

impl RegisterRequest {
    /// Whether tokens are requested.
    #[must_use]
    pub fn wants_tokens(&self) -> bool {
        self.create_access_token.or(self.generate_access_token).unwrap_or(true)
    }
}

impl RegisterManyRequest {
    /// Whether tokens are requested.
    #[must_use]
    pub fn wants_tokens(&self) -> bool {
        self.create_access_token.or(self.generate_access_token).unwrap_or(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_registration_is_an_empty_object() {
        assert_eq!(serde_json::to_string(&RegisterRequest::default()).unwrap(), "{}");
    }

    #[test]
    fn tokens_are_issued_unless_one_of_the_two_names_is_false() {
        let wants = |text| serde_json::from_str::<RegisterRequest>(text).unwrap().wants_tokens();
        assert!(wants("{}"));
        assert!(!wants(r#"{"CreateAccessToken":false}"#));
        assert!(!wants(r#"{"GenerateAccessToken":false}"#));
        assert!(wants(r#"{"GenerateAccessToken":false,"CreateAccessToken":true}"#));
    }
}
