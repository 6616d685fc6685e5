//! Barriers: requests are held until enough of them have arrived, so that a test can make a race happen.

use std::time::Duration;

use tokio::sync::watch;

use super::facts::RequestFacts;
use super::matching::RequestMatch;
use super::registry::Registry;
use crate::runtime::Runtime;
use crate::service::Scope;

/// The time for which a barrier holds a request by default.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// The state of a barrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BarrierView {
    /// The id.
    pub id: u64,
    /// The number of requests that open the barrier.
    pub parties: usize,
    /// The number of requests that have arrived.
    pub waiting: usize,
    /// The time for which the barrier holds a request.
    pub timeout: Duration,
}

#[derive(Debug)]
struct Barrier {
    matching: RequestMatch,
    parties: usize,
    waiting: usize,
    timeout: Duration,
    /// Never sends: when the barrier is removed the sender is dropped, and every waiting request goes on.
    gate: watch::Sender<()>,
}

/// What a request finds at a barrier.
enum Arrival {
    /// The request is the last one that was missing.
    Last { id: u64 },
    /// The request has to wait.
    Waits { id: u64, timeout: Duration, gate: watch::Receiver<()> },
}

/// The barriers of a server. A barrier opens once and is removed then.
#[derive(Debug, Default)]
pub struct Barriers {
    registry: Registry<Barrier>,
}

impl Barriers {
    /// Adds a barrier and returns its id.
    pub fn add(&self, owner: Scope, matching: RequestMatch, parties: usize, timeout: Duration) -> u64 {
        let (gate, _) = watch::channel(());
        self.registry.add(owner, Barrier { matching, parties, waiting: 0, timeout, gate })
    }

    /// The barriers of a scope.
    #[must_use]
    pub fn list(&self, scope: Scope) -> Vec<BarrierView> {
        self.registry.list(scope, |item| BarrierView {
            id: item.id,
            parties: item.item.parties,
            waiting: item.item.waiting,
            timeout: item.item.timeout,
        })
    }

    /// Removes a barrier of a scope, so that its requests go on; returns `false` if the scope has no barrier with this id.
    pub fn remove(&self, scope: Scope, id: u64) -> bool {
        self.registry.remove(scope, id)
    }

    /// Removes the barriers of a scope, so that their requests go on.
    pub fn clear(&self, scope: Scope) {
        self.registry.clear(scope);
    }

    /// Holds a request at the first barrier that matches it, until the barrier opens or its timeout is over.
    pub async fn pass(&self, facts: &RequestFacts, runtime: &dyn Runtime) {
        match self.arrive(facts) {
            None => {}
            Some(Arrival::Last { id }) => {
                self.registry.remove(Scope::Server, id);
            }
            Some(Arrival::Waits { id, timeout, mut gate }) => tokio::select! {
                // Ends with an error when the barrier is removed.
                _ = gate.changed() => {}
                () = runtime.sleep(timeout) => {
                    self.registry.remove(Scope::Server, id);
                }
            },
        }
    }

    fn arrive(&self, facts: &RequestFacts) -> Option<Arrival> {
        self.registry.first(facts.owner, |item| {
            let (id, barrier) = (item.id, &mut item.item);
            if !barrier.matching.fits(facts.candidate()) {
                return None;
            }
            barrier.waiting += 1;
            Some(if barrier.waiting >= barrier.parties {
                Arrival::Last { id }
            } else {
                Arrival::Waits { id, timeout: barrier.timeout, gate: barrier.gate.subscribe() }
            })
        })
    }
}
