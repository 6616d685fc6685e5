//! Reading JSON the way the real service reads it.
//!
//! A serde `Deserializer` that matches property names and enum values without letter case, takes `"true"` for `true` and
//! `"3"` for `3`, and `null` for "not given" \[C, F\]. The types it fills are the strict ones of the contract; nothing is
//! rewritten and nothing is tried twice. Its errors name the path of the field and never repeat what was sent, because
//! that may be a password.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use telematics_contract::FieldError;
use telematics_contract::auth::LoginFields;

use crate::json_tree::{FieldPath, Json};

/// Objects that real clients also send as a JSON string \[C\].
const ALSO_SENT_AS_TEXT: [&str; 1] = [LoginFields::NAME];

impl Json {
    /// Reads the value as `T`.
    ///
    /// # Errors
    ///
    /// The field that cannot be read, by its path, and what it should be.
    // The reader of a type is a function: inside of its caller it would compress worse.
    #[inline(never)]
    pub fn read<T: DeserializeOwned>(self) -> Result<T, FieldError> {
        T::deserialize(Reader(self)).map_err(ReadError::into_field_error)
    }
}

/// Why a value could not be read.
#[derive(Debug)]
struct ReadError {
    path: FieldPath,
    message: String,
}

impl ReadError {
    fn new(message: impl Into<String>) -> Self {
        Self { path: FieldPath::default(), message: message.into() }
    }

    fn within(self, step: impl Into<String>) -> Self {
        Self { path: self.path.within(step.into()), message: self.message }
    }

    fn into_field_error(self) -> FieldError {
        // `$` is the body as a whole.
        let key = if self.path.is_empty() { "$".to_owned() } else { self.path.to_string() };
        FieldError { key, message: self.message }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ReadError {}

// What was sent is never repeated: it may be a secret in the wrong place.
impl serde::de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("Expected {expected}."))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("Expected {expected}."))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("Expected one of {}.", expected.join(", ")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("{field} is required.")).within(field)
    }
}

struct Reader(Json);

impl Reader {
    /// The value itself, for a visitor that says what it can take.
    fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.0 {
            Json::Null => visitor.visit_unit(),
            Json::Bool(value) => visitor.visit_bool(value),
            Json::Unsigned(value) => visitor.visit_u64(value),
            Json::Signed(value) => visitor.visit_i64(value),
            Json::Float(value) => visitor.visit_f64(value),
            Json::String(value) => visitor.visit_string(value),
            Json::Array(items) => visitor.visit_seq(Items { items: items.into_iter(), index: 0 }),
            // No type of the contract reads an object whose names it does not know.
            Json::Object(_) => Err(serde::de::Error::invalid_type(Unexpected::Map, &visitor)),
        }
    }

    fn visit_integer<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let no_integer = || ReadError::new("Expected a whole number.");
        match self.0 {
            Json::Unsigned(value) => visitor.visit_u64(value),
            Json::Signed(value) => visitor.visit_i64(value),
            Json::String(text) => match text.trim().parse() {
                Ok(value) => visitor.visit_u64(value),
                Err(_) => visitor.visit_i64(text.trim().parse().map_err(|_| no_integer())?),
            },
            Json::Null | Json::Bool(_) | Json::Float(_) | Json::Array(_) | Json::Object(_) => Err(no_integer()),
        }
    }
}

macro_rules! integers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
            self.visit_integer(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Reader {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.visit(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let text = match &self.0 {
            Json::Bool(value) => return visitor.visit_bool(*value),
            Json::String(text) => text.trim(),
            Json::Null | Json::Unsigned(_) | Json::Signed(_) | Json::Float(_) | Json::Array(_) | Json::Object(_) => "",
        };
        if text.eq_ignore_ascii_case("true") {
            visitor.visit_bool(true)
        } else if text.eq_ignore_ascii_case("false") {
            visitor.visit_bool(false)
        } else {
            Err(ReadError::new("Expected true or false."))
        }
    }

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if self.0 == Json::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        match self.0 {
            Json::Object(entries) => visitor.visit_map(Entries::new(entries, fields)),
            Json::String(text) if ALSO_SENT_AS_TEXT.contains(&name) => match Json::parse(text.as_bytes()) {
                Some(Json::Object(entries)) => visitor.visit_map(Entries::new(entries, fields)),
                Some(_) | None => Err(ReadError::new("Expected an object, or one as JSON text.")),
            },
            Json::Null
            | Json::Bool(_)
            | Json::Unsigned(_)
            | Json::Signed(_)
            | Json::Float(_)
            | Json::String(_)
            | Json::Array(_) => Err(ReadError::new("Expected an object.")),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let Json::String(text) = self.0 else {
            return Err(serde::de::Error::unknown_variant("", variants));
        };
        let variant = variants.iter().find(|variant| variant.eq_ignore_ascii_case(text.trim()));
        let variant = variant.ok_or_else(|| serde::de::Error::unknown_variant("", variants))?;
        visitor.visit_enum(Variant(variant))
    }

    forward_to_deserialize_any! {
        f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map identifier ignored_any
        i128 u128
    }
}

struct Variant(&'static str);

impl<'de> EnumAccess<'de> for Variant {
    type Error = ReadError;
    type Variant = <StrDeserializer<'static, ReadError> as EnumAccess<'static>>::Variant;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), ReadError> {
        let deserializer: StrDeserializer<'static, ReadError> = self.0.into_deserializer();
        deserializer.variant_seed(seed)
    }
}

struct Items {
    items: std::vec::IntoIter<Json>,
    index: usize,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ReadError> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        seed.deserialize(Reader(item)).map(Some).map_err(|error| error.within(format!("[{index}]")))
    }
}

