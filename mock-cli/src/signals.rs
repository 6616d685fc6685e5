//! What a signal that asks the server to stop means.

use std::time::Duration;

use tracing::info;

/// The time in which a further signal counts as the same one: npm passes on a Ctrl-C that the terminal has sent to the server too.
pub const SAME_SIGNAL: Duration = Duration::from_millis(500);

/// Logs the first signal.
pub fn log_first(signal: &str) {
    info!("stopped by {signal}: waiting for open connections; a second signal ends the server at once");
}

/// Logs the second signal.
pub fn log_second(signal: &str) {
    info!("stopped by a second {signal}: not waiting for open connections");
}
