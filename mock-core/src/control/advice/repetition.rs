//! Repeated calls: loops without a pause, and calls before the time that `Retry-After` named.

use super::burst::Burst;
use super::recent::Recent;
use super::request::{Arrival, Outcome, Refused};
use super::rule::Rule;
use super::session::Mistake;
use crate::service::Scope;
use crate::service::map::content_hash;
use crate::service::time::{Period, Timestamp};

/// The number of equal failures in a row that are a loop. Those of calls that may have been sent side by side count once.
const LOOP: u32 = 5;
/// A repetition that starts within this real time after the failure counts as one without a pause.
const PAUSE: Period = Period::from_micros(100_000);
/// A call may come this much too early: timers are not exact.
const TOLERANCE: Period = Period::from_micros(250_000);
/// The number of failed calls that are remembered at least.
const REMEMBERED: usize = 2048;

/// The largest part of a body that is compared, in bytes.
const MAX_COMPARED: usize = 4096;

/// A call of one sender, as a hash.
type CallKey = (Scope, u64);

/// The failed calls that can be repeated.
#[derive(Debug)]
pub(super) struct Repetitions {
    failures: Recent<CallKey, Failure>,
    waits: Recent<CallKey, Wait>,
    /// From this real time on no arrival can repeat any of them.
    until: Timestamp,
}

/// Equal failures of a call in a row, each repeated without a pause.
#[derive(Debug)]
struct Failure {
    status: u16,
    /// The number of failures.
    count: u32,
    /// The number of bursts that they are.
    bursts: u32,
    burst: Burst,
    /// The number of times that the sender had got tokens.
    renewals: u32,
}

/// A wait that an answer asked for.
#[derive(Debug)]
struct Wait {
    /// The answers that were given before the client could know.
    asked: Burst,
    /// The end of the wait by real time, and by the clock of the owner. A test can move that clock, so either one ends it.
    until: (Timestamp, Timestamp),
}

impl Default for Repetitions {
    fn default() -> Self {
        Self { failures: Recent::new(REMEMBERED), waits: Recent::new(REMEMBERED), until: Timestamp::EPOCH }
    }
}

impl Repetitions {
    /// The real time from which on no success matters: every failure is too long ago, and every wait is over.
    pub(super) fn until(&self) -> Timestamp {
        if self.failures.is_empty() && self.waits.is_empty() { Timestamp::EPOCH } else { self.until }
    }

    /// Forgets the calls of a scope.
    pub(super) fn clear(&mut self, scope: Scope) {
        self.failures.retain(|(owner, _)| !scope.covers(*owner));
        self.waits.retain(|(owner, _)| !scope.covers(*owner));
    }

    /// A request has ended; `now` is real time, and `renewals` the number of times that its sender has got tokens.
    pub(super) fn end(
        &mut self,
        arrival: &Arrival,
        outcome: &Outcome<'_>,
        now: Timestamp,
        renewals: u32,
    ) -> Vec<Mistake> {
        let too_early = self.end_in_wait(path_key(arrival, outcome), arrival, outcome, now);
        let latest = Failure { status: 0, count: 1, bursts: 1, burst: Burst::begin(now), renewals };
        let repeated = self.end_in_loop(request_key(arrival, outcome), arrival, outcome, latest);
        too_early.into_iter().chain(repeated).collect()
    }

    fn end_in_wait(
        &mut self,
        key: CallKey,
        arrival: &Arrival,
        outcome: &Outcome<'_>,
        now: Timestamp,
    ) -> Option<Mistake> {
        let asked = outcome.retry_after.map(|wait| wait.from(outcome.at));
        let mut mistake = None;
        if let Some(wait) = self.waits.get(key) {
            let (real, shown) = wait.until;
            if wait.asked.includes(arrival.at) {
                wait.asked.extend(now);
                return None;
            }
            let early = real.since(arrival.at).min(shown.since(outcome.at));
            if early > TOLERANCE {
                let seconds = early.seconds_rounded_up();
                let message = format!("the call was repeated {seconds} seconds before the time that Retry-After named");
                mistake = Some((Rule::RetryAfterIgnored, message.into()));
            }
            self.waits.remove(key);
        }
        if let Some(period) = asked {
            let until = (now.plus(period), outcome.at.plus(period));
            self.until = self.until.max(until.0);
            self.waits.insert(key, Wait { asked: Burst::begin(now), until });
        }
        mistake
    }

    fn end_in_loop(
        &mut self,
        key: CallKey,
        arrival: &Arrival,
        outcome: &Outcome<'_>,
        mut latest: Failure,
    ) -> Option<Mistake> {
        // The rule about refreshes is about these, and a queue of calls that wait for one refresh is no loop.
        let is_expired = matches!(outcome.refused, Some(Refused::Expired { .. }));
        let Some(status) = outcome.failure().filter(|_| !is_expired) else {
            self.failures.remove(key);
            return None;
        };
        latest.status = status;
        let mut is_loop = false;
        if let Some(before) = self.failures.get(key) {
            // A call is repeated after a refresh or a login, and rightly so.
            let is_with_new_token = status == 401 && before.renewals != latest.renewals;
            let is_at_once = arrival.at.since(before.burst.last()) < PAUSE;
            if before.status == status && is_at_once && !is_with_new_token {
                latest.count = before.count.saturating_add(1);
                latest.bursts = before.bursts;
                if before.burst.includes(arrival.at) {
                    let now = latest.burst.last();
                    latest.burst = before.burst;
                    latest.burst.extend(now);
                } else {
                    latest.bursts = before.bursts.saturating_add(1);
                    is_loop = latest.bursts == LOOP;
                }
            }
        }
        let count = latest.count;
        self.until = self.until.max(latest.burst.last().plus(PAUSE));
        self.failures.insert(key, latest);
        let failed = if status == 0 { "without an answer".to_owned() } else { format!("with {status}") };
        let message = || format!("the same call failed {count} times in a row {failed}, each time sent again at once");
        is_loop.then(|| (Rule::RetryWithoutPause, message().into()))
    }
}

/// Equal for calls of one sender to one path.
fn path_key(arrival: &Arrival, outcome: &Outcome<'_>) -> CallKey {
    // Without a name only the body tells two senders apart.
    let body = if arrival.actor.is_none() { body_hash(arrival) } else { 0 };
    let text = format!("{:?} {body} {} {}", arrival.actor, outcome.method, outcome.path);
    (arrival.owner, content_hash(text.as_bytes()))
}

/// Equal for calls of one sender that are the same, with their query and body.
fn request_key(arrival: &Arrival, outcome: &Outcome<'_>) -> CallKey {
    let (body, Outcome { method, path, query, .. }) = (body_hash(arrival), outcome);
    (arrival.owner, content_hash(format!("{:?} {body} {method} {path}?{query}", arrival.actor).as_bytes()))
}

fn body_hash(arrival: &Arrival) -> u64 {
    content_hash(arrival.body.get(..MAX_COMPARED).unwrap_or(&arrival.body))
}
