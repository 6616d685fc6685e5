//! What a connection is doing, and since when: it decides how long a client may keep the server waiting.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use parking_lot::Mutex;
use telematics_mock_core::http::TimeLimits;
use tokio::time::{Instant, Sleep, sleep_until};

/// The reason why a connection ends without a request of its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// The head of a request did not arrive in time.
    LateHead,
    /// Nothing happened for too long.
    Idle,
}

#[derive(Debug)]
struct State {
    /// The number of [`Busy`] values: while there is one, the client waits for the server.
    busy: usize,
    /// Whether some bytes of the next head have arrived.
    in_head: bool,
    since: Instant,
}

/// The activity of one connection; its socket, its requests and their bodies report to it.
#[derive(Clone, Debug)]
pub struct Activity(Arc<Mutex<State>>);

impl Activity {
    /// The activity of a connection that was just accepted.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(State { busy: 0, in_head: false, since: Instant::now() })))
    }

    /// The client has sent bytes.
    pub fn received(&self) {
        let mut state = self.0.lock();
        if state.busy == 0 && !state.in_head {
            state.in_head = true;
            state.since = Instant::now();
        }
    }

    /// The client has taken bytes.
    pub fn sent(&self) {
        let mut state = self.0.lock();
        if state.busy == 0 && !state.in_head {
            state.since = Instant::now();
        }
    }

    /// The server is busy for this connection until the value is dropped.
    #[must_use]
    pub fn busy(&self) -> Busy {
        let mut state = self.0.lock();
        state.busy += 1;
        state.in_head = false;
        Busy(self.clone())
    }

    /// The time at which the client has waited for too long, and what is then the matter; `None` while the server is busy.
    fn deadline(&self, limits: &TimeLimits) -> Option<(Instant, Expiry)> {
        let state = self.0.lock();
        match (state.busy, state.in_head) {
            (0, true) => Some((state.since + limits.head, Expiry::LateHead)),
            (0, false) => Some((state.since + limits.idle, Expiry::Idle)),
            _ => None,
        }
    }
}

/// The server is busy for a connection: it makes a call, holds a request, or sends a stream.
#[derive(Debug)]
pub struct Busy(Activity);

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.0.lock();
        state.busy -= 1;
        state.since = Instant::now();
    }
}

/// A future that ends when the client of a connection has kept the server waiting for too long.
///
/// It must be polled after the connection, in the same task, so that it sees what the connection has just done.
pub struct Watchdog {
    activity: Activity,
    limits: TimeLimits,
    timer: Pin<Box<Sleep>>,
}

impl Watchdog {
    /// Watches over a connection.
    #[must_use]
    pub fn new(activity: Activity, limits: TimeLimits) -> Self {
        let timer = Box::pin(sleep_until(Instant::now() + limits.idle));
        Self { activity, limits, timer }
    }
}

impl Future for Watchdog {
    type Output = Expiry;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Expiry> {
        loop {
            let deadline = self.activity.deadline(&self.limits);
            // Most requests move the deadline back: the timer is set again when it fires, not at each request.
            if let Some((deadline, _)) = deadline
                && deadline < self.timer.deadline()
            {
                self.timer.as_mut().reset(deadline);
            }
            if self.timer.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            let now = Instant::now();
            match deadline {
                Some((deadline, expiry)) if deadline <= now => return Poll::Ready(expiry),
                Some((deadline, _)) => self.timer.as_mut().reset(deadline),
                None => {
                    let later = now + self.limits.idle;
                    self.timer.as_mut().reset(later);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn expiry(activity: &Activity) -> (Expiry, Duration) {
        let began = Instant::now();
        (Watchdog::new(activity.clone(), TimeLimits::default()).await, began.elapsed())
    }

    /// Whether the time that passed is the limit; a timer of tokio fires up to a millisecond late.
    fn is_about(passed: Duration, seconds: u64) -> bool {
        passed.as_millis().abs_diff(u128::from(seconds) * 1000) <= 5
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_a_request_ends_as_idle() {
        let (expiry, after) = expiry(&Activity::new()).await;
        assert!(expiry == Expiry::Idle && is_about(after, 120), "{expiry:?} after {after:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_has_begun_is_late_after_its_own_limit_however_often_a_byte_arrives() {
        let activity = Activity::new();
        activity.received();
        let dripping = activity.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                dripping.received();
            }
        });
        let (expiry, after) = expiry(&activity).await;
        assert!(expiry == Expiry::LateHead && is_about(after, 30), "{expiry:?} after {after:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn while_the_server_is_busy_no_limit_counts_and_afterwards_the_idle_one_begins() {
        let activity = Activity::new();
        activity.received();
        let busy = activity.busy();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            drop(busy);
        });
        let (expiry, after) = expiry(&activity).await;
        assert!(expiry == Expiry::Idle && is_about(after, 3600 + 120), "{expiry:?} after {after:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_a_large_answer_slowly_is_not_idle() {
        let activity = Activity::new();
        let reading = activity.clone();
        tokio::spawn(async move {
            for _ in 0..10 {
                tokio::time::sleep(Duration::from_secs(60)).await;
                reading.sent();
            }
        });
        let (expiry, after) = expiry(&activity).await;
        assert!(expiry == Expiry::Idle && is_about(after, 600 + 120), "{expiry:?} after {after:?}");
    }
}
