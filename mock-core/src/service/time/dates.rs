//! Dates in the formats of the contract and of HTTP.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::{TimeError, Timestamp};

impl Timestamp {
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
}
