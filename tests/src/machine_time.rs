//! The time of a machine that a test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::known::NEW_YEAR_SECONDS;

/// The time of the machine that a mock server runs on. It starts at `2026-01-01T00:00:00Z` and moves only when a test moves it.
#[derive(Clone, Debug)]
pub struct MachineTime(Arc<AtomicI64>);

impl Default for MachineTime {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(NEW_YEAR_SECONDS * 1_000_000)))
    }
}

impl MachineTime {
    /// Moves the time forward.
    pub fn advance_ms(&self, milliseconds: u32) {
        self.0.fetch_add(i64::from(milliseconds) * 1000, Ordering::SeqCst);
    }

    /// The time in microseconds since 1970.
    pub(crate) fn micros(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}