/// The properties of an object that are known and given, each once.
struct Entries {
    entries: std::vec::IntoIter<(&'static str, Json)>,
    value: Option<(&'static str, Json)>,
}

impl Entries {
    fn new(entries: Vec<(String, Json)>, fields: &'static [&'static str]) -> Self {
        let mut kept: Vec<(&'static str, Json)> = Vec::with_capacity(fields.len().min(entries.len()));
        for (name, value) in entries {
            // Unknown properties are ignored [C, F].
            let Some(&name) = fields.iter().find(|field| field.eq_ignore_ascii_case(&name)) else { continue };
            // Of a property given twice the last one counts [P].
            match kept.iter_mut().find(|(known, _)| *known == name) {
                Some((_, slot)) => *slot = value,
                None => kept.push((name, value)),
            }
        }
        // `null` means "not given" [C].
        kept.retain(|(_, value)| *value != Json::Null);
        Self { entries: kept.into_iter(), value: None }
    }
}

impl<'de> MapAccess<'de> for Entries {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadError> {
        let Some((name, value)) = self.entries.next() else { return Ok(None) };
        let key: StrDeserializer<'_, ReadError> = name.into_deserializer();
        let key = seed.deserialize(key)?;
        self.value = Some((name, value));
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let (name, value) = self.value.take().ok_or_else(|| ReadError::new("Expected a value."))?;
        seed.deserialize(Reader(value)).map_err(|error| error.within(name))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use telematics_contract::auth::LoginRequest;
    use telematics_contract::registration::{RegisterManyRequest, RegisterRequest};
    use telematics_contract::user::{Gender, UserFields};

    use super::*;

    fn read<T: DeserializeOwned>(text: &str) -> Result<T, FieldError> {
        Json::parse(text.as_bytes()).expect(text).read()
    }

    fn register(text: &str) -> RegisterRequest {
        read(text).unwrap()
    }

    fn key<T: DeserializeOwned + fmt::Debug>(text: &str) -> String {
        read::<T>(text).unwrap_err().key
    }

    #[test]
    fn property_names_match_in_any_letter_case_at_every_depth() {
        let expected = UserFields { enabled: Some(false), client_id: Some("c".into()), ..UserFields::default() };
        for text in [
            r#"{"UserFields":{"Enabled":false,"ClientId":"c"}}"#,
            r#"{"userFields":{"enabled":false,"clientID":"c"}}"#,
            r#"{"USERFIELDS":{"ENABLED":false,"CLIENTID":"c"}}"#,
        ] {
            assert_eq!(register(text).user_fields, Some(expected.clone()), "{text}");
        }
    }

    #[test]
    fn the_old_spelling_of_real_time_location_is_read() {
        let fields = register(r#"{"UserFields":{"EnableRealtimeLocation":true}}"#).user_fields.unwrap();
        assert_eq!(fields.enable_real_time_location, Some(true));
    }

    #[test]
    fn booleans_and_whole_numbers_may_arrive_as_strings() {
        assert_eq!(register(r#"{"CreateAccessToken":"False"}"#).create_access_token, Some(false));
        assert_eq!(register(r#"{"ChildrenCount":"3"}"#).children_count, Some(3));
        assert_eq!(read::<RegisterManyRequest>(r#"{"Quantity":"12"}"#).unwrap().quantity, 12);
    }

    #[test]
    fn null_means_not_given() {
        let request = register(r#"{"FirstName":null,"UserFields":null,"CreateAccessToken":null}"#);
        assert_eq!(request, RegisterRequest::default());
        assert_eq!(key::<RegisterManyRequest>(r#"{"Quantity":null}"#), "Quantity");
    }

    #[test]
    fn unknown_properties_are_ignored() {
        assert_eq!(register(r#"{"Shoe":{"Size":44},"FirstName":"Ada"}"#).first_name.as_deref(), Some("Ada"));
    }

    #[test]
    fn of_a_property_given_twice_the_last_one_counts() {
        assert_eq!(register(r#"{"City":"A","city":"B","CITY":"C"}"#).city.as_deref(), Some("C"));
        assert_eq!(register(r#"{"City":"A","city":null}"#).city, None);
    }

    #[test]
    fn enum_values_match_in_any_letter_case() {
        assert_eq!(register(r#"{"Gender":"fEMALE"}"#).gender, Some(Gender::Female));
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_path() {
        assert_eq!(key::<RegisterRequest>(r#"{"userfields":{"ENABLED":"maybe"}}"#), "UserFields.Enabled");
        assert_eq!(key::<RegisterRequest>(r#"{"UserFields":[]}"#), "UserFields");
        assert_eq!(key::<RegisterRequest>(r#"{"Gender":"Robot"}"#), "Gender");
        assert_eq!(key::<RegisterRequest>(r#"{"Gender":3}"#), "Gender");
        assert_eq!(key::<RegisterRequest>(r#"{"ChildrenCount":-1}"#), "ChildrenCount");
        assert_eq!(key::<RegisterRequest>(r#"{"ChildrenCount":1.5}"#), "ChildrenCount");
        assert_eq!(key::<RegisterRequest>(r#"{"FirstName":7}"#), "FirstName");
        assert_eq!(key::<RegisterManyRequest>("{}"), "Quantity");
        assert_eq!(key::<RegisterRequest>("[]"), "$");
    }

    #[test]
    fn login_fields_may_be_an_object_or_the_object_as_text() {
        let plain = r#"{"LoginFields":{"Devicetoken":"id"},"Password":"p"}"#;
        let text = r#"{"LoginFields":"{\"deviceToken\":\"id\"}","Password":"p"}"#;
        assert_eq!(read::<LoginRequest>(plain).unwrap(), read::<LoginRequest>(text).unwrap());
        assert_eq!(key::<LoginRequest>(r#"{"LoginFields":"nonsense","Password":"p"}"#), "LoginFields");
    }

    #[test]
    fn an_error_never_repeats_what_was_sent() {
        for text in [
            r#"{"LoginFields":{},"Password":["canary"]}"#,
            r#"{"LoginFields":"canary","Password":"p"}"#,
            r#"{"LoginFields":{"DeviceToken":{"canary":1}},"Password":"p"}"#,
        ] {
            let error = read::<LoginRequest>(text).unwrap_err();
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        }
        let error = read::<RegisterRequest>(r#"{"Gender":"canary","UserFields":{"Enabled":"canary"}}"#).unwrap_err();
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }

    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::Bool),
            any::<u64>().prop_map(Json::Unsigned),
            any::<i64>().prop_map(Json::Signed),
            any::<f64>().prop_map(Json::Float),
            ".*".prop_map(Json::String),
        ];
        let names = prop_oneof![
            Just("FirstName"),
            Just("UserFields"),
            Just("Enabled"),
            Just("Gender"),
            Just("LoginFields"),
            Just("Password"),
            Just("Quantity"),
            Just("Birthday"),
            Just("quantity"),
        ];
        leaf.prop_recursive(4, 32, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
                prop::collection::vec((names.clone().prop_map(str::to_owned), inner), 0..6).prop_map(Json::Object),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_is_read_or_refused_with_a_key_and_a_sentence(json in any_json()) {
            let refused = [
                json.clone().read::<RegisterRequest>().err(),
                json.clone().read::<RegisterManyRequest>().err(),
                json.read::<LoginRequest>().err(),
            ];
            for error in refused.into_iter().flatten() {
                prop_assert!(!error.key.is_empty());
                prop_assert!(error.message.ends_with('.'), "{}", error.message);
            }
        }

        #[test]
        fn letter_case_never_changes_what_a_body_means(upper in any::<[bool; 12]>()) {
            let name: String = "ChildrenCoun".chars().zip(upper)
                .map(|(c, upper)| if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }).collect();
            let text = format!(r#"{{"{name}T":2}}"#);
            prop_assert_eq!(register(&text).children_count, Some(2));
        }
    }
}
