//! Advice: what the tested app does wrong, over all its requests.
//!
//! [`Advice`] sees every request of the contract when it ends, and every refresh when it arrives. Almost every request is made well: it
//! takes one look and no lock. What is remembered has a bound: a finding for each rule and scope, and a little for the users and the
//! failed calls that were seen last. A mistake that only a fault of the test has caused is none of the app's.

mod awaited;
mod burst;
mod finding;
mod recent;
mod repetition;
pub mod report;
mod request;
mod retry_after;
mod rule;
mod session;

use std::cell::LazyCell;
use std::sync::atomic::{AtomicI64, Ordering};

use parking_lot::Mutex;
use telematics_contract::Call;

use super::redaction::redacted_path;
use crate::service::Scope;
use crate::service::time::Timestamp;
use awaited::Awaited;
use burst::Burst;
use finding::{ByRule, Findings, add, shortened, sorted};
use recent::Recent;
use repetition::Repetitions;
use session::{Session, is_about_refresh_token};

pub use finding::{Example, Finding};
pub use request::{Actor, Answer, Arrival, Outcome, Refused};
pub use retry_after::RetryAfter;
pub use rule::{Level, Rule};

/// The number of users that are remembered at least. The one who was seen longest ago is forgotten first.
const REMEMBERED_USERS: usize = 4096;
/// The number of calls with an expired access token from which on a user who never refreshes is a mistake.
const NEVER: u32 = 2;

/// A user or an admin in a scope.
type Key = (Scope, Actor);

/// What the app does wrong.
#[derive(Debug)]
pub struct Advice {
    seen: Mutex<Seen>,
    /// The real time in microseconds until which a call that arrives can repeat a failed one, so that the successes count too.
    watched_until: AtomicI64,
    awaited: Awaited,
}

#[derive(Debug)]
struct Seen {
    findings: Findings,
    /// The findings from before a reset, and those of removed instances.
    earlier: ByRule,
    sessions: Recent<Key, Session>,
    unrefreshed: Recent<Key, Unrefreshed>,
    repetitions: Repetitions,
}

/// Calls of a user with an expired access token that no refresh has followed.
#[derive(Debug)]
struct Unrefreshed {
    count: u32,
    /// The last of them.
    burst: Burst,
    example: Example,
}

impl Default for Advice {
    fn default() -> Self {
        let seen = Seen {
            findings: Findings::default(),
            earlier: ByRule::new(),
            sessions: Recent::new(REMEMBERED_USERS),
            unrefreshed: Recent::new(REMEMBERED_USERS),
            repetitions: Repetitions::default(),
        };
        Self { seen: Mutex::new(seen), watched_until: AtomicI64::default(), awaited: Awaited::default() }
    }
}

impl Advice {
    /// A request has arrived.
    pub fn arrive(&self, arrival: &Arrival) {
        if arrival.call == Some(Call::RefreshToken)
            && let Some(key) = key_of(arrival)
        {
            let mut seen = self.seen.lock();
            seen.unrefreshed.remove(key);
            seen.sessions.get_or_default(key).start_refresh(arrival);
        }
    }

    /// A request has ended; `now` is real time, and is asked for only if it matters.
    pub fn end(&self, arrival: &Arrival, outcome: &Outcome<'_>, now: impl FnOnce() -> Timestamp) {
        let is_plain = matches!(outcome.answer, Answer::Status(200..=299))
            && outcome.mistakes().next().is_none()
            && !arrival.has_secret_in_url
            && !arrival.uses_device_token
            && !matches!(arrival.call, Some(Call::RefreshToken | Call::Login));
        let is_for_session = arrival.access_number.is_some() && self.awaited.is_any_at(arrival.at);
        if is_plain && !is_for_session && !self.is_watching_at(arrival.at) {
            return;
        }
        let mut seen = self.seen.lock();
        seen.end(arrival, outcome, now, &self.awaited);
        self.watch(&seen);
    }

    /// Whether a call that arrives at this real time can repeat a failed one.
    fn is_watching_at(&self, arrived: Timestamp) -> bool {
        arrived.micros_from(Timestamp::EPOCH) < self.watched_until.load(Ordering::Relaxed)
    }

    fn watch(&self, seen: &Seen) {
        self.watched_until.store(seen.repetitions.until().micros_from(Timestamp::EPOCH), Ordering::Relaxed);
    }

    /// The findings of a scope: the worst level first, then the most frequent.
    #[must_use]
    pub fn findings(&self, scope: Scope) -> Vec<Finding> {
        let seen = self.seen.lock();
        let mut findings = seen.findings.of(scope);
        for ((owner, _), unrefreshed) in seen.unrefreshed.iter() {
            if scope.covers(*owner)
                && let Some(finding) = unrefreshed.finding()
            {
                add(&mut findings, finding);
            }
        }
        drop(seen);
        sorted(findings)
    }

    /// The findings of the whole run: those of all scopes, also from before a reset and of removed instances. The numbers of their
    /// requests begin again at a reset of the server.
    #[must_use]
    pub fn of_run(&self) -> Vec<Finding> {
        let mut all = self.seen.lock().earlier.clone();
        for finding in self.findings(Scope::Server) {
            add(&mut all, finding);
        }
        sorted(all)
    }

