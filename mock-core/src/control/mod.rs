//! The control plane, without HTTP: journal, faults, barriers, events, hints and advice.

pub mod advice;
pub mod barriers;
pub mod events;
pub mod facts;
pub mod faults;
pub mod gate;
mod header_syntax;
pub mod hints;
pub mod invalid;
pub mod journal;
pub mod matching;
pub mod redaction;
mod registry;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Semaphore;

use crate::service::random::Seed;
use crate::service::{Scope, UserService};
use advice::Advice;
use barriers::Barriers;
use events::{EventKind, Events};
use faults::Faults;
use journal::Journal;

pub use registry::MAX_ITEMS;

/// The largest number of calls of the control API that may wait for requests at once.
pub const MAX_WAITING: usize = 256;

/// The control plane of a server.
pub struct Control {
    /// The requests and their answers.
    pub journal: Journal,
    /// The failures that tests ask for.
    pub faults: Faults,
    /// The barriers: requests are held until enough of them have arrived.
    pub barriers: Barriers,
    /// What the tested app does wrong.
    pub advice: Advice,
    /// The channel of events.
    pub events: Arc<Events>,
    /// The calls of the control API that wait for requests.
    pub waiting: Semaphore,
    /// The requests since the last reset of the server.
    requests: AtomicU64,
    /// The requests before it.
    earlier_requests: AtomicU64,
}

impl Control {
    /// A control plane whose journal keeps `journal_size` requests of each instance. The draws of faults come from the seed.
    #[must_use]
    pub fn new(journal_size: usize, seed: Seed) -> Self {
        Self {
            journal: Journal::new(journal_size),
            faults: Faults::new(seed),
            barriers: Barriers::default(),
            advice: Advice::default(),
            events: Arc::default(),
            waiting: Semaphore::new(MAX_WAITING),
            requests: AtomicU64::new(0),
            earlier_requests: AtomicU64::new(0),
        }
    }

    /// The number of the next request; the first is 1.
    #[must_use]
    pub fn next_request(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The number of requests of the contract that have arrived in the whole run.
    #[must_use]
    pub fn requests_of_run(&self) -> u64 {
        self.requests.load(Ordering::Relaxed) + self.earlier_requests.load(Ordering::Relaxed)
    }

    /// Sends an event for each message that the service sends.
    pub fn listen_to_messages(&self, service: &UserService) {
        let events = Arc::clone(&self.events);
        service.on_message(Arc::new(move |instance, to| {
            events.send(instance.into(), || EventKind::Message { to: to.into() });
        }));
    }

    /// Releases every request that is held, and ends the waiting calls and the event stream, because the server stops.
    pub fn release(&self) {
        self.barriers.clear(Scope::Server);
        self.faults.end();
        self.journal.end();
        self.events.end();
    }

    /// Deletes the journal, the advice, the faults and the barriers of a scope.
    pub fn reset(&self, scope: Scope) {
        self.journal.clear(scope);
        self.advice.reset(scope);
        self.faults.clear(scope);
        self.barriers.clear(scope);
        if scope == Scope::Server {
            let requests = self.requests.swap(0, Ordering::Relaxed);
            self.earlier_requests.fetch_add(requests, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Control(…)")
    }
}
