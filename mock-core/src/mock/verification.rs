//! Verification: how often matching requests were made, against how often they should have been.

use std::fmt;
use std::time::Duration;

use super::controls::Controls;
use super::waiting::wait_until;
use crate::control::invalid::InvalidField;
use crate::control::journal::{NearMiss, Page};
use crate::control::matching::{Difference, RequestMatch};

/// The expected number of matching requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// This number.
    Exactly(usize),
    /// This number or more.
    AtLeast(usize),
    /// This number or fewer.
    AtMost(usize),
}

impl Expectation {
    const fn is_met_by(self, count: usize) -> bool {
        match self {
            Self::Exactly(expected) => count == expected,
            Self::AtLeast(expected) => count >= expected,
            Self::AtMost(expected) => count <= expected,
        }
    }

    const fn is_exceeded_by(self, count: usize) -> bool {
        match self {
            Self::Exactly(expected) | Self::AtMost(expected) => count > expected,
            Self::AtLeast(_) => false,
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(expected) => write!(f, "exactly {expected}"),
            Self::AtLeast(expected) => write!(f, "at least {expected}"),
            Self::AtMost(expected) => write!(f, "at most {expected}"),
        }
    }
}

/// A failed verification.
#[derive(Clone, Debug)]
pub struct FailedVerification {
    /// The expectation.
    pub expected: Expectation,
    /// The number of matching requests.
    pub count: usize,
    /// If there are too few matching requests, those that miss the match by the fewest criteria, the nearest first. If there are
    /// too many, the last matching ones, the latest first.
    pub nearest: Vec<NearMiss>,
}

/// The expectation and the count; a panic message adds the near misses.
impl fmt::Display for FailedVerification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { expected, count, .. } = self;
        write!(f, "expected {expected}, but there were {count}")
    }
}

impl std::error::Error for FailedVerification {}

/// The reason why a verification does not succeed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum VerificationError<F: std::error::Error> {
    /// The match is invalid, or no request can match it.
    #[error("{0}")]
    Invalid(InvalidField),
    /// The requests are not the expected ones.
    #[error("{0}")]
    Failed(F),
}

impl<F: std::error::Error> From<InvalidField> for VerificationError<F> {
    fn from(error: InvalidField) -> Self {
        Self::Invalid(error)
    }
}

/// A count of matching requests.
///
/// It includes every request that has ended before; a request that is still under way is not counted.
#[derive(Clone, Debug)]
#[must_use = "finish a verification with `exactly`, `at_least` or `at_most`"]
pub struct Verification<'a> {
    controls: &'a Controls,
    wanted: RequestMatch,
    since: u64,
}

impl<'a> Verification<'a> {
    pub(super) const fn new(controls: &'a Controls, wanted: RequestMatch) -> Self {
        Self { controls, wanted, since: 0 }
    }

    /// Counts only requests with a number larger than this.
    pub const fn since(mut self, number: u64) -> Self {
        self.since = number;
        self
    }

