//! Between Rust and JavaScript: the only file that knows serde-wasm-bindgen, and the one place where the camelCase of
//! JavaScript, the snake_case of Rust and the PascalCase of the wire meet.

use js_sys::{Array, Date, JSON, Object, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::{Serializer, from_value};
use telematics_contract::user::UserRecord;
use wasm_bindgen::{JsCast, JsValue};

use super::Browser;
use crate::engine::ports::Codec;
use crate::engine::session::Session;
use crate::error::Error;

/// How deep an argument goes; what is deeper is left alone, so that no circle and no DOM node is walked through.
const ARGUMENT_DEPTH: u8 = 2;
/// How deep an answer goes.
const ANSWER_DEPTH: u8 = 5;

impl Codec for Browser {
    fn encode<T: Serialize>(&self, value: &T) -> Option<String> {
        JSON::stringify(&to_js(value)?).ok()?.as_string()
    }

    fn decode<T: DeserializeOwned>(&self, json: &str) -> Option<T> {
        from_value(given(&JSON::parse(json).ok()?, |name| name, ANSWER_DEPTH)).ok()
    }
}

/// An argument of a call: an object with fields of the contract. One field may be required.
///
/// # Errors
/// `invalid-argument`, naming the first field that is unknown or has a value that it cannot have.
pub(crate) fn argument<T>(name: &str, value: &JsValue, required: Option<&str>) -> Result<T, Error>
where
    T: Serialize + DeserializeOwned,
{
    if !value.is_object() {
        return Err(Error::invalid_argument(name, "must be an object"));
    }
    let wire = given(value, pascal_case, ARGUMENT_DEPTH);
    let Ok(read) = from_value::<T>(wire.clone()) else {
        let field = unfit(&wire, required, &|probe| from_value::<T>(probe).is_ok());
        return Err(Error::invalid_argument(&field, "has a value that it cannot have"));
    };
    match to_js(&read).and_then(|known| unknown(&wire, &known)) {
        Some(field) => Err(Error::invalid_argument(&field, "is not known")),
        None => Ok(read),
    }
}

/// An argument that may be left out.
///
/// # Errors
/// Those of [`argument`].
pub(crate) fn optional_argument<T>(name: &str, value: &JsValue) -> Result<T, Error>
where
    T: Serialize + DeserializeOwned + Default,
{
    if value.is_undefined() { Ok(T::default()) } else { argument(name, value, None) }
}

/// The first field that alone makes an object unfit; where none does, the required one is missing.
fn unfit(object: &JsValue, required: Option<&str>, fits: &dyn Fn(JsValue) -> bool) -> String {
    let probe = |name: &str, value: &JsValue| {
        let probe = Object::new().into();
        required.iter().for_each(|required| set(&probe, &pascal_case((*required).to_owned()), 1));
        set(&probe, name, value);
        fits(probe)
    };
    for name in names(object) {
        let value = get(object, &name);
        if probe(&name, &value) {
            continue;
        }
        let is_inner = |inner: &String| {
            let object = Object::new().into();
            set(&object, inner, get(&value, inner));
            !probe(&name, &object)
        };
        let inner = if value.is_object() { names(&value).find(is_inner) } else { None };
        return path(name, inner);
    }
    required.unwrap_or_default().to_owned()
}

/// The first field that was lost on the way through a Rust type.
fn unknown(object: &JsValue, known: &JsValue) -> Option<String> {
    names(object).find_map(|name| {
        let (value, known) = (get(object, &name), get(known, &name));
        if known.is_undefined() {
            Some(path(name, None))
        } else if value.is_object() {
            unknown(&value, &known).map(|inner| path(name, Some(inner)))
        } else {
            None
        }
    })
}

fn path(name: String, inner: Option<String>) -> String {
    let name = camel_case(name);
    match inner {
        Some(inner) => [name, camel_case(inner)].join("."),
        None => name,
    }
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

/// A user's record as JavaScript sees it: the service reads the telematics parameters as an array of one \[V\], which is
/// smoothed here.
pub(crate) fn user(mut record: UserRecord) -> Option<JsValue> {
    if record.user_fields.is_empty() {
        record.user_fields.push(Default::default());
    }
    let user = reshaped(&to_js(&record)?, camel_case, |_| true, ANSWER_DEPTH);
    set(&user, "userFields", get(&get(&user, "userFields"), "0"));
    Some(user)
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
        let fields = to_js(&error.fields).unwrap_or_default();
        set(&object, "fields", reshaped(&fields, camel_case, |_| true, ANSWER_DEPTH));
    }
    if let Some(seconds) = error.retry_after_seconds {
        set(&object, "retryAfterSeconds", seconds);
    }
    if let Some(cause) = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<JsValue>()) {
        set(&object, "cause", cause);
    }
    object
}

/// A Rust value with the names of the wire.
fn to_js<T: Serialize>(value: &T) -> Option<JsValue> {
    value.serialize(&Serializer::json_compatible()).ok()
}

/// A copy with other names, and without the fields that are `null` or `undefined`: both mean "not given".
fn given(value: &JsValue, rename: fn(String) -> String, depth: u8) -> JsValue {
    reshaped(value, rename, |value| !value.is_null() && !value.is_undefined(), depth)
}

fn reshaped(value: &JsValue, rename: fn(String) -> String, keep: fn(&JsValue) -> bool, depth: u8) -> JsValue {
    if !value.is_object() || depth == 0 {
        return value.clone();
    }
    if let Some(array) = value.dyn_ref::<Array>() {
        return array.iter().map(|item| reshaped(&item, rename, keep, depth - 1)).collect::<Array>().into();
    }
    let copy = Object::new().into();
    for name in names(value) {
        let inner = get(value, &name);
        if keep(&inner) {
            set(&copy, &rename(name), reshaped(&inner, rename, keep, depth - 1));
        }
    }
    copy
}

/// `firstName` → `FirstName`: every name of the contract differs in its first letter only.
fn pascal_case(mut name: String) -> String {
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    name
}

/// `FirstName` → `firstName`.
fn camel_case(mut name: String) -> String {
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    name
}

fn names(object: &JsValue) -> impl Iterator<Item = String> {
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

fn or_null(value: Option<impl Into<JsValue>>) -> JsValue {
    value.map_or(JsValue::NULL, Into::into)
}
