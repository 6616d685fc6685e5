//! The port for JSON: a browser has a parser of its own, which saves the download a second one.

use serde::{Serialize, Serializer};

/// Writes and reads JSON.
pub trait Codec {
    /// A value that was read.
    type Value: Json;
    /// The object as JSON.
    fn encode(&self, object: &Object) -> String;
    /// Reads a value from JSON; `None` if the JSON is invalid.
    fn parse(&self, json: &str) -> Option<Self::Value>;
}

/// A JSON object that is written. The client writes few types, and their derived serializers would be a twentieth of the download.
#[derive(Default)]
pub struct Object(Vec<(&'static str, Member)>);

/// The value of a member of an object.
enum Member {
    Text(String),
    Number(f64),
    Object(Object),
}

impl Object {
    /// Adds a string.
    #[must_use]
    pub fn text(mut self, name: &'static str, text: &str) -> Self {
        self.0.push((name, Member::Text(text.to_owned())));
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn number(mut self, name: &'static str, number: f64) -> Self {
        self.0.push((name, Member::Number(number)));
        self
    }

    /// Adds an object.
    #[must_use]
    pub fn object(mut self, name: &'static str, object: Self) -> Self {
        self.0.push((name, Member::Object(object)));
        self
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, member)| (name, member)))
    }
}

impl Serialize for Member {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Object(object) => object.serialize(serializer),
        }
    }
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
