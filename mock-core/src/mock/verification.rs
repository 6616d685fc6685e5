//! Verification: how often matching requests were made, against how often they should have been.

use std::fmt;

use crate::control::journal::{Journal, NearMiss};
use crate::control::matching::{Difference, RequestMatch};
use crate::service::Scope;

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
    /// The requests that miss the match by the fewest criteria, the nearest first.
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

/// A count of matching requests.
///
/// It includes every request that was answered before; a request that is still under way is not counted.
#[derive(Clone, Debug)]
#[must_use = "finish a verification with `exactly`, `at_least` or `at_most`"]
pub struct Verification<'a> {
    journal: &'a Journal,
    scope: Scope,
    wanted: RequestMatch,
}

impl<'a> Verification<'a> {
    pub(super) const fn new(journal: &'a Journal, scope: Scope, wanted: RequestMatch) -> Self {
        Self { journal, scope, wanted }
    }

    /// The number of matching requests.
    #[must_use]
    pub fn count(&self) -> usize {
        self.journal.count(self.scope, &self.wanted)
    }

    /// Checks the number of matching requests, and returns it.
    ///
    /// # Errors
    ///
    /// The number is not the expected one.
    pub fn check(&self, expected: Expectation) -> Result<usize, FailedVerification> {
        let count = self.count();
        if expected.is_met_by(count) {
            return Ok(count);
        }
        let nearest = self.journal.nearest(self.scope, &self.wanted);
        Err(FailedVerification { expected, count, nearest })
    }

    /// Checks that there was this number of matching requests.
    ///
    /// # Panics
    ///
    /// There was another number; the message names the near misses.
    #[track_caller]
    pub fn exactly(&self, expected: usize) {
        self.assert(Expectation::Exactly(expected));
    }

    /// Checks that there was this number of matching requests, or more.
    ///
    /// # Panics
    ///
    /// There were fewer; the message names the near misses.
    #[track_caller]
    pub fn at_least(&self, expected: usize) {
        self.assert(Expectation::AtLeast(expected));
    }

    /// Checks that there was this number of matching requests, or fewer.
    ///
    /// # Panics
    ///
    /// There were more; the message names the near misses.
    #[track_caller]
    pub fn at_most(&self, expected: usize) {
        self.assert(Expectation::AtMost(expected));
    }

    #[track_caller]
    fn assert(&self, expected: Expectation) {
        let outcome = self.check(expected);
        assert!(outcome.is_ok(), "{}", outcome.err().map(|failed| self.message(&failed)).unwrap_or_default());
    }

    /// The message of a panic: expectation, match, count, and one line for each near miss.
    fn message(&self, failed: &FailedVerification) -> String {
        let FailedVerification { expected, count, nearest } = failed;
        let lines: String = nearest.iter().map(line).collect();
        format!("expected {expected} of {:?}, but there were {count}{lines}", self.wanted)
    }
}

fn line(NearMiss { entry, differences }: &NearMiss) -> String {
    let differences: Vec<_> = differences
        .iter()
        .map(|Difference { criterion, expected, actual }| format!("{criterion} is {actual} and not {expected}"))
        .collect();
    format!("\n  #{} {} {}: {}", entry.number, entry.method, entry.path, differences.join(", "))
}
