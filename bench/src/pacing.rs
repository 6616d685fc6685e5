//! When each request of a paced load is due.

use std::time::Duration;

/// Requests at equal distances.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    interval_ns: f64,
    count: usize,
}

impl Schedule {
    /// `rate` requests a second for `length`.
    pub(crate) fn new(rate: f64, length: Duration) -> Self {
        Self { interval_ns: 1e9 / rate, count: (rate * length.as_secs_f64()) as usize }
    }

    /// The number of requests.
    pub(crate) fn len(self) -> usize {
        self.count
    }

    /// When request `index` is due, from the start; `None` after the last one.
    pub(crate) fn due(self, index: usize) -> Option<Duration> {
        // Multiplied and not added up, so that a rounded interval does not shift the end.
        (index < self.count).then(|| Duration::from_nanos((index as f64 * self.interval_ns) as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_due_at_equal_distances() {
        let schedule = Schedule::new(4.0, Duration::from_secs(1));
        let due: Vec<_> = (0..5).map(|index| schedule.due(index)).collect();
        let at = |milliseconds| Some(Duration::from_millis(milliseconds));
        assert_eq!(due, [at(0), at(250), at(500), at(750), None]);
    }

    #[test]
    fn a_rate_that_does_not_divide_a_second_does_not_drift() {
        let schedule = Schedule::new(30_000.0, Duration::from_secs(60));
        assert_eq!(schedule.len(), 1_800_000);
        let last = schedule.due(1_799_999).unwrap();
        assert!(Duration::from_secs(60) - last < Duration::from_micros(34), "{last:?}");
    }
}
