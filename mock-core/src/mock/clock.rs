//! The clock of a server or of an instance, with times and durations as text.

use super::Controls;
use crate::service::time::{TimeError, Timestamp};
use crate::service::{ClockChange, ClockReading};

/// The clock of a server or of an instance. Issuing, expiry, timestamps and the header `Date` obey it.
#[derive(Clone, Copy, Debug)]
pub struct Clock<'a>(&'a Controls);

impl<'a> Clock<'a> {
    pub(super) const fn new(controls: &'a Controls) -> Self {
        Self(controls)
    }

    /// The time that the clock shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.read().now
    }

    /// The time that the clock shows, and whether it stands still.
    #[must_use]
    pub fn read(&self) -> ClockReading {
        self.0.read_clock()
    }

    /// Moves the clock forward, for example by `2s`, `15m`, `5d` or `P1DT2H`, and returns the time it shows then.
    ///
    /// # Errors
    ///
    /// The text is not a duration, or the clock cannot go that far.
    pub fn advance(&self, period: &str) -> Result<Timestamp, TimeError> {
        self.change(ClockChange::Advance(period.parse()?))
    }

    /// Sets the clock, for example to `2021-11-01T00:00:00Z`. A running clock runs on from there.
    ///
    /// # Errors
    ///
    /// The text is not a point in time.
    pub fn set(&self, time: &str) -> Result<Timestamp, TimeError> {
        self.change(ClockChange::Set(time.parse()?))
    }

    /// Stops the clock at the time it shows, and returns that time.
    pub fn freeze(&self) -> Timestamp {
        // A clock that stops stays within the years it can show.
        self.change(ClockChange::Freeze).unwrap_or_else(|_| self.now())
    }

    /// Sets the clock back to its start, and returns the time it shows then.
    pub fn reset(&self) -> Timestamp {
        self.change(ClockChange::Reset).unwrap_or_else(|_| self.now())
    }

    fn change(&self, change: ClockChange) -> Result<Timestamp, TimeError> {
        Ok(self.0.change_clock(change)?.reading.now)
    }
}
