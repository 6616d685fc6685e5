//! Points in time and lengths of time. The only folder that knows jiff.

mod dates;
pub(crate) mod seconds;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::{SignedDuration, Span};
use serde::{Deserialize, Serialize, Serializer};

const MICROS: i64 = 1_000_000;
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

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
    /// The latest point in time: the last microsecond of the year 9999.
    pub const END: Self = Self(253_402_300_800 * MICROS - 1);

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

    /// The time as a number; points in time are ordered as their numbers are. A birthday can lie before 1970.
    pub(crate) const fn as_number(self) -> u128 {
        self.0.abs_diff(i64::MIN) as u128
    }

    /// The point in time `period` later, at most [`Timestamp::END`].
    #[must_use]
    pub const fn plus(self, period: Period) -> Self {
        Self::clamped(self.0.saturating_add(period.0))
    }

    /// The point in time `period` earlier, at least [`Timestamp::EPOCH`].
    #[must_use]
    pub const fn minus(self, period: Period) -> Self {
        Self::clamped(self.0.saturating_sub(period.0))
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

    /// The time in UTC, computed without the library's zones.
    fn civil(self) -> DateTime {
        EPOCH.saturating_add(SignedDuration::from_micros(self.0))
    }

    /// Reads ISO 8601 with a zone.
    fn parse_zoned(text: &str) -> Option<Self> {
        if let Ok(at) = text.parse::<jiff::Timestamp>() {
            return Some(Self(at.as_microsecond()));
        }
        Self::parse_civil(text.strip_suffix(['Z', 'z'])?)
    }

    /// Reads ISO 8601 without a zone as UTC.
    fn parse_civil(text: &str) -> Option<Self> {
        let since = text.parse::<DateTime>().ok()?.duration_since(EPOCH);
        i64::try_from(since.as_micros()).ok().map(Self)
    }
}

/// The form that the control API writes: ISO 8601 with the zone `Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z", self.civil())
    }
}

/// The form that the control API accepts: ISO 8601 with a zone, from 1970 on.
impl FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let at = Self::parse_zoned(text).ok_or_else(|| TimeError::invalid_time(text))?;
        if Self::clamped(at.0) == at {
            Ok(at)
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

    /// A period of `micros` microseconds.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Half of the period, rounded down to a microsecond.
    #[must_use]
    pub const fn half(self) -> Self {
        Self(self.0 / 2)
    }

    /// The period in the form of the standard library.
    #[must_use]
    pub const fn to_duration(self) -> Duration {
        Duration::from_micros(if self.0 < 0 { 0 } else { self.0 as u64 })
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
        if span.get_months() != 0 || span.get_years() != 0 {
            return Err(TimeError(format!("'{text}' uses months or years, which have no fixed length; use days")));
        }
        let micros = micros(&span).ok_or_else(|| TimeError(format!("'{text}' is too long for this server")))?;
        if micros < 0 {
            return Err(TimeError(format!("'{text}' is negative; a duration must not be negative")));
        }
        Ok(Self(micros))
    }
}

/// The length of a span without months and years, in whole microseconds. The library's own conversion knows calendars and zones,
/// which would be most of its code in the WebAssembly.
fn micros(span: &Span) -> Option<i64> {
    const SECOND: i64 = MICROS;
    let parts = [
        (i64::from(span.get_weeks()), 7 * 86_400 * SECOND),
        (i64::from(span.get_days()), 86_400 * SECOND),
        (i64::from(span.get_hours()), 3_600 * SECOND),
        (span.get_minutes(), 60 * SECOND),
        (span.get_seconds(), SECOND),
        (span.get_milliseconds(), 1_000),
        (span.get_microseconds(), 1),
    ];
    let whole = parts.iter().try_fold(0_i64, |sum, (count, unit)| sum.checked_add(count.checked_mul(*unit)?))?;
    whole.checked_add(span.get_nanoseconds() / 1_000)
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
        Self::parse_zoned(&text).ok_or_else(|| TimeError::invalid_time(&text))
    }
}

impl TryFrom<String> for Period {
    type Error = TimeError;

    fn try_from(text: String) -> Result<Self, TimeError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(Timestamp::END.to_http(), "Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
