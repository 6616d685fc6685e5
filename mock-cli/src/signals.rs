//! What a signal that asks the program to stop means.

use std::time::Duration;

use tracing::info;

/// The time in which a further signal counts as the same one: npm passes on a Ctrl-C that the terminal has sent to the server too.
pub const SAME_SIGNAL: Duration = Duration::from_millis(500);

/// The time after the start of a command in which a signal may have arrived before the command existed.
const JUST_STARTED: Duration = Duration::from_millis(50);

/// Logs the first signal.
pub fn log_first(signal: &str) {
    info!("stopped by {signal}: waiting for open connections; a second signal ends the server at once");
}

/// Logs the second signal.
pub fn log_second(signal: &str) {
    info!("stopped by a second {signal}: not waiting for open connections");
}

/// The signals that are passed on to a command: each once, although it may arrive twice.
#[derive(Debug, Default)]
pub struct PassedOn {
    /// The last signal, and when it was passed on.
    last: Option<(String, Duration)>,
}

impl PassedOn {
    /// Whether a signal that arrives this long after the start of the command is to be passed on: not if it is the same as the last one, at
    /// most [`SAME_SIGNAL`] ago.
    pub fn is_new(&mut self, signal: &str, at: Duration) -> bool {
        let last = self.last.as_ref();
        let is_same = last.is_some_and(|(last, then)| last == signal && at.saturating_sub(*then) < SAME_SIGNAL);
        if !is_same {
            self.last = Some((signal.to_owned(), at));
        }
        !is_same
    }
}

/// Whether a command in the foreground of a terminal has got a signal from the terminal, which sends those of this name by itself. A
/// signal that arrives so soon after the start of the command may be older than the command.
#[must_use]
pub fn is_sent_by_terminal(signal: &str, since_start: Duration) -> bool {
    matches!(signal, "SIGINT" | "SIGQUIT") && since_start >= JUST_STARTED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_signal_counts_again_after_half_a_second_and_another_one_at_once() {
        let mut passed_on = PassedOn::default();
        let mut is_new = |signal, ms| passed_on.is_new(signal, Duration::from_millis(ms));
        assert!(is_new("SIGINT", 0));
        assert!(!is_new("SIGINT", 499));
        assert!(is_new("SIGINT", 500));
        assert!(is_new("SIGTERM", 501));
    }

    #[test]
    fn a_signal_of_the_keyboard_may_be_older_than_a_command_that_has_just_started() {
        let is_sent = |signal, ms| is_sent_by_terminal(signal, Duration::from_millis(ms));
        assert!(is_sent("SIGINT", 50) && is_sent("SIGQUIT", 50));
        assert!(!is_sent("SIGINT", 49) && !is_sent("SIGTERM", 50));
    }
}
