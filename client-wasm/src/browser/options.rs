//! Reading the options of a client and of a call.

use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortSignal, Url};

use super::js::get;
use super::storage::Area;
use super::{Audience, Browser};
use crate::engine::config::Config;
use crate::error::Error;

/// The `ClientOptions` or `ServiceOptions` of JavaScript.
///
/// # Errors
/// `invalid-argument`, naming the field.
pub(crate) fn client(options: &JsValue, audience: Audience) -> Result<(Config, Browser), Error> {
    if !options.is_object() {
        return Err(Error::invalid_argument("options", "must be an object"));
    }
    let base_url = required(options, "baseUrl")?;
    if Url::new(&base_url).is_err() {
        return Err(Error::invalid_argument("baseUrl", "must be an absolute address"));
    }
    let instance_key = text(options, "instanceKey")?;
    let mut config = Config::new(&base_url, &required(options, "instanceId")?, instance_key.as_deref())?;
    if let Some(ms) = timeout_ms(options)? {
        config.timeout_ms = ms;
    }
    if let Some(seconds) = number(options, "refreshMarginSeconds", 0.0)? {
        config.refresh_margin_seconds = seconds;
    }
    if let Some(key) = text(options, "storageKey")? {
        config.storage_key = key;
    }
    let area = Area::named(text(options, "storage")?.as_deref().unwrap_or("local"));
    let area =
        area.ok_or_else(|| Error::invalid_argument("storage", "must be \"local\", \"session\" or \"memory\""))?;
    Ok((config, Browser { fetch: cast::<Function>(options, "fetch", "must be a function")?, area, audience }))
}

/// The `CallOptions` of JavaScript.
#[derive(Default)]
pub(crate) struct CallOptions {
    /// Aborts the call.
    pub(crate) signal: Option<AbortSignal>,
    /// How long each of its requests may take, in milliseconds.
    pub(crate) timeout_ms: Option<u32>,
}

/// The `CallOptions` of JavaScript.
///
/// # Errors
/// `invalid-argument`, naming the field.
pub(crate) fn call(options: &JsValue) -> Result<CallOptions, Error> {
    if options.is_undefined() {
        return Ok(CallOptions::default());
    }
    if !options.is_object() {
        return Err(Error::invalid_argument("options", "must be an object"));
    }
    Ok(CallOptions { signal: cast(options, "signal", "must be an AbortSignal")?, timeout_ms: timeout_ms(options)? })
}

/// A string that must be there.
///
/// # Errors
/// `invalid-argument`, naming the field.
pub(crate) fn required(object: &JsValue, field: &str) -> Result<String, Error> {
    text(object, field)?.ok_or_else(|| not_text(field))
}

/// A string that may be there.
///
/// # Errors
/// `invalid-argument`, naming the field.
pub(crate) fn text(object: &JsValue, field: &str) -> Result<Option<String>, Error> {
    property(object, field)
        .map(|value| value.as_string().filter(|text| !text.is_empty()).ok_or_else(|| not_text(field)))
        .transpose()
}

fn not_text(field: &str) -> Error {
    Error::invalid_argument(field, "must be a string that is not empty")
}

fn timeout_ms(object: &JsValue) -> Result<Option<u32>, Error> {
    number(object, "timeoutMs", 1.0)
}

/// A number from that least one on; the largest stand for all that are larger.
fn number(object: &JsValue, field: &str, least: f64) -> Result<Option<u32>, Error> {
    let Some(value) = property(object, field) else { return Ok(None) };
    match value.as_f64() {
        Some(number) if number >= least => Ok(Some(number as u32)),
        Some(_) | None => Err(Error::invalid_argument(field, "must be a number, and not too small")),
    }
}

fn cast<T: JsCast>(object: &JsValue, field: &str, must: &str) -> Result<Option<T>, Error> {
    property(object, field).map(|value| value.dyn_into().map_err(|_| Error::invalid_argument(field, must))).transpose()
}

/// A property that is given.
fn property(object: &JsValue, field: &str) -> Option<JsValue> {
    Some(get(object, field)).filter(|value| !value.is_undefined() && !value.is_null())
}
