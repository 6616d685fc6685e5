//! Login and refresh.

use serde::{Deserialize, Serialize};

use crate::Secret;

/// Lifetime in seconds of an access token from a registration \[V\].
pub const REGISTRATION_TOKEN_SECONDS: u32 = 432_000;
/// Lifetime in seconds of an access token from a login or a refresh \[V\].
pub const LOGIN_TOKEN_SECONDS: u32 = 86_400;
/// Lifetime in seconds of a refresh token: three months \[V\], implemented as 90 days \[P\].
pub const REFRESH_TOKEN_SECONDS: u32 = 90 * 86_400;

/// An access token and its lifetime.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccessToken {
    /// The JWT.
    pub token: Secret,
    /// The lifetime in seconds.
    pub expires_in: u32,
}

/// The result of a registration, a login and a refresh.
///
/// The tokens are `null` after a registration with `CreateAccessToken: false` \[S, V\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TokensResponse {
    /// The permanent id of the user; absent for an admin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_token: Option<String>,
    /// The token that authenticates the calls of the user.
    #[serde(default)]
    pub access_token: Option<AccessToken>,
    /// The token that is exchanged for the next pair; every login and refresh replaces it \[S\].
    #[serde(default)]
    pub refresh_token: Option<Secret>,
}

/// The login of a user or an admin: the first field that is present counts, in the order of declaration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoginFields {
    /// The device token of a user; the password is then the `InstanceKey` \[V, C\]. Its name is [`LoginFields::DEVICE_TOKEN`].
    #[serde(rename = "Devicetoken", default, skip_serializing_if = "Option::is_none")]
    pub device_token: Option<String>,
    /// The e-mail address of a user of a UBI instance, or of an admin \[S, V\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The phone number of a user of a UBI instance \[S, V\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl LoginFields {
    /// The name of this object in [`LoginRequest`]; some clients send it as a JSON string \[C\].
    pub const NAME: &'static str = "LoginFields";
    /// The name of the device token in this object, with a small `t`: the vendor says that another spelling is `401` \[V\].
    pub const DEVICE_TOKEN: &'static str = "Devicetoken";
}

/// `POST /v1/Auth/Login` \[V, C\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoginRequest {
    /// The login.
    pub login_fields: LoginFields,
    /// The password; for a login by device token it is the `InstanceKey`.
    pub password: Secret,
}

/// `POST /v1/Auth/RefreshToken` \[S\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RefreshRequest {
    /// The JWT; it may be expired, but its signature must be valid.
    pub access_token: Secret,
    /// The refresh token of the same user.
    pub refresh_token: Secret,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_without_tokens_contains_null() {
        let answer = TokensResponse { device_token: Some("id".to_owned()), access_token: None, refresh_token: None };
        assert_eq!(
            serde_json::to_string(&answer).unwrap(),
            r#"{"DeviceToken":"id","AccessToken":null,"RefreshToken":null}"#
        );
    }

    #[test]
    fn a_login_by_device_token_sends_nothing_else() {
        let login = LoginRequest {
            login_fields: LoginFields { device_token: Some("id".to_owned()), ..LoginFields::default() },
            password: "key".into(),
        };
        assert_eq!(serde_json::to_string(&login).unwrap(), r#"{"LoginFields":{"Devicetoken":"id"},"Password":"key"}"#);
    }

    #[test]
    fn debug_of_a_result_contains_no_token() {
        let answer = TokensResponse {
            device_token: None,
            access_token: Some(AccessToken { token: "canary-jwt".into(), expires_in: 1 }),
            refresh_token: Some("canary-refresh".into()),
        };
        assert!(!format!("{answer:?}").contains("canary"));
    }
}
