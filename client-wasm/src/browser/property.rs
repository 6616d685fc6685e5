//! The properties of a JavaScript object.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// A property; `undefined` if it cannot be read.
pub(crate) fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

/// Sets a property of an object that this module has created.
pub(crate) fn set(object: &JsValue, name: &str, value: impl Into<JsValue>) {
    let _ = Reflect::set(object, &name.into(), &value.into());
}

/// Whether the value is neither `null` nor `undefined`.
pub(crate) fn is_given(value: &JsValue) -> bool {
    !value.is_null() && !value.is_undefined()
}
