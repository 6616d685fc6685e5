//! The journal: what was asked and what was answered, a bounded ring for each instance.
//!
//! Writing an entry costs next to nothing, because it shares the bytes of the request and the answer. What is costly,
//! parsing and redaction, happens when somebody reads.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use serde_json::Value;

use super::facts::sees;
use super::matching::{Candidate, Difference, Match};
use super::redaction::redacted;
use crate::service::ids::{DeviceToken, InstanceId};
use crate::service::time::Timestamp;

/// Bodies up to this many bytes are kept; of larger ones only the length \[P\].
pub const MAX_BODY_BYTES: usize = 4 * 1024;
/// How many near misses a failed verification names.
const NEAREST: usize = 3;

/// A body as it is kept.
#[derive(Clone, Debug)]
pub enum KeptBody {
    /// There was none.
    None,
    /// It is kept as it came; only [`Entry::request`] and [`Entry::response`] ever show it, without its secrets.
    Whole(Bytes),
    /// It was too large, and this many bytes long.
    Length(usize),
}

impl KeptBody {
    /// Keeps a body.
    #[must_use]
    pub fn of(bytes: &Bytes) -> Self {
        match bytes.len() {
            0 => Self::None,
            length if length > MAX_BODY_BYTES => Self::Length(length),
            _ => Self::Whole(bytes.clone()),
        }
    }

    /// The body in memory of its own: that of a request shares the memory of a large read.
    fn detached(self) -> Self {
        match self {
            Self::Whole(bytes) => Self::Whole(Bytes::copy_from_slice(&bytes)),
            other @ (Self::None | Self::Length(_)) => other,
        }
    }

    /// The body without its secrets; one that cannot be parsed is shown as its length only.
    fn shown(&self) -> ShownBody {
        match self {
            Self::None => ShownBody::None,
            Self::Length(length) => ShownBody::Length(*length),
            Self::Whole(bytes) => match serde_json::from_slice::<Value>(bytes) {
                Ok(value) => ShownBody::Json(redacted(value)),
                Err(_) => ShownBody::Length(bytes.len()),
            },
        }
    }
}

/// A body as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub enum ShownBody {
    /// There was none.
    None,
    /// JSON, without its secrets.
    Json(Value),
    /// Something else, this many bytes long.
    Length(usize),
}

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number; numbers grow.
    pub number: u64,
    /// When it was answered, by the clock of its instance.
    pub at: Timestamp,
    /// Whose it is.
    pub instance: Option<InstanceId>,
    /// The method.
    pub method: String,
    /// The path; spelled as the contract spells it where it is one of the contract's.
    pub path: String,
    /// The query; empty where there is none.
    pub query: String,
    /// The status; none, where the connection was closed without an answer.
    pub status: Option<u16>,
    /// The user, where that was known before the answer.
    pub device_token: Option<DeviceToken>,
    /// The body of the request.
    pub request_body: KeptBody,
    /// The body of the answer.
    pub response_body: KeptBody,
    /// The fault that fired.
    pub fault: Option<u64>,
    /// What the integrator did wrong.
    pub hint: Option<String>,
}

impl Entry {
    /// The entry as it is kept for long: with nothing in it that holds more memory than it is.
    #[must_use]
    pub fn for_keeping(self) -> Self {
        Self { request_body: self.request_body.detached(), ..self }
    }

    /// The request's body, without its secrets.
    #[must_use]
    pub fn request(&self) -> ShownBody {
        self.request_body.shown()
    }

    /// The answer's body, without its secrets.
    #[must_use]
    pub fn response(&self) -> ShownBody {
        self.response_body.shown()
    }

    /// The user: known before the answer, or named by it, as a registration does.
    #[must_use]
    pub fn user(&self) -> Option<DeviceToken> {
        self.device_token.or_else(|| {
            let KeptBody::Whole(bytes) = &self.response_body else { return None };
            let answer: Value = serde_json::from_slice(bytes).ok()?;
            answer.get("Result")?.get("DeviceToken")?.as_str()?.parse().ok()
        })
    }

    fn candidate(&self, with_user: bool) -> Candidate<'_> {
        let device_token = if with_user { self.user() } else { None };
        Candidate { method: &self.method, path: &self.path, status: self.status, device_token }
    }
}

/// The entries of a server, a bounded ring for each instance and one for what belongs to none.
#[derive(Debug)]
pub struct Journal {
    size: usize,
    rings: HashMap<Option<InstanceId>, VecDeque<Entry>>,
}

/// An entry that was nearly meant.
#[derive(Clone, Debug)]
pub struct NearMiss {
    /// The entry.
    pub entry: Entry,
    /// In what it differs.
    pub differences: Vec<Difference>,
}

