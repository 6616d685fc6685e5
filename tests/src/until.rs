//! Waiting in real time for a condition that no fake clock can bring about.

use std::time::Duration;

/// The longest time that a test waits for a condition.
const LIMIT: Duration = Duration::from_secs(20);
/// The pause between two checks.
const PAUSE: Duration = Duration::from_millis(5);

/// Checks `condition` every few milliseconds until it holds. `what` describes the condition.
///
/// # Panics
///
/// The condition does not hold within 20 seconds.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let polling = async {
        while !condition().await {
            tokio::time::sleep(PAUSE).await;
        }
    };
    let outcome = tokio::time::timeout(LIMIT, polling).await;
    assert!(outcome.is_ok(), "not within {} s: {what}", LIMIT.as_secs());
}
