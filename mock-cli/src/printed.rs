//! What a run that serves nothing prints, and the exit codes.

use std::fmt;

/// The exit code of a run that did what it was asked for.
pub const SUCCESS: u8 = 0;

/// The exit code of a run that failed.
pub const FAILURE: u8 = 1;

/// The text at the end of a run, and its exit code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The text, with its last line break. It may be empty.
    pub text: String,
    /// Whether it goes to standard error, otherwise to standard output.
    pub to_standard_error: bool,
    /// The exit code.
    pub code: u8,
}

impl Printed {
    /// A text on standard output, and success.
    #[must_use]
    pub const fn result(text: String) -> Self {
        Self { text, to_standard_error: false, code: SUCCESS }
    }

    /// A sentence on standard error, and failure.
    #[must_use]
    pub fn failure(sentence: &str) -> Self {
        Self::failure_with(sentence, FAILURE)
    }

    /// A sentence on standard error, and an exit code.
    #[must_use]
    pub fn failure_with(sentence: &str, code: u8) -> Self {
        Self { text: format!("telematics-mock: {sentence}\n"), to_standard_error: true, code }
    }

    /// The failure to print a text.
    #[must_use]
    pub fn unprinted(error: &dyn fmt::Display) -> Self {
        Self::failure(&format!("the text could not be printed: {error}"))
    }
}
