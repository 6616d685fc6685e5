//! The port for JSON: a browser has a codec of its own, which saves the download a second one.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes and reads JSON.
pub trait Codec {
    /// The value as JSON; `None` if JSON cannot represent it.
    fn encode<T: Serialize>(&self, value: &T) -> Option<String>;
    /// Reads a value from JSON; `None` if the JSON is invalid or has another shape. `null` in an object means "absent".
    fn decode<T: DeserializeOwned>(&self, json: &str) -> Option<T>;
}
