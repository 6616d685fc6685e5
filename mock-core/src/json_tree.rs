//! JSON as it came, and the way to a field in it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// A JSON value as it came: with the order of its properties, and with those given twice.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number from 0 on.
    Unsigned(u64),
    /// A whole number below 0.
    Signed(i64),
    /// Any other number.
    Float(f64),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

/// JSON as text. The formatter of a [`Value`] writes the same, by code that nothing else uses.
#[must_use]
pub fn to_text(value: &Value) -> String {
    // A value has only texts as the names of properties, so writing it cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}

impl Json {
    /// Parses JSON; `None` where it is malformed.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }

    /// A property of an object, in any letter case; of one given twice the last.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(entries) = self else { return None };
        entries.iter().rev().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// A property's name as it is spelled; of one given twice that of the last.
    #[must_use]
    pub fn name(&self, name: &str) -> Option<&str> {
        let Self::Object(entries) = self else { return None };
        entries.iter().rev().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(given, _)| given.as_str())
    }

    /// The properties of an object; none of anything else.
    #[must_use]
    pub fn into_properties(self) -> Vec<(String, Self)> {
        if let Self::Object(properties) = self { properties } else { Vec::new() }
    }

    /// The text of a property.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        if let Self::String(text) = self.get(name)? { Some(text) } else { None }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Tree;
        impl<'de> Visitor<'de> for Tree {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Bool(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
                Ok(Json::Unsigned(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
                Ok(Json::Signed(value))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
                Ok(Json::Float(value))
            }

            fn visit_str<E>(self, value: &str) -> Result<Json, E> {
                Ok(Json::String(value.to_owned()))
            }

            fn visit_string<E>(self, value: String) -> Result<Json, E> {
                Ok(Json::String(value))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
                let mut array = Vec::new();
                while let Some(item) = items.next_element()? {
                    array.push(item);
                }
                Ok(Json::Array(array))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
                let mut object = Vec::new();
                while let Some(entry) = entries.next_entry()? {
                    object.push(entry);
                }
                Ok(Json::Object(object))
            }
        }
        deserializer.deserialize_any(Tree)
    }
}

/// JSON that a program has put together.
impl From<Value> for Json {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => Self::Unsigned(number),
                (None, Some(number)) => Self::Signed(number),
                (None, None) => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => Self::String(text),
            Value::Array(items) => Self::Array(items.into_iter().map(Self::from).collect()),
            Value::Object(entries) => {
                Self::Object(entries.into_iter().map(|(name, value)| (name, Self::from(value))).collect())
            }
        }
    }
}

/// The way to a field, for an error: the innermost step first.
#[derive(Debug, Default)]
pub struct FieldPath(Vec<String>);

impl FieldPath {
    /// The way to this field of an object.
    #[must_use]
    pub fn of(field: &str) -> Self {
        Self(vec![field.to_owned()])
    }

    /// The same way from further outside.
    #[must_use]
    pub fn within(mut self, step: String) -> Self {
        self.0.push(step);
        self
    }

    /// Whether it leads to the whole value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The steps with dots between them, such as `users[0].email`.
impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().rev().enumerate() {
            if index > 0 && !step.starts_with('[') {
                f.write_str(".")?;
            }
            f.write_str(step)?;
        }
        Ok(())
    }
}
