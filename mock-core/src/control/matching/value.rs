//! What a match says about a text that a request may have: a header or a hint.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::pattern::TextPattern;
use crate::control::redaction::{REDACTED, is_secret};

/// What a match says about a header or a hint.
#[derive(Clone, PartialEq, Eq)]
pub enum ValueMatch {
    /// It is present, with any value: `true`.
    Present,
    /// It is absent: `false`.
    Absent,
    /// It is present, and its value matches: a text with `*`.
    Text(TextPattern),
}

impl ValueMatch {
    /// Whether a value fits; `None` is the value of a header or a hint that is absent.
    #[must_use]
    pub fn fits(&self, value: Option<&str>) -> bool {
        match self {
            Self::Present => value.is_some(),
            Self::Absent => value.is_none(),
            Self::Text(pattern) => value.is_some_and(|value| pattern.fits(value)),
        }
    }
}

impl fmt::Display for ValueMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present => f.write_str("present"),
            Self::Absent => f.write_str("absent"),
            Self::Text(pattern) => f.write_str(pattern.as_str()),
        }
    }
}

impl fmt::Debug for ValueMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present | Self::Absent => fmt::Display::fmt(self, f),
            Self::Text(pattern) => fmt::Debug::fmt(pattern.as_str(), f),
        }
    }
}

impl Serialize for ValueMatch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Present => serializer.serialize_bool(true),
            Self::Absent => serializer.serialize_bool(false),
            Self::Text(pattern) => pattern.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ValueMatch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BoolOrText;
        impl Visitor<'_> for BoolOrText {
            type Value = ValueMatch;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false or a text")
            }

            fn visit_bool<E: de::Error>(self, is_present: bool) -> Result<ValueMatch, E> {
                Ok(if is_present { ValueMatch::Present } else { ValueMatch::Absent })
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ValueMatch, E> {
                Ok(ValueMatch::Text(TextPattern::new(text)))
            }
        }
        deserializer.deserialize_any(BoolOrText)
    }
}

/// What a match says about headers, by their names in any letter case.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HeaderMatches(pub BTreeMap<String, ValueMatch>);

/// The names and what is said about them; without the pattern of a secret.
impl fmt::Debug for HeaderMatches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(name, wanted)| (name, shown(name, wanted)))).finish()
    }
}

/// What a match says about a header, as text without secrets.
pub(super) fn shown(name: &str, wanted: &ValueMatch) -> String {
    match wanted {
        ValueMatch::Text(_) if is_secret(name) => REDACTED.to_owned(),
        ValueMatch::Present | ValueMatch::Absent | ValueMatch::Text(_) => wanted.to_string(),
    }
}
