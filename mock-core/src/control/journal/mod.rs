//! The journal: requests with their answers, in a bounded ring for each instance.
//!
//! Writing an entry is cheap, because bodies are kept as bytes. They are parsed and redacted when the journal is read.

mod entry;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

use super::matching::{Difference, RequestMatch};
use crate::ordering::{pair, sort_by_number};
use crate::service::Scope;
use crate::service::instances::MAX_INSTANCES;

pub use entry::{Entry, HeaderNames, KeptBody, MAX_BODY_BYTES, RedactedBody};

/// The number of requests that the journal keeps for each instance by default.
pub const DEFAULT_SIZE: usize = 10_000;
/// The number of requests that a failed verification names.
const NEAREST: usize = 3;

/// The entries of a server: a bounded ring for each instance, and one for the requests that belong to no instance.
#[derive(Debug)]
pub struct Journal {
    size: usize,
    rings: Mutex<Rings>,
    progress: watch::Sender<Progress>,
}

#[derive(Debug, Default)]
struct Rings {
    by_owner: HashMap<Scope, VecDeque<Kept>>,
    /// The number of entries that were ever added.
    added: u64,
}

/// An entry with the count of entries that were added up to it. The numbers of requests are given when they arrive, so that
/// they are in another order than their entries.
#[derive(Debug)]
struct Kept {
    position: u64,
    entry: Arc<Entry>,
}

/// What those who wait for entries hear at every change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The number of times that entries were deleted.
    pub cleared: u64,
    /// Whether the server stops.
    pub is_over: bool,
}

/// The entries that a search returns, by the numbers of their requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Only entries with a larger number.
    pub since: u64,
    /// Only entries with a smaller number.
    pub before: u64,
    /// The largest count of entries.
    pub limit: usize,
    /// Whether the first entries are returned if there are more than `limit`, and not the last ones.
    pub takes_first: bool,
}

impl Default for Page {
    /// Every entry.
    fn default() -> Self {
        Self { since: 0, before: u64::MAX, limit: usize::MAX, takes_first: false }
    }
}

impl Page {
    /// Every entry with a number larger than this.
    #[must_use]
    pub fn since(number: u64) -> Self {
        Self { since: number, ..Self::default() }
    }
}

/// A request that a failed verification names.
#[derive(Clone, Debug)]
pub struct NearMiss {
    /// The entry.
    pub entry: Arc<Entry>,
    /// The criteria that it does not meet; empty if there were too many matching requests, and this is one of them.
    pub differences: Vec<Difference>,
}

impl Journal {
    /// A journal that keeps `size` entries of each instance; 0 keeps none.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self { size, rings: Mutex::default(), progress: watch::Sender::new(Progress::default()) }
    }

    /// Whether the journal keeps entries.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.size > 0
    }

    /// Adds an entry, and drops the oldest of its owner if the ring is full.
    pub fn push(&self, entry: Entry) {
        if self.size == 0 {
            return;
        }
        let mut rings = self.rings.lock();
        rings.added += 1;
        let position = rings.added;
        // A request can end after its instance was removed, and would leave a ring for ever.
        if rings.by_owner.len() > MAX_INSTANCES && !rings.by_owner.contains_key(&entry.owner) {
            let last = |ring: &VecDeque<Kept>| ring.back().map(|kept| kept.position);
            let oldest = rings.by_owner.iter().min_by_key(|(_, ring)| last(ring)).map(|(owner, _)| *owner);
            oldest.map(|owner| rings.by_owner.remove(&owner));
        }
        let ring = rings.by_owner.entry(entry.owner).or_default();
        let oldest = if ring.len() == self.size { ring.pop_front() } else { None };
        ring.push_back(Kept { position, entry: Arc::new(entry) });
        drop(rings);
        // Freed after the lock is released.
        drop(oldest);
        self.tell(|_| ());
    }

    /// Deletes the entries of a scope.
    pub fn clear(&self, scope: Scope) {
        self.rings.lock().by_owner.retain(|owner, _| !scope.covers(*owner));
        self.tell(|progress| progress.cleared += 1);
    }

    /// Tells all who wait that the server stops.
    pub fn end(&self) {
        self.progress.send_modify(|progress| progress.is_over = true);
    }

    /// Hears of every change from now on.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// The number of entries that were ever added: the position of the last one.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.rings.lock().added
    }

    /// Tells those who wait; costs nothing if nobody does. Whoever subscribes looks at the rings afterwards.
    fn tell(&self, change: impl FnOnce(&mut Progress)) {
        if self.progress.receiver_count() > 0 {
            self.progress.send_modify(change);
        }
    }

    /// The matching entries of a scope in order of their numbers.
    #[must_use]
    pub fn find(&self, scope: Scope, wanted: &RequestMatch, page: Page) -> Vec<Arc<Entry>> {
        let Page { since, before, limit, takes_first } = page;
        let mut found = self.entries(scope);
        found.retain(|entry| entry.number > since && entry.number < before && entry.meets(wanted));
        sort_by_number(&mut found, |entry| entry.number.into());
        if takes_first {
            found.truncate(limit);
            found
        } else {
            found.split_off(found.len().saturating_sub(limit))
        }
    }

    /// Whether an entry of a scope that was added after `position` matches one of these.
    #[must_use]
    pub fn has_new(&self, scope: Scope, position: u64, wanted: &[RequestMatch]) -> bool {
        let mut fresh = Vec::new();
        for (owner, ring) in &self.rings.lock().by_owner {
            if scope.covers(*owner) {
                let kept = ring.iter().rev().take_while(|kept| kept.position > position);
                fresh.extend(kept.map(|kept| Arc::clone(&kept.entry)));
            }
        }
        fresh.iter().any(|entry| wanted.iter().any(|wanted| entry.meets(wanted)))
    }

    /// The entries of a scope with a number larger than `since` that miss a match by the fewest criteria, the nearest first, and
    /// the latest first among equals.
    #[must_use]
    pub fn nearest(&self, scope: Scope, wanted: &RequestMatch, since: u64) -> Vec<NearMiss> {
        let entries = self.entries(scope).into_iter().filter(|entry| entry.number > since);
        let mut misses: Vec<NearMiss> = entries
            .map(|entry| NearMiss { differences: wanted.differences(entry.candidate(wanted)), entry })
            .filter(|miss| !miss.differences.is_empty())
            .collect();
        sort_by_number(&mut misses, |miss| pair(miss.differences.len() as u64, u64::MAX - miss.entry.number));
        misses.truncate(NEAREST);
        misses
    }

    /// The last matching entries of a scope with a number larger than `since`, the latest first.
    #[must_use]
    pub fn latest(&self, scope: Scope, wanted: &RequestMatch, since: u64) -> Vec<NearMiss> {
        let page = Page { limit: NEAREST, ..Page::since(since) };
        let found = self.find(scope, wanted, page).into_iter().rev();
        found.map(|entry| NearMiss { entry, differences: Vec::new() }).collect()
    }

    /// The entries of a scope, in no order. They are compared and parsed outside the lock, which every request takes, and the
    /// lock is released after each ring.
    fn entries(&self, scope: Scope) -> Vec<Arc<Entry>> {
        let owners: Vec<Scope> =
            self.rings.lock().by_owner.keys().copied().filter(|owner| scope.covers(*owner)).collect();
        let mut entries = Vec::new();
        for owner in owners {
            if let Some(ring) = self.rings.lock().by_owner.get(&owner) {
                entries.extend(ring.iter().map(|kept| Arc::clone(&kept.entry)));
            }
        }
        entries
    }
}

#[cfg(test)]
mod tests;
