//! The virtual clocks. Issuing, expiry, timestamps and the `Date` header all read them, so a test can move time for all of these
//! at once.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ids::InstanceId;
use super::map::Map;
use super::scope::Scope;
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

/// The clocks of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clocks {
    server: Dial,
    /// The clocks of instances that were changed; the others show the server's time.
    instances: Map<InstanceId, InstanceDial>,
}

/// A change of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockChange {
    /// Move it forward.
    Advance(Period),
    /// Make it show this time; it runs on from there, unless it is frozen.
    Set(Timestamp),
    /// Stop it at the time that it shows.
    Freeze,
    /// Set it back to the start: real time, or the time in the configuration.
    Reset,
}

/// The time that a clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockReading {
    /// The time.
    pub now: Timestamp,
    /// Whether the clock stands still.
    pub frozen: bool,
}

impl Clocks {
    /// Clocks that all show the time of this one.
    #[must_use]
    pub fn new(server: Dial) -> Self {
        Self { server, instances: Map::default() }
    }

    /// The clock of the server.
    #[must_use]
    pub const fn server(&self) -> Dial {
        self.server
    }

    /// The clock of an instance.
    #[must_use]
    pub fn instance(&self, id: InstanceId) -> InstanceDial {
        self.instances.get(&id).copied().unwrap_or_default()
    }

    /// Replaces the clock of an instance.
    pub fn set_instance(&mut self, id: InstanceId, dial: InstanceDial) {
        if dial == InstanceDial::default() {
            self.instances.remove(&id);
        } else {
            self.instances.insert(id, dial);
        }
    }

    /// The time that the clock of a scope shows when real time is `real`.
    #[must_use]
    pub fn now(&self, scope: Scope, real: Timestamp) -> Timestamp {
        match scope.instance().and_then(|id| self.instances.get(&id)) {
            None => self.server.shows(real),
            Some(dial) => dial.shows(&self.server, real),
        }
    }

    /// Reads the clock of a scope when real time is `real`.
    #[must_use]
    pub fn read(&self, scope: Scope, real: Timestamp) -> ClockReading {
        let frozen = match scope.instance().and_then(|id| self.instances.get(&id)) {
            None => self.server.is_frozen(),
            Some(dial) => dial.is_frozen(&self.server),
        };
        ClockReading { now: self.now(scope, real), frozen }
    }

    /// Changes the clock of a scope when real time is `real`; `start` is the clock that the server resets to.
    ///
    /// # Errors
    ///
    /// The clock would pass [`Timestamp::END`]; nothing was changed.
    pub fn change(&mut self, scope: Scope, change: ClockChange, start: Dial, real: Timestamp) -> Result<(), TimeError> {
        match scope {
            Scope::Server => match change {
                ClockChange::Advance(period) => self.server.try_advance(real, period)?,
                ClockChange::Set(then) => self.server.set(real, then),
                ClockChange::Freeze => self.server.freeze(real),
                ClockChange::Reset => self.server = start,
            },
            Scope::Instance(id) => {
                let mut dial = self.instance(id);
                match change {
                    ClockChange::Advance(period) => dial.try_advance(&self.server, real, period)?,
                    ClockChange::Set(then) => dial.set(&self.server, real, then),
                    ClockChange::Freeze => dial.freeze(&self.server, real),
                    ClockChange::Reset => dial = InstanceDial::default(),
                }
                self.set_instance(id, dial);
            }
        }
        Ok(())
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

    #[test]
    fn the_clocks_of_other_instances_show_the_servers_time() {
        let (one, two) = (Scope::Instance(InstanceId::from_u128(1)), Scope::Instance(InstanceId::from_u128(2)));
        let mut clocks = Clocks::default();
        let change = |clocks: &mut Clocks, scope, change| clocks.change(scope, change, Dial::default(), NOON).unwrap();
        change(&mut clocks, one, ClockChange::Advance(HOUR));
        assert_eq!((clocks.now(one, NOON), clocks.now(two, NOON)), (NOON.plus(HOUR), NOON));
        change(&mut clocks, Scope::Server, ClockChange::Freeze);
        assert!(clocks.read(one, NOON).frozen && clocks.read(two, NOON).frozen);
        change(&mut clocks, one, ClockChange::Reset);
        assert_eq!(clocks.now(one, NOON.plus(HOUR)), NOON);
        change(&mut clocks, Scope::Server, ClockChange::Reset);
        assert_eq!(clocks, Clocks::default());
    }
}
