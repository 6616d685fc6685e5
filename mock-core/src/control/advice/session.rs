//! What advice remembers of one user or admin: how tokens are got, used and given up.

use std::borrow::Cow;

use telematics_contract::Call;

use super::awaited::{Awaited, Ticket};
use super::burst::Burst;
use super::request::{Answer, Arrival, Outcome, Refused};
use super::rule::Rule;
use crate::service::time::{Period, Timestamp};

/// The number of refreshes of one user that are watched at once.
const WATCHED: usize = 4;
/// The number of used refresh tokens of a user that are remembered.
const REMEMBERED: usize = 8;
/// Two refreshes are parallel only if they start within this real time of each other. A client may give up waiting for an earlier one.
const PARALLEL_WITHIN: Period = Period::from_seconds(5);
/// A refresh with the same token that arrives within this real time after the answer to the first was sent before the client had that
/// answer. A client that has lost the answer waits longer before it tries again.
const SAME_TOKEN_WITHIN: Period = Period::from_micros(100_000);
/// The number of logins with a good refresh token, and of early refreshes in a row, from which on they are a mistake.
const AGAIN: u32 = 2;

/// A mistake, and what was seen of it.
pub(super) type Mistake = (Rule, Cow<'static, str>);

/// What advice remembers of one user or admin. It takes the same small memory however many requests there are.
#[derive(Debug, Default)]
pub(super) struct Session {
    under_way: [Option<Refresh>; WATCHED],
    /// The pairs whose refreshes were answered, in a ring.
    used: [Option<UsedPair>; REMEMBERED],
    next_used: usize,
    /// The largest number of an access token that the client has sent, as far as it was watched.
    newest: u64,
    awaiting: Option<Awaiting>,
    /// The largest number of an access token in place of which the client was sent another one.
    replaced: Option<u64>,
    /// Whether the client got no tokens from the last refresh or login: it was refused, or its answer was lost.
    has_failed: bool,
    has_logged_in: bool,
    has_reused: bool,
    /// Whether a call was answered with `401` since the last tokens.
    was_unauthorized: bool,
    /// The answers to a device token in the headers from which the client knows that its end is announced.
    told_of_sunset: Option<Burst>,
    logins: u32,
    early: u32,
    renewals: u32,
}

/// A pair of tokens that a refresh was made with.
#[derive(Clone, Copy, Debug)]
struct UsedPair {
    /// A hash of the refresh token.
    refresh: u64,
    /// The number of the access token.
    access: u64,
}

/// Tokens were answered, and their access token has not come back yet: an answer can be lost on its way, which the server does not see.
#[derive(Debug)]
struct Awaiting {
    /// The new access token has a larger number.
    after: u64,
    /// The refresh that got them; `None` for a login.
    refresh: Option<AnsweredRefresh>,
    _ticket: Ticket,
}

/// A refresh that was answered with tokens.
#[derive(Clone, Copy, Debug)]
struct AnsweredRefresh {
    /// A hash of the refresh token that was sent.
    token: u64,
    /// Real time of the answer.
    at: Timestamp,
}

/// A refresh that is under way.
#[derive(Clone, Copy, Debug)]
struct Refresh {
    number: u64,
    at: Timestamp,
    token: Option<u64>,
    /// A refresh that ran or was sent beside this one and was answered: whether it sent the same token.
    beside: Option<bool>,
}

impl Session {
    /// A refresh has arrived.
    pub(super) fn start_refresh(&mut self, arrival: &Arrival) {
        let (number, at, token) = (arrival.number, arrival.at, arrival.refresh_token);
        let answered = self.awaiting.as_ref().and_then(|awaiting| awaiting.refresh);
        let is_sent_twice =
            |first: AnsweredRefresh| Some(first.token) == token && at.since(first.at) < SAME_TOKEN_WITHIN;
        let beside = answered.is_some_and(is_sent_twice).then_some(true);
        let refresh = Refresh { number, at, token, beside };
        let free = self.under_way.iter_mut().find(|slot| slot.is_none());
        // With too many at once the oldest is no longer watched.
        let slot = match free {
            Some(slot) => Some(slot),
            None => self.under_way.iter_mut().min_by_key(|slot| slot.map(|refresh| refresh.number)),
        };
        if let Some(slot) = slot {
            *slot = Some(refresh);
        }
    }

    /// The client has sent an access token, and so it has got the answer with it.
    pub(super) fn note_access_token(&mut self, arrival: &Arrival) {
        self.newest = self.newest.max(arrival.access_number.unwrap_or_default());
        let newest = self.newest;
        self.awaiting.take_if(|awaiting| newest > awaiting.after);
    }

    /// A request of the user has ended; `now` is real time.
    pub(super) fn end(
        &mut self,
        arrival: &Arrival,
        outcome: &Outcome<'_>,
        now: impl Fn() -> Timestamp,
        awaited: &Awaited,
    ) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        match arrival.call {
            Some(Call::RefreshToken) => {
                mistakes.extend(self.end_of_parallel(arrival.number, outcome.answer));
                mistakes.extend(self.end_refresh(arrival, outcome, &now, awaited));
            }
            Some(Call::Login) => mistakes.extend(self.end_login(outcome, &now, awaited)),
            Some(_) | None => self.was_unauthorized |= outcome.is_unauthorized(),
        }
        if arrival.uses_device_token {
            mistakes.extend(self.use_of_device_token(arrival, outcome, now));
        }
        mistakes
    }

    /// Of two refreshes that overlap, the one that ends last is the mistake, and of two that send the same token at once, the one that
    /// arrives last. None is if the client has given one of them up.
    fn end_of_parallel(&mut self, number: u64, answer: Answer) -> Option<Mistake> {
        let slot = self.under_way.iter_mut().find(|slot| slot.is_some_and(|refresh| refresh.number == number))?;
        let ended = slot.take()?;
        if answer == Answer::GaveUp {
            return None;
        }
        for other in self.under_way.iter_mut().flatten() {
            let apart = other.at.since(ended.at).max(ended.at.since(other.at));
            if apart < PARALLEL_WITHIN {
                other.beside = Some(other.token.is_some() && other.token == ended.token);
            }
        }
        let message = match ended.beside? {
            true => "two refreshes with the same refresh token were sent at the same time",
            false => "two refreshes of one user were under way at the same time",
        };
        Some((Rule::ParallelRefreshes, message.into()))
    }

    fn end_refresh(
        &mut self,
        arrival: &Arrival,
        outcome: &Outcome<'_>,
        now: impl FnOnce() -> Timestamp,
        awaited: &Awaited,
    ) -> Option<Mistake> {
        if outcome.is_delivered() {
            let mistake = self.early_refresh(arrival, outcome);
            let (refresh, access) = (arrival.refresh_token, arrival.access_number.unwrap_or_default());
            if let Some(slot) = self.used.get_mut(self.next_used) {
                *slot = refresh.map(|refresh| UsedPair { refresh, access });
                self.next_used = (self.next_used + 1) % REMEMBERED;
            }
            self.got_tokens(access, refresh, now(), awaited);
            return mistake;
        }
        let mistake = self.refused_refresh(arrival, outcome);
        self.has_failed = true;
        mistake
    }

    /// A refusal is the app's mistake only if the app could have known: tests make users whose tokens were used before, and an answer
    /// can be lost, also where the server does not see it. A newer access token that came back shows that it was not.
    fn refused_refresh(&mut self, arrival: &Arrival, outcome: &Outcome<'_>) -> Option<Mistake> {
        let hint = outcome.mistakes().find(|(rule, _)| is_about_refresh_token(*rule));
        let (rule, sentence) = hint.filter(|_| matches!(outcome.refused, Some(Refused::RefreshToken(_))))?;
        if rule == Rule::RefreshTokenReused {
            let used = self.used.iter().flatten().find(|used| Some(used.refresh) == arrival.refresh_token);
            self.has_reused |= used.is_some_and(|used| self.newest > used.access);
        }
        let could_know = if rule == Rule::RefreshTokenSuperseded {
            let has_newer = arrival.access_number.is_some_and(|sent| self.newest > sent);
            self.has_logged_in && has_newer
        } else {
            self.has_reused
        };
        could_know.then(|| (rule, sentence.to_owned().into()))
    }

    fn early_refresh(&mut self, arrival: &Arrival, outcome: &Outcome<'_>) -> Option<Mistake> {
        let (issued, expires) = arrival.lifetime?;
        let (left, whole) = (expires.since(outcome.at), expires.since(issued));
        let is_early = left > whole.half() && !self.was_unauthorized && !self.has_failed;
        self.early = if is_early { self.early.saturating_add(1) } else { 0 };
        let (left, whole) = (left.seconds_rounded_up(), whole.seconds_rounded_up());
        (self.early >= AGAIN).then(|| {
            (
                Rule::RefreshTooEarly,
                format!("the access token had {left} of {whole} seconds left, and no 401 was given").into(),
            )
        })
    }

    fn end_login(
        &mut self,
        outcome: &Outcome<'_>,
        now: impl FnOnce() -> Timestamp,
        awaited: &Awaited,
    ) -> Option<Mistake> {
        if !outcome.is_delivered() {
            self.has_failed = true;
            return None;
        }
        let mut mistakes = outcome.mistakes();
        let hint = mistakes.find(|(rule, _)| *rule == Rule::LoginInsteadOfRefresh && !self.has_failed);
        self.logins = self.logins.saturating_add(u32::from(hint.is_some()));
        self.got_tokens(self.newest, None, now(), awaited);
        (self.has_logged_in, self.has_reused) = (true, false);
        let (rule, sentence) = hint.filter(|_| self.logins >= AGAIN)?;
        Some((rule, sentence.to_owned().into()))
    }

    fn use_of_device_token(
        &mut self,
        arrival: &Arrival,
        outcome: &Outcome<'_>,
        now: impl FnOnce() -> Timestamp,
    ) -> Option<Mistake> {
        if !outcome.announces_end && outcome.refused != Some(Refused::DeviceTokenSunset) {
            return None;
        }
        match &mut self.told_of_sunset {
            None => self.told_of_sunset = Some(Burst::begin(now())),
            Some(told) if told.includes(arrival.at) => told.extend(now()),
            Some(_) => {
                let message = "the device token was sent in the headers after an answer had announced the end of that";
                return Some((Rule::SunsetIgnored, message.into()));
            }
        }
        None
    }

    /// Whether a refresh or a login has followed the use of this access token, or was refused.
    pub(super) fn has_renewed(&self, access: Option<u64>) -> bool {
        self.has_failed || (access.is_some() && access <= self.replaced)
    }

    /// The number of times that the user has got tokens.
    pub(super) const fn renewals(&self) -> u32 {
        self.renewals
    }

    /// The client is sent tokens now, whose access token has a larger number than `after`; `refresh` is the hash of the refresh token that
    /// it sent for them.
    fn got_tokens(&mut self, after: u64, refresh: Option<u64>, now: Timestamp, awaited: &Awaited) {
        let refresh = refresh.map(|token| AnsweredRefresh { token, at: now });
        self.awaiting = Some(Awaiting { after, refresh, _ticket: awaited.ticket(now) });
        self.replaced = self.replaced.max(Some(after));
        self.renewals = self.renewals.wrapping_add(1);
        self.has_failed = false;
        self.was_unauthorized = false;
    }
}

/// Whether a hint says why a refresh token was refused.
pub(super) const fn is_about_refresh_token(rule: Rule) -> bool {
    matches!(rule, Rule::RefreshTokenReused | Rule::RefreshTokenSuperseded | Rule::FamilyRevoked)
}
