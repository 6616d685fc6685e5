//! Periods as JSON numbers of seconds, as the control API writes them. A fraction is accepted, down to a microsecond.

use std::fmt;

use serde::de::{self, Unexpected, Visitor};
use serde::{Deserializer, Serializer};

use super::{MICROS, Period};

/// Writes whole seconds as an integer.
pub(crate) fn serialize<S: Serializer>(period: &Option<Period>, serializer: S) -> Result<S::Ok, S::Error> {
    match period {
        None => serializer.serialize_none(),
        Some(Period(micros)) if micros % MICROS == 0 => serializer.serialize_i64(micros / MICROS),
        Some(Period(micros)) => serializer.serialize_f64(*micros as f64 / MICROS as f64),
    }
}

/// Reads a number from 0 to `u32::MAX`; `null` means that no period is given.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Period>, D::Error> {
    deserializer.deserialize_any(Seconds)
}

/// Reads a number as [`deserialize`] does, or a duration such as `15m`.
pub(crate) fn deserialize_or_duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Period, D::Error> {
    deserializer.deserialize_any(SecondsOrDuration)
}

struct Seconds;

struct SecondsOrDuration;

impl Visitor<'_> for SecondsOrDuration {
    type Value = Period;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a number of seconds from 0 to {}, or a duration such as \"15m\"", u32::MAX)
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Period, E> {
        let whole = u32::try_from(seconds).map(Period::from_seconds);
        whole.map_err(|_| E::invalid_value(Unexpected::Unsigned(seconds), &self))
    }

    // TOML has no unsigned integers.
    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Period, E> {
        let whole = u32::try_from(seconds).map(Period::from_seconds);
        whole.map_err(|_| E::invalid_value(Unexpected::Signed(seconds), &self))
    }

    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Period, E> {
        Seconds.visit_f64(seconds)?.ok_or_else(|| E::invalid_value(Unexpected::Float(seconds), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Period, E> {
        text.parse().map_err(E::custom)
    }
}

impl Visitor<'_> for Seconds {
    type Value = Option<Period>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a number of seconds from 0 to {}", u32::MAX)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Self::Value, E> {
        let whole = u32::try_from(seconds).map(Period::from_seconds);
        whole.map(Some).map_err(|_| E::invalid_value(Unexpected::Unsigned(seconds), &self))
    }

    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Self::Value, E> {
        if (0.0..=f64::from(u32::MAX)).contains(&seconds) {
            Ok(Some(Period((seconds * MICROS as f64).round() as i64)))
        } else {
            Err(E::invalid_value(Unexpected::Float(seconds), &self))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::service::time::seconds;

    #[test]
    fn periods_are_written_as_seconds_and_read_to_the_microsecond() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Lifetime(#[serde(with = "seconds")] Option<Period>);
        for (period, text) in [(None, "null"), (Some(Period(90_000_000)), "90"), (Some(Period(1_500_001)), "1.500001")]
        {
            assert_eq!(serde_json::to_string(&Lifetime(period)).unwrap(), text);
            assert_eq!(serde_json::from_str::<Lifetime>(text).unwrap(), Lifetime(period));
        }
        for invalid in ["-1", "4294967296", "\"1\"", "1e99"] {
            assert!(serde_json::from_str::<Lifetime>(invalid).is_err(), "{invalid}");
        }
    }
}