    /// Begins anew for a scope that is reset or removed. Its findings so far belong to the run only.
    pub fn reset(&self, scope: Scope) {
        let mut seen = self.seen.lock();
        seen.forget_users(scope);
        for finding in seen.findings.of(scope).into_values() {
            add(&mut seen.earlier, finding);
        }
        seen.findings.clear(scope);
        self.watch(&seen);
    }

    /// Deletes the findings of a scope, and forgets its users.
    pub fn clear(&self, scope: Scope) {
        let mut seen = self.seen.lock();
        seen.forget_users(scope);
        seen.findings.clear(scope);
        self.watch(&seen);
    }

    /// Forgets the users of a scope and keeps the findings, because a restored snapshot has taken the users to another time.
    pub fn forget_users(&self, scope: Scope) {
        let mut seen = self.seen.lock();
        seen.forget_users(scope);
        self.watch(&seen);
    }
}

impl Seen {
    fn end(&mut self, arrival: &Arrival, outcome: &Outcome<'_>, now: impl FnOnce() -> Timestamp, awaited: &Awaited) {
        let now = LazyCell::new(now);
        let mut mistakes = Vec::new();
        if arrival.has_secret_in_url {
            mistakes.push((Rule::SecretInUrl, "the URL contained a token, a key or a password".into()));
        }
        let of_request = outcome.mistakes().filter(|(rule, _)| !needs_history(*rule));
        mistakes.extend(of_request.map(|(rule, sentence)| (rule, sentence.to_owned().into())));
        let key = key_of(arrival);
        if let Some(key) = key {
            if concerns_session(arrival, outcome) {
                let session = self.sessions.get_or_default(key);
                session.note_access_token(arrival);
                mistakes.extend(session.end(arrival, outcome, || *now, awaited));
            } else if let Some(session) = self.sessions.get(key) {
                session.note_access_token(arrival);
            }
            self.end_unrefreshed(key, arrival, outcome, || *now);
        }
        // A success matters only if a call has failed before.
        if outcome.failure().is_some() || arrival.at < self.repetitions.until() {
            let session = key.and_then(|key| self.sessions.get(key));
            let renewals = session.map_or(0, |session| session.renewals());
            mistakes.extend(self.repetitions.end(arrival, outcome, *now, renewals));
        }
        for (rule, message) in mistakes {
            self.findings.add(arrival.owner, Finding::new(rule, message, example(arrival, outcome)));
        }
    }

    fn forget_users(&mut self, scope: Scope) {
        let of_scope = self.unrefreshed.iter().filter(|((owner, _), _)| scope.covers(*owner));
        for ((owner, _), unrefreshed) in of_scope {
            if let Some(finding) = unrefreshed.finding() {
                self.findings.add(*owner, finding);
            }
        }
        self.sessions.retain(|(owner, _)| !scope.covers(*owner));
        self.unrefreshed.retain(|(owner, _)| !scope.covers(*owner));
        self.repetitions.clear(scope);
    }

    /// Whether the calls with an expired access token are followed by a refresh is known when the user logs in, or when somebody asks.
    fn end_unrefreshed(&mut self, key: Key, arrival: &Arrival, outcome: &Outcome<'_>, now: impl FnOnce() -> Timestamp) {
        if outcome.refused == Some(Refused::Expired { can_refresh: true }) && outcome.is_genuine {
            // Such calls can still arrive from another tab or from a queue.
            if self.sessions.get(key).is_some_and(|session| session.has_renewed(arrival.access_number)) {
                return;
            }
            let now = now();
            match self.unrefreshed.get(key) {
                // Calls that were sent side by side have expired together.
                Some(before) if before.burst.includes(arrival.at) => before.burst.extend(now),
                Some(before) => (before.count, before.burst) = (before.count.saturating_add(1), Burst::begin(now)),
                None => {
                    let example = example(arrival, outcome);
                    self.unrefreshed.insert(key, Unrefreshed { count: 1, burst: Burst::begin(now), example });
                }
            }
        } else if arrival.call == Some(Call::Login)
            && let Some(finding) = self.unrefreshed.remove(key).and_then(|unrefreshed| unrefreshed.finding())
        {
            self.findings.add(arrival.owner, finding);
        }
    }
}

impl Unrefreshed {
    fn finding(&self) -> Option<Finding> {
        let message = format!(
            "{} calls in a row were answered with 401 because the access token had expired, and no refresh followed",
            self.count
        );
        (self.count >= NEVER).then(|| Finding::new(Rule::NeverRefreshes, message, self.example.clone()))
    }
}

/// Whether a hint is a mistake only together with earlier requests.
const fn needs_history(rule: Rule) -> bool {
    is_about_refresh_token(rule) || matches!(rule, Rule::LoginInsteadOfRefresh)
}

/// Whether the end of a request changes what is known of its user.
fn concerns_session(arrival: &Arrival, outcome: &Outcome<'_>) -> bool {
    matches!(arrival.call, Some(Call::RefreshToken | Call::Login))
        || arrival.uses_device_token
        || outcome.is_unauthorized()
}

fn key_of(arrival: &Arrival) -> Option<Key> {
    arrival.actor.map(|actor| (arrival.owner, actor))
}

fn example(arrival: &Arrival, outcome: &Outcome<'_>) -> Example {
    Example {
        request: arrival.number,
        method: shortened(outcome.method),
        path: shortened(&redacted_path(outcome.path)),
        call: arrival.call,
        status: outcome.status,
        at: outcome.at,
    }
}

#[cfg(test)]
mod tests;