    /// Waits for the expected number of requests, for at most this time.
    pub const fn within(self, time: Duration) -> WaitingVerification<'a> {
        WaitingVerification { verification: self, time }
    }

    /// The number of matching requests.
    #[must_use]
    pub fn count(&self) -> usize {
        self.controls.find_requests(&self.wanted, Page::since(self.since)).len()
    }

    /// Checks the number of matching requests, and returns it.
    ///
    /// # Errors
    ///
    /// The number is not the expected one, or the match is invalid. The match is also invalid if the expectation is met because
    /// there is no matching request, and the path, which has no `*`, is neither one of the contract nor one of the journal: a
    /// misspelt path would pass for the wrong reason.
    pub fn check(&self, expected: Expectation) -> Result<usize, VerificationError<FailedVerification>> {
        self.wanted.check_answered("match")?;
        let count = self.count();
        if expected.is_met_by(count) {
            if count == 0 {
                self.check_path()?;
            }
            return Ok(count);
        }
        let Controls { mock, scope } = self.controls;
        let journal = &mock.control.journal;
        let nearest = if expected.is_exceeded_by(count) {
            journal.latest(*scope, &self.wanted, self.since)
        } else {
            journal.nearest(*scope, &self.wanted, self.since)
        };
        Err(VerificationError::Failed(FailedVerification { expected, count, nearest }))
    }

    fn check_path(&self) -> Result<(), InvalidField> {
        let same_path = RequestMatch { path: self.wanted.path.clone(), ..RequestMatch::any() };
        if self.wanted.has_known_path() || !self.controls.find_requests(&same_path, Page::default()).is_empty() {
            return Ok(());
        }
        let reason = "is neither a path of the contract nor that of a request in the journal, so that the expectation would \
                      hold for a misspelt path too; write it with a * if it is meant";
        Err(InvalidField { field: "match.path".to_owned(), reason: reason.to_owned() })
    }

    /// Checks that there was this number of matching requests.
    ///
    /// # Panics
    ///
    /// There was another number, or the match is invalid; the message names the near misses.
    #[track_caller]
    pub fn exactly(&self, expected: usize) {
        self.assert(Expectation::Exactly(expected));
    }

    /// Checks that there was this number of matching requests, or more.
    ///
    /// # Panics
    ///
    /// There were fewer, or the match is invalid; the message names the near misses.
    #[track_caller]
    pub fn at_least(&self, expected: usize) {
        self.assert(Expectation::AtLeast(expected));
    }

    /// Checks that there was this number of matching requests, or fewer.
    ///
    /// # Panics
    ///
    /// There were more, or the match is invalid; the message names the last of them.
    #[track_caller]
    pub fn at_most(&self, expected: usize) {
        self.assert(Expectation::AtMost(expected));
    }

    #[track_caller]
    fn assert(&self, expected: Expectation) {
        let outcome = self.check(expected);
        assert!(outcome.is_ok(), "{}", outcome.err().map(|error| self.message(&error)).unwrap_or_default());
    }

    /// The message of a panic: expectation, match, count, and one line for each near miss.
    fn message(&self, error: &VerificationError<FailedVerification>) -> String {
        match error {
            VerificationError::Invalid(error) => format!("{error}: {:?}", self.wanted),
            VerificationError::Failed(FailedVerification { expected, count, nearest }) => {
                let lines = lines(nearest);
                format!("expected {expected} of {:?}, but there were {count}{lines}", self.wanted)
            }
        }
    }
}

/// A count of matching requests that waits for the expected number.
#[derive(Clone, Debug)]
#[must_use = "finish a verification with `exactly` or `at_least`"]
pub struct WaitingVerification<'a> {
    verification: Verification<'a>,
    time: Duration,
}

impl WaitingVerification<'_> {
    /// Waits until there is the expected number of matching requests, and returns it.
    ///
    /// # Errors
    ///
    /// The time is over and the number is not the expected one, or the match is invalid.
    pub async fn check(&self, expected: Expectation) -> Result<usize, VerificationError<FailedVerification>> {
        let Verification { controls, wanted, since } = &self.verification;
        wanted.check_answered("match")?;
        let (matching, since) = (wanted.clone(), *since);
        let look = move |controls: &Controls, is_last: bool| {
            let verification = Verification { controls, wanted: matching.clone(), since };
            // The nearest misses are looked for only once.
            if !is_last && !expected.is_met_by(verification.count()) {
                return None;
            }
            match verification.check(expected) {
                Err(VerificationError::Failed(_)) if !is_last => None,
                outcome => Some(outcome),
            }
        };
        let outcome = wait_until(controls, std::slice::from_ref(wanted), self.time, look).await;
        outcome.unwrap_or_else(|| self.verification.check(expected))
    }

    /// Waits until there is this number of matching requests.
    ///
    /// # Panics
    ///
    /// The time is over and there is another number, or the match is invalid; the message names the near misses.
    pub async fn exactly(&self, expected: usize) {
        self.assert(Expectation::Exactly(expected)).await;
    }

    /// Waits until there is this number of matching requests, or more.
    ///
    /// # Panics
    ///
    /// The time is over and there are fewer, or the match is invalid; the message names the near misses.
    pub async fn at_least(&self, expected: usize) {
        self.assert(Expectation::AtLeast(expected)).await;
    }

    async fn assert(&self, expected: Expectation) {
        let outcome = self.check(expected).await;
        let message = || outcome.as_ref().err().map(|error| self.verification.message(error)).unwrap_or_default();
        assert!(outcome.is_ok(), "{}", message());
    }
}

/// One line for each request that a failed verification names.
pub(super) fn lines(nearest: &[NearMiss]) -> String {
    nearest.iter().map(line).collect()
}

fn line(NearMiss { entry, differences }: &NearMiss) -> String {
    let differences: Vec<_> = differences
        .iter()
        .map(|Difference { criterion, expected, actual }| format!("{criterion} is {actual} and not {expected}"))
        .collect();
    let separator = if differences.is_empty() { "" } else { ": " };
    format!("\n  #{} {} {}{separator}{}", entry.number, entry.method, entry.path, differences.join(", "))
}