impl Journal {
    /// A journal that keeps so many entries of each instance.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self { size, rings: HashMap::new() }
    }

    /// Whether anything is kept at all.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.size > 0
    }

    /// Adds an entry; the oldest of its instance goes, where the ring is full.
    pub fn push(&mut self, entry: Entry) {
        if self.size == 0 {
            return;
        }
        let ring = self.rings.entry(entry.instance).or_default();
        if ring.len() == self.size {
            ring.pop_front();
        }
        ring.push_back(entry);
    }

    /// Forgets the entries of an instance, or all.
    pub fn clear(&mut self, of: Option<InstanceId>) {
        self.rings.retain(|owner, _| !sees(of, *owner));
    }

    /// The entries that are meant, in order of their numbers: after `since`, and the last `limit` of them.
    #[must_use]
    pub fn find(&self, of: Option<InstanceId>, wanted: &Match, since: u64, limit: usize) -> Vec<Entry> {
        let with_user = wanted.device_token.is_some();
        let mut found: Vec<&Entry> =
            self.entries(of).filter(|entry| entry.number > since && wanted.fits(entry.candidate(with_user))).collect();
        found.sort_by_key(|entry| entry.number);
        let from = found.len().saturating_sub(limit);
        found.into_iter().skip(from).cloned().collect()
    }

    /// How many entries are meant.
    #[must_use]
    pub fn count(&self, of: Option<InstanceId>, wanted: &Match) -> usize {
        let with_user = wanted.device_token.is_some();
        self.entries(of).filter(|entry| wanted.fits(entry.candidate(with_user))).count()
    }

    /// The entries that were nearly meant, the nearest first, the latest first among those.
    #[must_use]
    pub fn nearest(&self, of: Option<InstanceId>, wanted: &Match) -> Vec<NearMiss> {
        let mut misses: Vec<(Vec<Difference>, &Entry)> = self
            .entries(of)
            .map(|entry| (wanted.differences(entry.candidate(true)), entry))
            .filter(|(differences, _)| !differences.is_empty())
            .collect();
        misses.sort_by_key(|(differences, entry)| (differences.len(), std::cmp::Reverse(entry.number)));
        misses.truncate(NEAREST);
        misses.into_iter().map(|(differences, entry)| NearMiss { entry: entry.clone(), differences }).collect()
    }

    fn entries(&self, of: Option<InstanceId>) -> impl Iterator<Item = &Entry> {
        self.rings.iter().filter(move |(owner, _)| sees(of, **owner)).flat_map(|(_, ring)| ring)
    }
}

#[cfg(test)]
mod tests {
    use super::super::matching::PathPattern;
    use super::*;

    fn entry(number: u64, instance: Option<InstanceId>) -> Entry {
        Entry {
            number,
            at: Timestamp::EPOCH,
            instance,
            method: "POST".to_owned(),
            path: "/v1/Auth/RefreshToken".to_owned(),
            query: String::new(),
            status: Some(if number.is_multiple_of(2) { 200 } else { 401 }),
            device_token: None,
            request_body: KeptBody::None,
            response_body: KeptBody::None,
            fault: None,
            hint: None,
        }
    }

    const HERE: Option<InstanceId> = Some(InstanceId::from_u128(1));
    const THERE: Option<InstanceId> = Some(InstanceId::from_u128(2));

    #[test]
    fn the_noise_of_one_instance_does_not_push_the_entries_of_another_out() {
        let mut journal = Journal::new(3);
        journal.push(entry(1, HERE));
        for number in 2..100 {
            journal.push(entry(number, THERE));
        }
        assert_eq!(journal.count(HERE, &Match::default()), 1);
        assert_eq!(journal.count(THERE, &Match::default()), 3);
        assert_eq!(journal.count(None, &Match::default()), 4);
        journal.clear(THERE);
        assert_eq!(journal.count(None, &Match::default()), 1);
    }

    #[test]
    fn entries_are_found_by_what_they_are_after_a_number_and_the_last_so_many() {
        let mut journal = Journal::new(10);
        for number in 1..=9 {
            journal.push(entry(number, if number.is_multiple_of(3) { HERE } else { THERE }));
        }
        let ok = Match { status: Some(200), ..Match::default() };
        let numbers = |since, limit| -> Vec<u64> {
            journal.find(None, &ok, since, limit).iter().map(|entry| entry.number).collect()
        };
        assert_eq!(numbers(0, 100), [2, 4, 6, 8]);
        assert_eq!(numbers(4, 100), [6, 8]);
        assert_eq!(numbers(0, 2), [6, 8]);
    }

    #[test]
    fn near_misses_say_what_differed() {
        let mut journal = Journal::new(10);
        journal.push(entry(1, HERE));
        let wanted = Match { path: Some(PathPattern::new("*Login")), status: Some(401), ..Match::default() };
        let misses = journal.nearest(HERE, &wanted);
        assert_eq!(misses[0].differences[0].criterion, "path");
        assert_eq!(misses[0].differences.len(), 1);
    }

    #[test]
    fn a_registration_is_found_by_the_user_it_made() {
        let user = DeviceToken::from_u128(7);
        let body = Bytes::from(format!(r#"{{"Result":{{"DeviceToken":"{user}"}}}}"#));
        let mut journal = Journal::new(10);
        journal.push(Entry { response_body: KeptBody::of(&body), ..entry(1, HERE) });
        assert_eq!(journal.count(HERE, &Match { device_token: Some(user), ..Match::default() }), 1);
    }

    #[test]
    fn a_body_that_is_no_json_is_shown_as_its_length() {
        assert_eq!(KeptBody::of(&Bytes::from_static(b"Password=canary")).shown(), ShownBody::Length(15));
        assert_eq!(KeptBody::of(&Bytes::from(vec![b' '; 5000])).shown(), ShownBody::Length(5000));
        assert_eq!(KeptBody::of(&Bytes::new()).shown(), ShownBody::None);
    }

    #[test]
    fn a_journal_of_size_0_keeps_nothing() {
        let mut journal = Journal::new(0);
        journal.push(entry(1, HERE));
        assert!(!journal.is_on());
        assert_eq!(journal.count(None, &Match::default()), 0);
    }
}
