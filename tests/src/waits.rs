//! Servers that a test makes wait.
//!
//! The server in the test's own process waits by the time of tokio, which a test can let pass at once. The time of a program is real, so a
//! test asks it to wait for a shorter time, and only a lower bound is compared.

use std::time::{Duration, Instant as RealInstant};

use tokio::time::Instant;

use crate::program;

/// The milliseconds to ask a server to wait: `here` if it runs in this process, `program` if it is a program.
#[must_use]
pub fn wait_ms(here: u64, program: u64) -> u64 {
    if program::named().is_some() { program } else { here }
}

/// Makes a call, and measures how long the server lets it wait. In this process the time of tokio moves only when every task waits, so that
/// minutes pass at once.
pub async fn timed<T>(call: impl Future<Output = T>) -> (T, Duration) {
    if program::named().is_some() {
        let started = RealInstant::now();
        let outcome = call.await;
        return (outcome, started.elapsed());
    }
    tokio::time::pause();
    let started = Instant::now();
    let outcome = call.await;
    let elapsed = started.elapsed();
    tokio::time::resume();
    (outcome, elapsed)
}
