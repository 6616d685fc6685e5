//! Sessions and errors as JavaScript sees them.

use js_sys::{Array, Date, Object};
use telematics_contract::FieldError;
use wasm_bindgen::JsValue;

use super::property::set;
use crate::engine::session::Session;
use crate::error::Error;

/// The value that a call resolves to, or the error that it rejects with.
pub(crate) type Outcome = Result<JsValue, Error>;

/// A session.
pub(crate) fn session(session: &Session) -> JsValue {
    let object = Object::new().into();
    let access_token = session.jwt().map(|jwt| jwt.expose());
    set(&object, "deviceToken", &session.device_token);
    set(&object, "accessToken", or_null(access_token));
    set(&object, "expiresAt", or_null(session.expires_at_ms().map(|ms| Date::new(&(ms as f64).into()))));
    set(&object, "refreshToken", or_null(session.refresh_token.as_ref().map(|token| token.expose())));
    object
}

/// An error; `module.js` makes a `UserServiceError` of it.
pub(crate) fn error(error: &Error) -> JsValue {
    let object = Object::new().into();
    set(&object, "code", error.code.as_str());
    set(&object, "message", &*error.message);
    if let Some(status) = error.status {
        set(&object, "status", status);
    }
    if !error.title.is_empty() {
        set(&object, "title", &error.title);
    }
    if !error.fields.is_empty() {
        set(&object, "fields", error.fields.iter().map(field).collect::<Array>());
    }
    if let Some(seconds) = error.retry_after_seconds {
        set(&object, "retryAfterSeconds", seconds);
    }
    if let Some(cause) = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<JsValue>()) {
        set(&object, "cause", cause);
    }
    object
}

fn field(error: &FieldError) -> JsValue {
    let object = Object::new().into();
    set(&object, "key", &error.key);
    set(&object, "message", &error.message);
    object
}

fn or_null(value: Option<impl Into<JsValue>>) -> JsValue {
    value.map_or(JsValue::NULL, Into::into)
}
