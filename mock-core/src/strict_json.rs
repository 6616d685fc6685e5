//! Reads JSON of tests strictly: the bodies of the control API and the files of a configuration. An error names the field, and tells in
//! plain words what it must be.
//!
//! A struct is read from an object only. serde would also read its fields from an array, by their order, and then a mistake is
//! not noticed.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, Expected, IntoDeserializer as _, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;

use crate::json_tree::{FieldPath, Json};

/// The reason why JSON cannot be read.
#[derive(Debug)]
pub struct WrongJson {
    /// The path of the field that is wrong; `None` if the whole body is.
    pub field: Option<String>,
    /// A sentence; for a field the rest of one that starts with the field.
    pub reason: String,
}

impl WrongJson {
    fn body(reason: impl Into<String>) -> Self {
        Self { field: None, reason: reason.into() }
    }
}

/// Reads the JSON body of a request.
///
/// # Errors
///
/// The body is not JSON, or a field is unknown or invalid.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, WrongJson> {
    read_value(parse(body)?)
}

/// The size from which a body is read without a tree in between, in bytes.
#[cfg(not(target_arch = "wasm32"))]
const LARGE: usize = 4 << 20;

/// Reads the JSON body of a request that may be very large. From [`LARGE`] on there is no tree in between; a body that is wrong is then
/// read a second time, to find its field.
///
/// # Errors
///
/// The body is not JSON, or a field is unknown or invalid.
#[cfg(not(target_arch = "wasm32"))]
pub fn read_large<T: DeserializeOwned>(body: &[u8]) -> Result<T, WrongJson> {
    if body.len() < LARGE { read(body) } else { serde_json::from_slice(body).or_else(|_| read(body)) }
}

/// The same in WebAssembly, where a second reader of all types would be a fifteenth of the download, and a body is small.
///
/// # Errors
///
/// The body is not JSON, or a field is unknown or invalid.
#[cfg(target_arch = "wasm32")]
pub fn read_large<T: DeserializeOwned>(body: &[u8]) -> Result<T, WrongJson> {
    read(body)
}

/// Reads a JSON object.
///
/// # Errors
///
/// A field is unknown or invalid.
// The reader of a type is a function: inside of its caller it would compress worse.
#[inline(never)]
pub fn read_value<T: DeserializeOwned>(value: Json) -> Result<T, WrongJson> {
    if !matches!(value, Json::Object(_)) {
        return Err(WrongJson::body("The body must be a JSON object."));
    }
    T::deserialize(Reader(value)).map_err(|StrictError(wrong)| {
        let Wrong { path, reason } = *wrong;
        if path.is_empty() {
            WrongJson::body(format!("The body {reason}."))
        } else {
            WrongJson { field: Some(path.to_string()), reason }
        }
    })
}

fn parse(body: &[u8]) -> Result<Json, WrongJson> {
    if body.trim_ascii().is_empty() {
        return Err(WrongJson::body("The body is empty; this call needs a JSON object."));
    }
    serde_json::from_slice(body).map_err(|error| malformed(&error))
}

fn malformed(error: &serde_json::Error) -> WrongJson {
    WrongJson::body(format!("The body is not valid JSON: {error}."))
}

/// Why a value could not be read: the rest of a sentence that starts with the name of the field.
///
/// It is boxed, and the functions below are not generic, because every reader of a type contains a copy of what is around them.
#[derive(Debug)]
struct StrictError(Box<Wrong>);

#[derive(Debug)]
struct Wrong {
    path: FieldPath,
    reason: String,
}

impl StrictError {
    fn at(path: FieldPath, reason: String) -> Self {
        Self(Box::new(Wrong { path, reason }))
    }

    fn new(reason: &str) -> Self {
        Self::at(FieldPath::default(), reason.to_owned())
    }

    /// The value has another type than this visitor reads.
    fn unlike<'de>(visitor: &impl Visitor<'de>) -> Self {
        Self::invalid_type(Unexpected::Unit, visitor)
    }

    #[cold]
    #[inline(never)]
    fn within(mut self, step: String) -> Self {
        self.0.path = self.0.path.within(step);
        self
    }

    #[cold]
    #[inline(never)]
    fn within_item(self, index: usize) -> Self {
        self.within(format!("[{index}]"))
    }
}

