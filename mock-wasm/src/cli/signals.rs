//! What a signal that asks the program to stop means.

use std::time::Duration;

use telematics_mock_cli::signals;
use wasm_bindgen::prelude::*;

/// Logs the first signal.
#[wasm_bindgen(js_name = logFirstSignal)]
pub fn log_first(signal: &str) {
    signals::log_first(signal);
}

/// Logs the second signal.
#[wasm_bindgen(js_name = logSecondSignal)]
pub fn log_second(signal: &str) {
    signals::log_second(signal);
}

/// Whether a terminal has sent a signal of this name, so many milliseconds after the start of the command, to the command too.
#[must_use]
#[wasm_bindgen(js_name = isSentByTerminal)]
pub fn is_sent_by_terminal(signal: &str, milliseconds: f64) -> bool {
    signals::is_sent_by_terminal(signal, duration(milliseconds))
}

/// A time in milliseconds.
fn duration(milliseconds: f64) -> Duration {
    Duration::from_secs_f64(milliseconds.max(0.0) / 1000.0)
}

/// The signals that are passed on to a command: each once, although it may arrive twice.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct PassedOn(signals::PassedOn);

#[wasm_bindgen]
impl PassedOn {
    /// None so far.
    #[must_use]
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a signal that arrives so many milliseconds after the start of the command is to be passed on.
    #[wasm_bindgen(js_name = isNew)]
    pub fn is_new(&mut self, signal: &str, milliseconds: f64) -> bool {
        self.0.is_new(signal, duration(milliseconds))
    }
}
