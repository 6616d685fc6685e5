//! Points in time and lengths of time. The only file that knows jiff.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, SpanRelativeTo};
use serde::{Deserialize, Serialize, Serializer};

const MICROS: i64 = 1_000_000;

/// A point in time, to the microsecond, between 1970 and the year 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Timestamp(i64);

/// A length of time, to the microsecond; never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period(i64);

/// The text is not a valid [`Timestamp`] or [`Period`]. The message is a sentence for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TimeError(String);

impl TimeError {
    fn invalid_time(text: &str) -> Self {
        Self(format!("'{text}' is not a valid time; write it like 2021-11-01T00:00:00Z"))
    }
}

impl Timestamp {
    /// The start of 1970.
    pub const EPOCH: Self = Self(0);
    /// The latest point in time: the end of the year 9999.
    pub const END: Self = Self(253_402_207_200 * MICROS);

    /// The point in time `seconds` after the start of 1970, clamped to the range of a [`Timestamp`].
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self::clamped(seconds.saturating_mul(MICROS))
    }

    /// The point in time `micros` microseconds after the start of 1970, clamped to the range of a [`Timestamp`].
    #[must_use]
    pub const fn from_unix_micros(micros: i64) -> Self {
        Self::clamped(micros)
    }

    const fn clamped(micros: i64) -> Self {
        if micros < 0 {
            Self::EPOCH
        } else if micros > Self::END.0 {
            Self::END
        } else {
            Self(micros)
        }
    }

    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(MICROS)
    }

    /// Whole seconds since 1970, rounded up.
    #[must_use]
    pub const fn seconds_rounded_up(self) -> i64 {
        self.seconds() + if self.0.rem_euclid(MICROS) == 0 { 0 } else { 1 }
    }

    /// The point in time `period` later, at most [`Timestamp::END`].
    #[must_use]
    pub const fn plus(self, period: Period) -> Self {
        Self::clamped(self.0.saturating_add(period.0))
    }

    /// The point in time `period` later.
    ///
    /// # Errors
    ///
    /// The result lies after [`Timestamp::END`].
    pub fn checked_plus(self, period: Period) -> Result<Self, TimeError> {
        let then = self.0.checked_add(period.0).filter(|micros| *micros <= Self::END.0);
        then.map(Self).ok_or_else(|| TimeError("the clock cannot go beyond the year 9999".to_owned()))
    }

    /// The time from `earlier` to this point; zero if this point is not later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Period {
        let micros = self.0.saturating_sub(earlier.0);
        if micros > 0 { Period(micros) } else { Period(0) }
    }

    /// Microseconds from `other` to this point; negative if this point is earlier.
    pub(crate) const fn micros_from(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }

    /// This point moved by `micros` microseconds, clamped to the range of a [`Timestamp`].
    pub(crate) const fn moved(self, micros: i64) -> Self {
        Self::clamped(self.0.saturating_add(micros))
    }

    /// Reads a date as the contract accepts it: `yyyy-MM-dd`, or ISO 8601 with a time, with or without a zone \[V, C\].
    ///
    /// # Errors
    ///
    /// The text is not a date; the message shows valid dates.
    pub fn parse_lenient(text: &str) -> Result<Self, TimeError> {
        let zoned = text.parse::<jiff::Timestamp>().ok().map(|at| Self(at.as_microsecond()));
        // Computed without a zone, so that the last hours of the year 9999 are valid too.
        let civil = || {
            let since = text.parse::<DateTime>().ok()?.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
            i64::try_from(since.as_micros()).ok().map(|micros| Self(micros.min(Self::END.0)))
        };
        // A birthday can lie before 1970, so there is no lower limit.
        zoned
            .or_else(civil)
            .ok_or_else(|| TimeError("A date is written 2019-12-13 or 2019-12-13T06:19:18.837Z.".to_owned()))
    }

    fn jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// The date as the contract writes it: ISO 8601 in UTC, without a zone \[V\].
    #[must_use]
    pub fn to_wire(self) -> String {
        self.wire().to_string()
    }

    /// The same as [`Timestamp::to_wire`], for a formatter.
    pub(crate) fn wire(self) -> impl fmt::Display {
        TimeZone::UTC.to_datetime(self.jiff())
    }

    /// The date as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
    #[must_use]
    pub fn to_http(self) -> String {
        jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&self.jiff()).unwrap_or_default()
    }
}

/// The form that the control API writes: ISO 8601 with the zone `Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.jiff().fmt(f)
    }
}

/// The form that the control API accepts: ISO 8601 with a zone, from 1970 on.
impl FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let at: jiff::Timestamp = text.parse().map_err(|_| TimeError::invalid_time(text))?;
        let micros = at.as_microsecond();
        if Self::clamped(micros).0 == micros {
            Ok(Self(micros))
        } else {
            Err(TimeError(format!("'{text}' is outside the years 1970 to 9999")))
        }
    }
}

impl Period {
    /// Zero seconds.
    pub const ZERO: Self = Self(0);

    /// A period of `seconds` seconds.
    #[must_use]
    pub const fn from_seconds(seconds: u32) -> Self {
        Self(seconds as i64 * MICROS)
    }

