//! From Rust to JavaScript: the only file that knows serde-wasm-bindgen, and where the PascalCase of the wire becomes
//! camelCase.

use js_sys::{Array, Date, JSON, Object, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use telematics_contract::FieldError;
use wasm_bindgen::{JsCast, JsValue};

use super::Browser;
use super::passage::presented;
use super::promise::Answer;
use super::reader::Reader;
use crate::calls::shape::Table;
use crate::engine::ports::Codec;
use crate::engine::session::Session;
use crate::error::Error;

impl Codec for Browser {
    fn encode<T: Serialize>(&self, value: &T) -> Option<String> {
        JSON::stringify(&to_js(value)?).ok()?.as_string()
    }

    fn decode<T: DeserializeOwned>(&self, json: &str) -> Option<T> {
        T::deserialize(Reader(JSON::parse(json).ok()?)).ok()
    }
}

/// What is written as it is.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Verbatim(#[serde(with = "serde_wasm_bindgen::preserve")] pub(crate) JsValue);

/// A Rust value with the names of the wire.
fn to_js<T: Serialize>(value: &T) -> Option<JsValue> {
    value.serialize(&Serializer::json_compatible()).ok()
}

/// A session as JavaScript sees it.
pub(crate) fn session(session: &Session) -> JsValue {
    let object = Object::new().into();
    let access_token = session.access_token.as_ref().map(|access| access.token.expose());
    set(&object, "deviceToken", &session.device_token);
    set(&object, "accessToken", or_null(access_token));
    set(&object, "expiresAt", or_null(session.expires_at_ms().map(|ms| Date::new(&(ms as f64).into()))));
    set(&object, "refreshToken", or_null(session.refresh_token.as_ref().map(|token| token.expose())));
    object
}

/// What the service sent, as JavaScript sees it, out of the envelope that it came in.
///
/// # Errors
/// `decode` when it has another shape.
pub(crate) fn result(json: &str, table: Table) -> Answer {
    let envelope = JSON::parse(json).map_err(|_| Error::decode())?;
    let result = get(&envelope, "Result");
    let presented = if result.is_object() { presented(&result, table) } else { None };
    presented.ok_or_else(Error::decode)
}

/// A text that the service sent, out of the envelope that it came in.
///
/// # Errors
/// `decode` when it is none.
pub(crate) fn text_result(json: &str) -> Answer {
    let envelope = JSON::parse(json).map_err(|_| Error::decode())?;
    Some(get(&envelope, "Result")).filter(JsValue::is_string).ok_or_else(Error::decode)
}

/// An error as JavaScript sees it; `index.js` makes an `Error` of it.
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

/// The names of an object's own properties.
pub(crate) fn names(object: &JsValue) -> impl Iterator<Item = String> + use<> {
    Object::keys(object.unchecked_ref::<Object>()).into_iter().filter_map(|name| name.as_string())
}

/// A property; `undefined` where it cannot be read.
pub(crate) fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

/// Sets a property of one of our own objects, which take every one.
pub(crate) fn set(object: &JsValue, name: &str, value: impl Into<JsValue>) {
    let _ = Reflect::set(object, &name.into(), &value.into());
}

/// Whether that is neither `null` nor `undefined`.
pub(crate) fn is_given(value: &JsValue) -> bool {
    !value.is_null() && !value.is_undefined()
}

fn or_null(value: Option<impl Into<JsValue>>) -> JsValue {
    value.map_or(JsValue::NULL, Into::into)
}
