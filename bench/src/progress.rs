//! Lines for the person who waits.

/// Prints one line to standard error.
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}
