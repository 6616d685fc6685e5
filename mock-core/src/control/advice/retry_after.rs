//! The header `Retry-After` (RFC 9110, section 10.2.3).

use crate::service::time::{Period, Timestamp};

/// A wait that an answer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// This time from the answer on.
    Wait(Period),
    /// Until this point in time.
    Until(Timestamp),
}

impl RetryAfter {
    /// Reads the value of the header: seconds or a date; `None` if it is neither.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            // More seconds than fit are a very long wait.
            return Some(Self::Wait(Period::from_seconds(value.parse().unwrap_or(u32::MAX))));
        }
        Timestamp::parse_http(value).map(Self::Until)
    }

    /// The time to wait from an answer on that was sent at this time, by the clock of its header `Date`.
    pub(super) const fn from(self, answered: Timestamp) -> Period {
        match self {
            Self::Wait(period) => period,
            Self::Until(at) => at.since(answered),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_in_seconds_and_as_a_date() {
        assert_eq!(RetryAfter::parse(" 120 "), Some(RetryAfter::Wait(Period::from_seconds(120))));
        let date = Timestamp::from_seconds(784_111_777);
        assert_eq!(RetryAfter::parse("Sun, 06 Nov 1994 08:49:37 GMT"), Some(RetryAfter::Until(date)));
        assert_eq!(RetryAfter::parse("99999999999"), Some(RetryAfter::Wait(Period::from_seconds(u32::MAX))));
        for wrong in ["", "-1", "soon", "1.5"] {
            assert_eq!(RetryAfter::parse(wrong), None, "{wrong}");
        }
    }
}
