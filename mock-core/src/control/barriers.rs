//! Barriers: requests are held until enough of them have arrived, so that a test can make a race happen.

use std::time::Duration;

use tokio::sync::watch;

use super::facts::RequestFacts;
use super::invalid::InvalidField;
use super::matching::{Content, RequestMatch};
use super::registry::{MAX_ITEMS, Registry};
use crate::runtime::Runtime;
use crate::service::Scope;
use crate::service::time::Timestamp;

/// The time for which a barrier holds a request by default.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest time for which a barrier may hold a request.
pub const MAX_TIMEOUT: Duration = Duration::from_secs(60);
/// The largest number of requests that a barrier may wait for.
pub const MAX_PARTIES: usize = 1_000;

/// A barrier: the requests that it holds, and how many open it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Barrier {
    /// The requests that the barrier holds.
    pub matching: RequestMatch,
    /// The number of requests that open the barrier: 1 to [`MAX_PARTIES`].
    pub parties: usize,
    /// The longest time for which the barrier holds a request, and for which it waits for its first one: more than zero, at most
    /// [`MAX_TIMEOUT`].
    pub timeout: Duration,
}

impl Barrier {
    /// A barrier that opens when `parties` matching requests have arrived, or after [`DEFAULT_TIMEOUT`].
    #[must_use]
    pub const fn new(matching: RequestMatch, parties: usize) -> Self {
        Self { matching, parties, timeout: DEFAULT_TIMEOUT }
    }

    /// Checks the ranges of the fields.
    ///
    /// # Errors
    ///
    /// The first field that is invalid.
    pub fn check(&self) -> Result<(), InvalidField> {
        self.matching.check_unanswered()?;
        if !(1..=MAX_PARTIES).contains(&self.parties) {
            return Err(InvalidField::new("parties", format!("must be a number from 1 to {MAX_PARTIES}")));
        }
        if self.timeout.is_zero() || self.timeout > MAX_TIMEOUT {
            let reason = format!("must be a number from 1 to {}", MAX_TIMEOUT.as_millis());
            return Err(InvalidField::new("timeoutMs", reason));
        }
        Ok(())
    }
}

/// The state of a barrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BarrierView {
    /// The id.
    pub id: u64,
    /// The number of requests that open the barrier.
    pub parties: usize,
    /// The number of requests that the barrier holds.
    pub waiting: usize,
    /// The longest time for which the barrier holds a request.
    pub timeout: Duration,
}

#[derive(Debug)]
struct ActiveBarrier {
    barrier: Barrier,
    /// When the barrier was added, by the real clock.
    added: Timestamp,
    /// Every request that the barrier holds has a receiver. The sender never sends: when the barrier is removed it is dropped,
    /// and every receiver hears that.
    gate: watch::Sender<()>,
}

impl ActiveBarrier {
    fn waiting(&self) -> usize {
        // A receiver is dropped with its request, so that a client that has gone is not counted.
        self.gate.receiver_count()
    }

    /// Whether the barrier holds no request, and its time is over.
    fn is_over(&self, now: Timestamp) -> bool {
        self.waiting() == 0 && now.since(self.added).to_duration() > self.barrier.timeout
    }
}

/// The outcome of the arrival of a request at a barrier.
enum Arrival {
    /// The request is the last one that was missing, so the barrier opens.
    Last,
    /// The request has to wait.
    Waits { timeout: Duration, gate: watch::Receiver<()> },
}

/// The barriers of a server. A barrier opens once and is removed then.
#[derive(Debug, Default)]
pub struct Barriers {
    registry: Registry<ActiveBarrier>,
}

impl Barriers {
    /// Adds a barrier and returns its id. A server keeps [`MAX_ITEMS`] barriers. `now` is the time of the real clock.
    ///
    /// # Errors
    ///
    /// A field of the barrier is invalid, or there are too many barriers.
    pub fn add(&self, owner: Scope, barrier: Barrier, now: Timestamp) -> Result<u64, InvalidField> {
        barrier.check()?;
        self.registry.remove_if(|entry| entry.item.is_over(now));
        let (gate, _) = watch::channel(());
        let active = ActiveBarrier { barrier, added: now, gate };
        let too_many = || {
            let reason = format!("cannot get a further barrier: the server has {MAX_ITEMS}; remove some");
            InvalidField::new("match", reason)
        };
        self.registry.add(owner, active, |_| false).ok_or_else(too_many)
    }

