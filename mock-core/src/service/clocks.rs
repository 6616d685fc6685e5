//! The clocks of a server and of its instances.

use super::clock::{Dial, InstanceDial};
use super::ids::InstanceId;
use super::map::Map;
use super::scope::Scope;
use super::time::{Period, TimeError, Timestamp};

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
        self.dial(scope).shows(&self.server, real)
    }

    /// Reads the clock of a scope when real time is `real`.
    #[must_use]
    pub fn read(&self, scope: Scope, real: Timestamp) -> ClockReading {
        let dial = self.dial(scope);
        ClockReading { now: dial.shows(&self.server, real), frozen: dial.is_frozen(&self.server) }
    }

    /// The clock of a scope, relative to that of the server: an unmoved one shows the time of the server.
    fn dial(&self, scope: Scope) -> InstanceDial {
        scope.instance().map(|id| self.instance(id)).unwrap_or_default()
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
