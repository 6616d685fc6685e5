//! The machine that the mock runs on: its clock, its entropy, its threads.

use std::time::{Duration, SystemTime};

use telematics_mock_core::runtime::{BoxFuture, Runtime};
use telematics_mock_core::service::clock::TimeSource;
use telematics_mock_core::service::random::Seed;
use telematics_mock_core::service::time::Timestamp;
use tokio::runtime::Handle;

/// Tokio: timers, and threads for slow work. Slow work can be asked for on any thread, for example by a test that is not async.
#[derive(Clone, Debug)]
pub struct TokioRuntime(Handle);

impl TokioRuntime {
    /// The runtime that the caller runs on.
    ///
    /// # Panics
    ///
    /// The caller does not run on a tokio runtime.
    #[must_use]
    pub fn current() -> Self {
        Self(Handle::current())
    }
}

impl Runtime for TokioRuntime {
    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn offload(&self, work: Box<dyn FnOnce() + Send>) {
        self.0.spawn_blocking(work);
    }
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct MachineTime;

impl TimeSource for MachineTime {
    fn now(&self) -> Timestamp {
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_unix_micros(i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX))
    }
}

/// A seed that nobody can guess, from the entropy of the operating system. The only function that knows getrandom.
///
/// # Errors
///
/// The operating system has no entropy.
pub fn random_seed() -> std::io::Result<Seed> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(Seed::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_random_seeds_differ() {
        assert!(random_seed().unwrap() != random_seed().unwrap());
    }

    #[test]
    fn the_clock_of_the_machine_shows_a_time_after_this_test_was_written() {
        assert!(MachineTime.now() > Timestamp::from_seconds(1_700_000_000));
    }
}
