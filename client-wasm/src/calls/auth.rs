//! Login and refresh.

use telematics_contract::auth::{AccessToken, LoginFields, RefreshRequest, TokensResponse};
use telematics_contract::{Call, Secret, headers};

use super::{Operation, TokenCall};
use crate::error::Error;
use crate::wire::{Codec, Config, HttpRequest, Json, Object};

/// `POST /v1/Auth/Login` \[V, C\]: a [`LoginRequest`](telematics_contract::auth::LoginRequest).
pub struct Login {
    /// The name of the field that identifies the user.
    field: &'static str,
    user: String,
    password: Secret,
}

/// The field of a login by device token.
const DEVICE_TOKEN: &str = LoginFields::DEVICE_TOKEN;

impl Login {
    /// A login by device token and `InstanceKey`; `None` without either of them.
    #[must_use]
    pub fn by_device_token(device_token: &str, config: &Config) -> Option<Self> {
        let password = config.instance_key.clone()?;
        let user = Some(device_token.to_owned()).filter(|token| !token.is_empty())?;
        Some(Self { field: DEVICE_TOKEN, user, password })
    }

    /// The device token of the user; empty if another field identifies the user.
    #[must_use]
    pub fn device_token(&self) -> &str {
        if self.field == DEVICE_TOKEN { &self.user } else { "" }
    }

    /// A login by e-mail address.
    #[must_use]
    pub const fn by_email(user: String, password: Secret) -> Self {
        Self { field: "Email", user, password }
    }

    /// A login by phone number.
    #[must_use]
    pub const fn by_phone(user: String, password: Secret) -> Self {
        Self { field: "Phone", user, password }
    }
}

impl Operation for Login {
    fn request(&self, config: &Config, codec: &impl Codec) -> Result<HttpRequest, Error> {
        let request = config
            .request(const { Call::Login.endpoint() })
            .with_header(headers::INSTANCE_ID, config.instance_id.as_str());
        let fields = Object::default().text(self.field, &self.user);
        let body = Object::default().object(LoginFields::NAME, fields).text("Password", self.password.expose());
        Ok(request.with_body(&body, codec))
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
        let RefreshRequest { access_token, refresh_token } = self.0;
        let body = Object::default().text("AccessToken", access_token.expose());
        let body = body.text("RefreshToken", refresh_token.expose());
        Ok(config.request(const { Call::RefreshToken.endpoint() }).with_body(&body, codec))
    }
}

impl TokenCall for RefreshToken<'_> {
    fn is_complete(tokens: &TokensResponse) -> bool {
        tokens.access_token.is_some()
    }
}

/// The tokens as JSON; [`tokens`] reads it.
pub fn to_object(tokens: &TokensResponse) -> Object {
    let mut object = Object::default();
    if let Some(device_token) = &tokens.device_token {
        object = object.text("DeviceToken", device_token);
    }
    if let Some(AccessToken { token, expires_in }) = &tokens.access_token {
        let access = Object::default().text("Token", token.expose()).number("ExpiresIn", f64::from(*expires_in));
        object = object.object("AccessToken", access);
    }
    if let Some(refresh_token) = &tokens.refresh_token {
        object = object.text("RefreshToken", refresh_token.expose());
    }
    object
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
