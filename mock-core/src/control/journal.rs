//! The journal: requests with their answers, in a bounded ring for each instance.
//!
//! Writing an entry is cheap, because bodies are kept as bytes. They are parsed and redacted when the journal is read.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::Value;

use super::matching::{Candidate, Difference, RequestMatch};
use super::redaction::redacted;
use crate::service::Scope;
use crate::service::ids::DeviceToken;
use crate::service::time::Timestamp;

/// The number of requests that the journal keeps for each instance by default.
pub const DEFAULT_SIZE: usize = 10_000;
/// The largest body that is kept, in bytes; of a larger one only the length is kept \[P\].
pub const MAX_BODY_BYTES: usize = 4 * 1024;
/// The number of near misses that a failed verification names.
const NEAREST: usize = 3;

/// A body in the journal.
#[derive(Clone, Debug)]
pub enum KeptBody {
    /// An empty body.
    None,
    /// The bytes, with their secrets. Only [`Entry::request`] and [`Entry::response`] show them, redacted.
    Whole(Bytes),
    /// The length of a body that was too large, in bytes.
    Length(usize),
}

impl KeptBody {
    /// Keeps a body that owns its memory, such as an answer.
    #[must_use]
    pub fn sharing(bytes: &Bytes) -> Self {
        match bytes.len() {
            0 => Self::None,
            length if length > MAX_BODY_BYTES => Self::Length(length),
            _ => Self::Whole(bytes.clone()),
        }
    }

    /// Keeps a copy of a body. The body of a request is a slice of a larger read buffer and would keep all of it alive.
    #[must_use]
    pub fn copied(bytes: &Bytes) -> Self {
        match bytes.len() {
            0 => Self::None,
            length if length > MAX_BODY_BYTES => Self::Length(length),
            _ => Self::Whole(Bytes::copy_from_slice(bytes)),
        }
    }

    /// The body without its secrets. Of a body that is not JSON only the length is shown.
    fn redacted(&self) -> RedactedBody {
        match self {
            Self::None => RedactedBody::None,
            Self::Length(length) => RedactedBody::Length(*length),
            Self::Whole(bytes) => match serde_json::from_slice::<Value>(bytes) {
                Ok(value) => RedactedBody::Json(redacted(value)),
                Err(_) => RedactedBody::Length(bytes.len()),
            },
        }
    }
}

/// A body without its secrets.
#[derive(Clone, Debug, PartialEq)]
pub enum RedactedBody {
    /// An empty body.
    None,
    /// JSON.
    Json(Value),
    /// The length of a body that is not JSON or was too large, in bytes.
    Length(usize),
}

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The number; a later request has a larger one.
    pub number: u64,
    /// The time of the answer, by the clock of the owner.
    pub at: Timestamp,
    /// The scope that the request belongs to.
    pub owner: Scope,
    /// The method.
    pub method: Cow<'static, str>,
    /// The path. A path of the contract is spelled as the contract spells it.
    pub path: Cow<'static, str>,
    /// The query; empty if absent.
    pub query: Box<str>,
    /// The status; `None` if a fault closed the connection.
    pub status: Option<u16>,
    /// The user, if the request names one.
    pub device_token: Option<DeviceToken>,
    /// The body of the request.
    pub request_body: KeptBody,
    /// The body of the answer.
    pub response_body: KeptBody,
    /// The id of the fault that was applied.
    pub fault: Option<u64>,
    /// The hint for the integrator.
    pub hint: Option<Box<str>>,
}

impl Entry {
    /// The body of the request, without its secrets.
    #[must_use]
    pub fn request(&self) -> RedactedBody {
        self.request_body.redacted()
    }

    /// The body of the answer, without its secrets.
    #[must_use]
    pub fn response(&self) -> RedactedBody {
        self.response_body.redacted()
    }

    /// The user: the one that the request names, otherwise the one that the answer names, as after a registration.
    #[must_use]
    pub fn user(&self) -> Option<DeviceToken> {
        self.device_token.or_else(|| {
            let KeptBody::Whole(bytes) = &self.response_body else { return None };
            let answer: Value = serde_json::from_slice(bytes).ok()?;
            answer.get("Result")?.get("DeviceToken")?.as_str()?.parse().ok()
        })
    }

    fn candidate(&self, wanted: &RequestMatch) -> Candidate<'_> {
        // The user may be in the answer only, so it is looked up only if the match asks for one.
        let device_token = wanted.device_token.and_then(|_| self.user());
        Candidate { method: &self.method, path: &self.path, status: self.status, device_token }
    }
}

/// The entries of a server: a bounded ring for each instance, and one for the requests that belong to no instance.
#[derive(Debug)]
pub struct Journal {
    size: usize,
    rings: Mutex<HashMap<Scope, VecDeque<Arc<Entry>>>>,
}

/// An entry that misses a match by the fewest criteria.
#[derive(Clone, Debug)]
pub struct NearMiss {
    /// The entry.
    pub entry: Arc<Entry>,
    /// The criteria that it does not meet.
    pub differences: Vec<Difference>,
}