impl fmt::Display for StrictError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.reason)
    }
}

impl std::error::Error for StrictError {}

impl serde::de::Error for StrictError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::at(FieldPath::default(), message.to_string())
    }

    #[cold]
    #[inline(never)]
    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(&must_be(&expected.to_string()))
    }

    fn invalid_value(value: Unexpected<'_>, expected: &dyn Expected) -> Self {
        if matches!(value, Unexpected::Unsigned(_)) {
            Self::new("is too large")
        } else {
            Self::invalid_type(value, expected)
        }
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        let names: Vec<_> = expected.iter().map(|name| format!("\"{name}\"")).collect();
        Self::new(&format!("must be {}", names.join(" or ")))
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(&format!("is unknown; the known fields are {}", expected.join(", ")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::at(FieldPath::of(field), "is required".to_owned())
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::at(FieldPath::of(field), "is given twice".to_owned())
    }
}

/// What serde expects, in the words of JSON.
fn must_be(expected: &str) -> String {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "must be a whole number of 0 or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "must be a whole number".to_owned(),
        "f32" | "f64" => "must be a number".to_owned(),
        "a boolean" => "must be true or false".to_owned(),
        "a sequence" => "must be an array".to_owned(),
        "a map" => "must be a JSON object".to_owned(),
        _ if expected.starts_with("struct ") => "must be a JSON object".to_owned(),
        _ => format!("must be {expected}"),
    }
}

/// Hands a value over to the visitor of a type. There is one reader for all types: the code that follows the path would otherwise be
/// compiled for each of them, which was a sixth of the WebAssembly.
struct Reader(Json);

