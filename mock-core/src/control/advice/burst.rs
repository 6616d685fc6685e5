//! Bursts: requests that a client may have sent side by side. A server that answers at once handles them one after the other, so that
//! none of them overlaps another one.

use crate::service::time::{Period, Timestamp};

/// A request that arrives within this real time after an answer may have been sent before the client had it.
const GAP: Period = Period::from_micros(10_000);
/// The requests of a burst that do not overlap arrive within this real time after its first answer.
const WHOLE: Period = Period::from_micros(30_000);

/// The answers to requests that may have been sent side by side, by real time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Burst {
    first: Timestamp,
    last: Timestamp,
}

impl Burst {
    /// A burst whose first answer is sent now.
    pub(super) const fn begin(now: Timestamp) -> Self {
        Self { first: now, last: now }
    }

    /// Whether a request that arrived then may have been sent before the client had any of the answers.
    pub(super) fn includes(&self, arrived: Timestamp) -> bool {
        arrived < self.last || (arrived.since(self.last) < GAP && arrived.since(self.first) < WHOLE)
    }

    /// Another request of the burst is answered now.
    pub(super) const fn extend(&mut self, now: Timestamp) {
        self.last = now;
    }

    /// The real time of the last answer.
    pub(super) const fn last(&self) -> Timestamp {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_ends_after_a_gap_and_in_any_case_after_a_while() {
        let after = |micros| Timestamp::EPOCH.plus(Period::from_micros(micros));
        let mut burst = Burst::begin(after(0));
        assert!(burst.includes(after(9_999)) && !burst.includes(after(10_000)));
        for micros in (0..30_000).step_by(5_000) {
            assert!(burst.includes(after(micros)));
            burst.extend(after(micros));
        }
        assert!(!burst.includes(after(30_000)));
        burst.extend(after(60_000));
        assert!(burst.includes(after(59_999)), "it overlaps another one");
    }
}