impl Journal {
    /// A journal that keeps `size` entries of each instance; 0 keeps none.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self { size, rings: Mutex::default() }
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
        let ring = rings.entry(entry.owner).or_default();
        let oldest = if ring.len() == self.size { ring.pop_front() } else { None };
        ring.push_back(Arc::new(entry));
        drop(rings);
        // Freed after the lock is released.
        drop(oldest);
    }

    /// Deletes the entries of a scope.
    pub fn clear(&self, scope: Scope) {
        self.rings.lock().retain(|owner, _| !scope.covers(*owner));
    }

    /// The matching entries of a scope in order of their numbers: those after `since`, and of those the last `limit`.
    #[must_use]
    pub fn find(&self, scope: Scope, wanted: &RequestMatch, since: u64, limit: usize) -> Vec<Arc<Entry>> {
        let mut found = self.entries(scope);
        found.retain(|entry| entry.number > since && wanted.fits(entry.candidate(wanted)));
        found.sort_by_key(|entry| entry.number);
        found.split_off(found.len().saturating_sub(limit))
    }

    /// The number of matching entries of a scope.
    #[must_use]
    pub fn count(&self, scope: Scope, wanted: &RequestMatch) -> usize {
        self.entries(scope).iter().filter(|entry| wanted.fits(entry.candidate(wanted))).count()
    }

    /// The entries of a scope that miss a match by the fewest criteria, the nearest first, and the latest first among equals.
    #[must_use]
    pub fn nearest(&self, scope: Scope, wanted: &RequestMatch) -> Vec<NearMiss> {
        let entries = self.entries(scope).into_iter();
        let mut misses: Vec<NearMiss> = entries
            .map(|entry| NearMiss { differences: wanted.differences(entry.candidate(wanted)), entry })
            .filter(|miss| !miss.differences.is_empty())
            .collect();
        misses.sort_by_key(|miss| (miss.differences.len(), std::cmp::Reverse(miss.entry.number)));
        misses.truncate(NEAREST);
        misses
    }

    /// The entries of a scope, in no order. They are compared and parsed outside the lock, which every request takes.
    fn entries(&self, scope: Scope) -> Vec<Arc<Entry>> {
        let rings = self.rings.lock();
        let rings = rings.iter().filter(|(owner, _)| scope.covers(**owner));
        rings.flat_map(|(_, ring)| ring.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::ids::InstanceId;
    use crate::service::time::Timestamp;

    fn entry(number: u64, owner: Scope) -> Entry {
        Entry {
            number,
            at: Timestamp::EPOCH,
            owner,
            method: "POST".into(),
            path: "/v1/Auth/RefreshToken".into(),
            query: Box::default(),
            status: Some(if number.is_multiple_of(2) { 200 } else { 401 }),
            device_token: None,
            request_body: KeptBody::None,
            response_body: KeptBody::None,
            fault: None,
            hint: None,
        }
    }

    const HERE: Scope = Scope::Instance(InstanceId::from_u128(1));
    const THERE: Scope = Scope::Instance(InstanceId::from_u128(2));

    #[test]
    fn the_requests_of_one_instance_do_not_push_out_the_entries_of_another() {
        let journal = Journal::new(3);
        journal.push(entry(1, HERE));
        for number in 2..100 {
            journal.push(entry(number, THERE));
        }
        assert_eq!(journal.count(HERE, &RequestMatch::any()), 1);
        assert_eq!(journal.count(THERE, &RequestMatch::any()), 3);
        assert_eq!(journal.count(Scope::Server, &RequestMatch::any()), 4);
        journal.clear(THERE);
        assert_eq!(journal.count(Scope::Server, &RequestMatch::any()), 1);
    }

    #[test]
    fn entries_are_found_by_match_after_a_number_and_up_to_a_limit() {
        let journal = Journal::new(10);
        for number in 1..=9 {
            journal.push(entry(number, if number.is_multiple_of(3) { HERE } else { THERE }));
        }
        let ok = RequestMatch::any().with_status(200);
        let numbers = |since, limit| -> Vec<u64> {
            journal.find(Scope::Server, &ok, since, limit).iter().map(|entry| entry.number).collect()
        };
        assert_eq!(numbers(0, 100), [2, 4, 6, 8]);
        assert_eq!(numbers(4, 100), [6, 8]);
        assert_eq!(numbers(0, 2), [6, 8]);
    }

    #[test]
    fn a_near_miss_names_the_criterion_that_is_not_met() {
        let journal = Journal::new(10);
        journal.push(entry(1, HERE));
        let wanted = RequestMatch::path("*Login").with_status(401);
        let misses = journal.nearest(HERE, &wanted);
        assert_eq!(misses[0].differences[0].criterion, "path");
        assert_eq!(misses[0].differences.len(), 1);
    }

    #[test]
    fn a_registration_is_found_by_the_new_user() {
        let user = DeviceToken::from_u128(7);
        let body = Bytes::from(format!(r#"{{"Result":{{"DeviceToken":"{user}"}}}}"#));
        let journal = Journal::new(10);
        journal.push(Entry { response_body: KeptBody::sharing(&body), ..entry(1, HERE) });
        assert_eq!(journal.count(HERE, &RequestMatch::any().with_user(user)), 1);
    }

    #[test]
    fn of_a_body_that_is_not_json_only_the_length_is_shown() {
        assert_eq!(KeptBody::sharing(&Bytes::from_static(b"Password=canary")).redacted(), RedactedBody::Length(15));
        assert_eq!(KeptBody::sharing(&Bytes::from(vec![b' '; 5000])).redacted(), RedactedBody::Length(5000));
        assert_eq!(KeptBody::sharing(&Bytes::new()).redacted(), RedactedBody::None);
    }

    #[test]
    fn a_journal_of_size_0_keeps_nothing() {
        let journal = Journal::new(0);
        journal.push(entry(1, HERE));
        assert!(!journal.is_on());
        assert_eq!(journal.count(Scope::Server, &RequestMatch::any()), 0);
    }
}
