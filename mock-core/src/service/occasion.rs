//! The occasion of a change: its time, and the request that caused it.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// The number of a request in the journal, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequestNumber(NonZeroU64);

impl RequestNumber {
    /// The request with this number; `None` for 0, which no request has.
    #[must_use]
    pub const fn new(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

/// The time of a change, and the request that caused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occasion {
    /// The time.
    pub at: Timestamp,
    /// The request; `None` if the control API or a Rust caller made the change.
    pub request: Option<RequestNumber>,
}
