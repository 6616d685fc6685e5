//! Reading the arguments of calls. `shapes.js` has already checked the records of users.

use telematics_contract::auth::RefreshRequest;
use wasm_bindgen::JsValue;

use super::fields::Fields;
use crate::calls::auth::Login;
use crate::error::Error;
use crate::wire::Config;

/// The pair of tokens of a refresh.
pub(crate) fn token_pair(tokens: &JsValue) -> Result<RefreshRequest, Error> {
    let fields = Fields::new("tokens", tokens);
    let pair = RefreshRequest {
        access_token: fields.required("accessToken").into(),
        refresh_token: fields.required("refreshToken").into(),
    };
    fields.finish(pair)
}

/// A `LoginCredentials`: exactly one of its kinds.
pub(crate) fn login(credentials: &JsValue, config: &Config) -> Result<Login, Error> {
    let fields = Fields::new("credentials", credentials);
    let user = (fields.text("deviceToken"), fields.text("email"), fields.text("phone"));
    let login = match user {
        (Some(device_token), None, None) => Login::by_device_token(&device_token, config)
            .ok_or_else(|| Error::invalid_argument("deviceToken", "must not be empty, and needs an instanceKey")),
        (None, Some(email), None) => Ok(Login::by_email(email, fields.required("password").into())),
        (None, None, Some(phone)) => Ok(Login::by_phone(phone, fields.required("password").into())),
        _ => Err(Error::invalid_argument("credentials", "must contain exactly one of deviceToken, email and phone")),
    };
    fields.finish(login)?
}
