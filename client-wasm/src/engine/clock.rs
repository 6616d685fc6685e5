//! The clocks of the engine.

use std::future::Future;

/// Two clocks and a timer.
pub trait Clock {
    /// Milliseconds since some fixed moment; never goes back, even if the system clock is changed.
    fn monotonic_ms(&self) -> u64;
    /// Milliseconds since 1970 by the system clock.
    fn wall_ms(&self) -> u64;
    /// Resolves after `ms` milliseconds.
    fn sleep(&self, ms: u32) -> impl Future<Output = ()>;
}

/// One moment by both clocks.
#[derive(Clone, Copy)]
pub struct Moment {
    /// See [`Clock::monotonic_ms`].
    pub monotonic_ms: u64,
    /// See [`Clock::wall_ms`].
    pub wall_ms: u64,
}

impl Moment {
    /// The current moment.
    pub fn now(clock: &impl Clock) -> Self {
        Self { monotonic_ms: clock.monotonic_ms(), wall_ms: clock.wall_ms() }
    }
}
