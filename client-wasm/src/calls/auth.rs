//! Login and refresh.

use telematics_contract::auth::{AccessToken, LoginFields, LoginRequest, RefreshRequest, TokensResponse};
use telematics_contract::{Call, Secret, headers};

use super::{Operation, TokenCall};
use crate::error::Error;
use crate::wire::{Codec, Config, HttpRequest, Json};

/// `POST /v1/Auth/Login` \[V, C\].
pub struct Login(LoginRequest);

impl Login {
    /// A login by device token and `InstanceKey`; `None` without either of them.
    #[must_use]
    pub fn by_device_token(device_token: &str, config: &Config) -> Option<Self> {
        let password = config.instance_key.clone()?;
        let device_token = Some(device_token.to_owned()).filter(|token| !token.is_empty())?;
        Some(Self(LoginRequest {
            login_fields: LoginFields { device_token: Some(device_token), ..LoginFields::default() },
            password,
        }))
    }

    /// A login by e-mail address.
    #[must_use]
    pub fn by_email(email: String, password: Secret) -> Self {
        Self(LoginRequest { login_fields: LoginFields { email: Some(email), ..LoginFields::default() }, password })
    }

    /// A login by phone number.
    #[must_use]
    pub fn by_phone(phone: String, password: Secret) -> Self {
        Self(LoginRequest { login_fields: LoginFields { phone: Some(phone), ..LoginFields::default() }, password })
    }
}

impl Operation for Login {
    fn request(&self, config: &Config, codec: &impl Codec) -> Result<HttpRequest, Error> {
        let request = config.request(Call::Login).with_header(headers::INSTANCE_ID, config.instance_id.as_str());
        request.with_body(&self.0, codec)
    }
}

impl TokenCall for Login {
    fn is_complete(tokens: &TokensResponse) -> bool {
        tokens.access_token.is_some()
    }
}

/// `POST /v1/Auth/RefreshToken` \[S\].
pub struct RefreshToken<'a>(pub &'a RefreshRequest);

impl Operation for RefreshToken<'_> {
    fn request(&self, config: &Config, codec: &impl Codec) -> Result<HttpRequest, Error> {
        config.request(Call::RefreshToken).with_body(self.0, codec)
    }
}

impl TokenCall for RefreshToken<'_> {
    fn is_complete(tokens: &TokensResponse) -> bool {
        tokens.access_token.is_some()
    }
}

/// Reads the result of a registration, a login or a refresh; `None` if a field has another type.
pub fn tokens(result: &impl Json) -> Option<TokensResponse> {
    Some(TokensResponse {
        device_token: result.optional("DeviceToken", Json::text)?,
        access_token: result.optional("AccessToken", |access| {
            let token = access.field("Token")?.text()?.into();
            Some(AccessToken { token, expires_in: access.field("ExpiresIn")?.whole()? })
        })?,
        refresh_token: result.optional("RefreshToken", Json::text)?.map(Into::into),
    })
}
