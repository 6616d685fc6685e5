//! Reading the options of a client and of a call.

use js_sys::Function;
use wasm_bindgen::JsValue;
use web_sys::AbortSignal;

use super::environment::{Browser, Callbacks};
use super::fields::Fields;
use super::storage_area::StorageArea;
use crate::error::Error;
use crate::wire::Config;

/// A `ClientOptions` or, without callbacks, a `ServiceOptions`.
pub(crate) fn client(options: &JsValue, callbacks: Option<Callbacks>) -> Result<(Config, Browser), Error> {
    let fields = Fields::new("options", options);
    let (base_url, instance_id) = (fields.required("baseUrl"), fields.required("instanceId"));
    let instance_key = fields.text("instanceKey");
    let storage_key = fields.text("storageKey");
    let (timeout_ms, margin) = (fields.count("timeoutMs", 1), fields.count("refreshMarginSeconds", 0));
    let (retries, header) = (fields.count("maxRetries", 0), fields.flag("deviceTokenHeader"));
    let must = "must be the name of a storage, or have load, save and remove";
    let area = fields.read("storage", must, StorageArea::from_option).unwrap_or(StorageArea::Local);
    let function = |name| fields.instance::<Function>(name, "must be a function");
    let (fetch, reauthenticate) = (function("fetch"), function("reauthenticate"));
    let browser = fields.finish(Browser { fetch, reauthenticate, area, callbacks })?;
    let mut config = Config::new(&base_url, &instance_id, instance_key.as_deref())?;
    config.timeout_ms = timeout_ms.unwrap_or(config.timeout_ms);
    config.refresh_margin_seconds = margin.unwrap_or(config.refresh_margin_seconds);
    config.max_retries = retries.unwrap_or(config.max_retries);
    config.device_token_header = header.unwrap_or(config.device_token_header);
    config.storage_key = storage_key.unwrap_or(config.storage_key);
    Ok((config, browser))
}

/// A `CallOptions`.
#[derive(Default)]
pub(crate) struct CallOptions {
    /// Aborts the call.
    pub(crate) signal: Option<AbortSignal>,
    /// The time limit of each request of the call, in milliseconds.
    pub(crate) timeout_ms: Option<u32>,
}

impl CallOptions {
    /// Reads the options of a call, which are optional.
    pub(crate) fn read(options: &JsValue) -> Result<Self, Error> {
        if options.is_undefined() {
            return Ok(Self::default());
        }
        let fields = Fields::new("options", options);
        let signal = fields.instance("signal", "must be an AbortSignal");
        let timeout_ms = fields.count("timeoutMs", 1);
        fields.finish(Self { signal, timeout_ms })
    }
}
