//! What no real user service has: verbs with which a test moves time and kills tokens.

use super::ids::DeviceToken;
use super::outbox::Message;
use super::time::{Period, TimeError, Timestamp};
use super::{State, UserService};

/// What to do with the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockChange {
    /// Move it forward.
    Advance(Period),
    /// Make it show that time; it runs on from there, unless it is frozen.
    Set(Timestamp),
    /// Stop it at what it shows.
    Freeze,
    /// Back to what it was at the start: real time, unless the server was told otherwise.
    Reset,
}

/// What the clock shows, and what a change of it expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockReading {
    /// The time.
    pub now: Timestamp,
    /// Whether it stands still.
    pub frozen: bool,
    /// The tokens that were alive before the change and are not after it.
    pub expired: ExpiredCount,
}

/// How many tokens a change of the clock expired; of each user only the current pair counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExpiredCount {
    /// Access tokens.
    pub access_tokens: usize,
    /// Refresh tokens.
    pub refresh_tokens: usize,
}

/// Which tokens of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Every access token given out so far.
    Access,
    /// The refresh token.
    Refresh,
    /// Both.
    All,
}

/// No user has this device token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no user has this device token")]
pub struct NoSuchUser;

impl UserService {
    /// What the clock shows.
    #[must_use]
    pub fn read_clock(&self) -> ClockReading {
        let real = self.time.now();
        let state = self.state.lock();
        ClockReading { now: state.clock.shows(real), frozen: state.clock.is_frozen(), expired: ExpiredCount::default() }
    }

    /// Changes the clock that issuing, expiry and timestamps obey.
    ///
    /// # Errors
    ///
    /// The clock would leave the years it can show; nothing was changed.
    pub fn change_clock(&self, change: ClockChange) -> Result<ClockReading, TimeError> {
        let real = self.time.now();
        let mut state = self.state.lock();
        let before = state.clock.shows(real);
        match change {
            ClockChange::Advance(period) => state.clock.try_advance(real, period)?,
            ClockChange::Set(then) => state.clock.set(real, then),
            ClockChange::Freeze => state.clock.freeze(real),
            ClockChange::Reset => state.clock = state.clock_at_start,
        }
        let now = state.clock.shows(real);
        Ok(ClockReading { now, frozen: state.clock.is_frozen(), expired: state.expired_between(before, now) })
    }

    /// Expires tokens of a user now.
    ///
    /// # Errors
    ///
    /// There is no such user.
    pub fn expire_tokens(&self, device_token: DeviceToken, which: Which) -> Result<(), NoSuchUser> {
        let mut state = self.state.lock();
        let user = state.users.get_mut(device_token).ok_or(NoSuchUser)?;
        if matches!(which, Which::Access | Which::All) {
            user.credentials.expire_access_tokens();
        }
        if matches!(which, Which::Refresh | Which::All) {
            user.credentials.expire_refresh_token();
        }
        Ok(())
    }
}

impl UserService {
    /// The messages to that address, or to all, the newest first.
    #[must_use]
    pub fn outbox(&self, to: Option<&str>) -> Vec<Message> {
        self.state.lock().outbox.to(to)
    }

    /// Forgets all messages.
    pub fn clear_outbox(&self) {
        self.state.lock().outbox.clear();
    }
}

impl State {
    fn expired_between(&self, before: Timestamp, now: Timestamp) -> ExpiredCount {
        if now <= before {
            return ExpiredCount::default();
        }
        let died = |at: Timestamp| before < at && at <= now;
        self.users.iter().filter_map(|user| user.credentials.family()).fold(ExpiredCount::default(), |count, family| {
            let pair = family.current();
            ExpiredCount {
                access_tokens: count.access_tokens + usize::from(died(pair.access_expires)),
                refresh_tokens: count.refresh_tokens + usize::from(died(pair.refresh_expires) && family.is_alive()),
            }
        })
    }
}
