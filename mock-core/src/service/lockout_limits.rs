//! The limits of the login lockout, and their option of the command line.

use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::time::{Period, seconds};

const HOUR: Period = Period::from_seconds(3600);

/// The limits of the lockout. The vendor's documents contradict each other, so they are a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockoutLimits {
    /// The number of logins that are admitted within [`LockoutLimits::per`]; at most 1000.
    pub logins: NonZeroU16,
    /// The time in which logins are counted.
    pub per: Period,
    /// The time for which an address is locked out.
    pub block: Period,
}

/// The largest value of [`LockoutLimits::logins`].
const MAX_LOGINS: u16 = 1_000;

impl LockoutLimits {
    /// Five logins a minute (the vendor's skills of June 2026, and the default).
    pub const FIVE_PER_MINUTE: Self = Self::five_per(Period::from_seconds(60));
    /// Five logins an hour (the vendor's page about authorization policies).
    pub const FIVE_PER_HOUR: Self = Self::five_per(HOUR);
    /// Five logins a day (the vendor's page about how to get started with the API).
    pub const FIVE_PER_DAY: Self = Self::five_per(Period::from_seconds(86_400));

    /// Only the skills name the time of the block, an hour; the same is taken for the other limits \[P\].
    const fn five_per(per: Period) -> Self {
        let Some(logins) = NonZeroU16::new(5) else { unreachable!() };
        Self { logins, per, block: HOUR }
    }
}

impl Default for LockoutLimits {
    fn default() -> Self {
        Self::FIVE_PER_MINUTE
    }
}

/// The option of the command line: `true`, `false`, `5-per-minute`, `5-per-hour` or `5-per-day`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockoutOption {
    /// Whether too many logins lock their address out.
    pub is_on: bool,
    /// The limits; `None` leaves them as they are.
    pub limits: Option<LockoutLimits>,
}

/// The text is not a [`LockoutOption`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not valid; it is true, false, 5-per-minute, 5-per-hour or 5-per-day")]
pub struct InvalidLockout(String);

impl FromStr for LockoutOption {
    type Err = InvalidLockout;

    fn from_str(text: &str) -> Result<Self, InvalidLockout> {
        let limits = match text {
            "true" => None,
            "false" => return Ok(Self { is_on: false, limits: None }),
            "5-per-minute" => Some(LockoutLimits::FIVE_PER_MINUTE),
            "5-per-hour" => Some(LockoutLimits::FIVE_PER_HOUR),
            "5-per-day" => Some(LockoutLimits::FIVE_PER_DAY),
            _ => return Err(InvalidLockout(text.to_owned())),
        };
        Ok(Self { is_on: true, limits })
    }
}

/// A boolean or the name of limits, as in a configuration file.
impl<'de> Deserialize<'de> for LockoutOption {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl serde::de::Visitor<'_> for Form {
            type Value = LockoutOption;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false, 5-per-minute, 5-per-hour or 5-per-day")
            }

            fn visit_bool<E: serde::de::Error>(self, is_on: bool) -> Result<LockoutOption, E> {
                Ok(LockoutOption { is_on, limits: None })
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<LockoutOption, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Form)
    }
}

/// The JSON of [`LockoutLimits`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LimitsJson {
    logins: u32,
    #[serde(with = "seconds")]
    per_seconds: Option<Period>,
    #[serde(with = "seconds")]
    for_seconds: Option<Period>,
}

impl Serialize for LockoutLimits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { logins, per, block } = *self;
        LimitsJson { logins: logins.get().into(), per_seconds: Some(per), for_seconds: Some(block) }
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for LockoutLimits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let LimitsJson { logins, per_seconds, for_seconds } = LimitsJson::deserialize(deserializer)?;
        let logins = u16::try_from(logins).ok().filter(|logins| *logins <= MAX_LOGINS).and_then(NonZeroU16::new);
        let logins =
            logins.ok_or_else(|| D::Error::custom(format_args!("logins is a whole number from 1 to {MAX_LOGINS}")))?;
        let time = |period: Option<Period>| {
            let period = period.filter(|period| *period > Period::ZERO);
            period.ok_or_else(|| D::Error::custom("perSeconds and forSeconds are numbers of seconds above 0"))
        };
        Ok(Self { logins, per: time(per_seconds)?, block: time(for_seconds)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_of_the_command_line_is_a_boolean_or_the_name_of_limits() {
        let parse = |text: &str| text.parse::<LockoutOption>();
        assert_eq!(parse("true"), Ok(LockoutOption { is_on: true, limits: None }));
        assert_eq!(parse("false"), Ok(LockoutOption { is_on: false, limits: None }));
        assert_eq!(parse("5-per-day").unwrap().limits, Some(LockoutLimits::FIVE_PER_DAY));
        assert!(parse("6-per-day").is_err() && parse("").is_err());
        assert_eq!(serde_json::from_str::<LockoutOption>("true").unwrap(), parse("true").unwrap());
        assert_eq!(serde_json::from_str::<LockoutOption>("\"5-per-hour\"").unwrap(), parse("5-per-hour").unwrap());
    }

    #[test]
    fn invalid_limits_are_refused() {
        let read = |text: &str| serde_json::from_str::<LockoutLimits>(text);
        assert!(read(r#"{ "logins": 3, "perSeconds": 10, "forSeconds": 0.5 }"#).is_ok());
        for invalid in [
            r#"{ "logins": 0, "perSeconds": 10, "forSeconds": 10 }"#,
            r#"{ "logins": 1001, "perSeconds": 10, "forSeconds": 10 }"#,
            r#"{ "logins": 1, "perSeconds": 0, "forSeconds": 10 }"#,
            r#"{ "logins": 1, "perSeconds": 10, "forSeconds": null }"#,
            r#"{ "logins": 1, "perSeconds": 10 }"#,
            r#"{ "logins": 1, "perSeconds": 10, "forSeconds": 10, "other": 1 }"#,
        ] {
            assert!(read(invalid).is_err(), "{invalid}");
        }
    }
}
