//! Reading typed values out of what `JSON.parse` gave.
//!
//! serde-wasm-bindgen could do it too, but its errors print the value that they met: that needs the formatting of floating
//! point numbers, which is larger than the session engine, and it could print a token. Here an error says nothing.

use std::fmt;

use js_sys::Array;
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use wasm_bindgen::{JsCast, JsValue};

use super::js::{get, is_given};

/// A value to read from. `null` and `undefined` both mean "not given".
pub(crate) struct Reader(pub(crate) JsValue);

/// The value is something else.
#[derive(Debug)]
pub(crate) struct SomethingElse;

type Read<T> = Result<T, SomethingElse>;

impl fmt::Display for SomethingElse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("something else")
    }
}

impl std::error::Error for SomethingElse {}

impl Error for SomethingElse {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self
    }
}

impl Reader {
    fn number(&self) -> Read<u64> {
        let number = self.0.as_f64().filter(|number| *number >= 0.0 && number.fract() == 0.0);
        number.map(|number| number as u64).ok_or(SomethingElse)
    }

    fn text(&self) -> Read<String> {
        self.0.as_string().ok_or(SomethingElse)
    }
}

impl<'de> Deserializer<'de> for Reader {
    type Error = SomethingElse;

    /// Nothing in the contract is of a type that only its value shows.
    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Read<V::Value> {
        Err(SomethingElse)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_bool(self.0.as_bool().ok_or(SomethingElse)?)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_u64(self.number()?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_u64(self.number()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_f64(self.0.as_f64().ok_or(SomethingElse)?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        if is_given(&self.0) { visitor.visit_some(self) } else { visitor.visit_none() }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let array: Array = self.0.dyn_into().map_err(|_| SomethingElse)?;
        visitor.visit_seq(Items { array, next: 0 })
    }

    /// A struct is read as the sequence of its declared fields, which is a third of the code of reading it by name. It needs
    /// types without `#[serde(alias)]`: aliases stand among the declared fields.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        if self.0.is_object() {
            visitor.visit_seq(Fields { object: self.0, fields: fields.iter() })
        } else {
            Err(SomethingElse)
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u64 u128 f32 char str bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct map enum
        identifier
    }
}

/// The items of an array.
struct Items {
    array: Array,
    next: u32,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = SomethingElse;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Read<Option<T::Value>> {
        if self.next == self.array.length() {
            return Ok(None);
        }
        let item = self.array.get(self.next);
        self.next += 1;
        seed.deserialize(Reader(item)).map(Some)
    }
}

/// The fields of a struct in the order of their declaration; one that is not given gets its default.
struct Fields {
    object: JsValue,
    fields: std::slice::Iter<'static, &'static str>,
}

impl<'de> SeqAccess<'de> for Fields {
    type Error = SomethingElse;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Read<Option<T::Value>> {
        let value = self.fields.next().map(|field| get(&self.object, field)).filter(is_given);
        value.map(|value| seed.deserialize(Reader(value))).transpose()
    }
}
