//! The control plane without HTTP: what was asked (journal), what goes wrong on purpose (faults), who waits for whom
//! (barriers), what happens right now (events), and what an integrator did wrong (hints).

pub mod barriers;
pub mod events;
pub mod facts;
pub mod faults;
pub mod hints;
pub mod journal;
pub mod matching;
pub mod redaction;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use serde_json::json;

use crate::service::UserService;
use crate::service::ids::InstanceId;
use crate::service::random::Seed;
use barriers::Barriers;
use events::Events;
use faults::Faults;
use journal::Journal;

/// The control plane of a server.
pub struct Control {
    /// What was asked.
    pub journal: Mutex<Journal>,
    /// Whether the journal keeps anything; known without its lock.
    pub keeps_journal: bool,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// Who waits for whom.
    pub barriers: Barriers,
    /// What happens right now.
    pub events: Events,
    requests: AtomicU64,
}

impl Control {
    /// A control plane that remembers so many requests of each instance; the seed decides about faults with a probability.
    #[must_use]
    pub fn new(journal_size: usize, seed: Seed) -> Self {
        let journal = Journal::new(journal_size);
        Self {
            keeps_journal: journal.is_on(),
            journal: Mutex::new(journal),
            faults: Faults::new(seed),
            barriers: Barriers::default(),
            events: Events::default(),
            requests: AtomicU64::new(0),
        }
    }

    /// The number of the next request, from 1 on.
    #[must_use]
    pub fn next_request(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Tells whoever listens of the messages that a service sends.
    pub fn listen_to(self: &Arc<Self>, service: &UserService) {
        let control = Arc::clone(self);
        service.tell_of_messages(Arc::new(move |instance, to| {
            control.events.tell(Some(instance), "message", || json!({ "to": to }));
        }));
    }

    /// Lets go of everybody who waits or listens, because the server stops.
    pub fn let_go(&self) {
        self.barriers.clear(None);
        self.events.end();
    }

    /// Back to the start, for an instance or for the server as a whole.
    pub fn reset(&self, of: Option<InstanceId>) {
        self.journal.lock().clear(of);
        self.faults.clear(of);
        self.barriers.clear(of);
        if of.is_none() {
            self.requests.store(0, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Control(…)")
    }
}
