//! JSON by the browser's own `JSON`: the only file that knows serde-wasm-bindgen.

use js_sys::{Array, JSON};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue};

use super::environment::Browser;
use super::property::{get, is_given};
use crate::wire::{Codec, Json, Object};

impl Codec for Browser {
    type Value = JsValue;

    fn encode(&self, object: &Object) -> String {
        let value = object.serialize(&Serializer::json_compatible()).unwrap_or_default();
        JSON::stringify(&value).map(String::from).unwrap_or_default()
    }

    fn parse(&self, json: &str) -> Option<JsValue> {
        JSON::parse(json).ok()
    }
}

impl Json for JsValue {
    fn field(&self, name: &str) -> Option<Self> {
        Some(get(self, name)).filter(is_given)
    }

    fn items(&self) -> Option<Vec<Self>> {
        self.dyn_ref::<Array>().map(|array| array.iter().collect())
    }

    fn text(&self) -> Option<String> {
        self.as_string()
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }
}