    /// The barriers of a scope. `now` is the time of the real clock.
    #[must_use]
    pub fn list(&self, scope: Scope, now: Timestamp) -> Vec<BarrierView> {
        self.registry.remove_if(|entry| entry.item.is_over(now));
        self.registry.list(scope, |entry| BarrierView {
            id: entry.id,
            parties: entry.item.barrier.parties,
            waiting: entry.item.waiting(),
            timeout: entry.item.barrier.timeout,
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

    /// Holds a request at the first barrier that matches it, until the barrier opens or its timeout is over. `now` is called for
    /// the time of the real clock.
    pub async fn pass(
        &self,
        facts: &RequestFacts,
        content: &(dyn Content + Sync),
        now: impl FnOnce() -> Timestamp,
        runtime: &dyn Runtime,
    ) {
        if self.registry.is_empty() {
            return;
        }
        let Some(Arrival::Waits { timeout, mut gate }) = self.arrive(facts, content, now()) else { return };
        let is_over = tokio::select! {
            // Ends with an error when the barrier is removed.
            _ = gate.changed() => false,
            () = runtime.sleep(timeout) => true,
        };
        if is_over {
            self.registry.remove_if(|entry| entry.item.gate.subscribe().same_channel(&gate));
        }
    }

    /// Counts a request at the first barrier that matches it. The barrier is removed in the same moment as its last request
    /// arrives, so that no further request is counted.
    fn arrive(&self, facts: &RequestFacts, content: &dyn Content, now: Timestamp) -> Option<Arrival> {
        self.registry.find_map_and_remove(
            facts.owner,
            |entry| {
                let ActiveBarrier { barrier, gate, .. } = &entry.item;
                if entry.item.is_over(now) || !barrier.matching.fits(facts.candidate(content)) {
                    return None;
                }
                Some(if entry.item.waiting() + 1 >= barrier.parties {
                    Arrival::Last
                } else {
                    Arrival::Waits { timeout: barrier.timeout, gate: gate.subscribe() }
                })
            },
            |arrival| matches!(arrival, Arrival::Last),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;
    use crate::control::matching::NoContent;
    use crate::runtime::BoxFuture;

    /// A platform on which no time passes.
    struct Timeless;

    impl Runtime for Timeless {
        fn sleep(&self, _: Duration) -> BoxFuture<()> {
            Box::pin(std::future::pending())
        }

        fn offload(&self, work: Box<dyn FnOnce() + Send>) {
            work();
        }
    }

    fn facts() -> RequestFacts {
        RequestFacts {
            number: 1,
            owner: Scope::Server,
            method: "POST".into(),
            path: "/v1/Auth/Login".into(),
            device_token: None,
        }
    }

    fn is_ready(future: &mut (impl Future<Output = ()> + Unpin)) -> bool {
        pin!(future).poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    fn waiting(barriers: &Barriers) -> Vec<usize> {
        barriers.list(Scope::Server, Timestamp::EPOCH).iter().map(|barrier| barrier.waiting).collect()
    }

    #[test]
    fn a_barrier_opens_with_its_last_request_and_is_removed() {
        let (barriers, facts) = (Barriers::default(), facts());
        barriers.add(Scope::Server, Barrier::new(RequestMatch::any(), 2), Timestamp::EPOCH).unwrap();
        let mut first = Box::pin(barriers.pass(&facts, &NoContent, || Timestamp::EPOCH, &Timeless));
        assert!(!is_ready(&mut first));
        assert_eq!(waiting(&barriers), [1]);
        assert!(is_ready(&mut Box::pin(barriers.pass(&facts, &NoContent, || Timestamp::EPOCH, &Timeless))));
        assert!(is_ready(&mut first));
        assert_eq!(waiting(&barriers), [0; 0]);
    }

    #[test]
    fn a_request_whose_client_has_gone_is_not_counted() {
        let (barriers, facts) = (Barriers::default(), facts());
        barriers.add(Scope::Server, Barrier::new(RequestMatch::any(), 2), Timestamp::EPOCH).unwrap();
        let mut gone = Box::pin(barriers.pass(&facts, &NoContent, || Timestamp::EPOCH, &Timeless));
        assert!(!is_ready(&mut gone));
        drop(gone);
        assert_eq!(waiting(&barriers), [0]);
        assert!(
            !is_ready(&mut Box::pin(barriers.pass(&facts, &NoContent, || Timestamp::EPOCH, &Timeless))),
            "the second request is the first one now"
        );
    }

    #[test]
    fn an_invalid_barrier_is_refused_with_the_name_of_its_field() {
        let field = |barrier: Barrier| barrier.check().unwrap_err().field;
        let barrier = |parties| Barrier::new(RequestMatch::any(), parties);
        assert_eq!(barrier(2).check(), Ok(()));
        assert_eq!(field(barrier(0)), "parties");
        assert_eq!(field(barrier(MAX_PARTIES + 1)), "parties");
        assert_eq!(field(Barrier { timeout: Duration::ZERO, ..barrier(2) }), "timeoutMs");
        assert_eq!(field(Barrier { timeout: MAX_TIMEOUT * 2, ..barrier(2) }), "timeoutMs");
        assert_eq!(field(Barrier::new(RequestMatch::any().with_status(401), 2)), "match.status");
    }

    #[test]
    fn a_barrier_to_which_no_request_comes_is_removed_after_its_timeout() {
        let (barriers, facts) = (Barriers::default(), facts());
        barriers.add(Scope::Server, Barrier::new(RequestMatch::any(), 2), Timestamp::EPOCH).unwrap();
        let later = Timestamp::from_seconds(11);
        assert!(is_ready(&mut Box::pin(barriers.pass(&facts, &NoContent, || later, &Timeless))));
        assert_eq!(barriers.list(Scope::Server, later), []);
        barriers.add(Scope::Server, Barrier::new(RequestMatch::any(), 2), Timestamp::EPOCH).unwrap();
        let mut held = Box::pin(barriers.pass(&facts, &NoContent, || Timestamp::EPOCH, &Timeless));
        assert!(!is_ready(&mut held));
        assert_eq!(barriers.list(Scope::Server, later).len(), 1, "it holds a request");
    }
}