macro_rules! integers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, StrictError> {
            match self.0 {
                Json::Unsigned(value) => visitor.visit_u64(value),
                Json::Signed(value) => visitor.visit_i64(value),
                _ => Err(StrictError::unlike(&visitor)),
            }
        })*
    };
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other value has the wrong type")]
impl<'de> Deserializer<'de> for Reader {
    type Error = StrictError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, StrictError> {
        match self.0 {
            Json::Null => visitor.visit_unit(),
            Json::Bool(value) => visitor.visit_bool(value),
            Json::Unsigned(value) => visitor.visit_u64(value),
            Json::Signed(value) => visitor.visit_i64(value),
            Json::Float(value) => visitor.visit_f64(value),
            Json::String(value) => visitor.visit_string(value),
            Json::Array(items) => visitor.visit_seq(Items { items: items.into_iter(), index: 0 }),
            Json::Object(entries) => visitor.visit_map(Entries::new(entries)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, StrictError> {
        if self.0 == Json::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, StrictError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, StrictError> {
        match self.0 {
            Json::Object(entries) => visitor.visit_map(Entries::new(entries)),
            _ => Err(StrictError::new("must be a JSON object")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, StrictError> {
        match self.0 {
            Json::Object(entries) => visitor.visit_map(Entries::new(entries)),
            _ => Err(StrictError::unlike(&visitor)),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, StrictError> {
        match self.0 {
            Json::Array(items) => visitor.visit_seq(Items { items: items.into_iter(), index: 0 }),
            _ => Err(StrictError::unlike(&visitor)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, StrictError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, StrictError> {
        match self.0 {
            Json::String(text) => visitor.visit_string(text),
            _ => Err(StrictError::unlike(&visitor)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, StrictError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, StrictError> {
        match self.0 {
            Json::Bool(value) => visitor.visit_bool(value),
            _ => Err(StrictError::unlike(&visitor)),
        }
    }

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, StrictError> {
        match self.0 {
            Json::String(text) => {
                let name: StrDeserializer<'_, StrictError> = text.as_str().into_deserializer();
                visitor.visit_enum(name)
            }
            Json::Object(entries) if entries.len() == 1 => {
                visitor.visit_enum(MapAccessDeserializer::new(Entries::new(entries)))
            }
            _ => Err(StrictError::unknown_variant("", variants)),
        }
    }

    forward_to_deserialize_any! {
        i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple_struct identifier ignored_any
    }
}

struct Items {
    items: std::vec::IntoIter<Json>,
    index: usize,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = StrictError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, StrictError> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        seed.deserialize(Reader(item)).map(Some).map_err(|error| error.within_item(index))
    }
}

struct Entries {
    entries: std::vec::IntoIter<(String, Json)>,
    value: Option<(String, Json)>,
}

impl Entries {
    fn new(entries: Vec<(String, Json)>) -> Self {
        Self { entries: entries.into_iter(), value: None }
    }
}

impl<'de> MapAccess<'de> for Entries {
    type Error = StrictError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, StrictError> {
        let Some((name, value)) = self.entries.next() else { return Ok(None) };
        let key: StrDeserializer<'_, StrictError> = name.as_str().into_deserializer();
        match seed.deserialize(key) {
            Ok(key) => {
                self.value = Some((name, value));
                Ok(Some(key))
            }
            Err(error) => Err(error.within(name)),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, StrictError> {
        let (name, value) = self.value.take().ok_or_else(|| StrictError::new("must have a value"))?;
        seed.deserialize(Reader(value)).map_err(|error| error.within(name))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "the values are read by serde only")]
    struct Body {
        parties: usize,
        then: Option<Then>,
        which: Option<Which>,
        name: Option<String>,
        small: Option<u16>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "the values are read by serde only")]
    struct Then {
        delay_ms: u64,
        reset: Option<bool>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Which {
        Access,
        Refresh,
    }

    fn error(body: &str) -> (Option<String>, String) {
        let WrongJson { field, reason } = read::<Body>(body.as_bytes()).unwrap_err();
        (field, reason)
    }

    fn field(body: Value) -> (String, String) {
        let (field, error) = error(&body.to_string());
        (field.expect("a field"), error)
    }

    #[test]
    fn a_missing_field_is_named_with_its_path() {
        assert_eq!(field(json!({})), ("parties".into(), "is required".into()));
        assert_eq!(field(json!({ "parties": 1, "then": {} })), ("then.delayMs".into(), "is required".into()));
    }

    #[test]
    fn a_wrong_value_is_told_what_it_must_be() {
        let reason = |body| field(body).1;
        assert_eq!(reason(json!({ "parties": -1 })), "must be a whole number of 0 or more");
        assert_eq!(reason(json!({ "parties": "1" })), "must be a whole number of 0 or more");
        assert_eq!(reason(json!({ "parties": 1e30 })), "must be a whole number of 0 or more");
        assert_eq!(reason(json!({ "parties": 1, "small": 70_000 })), "is too large");
        assert_eq!(reason(json!({ "parties": 1, "name": 5 })), "must be a string");
        assert_eq!(reason(json!({ "parties": 1, "then": 5 })), "must be a JSON object");
        assert_eq!(reason(json!({ "parties": 1, "then": { "delayMs": 1, "reset": 1 } })), "must be true or false");
        assert_eq!(reason(json!({ "parties": 1, "which": "some" })), "must be \"access\" or \"refresh\"");
    }

    #[test]
    fn an_unknown_field_is_told_the_known_ones() {
        let known = "is unknown; the known fields are parties, then, which, name, small";
        assert_eq!(field(json!({ "party": 1 })), ("party".into(), known.into()));
    }

    #[test]
    fn a_body_that_is_not_a_json_object_is_refused_without_a_field() {
        for (body, part) in [
            ("", "is empty"),
            ("  ", "is empty"),
            ("{", "is not valid JSON"),
            ("{1}", "is not valid JSON"),
            ("{\"parties\":1} x", "is not valid JSON"),
            ("5", "must be a JSON object"),
            ("[2]", "must be a JSON object"),
            ("null", "must be a JSON object"),
        ] {
            let (field, error) = error(body);
            assert_eq!(field, None, "{body}");
            assert!(error.contains(part), "{body}: {error}");
        }
    }
}
