//! Barriers: hold so many requests and let them go together, to make a race happen on purpose.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;

use super::facts::{Facts, sees};
use super::matching::{Candidate, Match};
use crate::service::ids::InstanceId;

/// How long a request is held, unless something else is said.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// A barrier as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BarrierView {
    /// Its id.
    pub id: u64,
    /// How many requests it holds before it lets them go.
    pub parties: usize,
    /// How many it holds.
    pub waiting: usize,
    /// How long it holds one, in milliseconds.
    pub timeout_ms: u64,
}

struct Barrier {
    id: u64,
    instance: Option<InstanceId>,
    matching: Match,
    parties: usize,
    waiting: usize,
    timeout: Duration,
    /// Dropping it lets everybody go.
    gate: watch::Sender<()>,
}

/// The barriers of a server. Each lets go once and is gone then.
#[derive(Default)]
pub struct Barriers {
    count: AtomicUsize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    barriers: Vec<Barrier>,
    last_id: u64,
}

impl Barriers {
    /// Adds a barrier and gives its id.
    pub fn add(&self, instance: Option<InstanceId>, matching: Match, parties: usize, timeout: Duration) -> u64 {
        let mut inner = self.inner.lock();
        inner.last_id += 1;
        let id = inner.last_id;
        let (gate, _) = watch::channel(());
        inner.barriers.push(Barrier { id, instance, matching, parties, waiting: 0, timeout, gate });
        self.count.store(inner.barriers.len(), Ordering::Release);
        id
    }

    /// The barriers of an instance, or all.
    #[must_use]
    pub fn list(&self, of: Option<InstanceId>) -> Vec<BarrierView> {
        let inner = self.inner.lock();
        let seen = inner.barriers.iter().filter(|barrier| sees(of, barrier.instance));
        seen.map(|barrier| BarrierView {
            id: barrier.id,
            parties: barrier.parties,
            waiting: barrier.waiting,
            timeout_ms: u64::try_from(barrier.timeout.as_millis()).unwrap_or(u64::MAX),
        })
        .collect()
    }

    /// Removes a barrier, which lets go whom it holds; `false`, where there is none with that id.
    pub fn remove(&self, of: Option<InstanceId>, id: u64) -> bool {
        self.drop_where(|barrier| barrier.id == id && sees(of, barrier.instance)) > 0
    }

    /// Removes the barriers of an instance, or all, which lets go whom they hold.
    pub fn clear(&self, of: Option<InstanceId>) {
        self.drop_where(|barrier| sees(of, barrier.instance));
    }

    fn drop_where(&self, goes: impl Fn(&Barrier) -> bool) -> usize {
        let mut inner = self.inner.lock();
        let before = inner.barriers.len();
        inner.barriers.retain(|barrier| !goes(barrier));
        self.count.store(inner.barriers.len(), Ordering::Release);
        before - inner.barriers.len()
    }

    /// Holds a request where a barrier is about it, until everybody is there or the time is over.
    pub async fn pass(&self, facts: &Facts) {
        if self.count.load(Ordering::Acquire) == 0 {
            return;
        }
        let Some((id, timeout, mut gate)) = self.arrive(facts) else { return };
        tokio::select! {
            // The gate only ever opens by being dropped.
            _ = gate.changed() => {}
            () = tokio::time::sleep(timeout) => {
                self.drop_where(|barrier| barrier.id == id);
            }
        }
    }

    fn arrive(&self, facts: &Facts) -> Option<(u64, Duration, watch::Receiver<()>)> {
        let candidate =
            Candidate { method: &facts.method, path: &facts.path, status: None, device_token: facts.device_token };
        let (id, is_full, timeout, gate) = {
            let mut inner = self.inner.lock();
            let barrier = inner.barriers.iter_mut().find(|barrier| {
                (barrier.instance.is_none() || barrier.instance == facts.instance) && barrier.matching.fits(candidate)
            })?;
            barrier.waiting += 1;
            (barrier.id, barrier.waiting >= barrier.parties, barrier.timeout, barrier.gate.subscribe())
        };
        if is_full {
            self.drop_where(|barrier| barrier.id == id);
            return None;
        }
        Some((id, timeout, gate))
    }
}

impl fmt::Debug for Barriers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Barriers({})", self.count.load(Ordering::Relaxed))
    }
}
