//! The login lockout: after more than five logins a minute from one address to one instance, the address is locked out for an
//! hour \[V\].

use std::collections::VecDeque;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::ids::InstanceId;
use super::map::Map;
use super::time::{Period, Timestamp};

/// The number of logins a minute that are admitted \[V\].
pub const LOGINS_A_MINUTE: usize = 5;
const MINUTE: Period = Period::from_seconds(60);
const HOUR: Period = Period::from_seconds(3600);
/// The number of callers at which callers whose attempts no longer count are forgotten for the first time.
const CALLERS_BEFORE_SWEEP: usize = 10_000;

/// The origin of a login. Logins are counted for each instance and address \[P\].
pub type Origin = (Option<InstanceId>, IpAddr);

/// The recent logins, and the origins that are locked out.
#[derive(Clone, Debug)]
pub struct Lockout {
    callers: Map<Origin, Attempts>,
    /// The number of callers at which the next sweep forgets some. It is twice the number that the last sweep left, so that the cost
    /// of a sweep is spread over as many logins.
    sweep_at: usize,
}

impl Default for Lockout {
    fn default() -> Self {
        Self { callers: Map::default(), sweep_at: CALLERS_BEFORE_SWEEP }
    }
}

/// The recent logins from one origin.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Attempts {
    recent: VecDeque<Timestamp>,
    blocked_until: Option<Timestamp>,
}

impl Attempts {
    fn is_over(&self, now: Timestamp) -> bool {
        let waits = self.blocked_until.is_some_and(|until| now < until);
        let counts = self.recent.back().is_some_and(|last| now.since(*last) < MINUTE);
        !(waits || counts)
    }
}

impl Lockout {
    /// Forgets all logins to an instance.
    pub fn forget(&mut self, instance: InstanceId) {
        self.callers.retain(|(to, _), _| *to != Some(instance));
    }

    /// All origins with their recent logins, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (Origin, &Attempts)> {
        self.callers.iter().map(|(origin, attempts)| (*origin, attempts))
    }

    /// A lockout with these recent logins.
    pub fn from_attempts(callers: impl IntoIterator<Item = (Origin, Attempts)>) -> Self {
        Self { callers: callers.into_iter().collect(), ..Self::default() }
    }

    /// Counts a login.
    ///
    /// # Errors
    ///
    /// The origin is locked out for this number of seconds.
    pub fn admit(&mut self, origin: Origin, now: Timestamp) -> Result<(), u32> {
        if self.callers.len() >= self.sweep_at {
            self.callers.retain(|_, attempts| !attempts.is_over(now));
            self.sweep_at = CALLERS_BEFORE_SWEEP.max(self.callers.len() * 2);
        }
        let attempts = self.callers.entry(origin).or_default();
        if let Some(until) = attempts.blocked_until {
            if now < until {
                return Err(until.since(now).seconds_rounded_up());
            }
            *attempts = Attempts::default();
        }
        while attempts.recent.front().is_some_and(|first| now.since(*first) >= MINUTE) {
            attempts.recent.pop_front();
        }
        if attempts.recent.len() >= LOGINS_A_MINUTE {
            attempts.blocked_until = Some(now.plus(HOUR));
            return Err(HOUR.seconds_rounded_up());
        }
        attempts.recent.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HERE: Origin = (None, IpAddr::V4(Ipv4Addr::LOCALHOST));

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn five_logins_a_minute_are_admitted_and_the_sixth_is_locked_out_for_an_hour() {
        let mut lockout = Lockout::default();
        for second in 0..5 {
            assert_eq!(lockout.admit(HERE, at(second)), Ok(()));
        }
        assert_eq!(lockout.admit(HERE, at(5)), Err(3600));
        assert_eq!(lockout.admit(HERE, at(3604)), Err(1));
        assert_eq!(lockout.admit(HERE, at(3605)), Ok(()));
    }

    #[test]
    fn the_minute_slides() {
        let mut lockout = Lockout::default();
        for minute in 0..20 {
            for second in [0, 10, 20, 30, 40] {
                assert_eq!(lockout.admit(HERE, at(minute * 60 + second)), Ok(()));
            }
        }
    }

    #[test]
    fn another_address_and_another_instance_are_counted_separately() {
        let mut lockout = Lockout::default();
        for _ in 0..6 {
            let _ = lockout.admit(HERE, at(0));
        }
        assert!(lockout.admit(HERE, at(1)).is_err());
        assert_eq!(lockout.admit((Some(InstanceId::from_u128(1)), HERE.1), at(1)), Ok(()));
        assert_eq!(lockout.admit((None, IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2))), at(1)), Ok(()));
    }

    #[test]
    fn callers_whose_attempts_no_longer_count_are_forgotten() {
        let mut lockout = Lockout::default();
        for caller in 0..20_000_u32 {
            let origin = (None, IpAddr::V4(Ipv4Addr::from(caller)));
            assert_eq!(lockout.admit(origin, at(i64::from(caller))), Ok(()));
        }
        assert!(lockout.callers.len() <= CALLERS_BEFORE_SWEEP);
    }
}
