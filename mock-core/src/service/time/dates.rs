//! Dates in the formats of the contract and of HTTP.

use std::fmt;

use super::{MICROS, TimeError, Timestamp};

/// The start of the year 1.
const YEAR_1: Timestamp = Timestamp(-62_135_596_800 * MICROS);

/// The names that HTTP gives to the days and months.
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Timestamp {
    /// Reads a date as the contract accepts it: `yyyy-MM-dd`, or ISO 8601 with a time, with or without a zone \[V, C\].
    ///
    /// # Errors
    ///
    /// The text is not a date; the message shows valid dates.
    pub fn parse_lenient(text: &str) -> Result<Self, TimeError> {
        // A birthday can lie before 1970. The dates of the vendor's platform (.NET) start with the year 1.
        let date = Self::parse_zoned(text).or_else(|| Self::parse_civil(text));
        date.filter(|at| (YEAR_1..=Self::END).contains(at))
            .ok_or_else(|| TimeError("A date is written 2019-12-13 or 2019-12-13T06:19:18.837Z.".to_owned()))
    }

    /// The date as the contract writes it: ISO 8601 in UTC, without a zone \[V\].
    #[must_use]
    pub fn to_wire(self) -> String {
        self.wire().to_string()
    }

    /// The same as [`Timestamp::to_wire`], for a formatter.
    pub(crate) fn wire(self) -> impl fmt::Display {
        self.civil()
    }

    /// The date as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
    #[must_use]
    pub fn to_http(self) -> String {
        let at = self.civil();
        let named = |names: &[&'static str], one_based: i8| {
            usize::try_from(one_based - 1).ok().and_then(|index| names.get(index).copied()).unwrap_or_default()
        };
        let (day, month) = (named(&DAYS, at.weekday().to_monday_one_offset()), named(&MONTHS, at.month()));
        format!(
            "{day}, {:02} {month} {:04} {:02}:{:02}:{:02} GMT",
            at.day(),
            at.year(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }

    /// Reads the date of [`Timestamp::to_http`]; `None` if the text is none, or lies outside of the years of a [`Timestamp`].
    #[must_use]
    pub fn parse_http(text: &str) -> Option<Self> {
        let [_, day, month, year, time, _] = *text.split(' ').collect::<Vec<_>>() else { return None };
        let month = MONTHS.iter().position(|name| *name == month)? + 1;
        let at = Self::parse_civil(&format!("{year}-{month:02}-{day}T{time}"))?;
        // ISO 8601 knows other forms of a day and a time, and no day of the week.
        (Self::clamped(at.0) == at && at.to_http() == text).then_some(at)
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
        for text in ["9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59.999999Z"] {
            assert_eq!(Timestamp::parse_lenient(text).unwrap(), Timestamp::END, "{text}");
        }
        for text in ["0000-12-31", "-009999-01-01", "10000-01-01"] {
            assert!(Timestamp::parse_lenient(text).is_err(), "{text}");
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
        let (at, text) = (Timestamp::from_seconds(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!((at.to_http().as_str(), Timestamp::parse_http(text)), (text, Some(at)));
        for other in [
            "",
            "1994-11-06T08:49:37Z",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1954 08:49:37 GMT",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37.5 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(Timestamp::parse_http(other), None, "{other}");
        }
    }
}
