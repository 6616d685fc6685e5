//! The login lockout: after too many logins from one address to one instance, the address is locked out for a while \[V\].

use std::collections::VecDeque;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::ids::InstanceId;
use super::lockout_limits::LockoutLimits;
use super::map::Map;
use super::time::Timestamp;

/// The largest number of origins that are remembered. A new one then displaces the one that was first seen the longest time ago.
pub const MAX_ORIGINS: usize = 10_000;

/// The origin of a login. Logins are counted for each instance and address \[P\].
pub type Origin = (Option<InstanceId>, IpAddr);

/// The recent logins, and the origins that are locked out.
#[derive(Clone, Debug, Default)]
pub struct Lockout {
    origins: Map<Origin, Attempts>,
    /// The origins in the order in which they were first seen.
    order: VecDeque<Origin>,
}

/// The recent logins from one origin.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Attempts {
    recent: VecDeque<Timestamp>,
    blocked_since: Option<Timestamp>,
}

impl Lockout {
    /// Forgets all logins to an instance.
    pub fn forget(&mut self, instance: InstanceId) {
        self.origins.retain(|(to, _), _| *to != Some(instance));
        self.order.retain(|(to, _)| *to != Some(instance));
    }

    /// All origins with their recent logins, in the order in which they were first seen.
    pub fn iter(&self) -> impl Iterator<Item = (Origin, &Attempts)> {
        self.order.iter().filter_map(|origin| Some((*origin, self.origins.get(origin)?)))
    }

    /// A lockout with these recent logins.
    pub fn from_attempts(callers: impl IntoIterator<Item = (Origin, Attempts)>) -> Self {
        let mut lockout = Self::default();
        for (origin, attempts) in callers {
            *lockout.attempts(origin) = attempts;
        }
        lockout
    }

    /// Counts a login. Takes the same time whatever the number of origins is.
    ///
    /// # Errors
    ///
    /// The origin is locked out for this number of seconds.
    pub fn admit(&mut self, origin: Origin, now: Timestamp, limits: LockoutLimits) -> Result<(), u32> {
        let attempts = self.attempts(origin);
        if let Some(since) = attempts.blocked_since {
            let until = since.plus(limits.block);
            // If the clock was set back behind the beginning of the block, there is none yet.
            if since <= now && now < until {
                return Err(until.since(now).seconds_rounded_up());
            }
            *attempts = Attempts::default();
        }
        // A login that the clock has not reached, because it was set back, does not count either.
        attempts.recent.retain(|at| *at <= now && now.since(*at) < limits.per);
        if attempts.recent.len() >= usize::from(limits.logins.get()) {
            attempts.blocked_since = Some(now);
            return Err(limits.block.seconds_rounded_up());
        }
        attempts.recent.push_back(now);
        Ok(())
    }

    fn attempts(&mut self, origin: Origin) -> &mut Attempts {
        let Self { origins, order } = self;
        if !origins.contains_key(&origin) {
            if order.len() >= MAX_ORIGINS
                && let Some(oldest) = order.pop_front()
            {
                origins.remove(&oldest);
            }
            order.push_back(origin);
        }
        origins.entry(origin).or_default()
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

    fn admit(lockout: &mut Lockout, origin: Origin, now: Timestamp) -> Result<(), u32> {
        lockout.admit(origin, now, LockoutLimits::default())
    }

    #[test]
    fn five_logins_a_minute_are_admitted_and_the_sixth_is_locked_out_for_an_hour() {
        let mut lockout = Lockout::default();
        for second in 0..5 {
            assert_eq!(admit(&mut lockout, HERE, at(second)), Ok(()));
        }
        assert_eq!(admit(&mut lockout, HERE, at(5)), Err(3600));
        assert_eq!(admit(&mut lockout, HERE, at(3604)), Err(1));
        assert_eq!(admit(&mut lockout, HERE, at(3605)), Ok(()));
    }

    #[test]
    fn the_minute_slides() {
        let mut lockout = Lockout::default();
        for minute in 0..20 {
            for second in [0, 10, 20, 30, 40] {
                assert_eq!(admit(&mut lockout, HERE, at(minute * 60 + second)), Ok(()));
            }
        }
    }

    #[test]
    fn another_address_and_another_instance_are_counted_separately() {
        let mut lockout = Lockout::default();
        for _ in 0..6 {
            let _ = admit(&mut lockout, HERE, at(0));
        }
        assert!(admit(&mut lockout, HERE, at(1)).is_err());
        assert_eq!(admit(&mut lockout, (Some(InstanceId::from_u128(1)), HERE.1), at(1)), Ok(()));
        assert_eq!(admit(&mut lockout, (None, IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2))), at(1)), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_ends_a_block_and_forgets_later_logins() {
        let mut lockout = Lockout::default();
        for _ in 0..6 {
            let _ = admit(&mut lockout, HERE, at(100_000));
        }
        assert!(admit(&mut lockout, HERE, at(100_001)).is_err());
        for second in 0..5 {
            assert_eq!(admit(&mut lockout, HERE, at(second)), Ok(()));
        }
        assert_eq!(admit(&mut lockout, HERE, at(5)), Err(3600));
        let mut lockout = Lockout::default();
        for second in [9, 9, 9, 9, 9, 1] {
            assert_eq!(admit(&mut lockout, HERE, at(second)), Ok(()));
        }
    }

    #[test]
    fn only_so_many_origins_are_remembered_and_the_oldest_is_forgotten_first() {
        let mut lockout = Lockout::default();
        let origin = |caller: u32| (None, IpAddr::V4(Ipv4Addr::from(caller)));
        for caller in 0..20_000_u32 {
            assert_eq!(admit(&mut lockout, origin(caller), at(0)), Ok(()));
        }
        assert_eq!((lockout.origins.len(), lockout.order.len()), (MAX_ORIGINS, MAX_ORIGINS));
        assert!(lockout.origins.contains_key(&origin(19_999)) && !lockout.origins.contains_key(&origin(9_999)));
        lockout.forget(InstanceId::from_u128(1));
        assert_eq!(
            Lockout::from_attempts(lockout.iter().map(|(origin, it)| (origin, it.clone()))).order,
            lockout.order
        );
    }
}
