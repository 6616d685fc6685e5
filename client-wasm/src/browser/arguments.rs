//! Reading the arguments of calls.

use std::rc::Rc;

use telematics_contract::auth::RefreshRequest;
use telematics_contract::management::UserExistsQuery;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use super::fields::Fields;
use super::js::{Verbatim, get, is_given};
use super::passage::checked;
use crate::calls::auth::Login;
use crate::calls::management::{JoinInstance, UploadImage, UserExists};
use crate::calls::registration::{Register, RegisterMany};
use crate::calls::shape::{NEW_USER, NEW_USERS, USER_CHANGES};
use crate::calls::user::UpdateUser;
use crate::engine::config::Config;
use crate::error::Error;

/// A `NewUser`. Leaving it out registers a user of whom nothing is said.
pub(crate) fn new_user(user: &JsValue) -> Result<Register<Verbatim>, Error> {
    let nothing = js_sys::Object::new().into();
    let user = checked("user", if user.is_undefined() { &nothing } else { user }, NEW_USER)?;
    Ok(Register { is_invited: is_given(&get(&user.0, "InstanceInviteCode")), user })
}

/// A `NewUsers`.
pub(crate) fn new_users(batch: &JsValue) -> Result<RegisterMany<Verbatim>, Error> {
    checked("batch", batch, NEW_USERS).map(RegisterMany)
}

/// A `UserChanges`.
pub(crate) fn changes(changes: &JsValue) -> Result<UpdateUser<Verbatim>, Error> {
    let changes = checked("changes", changes, USER_CHANGES)?;
    Ok(UpdateUser { has_password: is_given(&get(&changes.0, "NewPassword")), changes })
}

/// An invite code.
pub(crate) fn invite_code(code: &JsValue) -> Result<JoinInstance, Error> {
    let invite_code = code.as_string();
    let invite_code = invite_code.ok_or_else(|| Error::invalid_argument("inviteCode", "must be a string"))?;
    Ok(JoinInstance { invite_code })
}

/// Whom `userExists` is about.
pub(crate) fn whom(query: &JsValue) -> Result<UserExists, Error> {
    let fields = Fields::of("query", query);
    let (phone, email, client_id) = (fields.text("phone"), fields.text("email"), fields.text("clientId"));
    fields.done(UserExists(UserExistsQuery { phone, email, client_id }))
}

/// A picture.
pub(crate) fn picture(picture: &JsValue) -> Result<UploadImage, Error> {
    match picture.clone().dyn_into::<Blob>() {
        Ok(picture) => Ok(UploadImage(Rc::new(picture))),
        Err(_) => Err(Error::invalid_argument("picture", "must be a Blob")),
    }
}

/// The pair of tokens that a refresh needs.
pub(crate) fn token_pair(tokens: &JsValue) -> Result<RefreshRequest, Error> {
    let fields = Fields::of("tokens", tokens);
    let pair = RefreshRequest {
        access_token: fields.required("accessToken").into(),
        refresh_token: fields.required("refreshToken").into(),
    };
    fields.done(pair)
}

/// `LoginCredentials`: exactly one kind of them.
pub(crate) fn login(credentials: &JsValue, config: &Config) -> Result<Login, Error> {
    let fields = Fields::of("credentials", credentials);
    let who = (fields.text("deviceToken"), fields.text("email"), fields.text("phone"));
    let login = match who {
        (Some(device_token), None, None) => Login::by_device_token(&device_token, config)
            .ok_or_else(|| Error::invalid_argument("deviceToken", "must not be empty, and needs an instanceKey")),
        (None, Some(email), None) => Ok(Login::by_email(email, fields.required("password").into())),
        (None, None, Some(phone)) => Ok(Login::by_phone(phone, fields.required("password").into())),
        _ => Err(Error::invalid_argument("credentials", "must hold one of deviceToken, email and phone")),
    };
    fields.done(login)?
}
