//! The port for JSON: a browser has a parser of its own, which saves the download a second one.

use serde::Serialize;

/// Writes and reads JSON.
pub trait Codec {
    /// A value that was read.
    type Value: Json;
    /// The value as JSON; `None` if JSON cannot represent it.
    fn encode<T: Serialize>(&self, value: &T) -> Option<String>;
    /// Reads a value from JSON; `None` if the JSON is invalid.
    fn parse(&self, json: &str) -> Option<Self::Value>;
}

/// A JSON value that is read field by field. The client reads few types, and a derived deserializer for them would be a tenth of
/// the download.
pub trait Json: Sized {
    /// A field of an object; `None` if it is absent or `null`, or if this is not an object.
    fn field(&self, name: &str) -> Option<Self>;
    /// The items of an array; `None` if this is not an array.
    fn items(&self) -> Option<Vec<Self>>;
    /// The text of a string; `None` if this is not a string.
    fn text(&self) -> Option<String>;
    /// A number; `None` if this is not a number.
    fn number(&self) -> Option<f64>;

    /// A whole number from 0 to the largest `u32`.
    fn whole(&self) -> Option<u32> {
        self.number().filter(|number| f64::from(*number as u32) == *number).map(|number| number as u32)
    }

    /// A field that may be absent: `None` if it is present and `read` does not accept it.
    fn optional<T>(&self, name: &str, read: impl FnOnce(&Self) -> Option<T>) -> Option<Option<T>> {
        match self.field(name) {
            Some(value) => read(&value).map(Some),
            None => Some(None),
        }
    }
}
