//! Reading the arguments of calls.

use std::rc::Rc;

use telematics_contract::auth::RefreshRequest;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use super::codec::RawJs;
use super::field_mapping::{fields, to_wire};
use super::fields::Fields;
use super::property::{get, is_given};
use crate::calls::auth::Login;
use crate::calls::registration::{NEW_USER, Register};
use crate::calls::shape::Table;
use crate::calls::user::{USER_CHANGES, UpdateUser};
use crate::error::Error;
use crate::wire::{Config, File};

/// A string. This and the next three functions serve every call whose argument needs no further rule.
pub(crate) fn text(name: &str, value: &JsValue) -> Result<String, Error> {
    value.as_string().ok_or_else(|| Error::invalid_argument(name, "must be a string"))
}

/// A file.
pub(crate) fn blob(name: &str, value: &JsValue) -> Result<File, Error> {
    match value.clone().dyn_into::<Blob>() {
        Ok(blob) => Ok(Rc::new(blob)),
        Err(_) => Err(Error::invalid_argument(name, "must be a Blob")),
    }
}

/// The parameters of a query: an object with the fields of a table.
pub(crate) fn query(name: &str, value: &JsValue, table: Table) -> Result<Vec<(&'static str, String)>, Error> {
    let object = to_wire(name, value, table)?;
    let mut parameters = Vec::new();
    for (name, _) in fields(table) {
        if let Some(value) = get(&object, name).as_string() {
            parameters.push((*name, value));
        }
    }
    Ok(parameters)
}

/// The body of a request: an object with the fields of a table.
pub(crate) fn body(name: &str, value: &JsValue, table: Table) -> Result<RawJs, Error> {
    to_wire(name, value, table).map(RawJs)
}

/// A `NewUser`; without it, a user without data is registered.
pub(crate) fn new_user(user: &JsValue) -> Result<Register<RawJs>, Error> {
    let empty = js_sys::Object::new().into();
    let user = body("user", if user.is_undefined() { &empty } else { user }, NEW_USER)?;
    Ok(Register { is_invited: is_given(&get(&user.0, "InstanceInviteCode")), user })
}

/// A `UserChanges`.
pub(crate) fn changes(changes: &JsValue) -> Result<UpdateUser<RawJs>, Error> {
    let changes = body("changes", changes, USER_CHANGES)?;
    Ok(UpdateUser { has_password: is_given(&get(&changes.0, "NewPassword")), changes })
}

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
