//! The limits that a server keeps, in milliseconds and bytes.

use std::time::Duration;

use serde::Serialize;
use telematics_mock_cli::healthcheck::{MAX_ANSWER_BYTES, PATIENCE};
use telematics_mock_cli::signals::SAME_SIGNAL;
use telematics_mock_core::http::{DRAIN, HEARTBEAT, MAX_DISCARDED_BYTES, TimeLimits, late_head};
use wasm_bindgen::prelude::*;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Limits {
    head: f64,
    body_pause: f64,
    body: f64,
    idle: f64,
    drain: f64,
    heartbeat: f64,
    same_signal: f64,
    patience: f64,
    max_discarded_bytes: usize,
    max_answer_bytes: u64,
}

/// The limits: `{ head, bodyPause, body, idle, drain, heartbeat, sameSignal, patience, maxDiscardedBytes, maxAnswerBytes }`.
///
/// # Errors
///
/// The object cannot be written, which does not happen.
#[wasm_bindgen]
pub fn limits() -> Result<JsValue, JsError> {
    let milliseconds = |duration: Duration| duration.as_secs_f64() * 1000.0;
    let TimeLimits { head, body_pause, body, idle } = TimeLimits::default();
    Ok(serde_wasm_bindgen::to_value(&Limits {
        head: milliseconds(head),
        body_pause: milliseconds(body_pause),
        body: milliseconds(body),
        idle: milliseconds(idle),
        drain: milliseconds(DRAIN),
        heartbeat: milliseconds(HEARTBEAT),
        same_signal: milliseconds(SAME_SIGNAL),
        patience: milliseconds(PATIENCE),
        max_discarded_bytes: MAX_DISCARDED_BYTES,
        max_answer_bytes: MAX_ANSWER_BYTES,
    })?)
}

/// The bytes of a whole answer for a client that did not send the head of its request in time.
#[must_use]
#[wasm_bindgen(js_name = lateHead)]
pub fn late_head_bytes() -> Vec<u8> {
    late_head()
}
