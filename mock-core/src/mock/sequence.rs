//! Verification of an order: requests that match one after the other.

use std::fmt;
use std::time::Duration;

use super::controls::Controls;
use super::verification::{VerificationError, lines};
use super::waiting::wait_until;
use crate::control::invalid::InvalidField;
use crate::control::journal::{NearMiss, Page};
use crate::control::matching::RequestMatch;

/// The largest number of matches in a sequence.
pub const MAX_SEQUENCE: usize = 100;

/// A sequence that the requests do not have.
#[derive(Clone, Debug)]
pub struct FailedSequence {
    /// The numbers of the requests that meet the first matches.
    pub met: Vec<u64>,
    /// The index of the first match that no later request meets.
    pub unmet: usize,
    /// The requests after the last one in `met` that miss this match by the fewest criteria, the nearest first.
    pub nearest: Vec<NearMiss>,
}

/// The first match that is not met, and after which request; a panic message adds the near misses.
impl fmt::Display for FailedSequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected sequence[{}], but no request", self.unmet)?;
        match self.met.last() {
            None => write!(f, " meets it"),
            Some(last) => write!(f, " after #{last} meets it"),
        }
    }
}

impl std::error::Error for FailedSequence {}

/// A sequence of requests: each match is met by a request with a larger number than the one before. Other requests may be between
/// them.
#[derive(Clone, Debug)]
#[must_use = "finish a verification with `check` or `holds`"]
pub struct SequenceVerification<'a> {
    controls: &'a Controls,
    wanted: Vec<RequestMatch>,
    since: u64,
}

impl<'a> SequenceVerification<'a> {
    pub(super) const fn new(controls: &'a Controls, wanted: Vec<RequestMatch>) -> Self {
        Self { controls, wanted, since: 0 }
    }

    /// Looks only at requests with a number larger than this.
    pub const fn since(mut self, number: u64) -> Self {
        self.since = number;
        self
    }

    /// Waits for the sequence, for at most this time.
    pub const fn within(self, time: Duration) -> WaitingSequence<'a> {
        WaitingSequence { verification: self, time }
    }

    /// Checks the sequence, and returns the numbers of the requests that meet it.
    ///
    /// # Errors
    ///
    /// A match is not met, or is invalid; or there is no match, or more than [`MAX_SEQUENCE`].
    pub fn check(&self) -> Result<Vec<u64>, VerificationError<FailedSequence>> {
        self.check_matches()?;
        let met = met(self.controls, &self.wanted, self.since);
        let Some(unmet) = self.wanted.get(met.len()) else { return Ok(met) };
        let last = met.last().copied().unwrap_or(self.since);
        let Controls { mock, scope } = self.controls;
        let nearest = mock.control.journal.nearest(*scope, unmet, last);
        Err(VerificationError::Failed(FailedSequence { unmet: met.len(), met, nearest }))
    }

    /// Checks the sequence.
    ///
    /// # Panics
    ///
    /// A match is not met, or is invalid; the message names the near misses.
    #[track_caller]
    pub fn holds(&self) {
        let outcome = self.check();
        assert!(outcome.is_ok(), "{}", outcome.err().map(|error| self.message(&error)).unwrap_or_default());
    }

    fn check_matches(&self) -> Result<(), InvalidField> {
        if !(1..=MAX_SEQUENCE).contains(&self.wanted.len()) {
            return Err(InvalidField {
                field: "sequence".to_owned(),
                reason: format!("must have 1 to {MAX_SEQUENCE} matches"),
            });
        }
        let mut matches = self.wanted.iter().enumerate();
        matches.try_for_each(|(index, wanted)| wanted.check_answered(&format!("sequence[{index}]")))
    }

    fn message(&self, error: &VerificationError<FailedSequence>) -> String {
        match error {
            VerificationError::Invalid(error) => error.to_string(),
            VerificationError::Failed(failed) => {
                let lines = lines(&failed.nearest);
                format!("{failed}: {:?}{lines}", self.wanted.get(failed.unmet))
            }
        }
    }
}

/// A sequence of requests that is waited for.
#[derive(Clone, Debug)]
#[must_use = "finish a verification with `check` or `holds`"]
pub struct WaitingSequence<'a> {
    verification: SequenceVerification<'a>,
    time: Duration,
}

impl WaitingSequence<'_> {
    /// Waits for the sequence, and returns the numbers of the requests that meet it.
    ///
    /// # Errors
    ///
    /// The time is over and a match is not met; or a match is invalid.
    pub async fn check(&self) -> Result<Vec<u64>, VerificationError<FailedSequence>> {
        self.verification.check_matches()?;
        let SequenceVerification { controls, wanted, since } = &self.verification;
        let (matches, since) = (wanted.clone(), *since);
        let look = move |controls: &Controls, is_last: bool| {
            if !is_last && met(controls, &matches, since).len() < matches.len() {
                return None;
            }
            match (SequenceVerification { controls, wanted: matches.clone(), since }).check() {
                Err(VerificationError::Failed(_)) if !is_last => None,
                outcome => Some(outcome),
            }
        };
        let outcome = wait_until(controls, wanted, self.time, look).await;
        outcome.unwrap_or_else(|| self.verification.check())
    }

    /// Waits for the sequence.
    ///
    /// # Panics
    ///
    /// The time is over and a match is not met, or a match is invalid; the message names the near misses.
    pub async fn holds(&self) {
        let outcome = self.check().await;
        let message = || outcome.as_ref().err().map(|error| self.verification.message(error)).unwrap_or_default();
        assert!(outcome.is_ok(), "{}", message());
    }
}

/// The numbers of the requests that meet the first matches. The earliest request that meets a match leaves the most requests for
/// the others.
fn met(controls: &Controls, wanted: &[RequestMatch], since: u64) -> Vec<u64> {
    let requests = controls.find_requests(&RequestMatch::any(), Page::since(since));
    let mut requests = requests.iter();
    let next = |wanted: &RequestMatch| requests.find(|entry| entry.meets(wanted)).map(|entry| entry.number);
    wanted.iter().map_while(next).collect()
}
