//! The users whose new tokens have not come back yet, counted without a lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use crate::service::time::{Period, Timestamp};

/// New tokens that have not come back for this real time are no longer waited for. A user who never uses them would cost every
/// request a look.
const AWAITED_FOR: Period = Period::from_seconds(600);

/// The users whose new tokens have not come back yet. While there is none, most requests need no look at their user.
#[derive(Clone, Debug, Default)]
pub(super) struct Awaited(Arc<AwaitedUsers>);

#[derive(Debug, Default)]
struct AwaitedUsers {
    count: AtomicUsize,
    /// The real time in microseconds from which on nobody waits for any of them.
    until: AtomicI64,
}

impl Awaited {
    /// Whether new tokens can come back with a request that arrives at this real time.
    pub(super) fn is_any_at(&self, arrived: Timestamp) -> bool {
        let until = self.0.until.load(Ordering::Relaxed);
        self.0.count.load(Ordering::Relaxed) > 0 && arrived.micros_from(Timestamp::EPOCH) < until
    }

    /// Counts a user who is sent tokens now.
    pub(super) fn ticket(&self, now: Timestamp) -> Ticket {
        let until = now.plus(AWAITED_FOR).micros_from(Timestamp::EPOCH);
        self.0.count.fetch_add(1, Ordering::Relaxed);
        self.0.until.fetch_max(until, Ordering::Relaxed);
        Ticket(self.clone())
    }
}

/// One of the users who are counted, for as long as it exists.
#[derive(Debug)]
pub(super) struct Ticket(Awaited);

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.0.count.fetch_sub(1, Ordering::Relaxed);
    }
}