    /// Whole seconds, rounded up, so that a client which waits for this time has waited long enough.
    #[must_use]
    pub const fn seconds_rounded_up(self) -> u32 {
        let seconds = self.0 / MICROS + if self.0 % MICROS == 0 { 0 } else { 1 };
        if seconds > u32::MAX as i64 { u32::MAX } else { seconds as u32 }
    }
}

/// `2s`, `15m`, `5d` or ISO 8601 (`P1DT2H`); a day has 24 hours.
impl FromStr for Period {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let span: Span = text
            .trim()
            .parse()
            .map_err(|_| TimeError(format!("'{text}' is not a valid duration; write it like 2s, 15m, 5d or P1DT2H")))?;
        let duration = span
            .to_duration(SpanRelativeTo::days_are_24_hours())
            .map_err(|_| TimeError(format!("'{text}' uses months or years, which have no fixed length; use days")))?;
        let micros = i64::try_from(duration.as_micros())
            .map_err(|_| TimeError(format!("'{text}' is too long for this server")))?;
        if micros < 0 {
            return Err(TimeError(format!("'{text}' is negative; a duration must not be negative")));
        }
        Ok(Self(micros))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// ISO 8601, in seconds: `PT432000S`.
impl From<Period> for String {
    fn from(period: Period) -> Self {
        let (seconds, micros) = (period.0 / MICROS, period.0 % MICROS);
        if micros == 0 { format!("PT{seconds}S") } else { format!("PT{seconds}.{micros:06}S") }
    }
}

/// The form in snapshots; a birthday can lie before 1970.
impl TryFrom<String> for Timestamp {
    type Error = TimeError;

    fn try_from(text: String) -> Result<Self, TimeError> {
        let at: Result<jiff::Timestamp, _> = text.parse();
        at.map(|at| Self(at.as_microsecond())).map_err(|_| TimeError::invalid_time(&text))
    }
}

impl TryFrom<String> for Period {
    type Error = TimeError;

    fn try_from(text: String) -> Result<Self, TimeError> {
        text.parse()
    }
}

/// Periods as JSON numbers of seconds, as the control API writes them. A fraction is accepted, down to a microsecond.
pub(crate) mod seconds {
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

    struct Seconds;

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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_with_and_without_time_and_zone() {
        let midnight = Timestamp::from_seconds(1_576_195_200);
        for text in ["2019-12-13", "2019-12-13T00:00:00", "2019-12-13T00:00:00Z", "2019-12-13T02:00:00+02:00"] {
            assert_eq!(Timestamp::parse_lenient(text).unwrap(), midnight, "{text}");
        }
        for text in ["9999-12-31", "9999-12-31T23:59:59.9999999"] {
            assert_eq!(Timestamp::parse_lenient(text).unwrap(), Timestamp::END, "{text}");
        }
        assert!(Timestamp::parse_lenient("13.12.2019").is_err());
        assert!(Timestamp::parse_lenient("").is_err());
    }

    #[test]
    fn a_birthday_before_1970_keeps_its_date() {
        assert_eq!(Timestamp::parse_lenient("1954-06-07").unwrap().to_wire(), "1954-06-07T00:00:00");
    }

    #[test]
    fn dates_are_written_without_a_zone() {
        assert_eq!(Timestamp::parse_lenient("2026-06-12T04:51:03.322Z").unwrap().to_wire(), "2026-06-12T04:51:03.322");
    }

    #[test]
    fn http_dates_have_the_format_of_rfc_9110() {
        assert_eq!(Timestamp::from_seconds(784_111_777).to_http(), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn periods_are_read_in_both_notations() {
        for (text, seconds) in [("2s", 2), ("15m", 900), ("5d", 432_000), ("P1DT2H", 93_600), ("PT0S", 0)] {
            assert_eq!(text.parse::<Period>().unwrap(), Period::from_seconds(seconds), "{text}");
        }
    }

    #[test]
    fn periods_and_timestamps_are_written_in_a_form_that_can_be_read() {
        for period in [Period(0), Period(1), Period(432_000_000_000), Period(1_500_000)] {
            assert_eq!(String::from(period).parse::<Period>(), Ok(period));
        }
        for at in [Timestamp(0), Timestamp(1), Timestamp::END] {
            assert_eq!(at.to_string().parse::<Timestamp>(), Ok(at));
            let json = serde_json::to_string(&at).unwrap();
            assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), at);
        }
    }

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

    #[test]
    fn an_invalid_period_is_refused_with_a_sentence() {
        for (text, part) in
            [("soon", "not a valid duration"), ("1month", "no fixed length"), ("-2s", "negative"), ("", "not a valid")]
        {
            let error = text.parse::<Period>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn seconds_are_rounded_up_so_that_a_token_does_not_expire_early() {
        assert_eq!(Timestamp(1_000_001).seconds_rounded_up(), 2);
        assert_eq!(Timestamp(1_000_000).seconds_rounded_up(), 1);
        assert_eq!(Timestamp(1_999_999).seconds(), 1);
    }

    #[test]
    fn time_ends_with_the_year_9999() {
        assert_eq!(Timestamp::END.plus(Period::from_seconds(1)), Timestamp::END);
        assert!(Timestamp::END.checked_plus(Period::from_seconds(1)).is_err());
        assert_eq!(Timestamp::END.to_http(), "Thu, 30 Dec 9999 22:00:00 GMT");
    }
}
