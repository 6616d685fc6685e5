//! Deserializing the values that `JSON.parse` returns.
//!
//! The deserializer of serde-wasm-bindgen is not used: its errors print the value, which could be a token and which needs the
//! formatting of floating point numbers, a larger part of the download than the session engine. An error here has no content.

use std::fmt;

use js_sys::Array;
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use wasm_bindgen::{JsCast, JsValue};

use super::property::{get, is_given};

/// Deserializes a JavaScript value. `null` and `undefined` both mean "absent".
pub(crate) struct JsDeserializer(pub(crate) JsValue);

/// The value has another type.
#[derive(Debug)]
pub(crate) struct TypeMismatch;

type Outcome<T> = Result<T, TypeMismatch>;

impl fmt::Display for TypeMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("type mismatch")
    }
}

impl std::error::Error for TypeMismatch {}

impl Error for TypeMismatch {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self
    }
}

impl JsDeserializer {
    fn number(&self) -> Outcome<u64> {
        let number = self.0.as_f64().filter(|number| *number >= 0.0 && number.fract() == 0.0);
        number.map(|number| number as u64).ok_or(TypeMismatch)
    }

    fn text(&self) -> Outcome<String> {
        self.0.as_string().ok_or(TypeMismatch)
    }
}

impl<'de> Deserializer<'de> for JsDeserializer {
    type Error = TypeMismatch;

    /// No type of the contract asks for a value of any type.
    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Outcome<V::Value> {
        Err(TypeMismatch)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_bool(self.0.as_bool().ok_or(TypeMismatch)?)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_u64(self.number()?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_u64(self.number()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_f64(self.0.as_f64().ok_or(TypeMismatch)?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        if is_given(&self.0) { visitor.visit_some(self) } else { visitor.visit_none() }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        let array: Array = self.0.dyn_into().map_err(|_| TypeMismatch)?;
        visitor.visit_seq(ArrayItems { array, next: 0 })
    }

    /// Reads a struct as the sequence of its declared fields, which takes a third of the code of reading it by name. It does not
    /// support `#[serde(alias)]`, because aliases are listed among the declared fields.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Outcome<V::Value> {
        if self.0.is_object() {
            visitor.visit_seq(StructFields { object: self.0, fields: fields.iter() })
        } else {
            Err(TypeMismatch)
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u64 u128 f32 char str bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct map enum
        identifier
    }
}

/// The items of an array.
struct ArrayItems {
    array: Array,
    next: u32,
}

impl<'de> SeqAccess<'de> for ArrayItems {
    type Error = TypeMismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Outcome<Option<T::Value>> {
        if self.next == self.array.length() {
            return Ok(None);
        }
        let item = self.array.get(self.next);
        self.next += 1;
        seed.deserialize(JsDeserializer(item)).map(Some)
    }
}

/// The fields of a struct in the order of their declaration. An absent field gets its default.
struct StructFields {
    object: JsValue,
    fields: std::slice::Iter<'static, &'static str>,
}

impl<'de> SeqAccess<'de> for StructFields {
    type Error = TypeMismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Outcome<Option<T::Value>> {
        let value = self.fields.next().map(|field| get(&self.object, field)).filter(is_given);
        value.map(|value| seed.deserialize(JsDeserializer(value))).transpose()
    }
}
