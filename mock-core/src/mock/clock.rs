//! The clock of a server or of an instance, with times and durations as text.

use std::sync::Arc;

use super::start::Mock;
use crate::control::events::EventKind;
use crate::service::time::{TimeError, Timestamp};
use crate::service::{ChangedClock, ClockChange, ClockReading, Scope};

/// The clock of a server or of an instance. Issuing, expiry, timestamps and the header `Date` obey it.
#[derive(Clone, Copy, Debug)]
pub struct Clock<'a> {
    mock: &'a Mock,
    scope: Scope,
}

impl<'a> Clock<'a> {
    pub(super) const fn new(mock: &'a Mock, scope: Scope) -> Self {
        Self { mock, scope }
    }

    /// Changes the clock, and sends an event to the listeners of every scope whose clock moved.
    ///
    /// # Errors
    ///
    /// The clock would leave the years it can show; nothing was changed.
    pub fn change(&self, change: ClockChange) -> Result<ChangedClock, TimeError> {
        let changed = self.mock.service.change_clock(self.scope, change)?;
        self.mock.control.events.send(self.scope, || EventKind::Clock {
            reading: changed.reading,
            instances: Arc::new(changed.instances.clone()),
        });
        Ok(changed)
    }

    /// Sends the clocks of the scope to its listeners, because the whole state was replaced.
    pub(super) fn announce(&self) {
        self.mock.control.events.send(self.scope, || EventKind::Clock {
            reading: self.read(),
            instances: Arc::new(self.mock.service.read_instance_clocks(self.scope)),
        });
    }

    /// The time that the clock shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.read().now
    }

    /// The time that the clock shows, and whether it stands still.
    #[must_use]
    pub fn read(&self) -> ClockReading {
        self.mock.service.read_clock(self.scope)
    }

    /// Moves the clock forward, for example by `2s`, `15m`, `5d` or `P1DT2H`, and returns the time it shows then.
    ///
    /// # Errors
    ///
    /// The text is not a duration, or the clock cannot go that far.
    pub fn advance(&self, period: &str) -> Result<Timestamp, TimeError> {
        self.move_to(ClockChange::Advance(period.parse()?))
    }

    /// Sets the clock, for example to `2021-11-01T00:00:00Z`. A running clock runs on from there.
    ///
    /// # Errors
    ///
    /// The text is not a point in time.
    pub fn set(&self, time: &str) -> Result<Timestamp, TimeError> {
        self.move_to(ClockChange::Set(time.parse()?))
    }

    /// Stops the clock at the time it shows, and returns that time.
    pub fn freeze(&self) -> Timestamp {
        // A clock that stops stays within the years it can show.
        self.move_to(ClockChange::Freeze).unwrap_or_else(|_| self.now())
    }

    /// Sets the clock back to its start, and returns the time it shows then.
    pub fn reset(&self) -> Timestamp {
        self.move_to(ClockChange::Reset).unwrap_or_else(|_| self.now())
    }

    fn move_to(&self, change: ClockChange) -> Result<Timestamp, TimeError> {
        Ok(self.change(change)?.reading.now)
    }
}
