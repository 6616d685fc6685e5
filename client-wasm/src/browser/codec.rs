//! JSON by the browser's own `JSON`, from and to the types of the contract: the only file that knows serde-wasm-bindgen.

use js_sys::JSON;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use super::deserializer::JsDeserializer;
use super::environment::Browser;
use crate::wire::Codec;

impl Codec for Browser {
    fn encode<T: Serialize>(&self, value: &T) -> Option<String> {
        let value = value.serialize(&Serializer::json_compatible()).ok()?;
        JSON::stringify(&value).ok()?.as_string()
    }

    fn decode<T: DeserializeOwned>(&self, json: &str) -> Option<T> {
        T::deserialize(JsDeserializer(JSON::parse(json).ok()?)).ok()
    }
}

/// A JavaScript value that is serialized unchanged.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct RawJs(#[serde(with = "serde_wasm_bindgen::preserve")] pub(crate) JsValue);
