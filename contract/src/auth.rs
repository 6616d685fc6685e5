//! Login and refresh.

use serde::{Deserialize, Serialize};

use crate::Secret;

/// Lifetime in seconds of an access token given out at registration \[V\].
pub const REGISTRATION_TOKEN_SECONDS: u32 = 432_000;
/// Lifetime in seconds of an access token given out at login and refresh \[V\].
pub const LOGIN_TOKEN_SECONDS: u32 = 86_400;
/// Lifetime in seconds of a refresh token: three months \[V\], taken as 90 days \[P\].
pub const REFRESH_TOKEN_SECONDS: u32 = 90 * 86_400;

/// An access token and how long it was given for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccessToken {
    /// The JWT.
    pub token: Secret,
    /// The lifetime really given, in seconds.
    pub expires_in: u32,
}

/// What registration, login and refresh answer.
///
/// The tokens are `null` after a registration with `CreateAccessToken: false` \[S, V\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TokensResponse {
    /// The permanent id of the user; an admin has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_token: Option<String>,
    /// Calls the API.
    #[serde(default)]
    pub access_token: Option<AccessToken>,
    /// Buys the next pair; changes at every login and refresh \[S\].
    #[serde(default)]
    pub refresh_token: Option<Secret>,
}

/// Who logs in: exactly one member counts, in the order of their declaration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoginFields {
    /// A user by device token; the password is then the `InstanceKey` \[V, C\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_token: Option<String>,
    /// A user of a UBI instance, or an admin, by e-mail address \[S, V\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A user of a UBI instance by phone number \[S, V\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl LoginFields {
    /// The name of this object in [`LoginRequest`]; real clients also send it as a JSON string \[C\].
    pub const NAME: &'static str = "LoginFields";
}

/// `POST /v1/Auth/Login` \[V, C\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoginRequest {
    /// Who logs in.
    pub login_fields: LoginFields,
    /// The user's password; for a login by device token the `InstanceKey`.
    pub password: Secret,
}

/// `POST /v1/Auth/RefreshToken` \[S\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RefreshRequest {
    /// The JWT; it may be expired, but its signature must hold.
    pub access_token: Secret,
    /// The refresh token of the same user.
    pub refresh_token: Secret,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_without_tokens_says_null() {
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
        assert_eq!(serde_json::to_string(&login).unwrap(), r#"{"LoginFields":{"DeviceToken":"id"},"Password":"key"}"#);
    }

    #[test]
    fn debug_of_an_answer_shows_no_token() {
        let answer = TokensResponse {
            device_token: None,
            access_token: Some(AccessToken { token: "canary-jwt".into(), expires_in: 1 }),
            refresh_token: Some("canary-refresh".into()),
        };
        assert!(!format!("{answer:?}").contains("canary"));
    }
}
