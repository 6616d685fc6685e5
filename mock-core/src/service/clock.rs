//! The virtual clocks. Issuing, expiry, timestamps and the `Date` header all read them, so a test can move time for all of these
//! at once.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::time::{Period, TimeError, Timestamp};

/// A source of real time. The caller passes it in; a test passes one that stands still.
pub trait TimeSource: Send + Sync + 'static {
    /// The current time.
    fn now(&self) -> Timestamp;
}

/// Time that stands still; only the control API moves the virtual clock.
#[derive(Clone, Copy, Debug)]
pub struct FixedTime(pub Timestamp);

impl TimeSource for FixedTime {
    fn now(&self) -> Timestamp {
        self.0
    }
}

impl<T: TimeSource + ?Sized> TimeSource for Arc<T> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}

/// The distance of a clock from real time, and whether the clock runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dial {
    /// Real time when the clock was frozen; `None` while it runs.
    frozen_at: Option<Timestamp>,
    /// The distance from real time, in microseconds.
    offset: i64,
}

impl Dial {
    /// A clock that stands still at `now`.
    #[must_use]
    pub const fn frozen(now: Timestamp) -> Self {
        Self { frozen_at: Some(now), offset: 0 }
    }

    /// The time that the clock shows when real time is `real`.
    #[must_use]
    pub fn shows(&self, real: Timestamp) -> Timestamp {
        self.frozen_at.unwrap_or(real).moved(self.offset)
    }

    /// Moves the clock forward.
    ///
    /// # Errors
    ///
    /// The clock would pass [`Timestamp::END`]; nothing was changed.
    pub fn try_advance(&mut self, real: Timestamp, by: Period) -> Result<(), TimeError> {
        let now = self.shows(real);
        let then = now.checked_plus(by)?;
        self.offset = self.offset.saturating_add(then.micros_from(now));
        Ok(())
    }

    /// Makes the clock show `then` now; a frozen clock stays frozen.
    pub fn set(&mut self, real: Timestamp, then: Timestamp) {
        self.offset = then.micros_from(self.frozen_at.unwrap_or(real));
    }

    /// Stops the clock at the time that it shows.
    pub fn freeze(&mut self, real: Timestamp) {
        self.frozen_at.get_or_insert(real);
    }

    /// Whether the clock stands still.
    #[must_use]
    pub const fn is_frozen(&self) -> bool {
        self.frozen_at.is_some()
    }
}

/// The clock of an instance. It moves with the server's clock until it is set or frozen itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceDial {
    own: Option<Dial>,
    offset: i64,
}

impl InstanceDial {
    /// The time that the clock shows when real time is `real` and `server` is the clock of the server.
    #[must_use]
    pub fn shows(&self, server: &Dial, real: Timestamp) -> Timestamp {
        self.own.as_ref().unwrap_or(server).shows(real).moved(self.offset)
    }

    /// Moves the clock forward.
    ///
    /// # Errors
    ///
    /// The clock would pass [`Timestamp::END`]; nothing was changed.
    pub fn try_advance(&mut self, server: &Dial, real: Timestamp, by: Period) -> Result<(), TimeError> {
        let now = self.shows(server, real);
        self.offset = self.offset.saturating_add(now.checked_plus(by)?.micros_from(now));
        Ok(())
    }

    /// Makes the clock show `then` and independent of the server's clock; a frozen clock stays frozen.
    pub fn set(&mut self, server: &Dial, real: Timestamp, then: Timestamp) {
        let mut own = self.own.unwrap_or(*server);
        own.set(real, then);
        *self = Self { own: Some(own), offset: 0 };
    }

    /// Stops the clock at the time that it shows.
    pub fn freeze(&mut self, server: &Dial, real: Timestamp) {
        *self = Self { own: Some(Dial::frozen(self.shows(server, real))), offset: 0 };
    }

    /// Whether the clock stands still.
    #[must_use]
    pub fn is_frozen(&self, server: &Dial) -> bool {
        self.own.as_ref().unwrap_or(server).is_frozen()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_seconds(1_000_000);
    const HOUR: Period = Period::from_seconds(3600);

    #[test]
    fn a_new_clock_shows_real_time() {
        assert_eq!(Dial::default().shows(NOON), NOON);
    }

    #[test]
    fn a_running_clock_keeps_running_after_it_was_moved() {
        let mut dial = Dial::default();
        dial.try_advance(NOON, HOUR).unwrap();
        assert_eq!(dial.shows(NOON.plus(HOUR)), NOON.plus(HOUR).plus(HOUR));
    }

    #[test]
    fn a_frozen_clock_moves_only_on_request() {
        let mut dial = Dial::default();
        dial.freeze(NOON);
        assert_eq!(dial.shows(NOON.plus(HOUR)), NOON);
        dial.try_advance(NOON.plus(HOUR), HOUR).unwrap();
        assert_eq!(dial.shows(NOON.plus(HOUR)), NOON.plus(HOUR));
    }

    #[test]
    fn the_clock_of_an_instance_moves_with_the_servers_clock_until_it_is_set() {
        let (mut server, mut instance) = (Dial::default(), InstanceDial::default());
        instance.try_advance(&server, NOON, HOUR).unwrap();
        server.try_advance(NOON, HOUR).unwrap();
        assert_eq!(instance.shows(&server, NOON), NOON.plus(HOUR).plus(HOUR));
        instance.set(&server, NOON, Timestamp::EPOCH);
        server.try_advance(NOON, HOUR).unwrap();
        assert_eq!(instance.shows(&server, NOON), Timestamp::EPOCH);
        assert_eq!(instance.shows(&server, NOON.plus(HOUR)), Timestamp::EPOCH.plus(HOUR));
        instance.freeze(&server, NOON);
        assert_eq!(instance.shows(&server, NOON.plus(HOUR)), Timestamp::EPOCH);
    }

    #[test]
    fn a_clock_can_be_set_to_the_past() {
        let mut dial = Dial::default();
        dial.set(NOON, Timestamp::EPOCH);
        assert_eq!(dial.shows(NOON), Timestamp::EPOCH);
        assert_eq!(dial.shows(NOON.plus(HOUR)), Timestamp::EPOCH.plus(HOUR));
    }

    #[test]
    fn a_clock_cannot_pass_the_year_9999() {
        let mut dial = Dial::default();
        dial.set(NOON, Timestamp::END);
        let before = dial;
        assert!(dial.try_advance(NOON, HOUR).is_err());
        assert_eq!(dial, before);
    }
}
