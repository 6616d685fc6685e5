//! The abort signal of a call.

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

/// The reason of the signal, as soon as it aborts.
pub(crate) async fn aborted(signal: &AbortSignal) -> JsValue {
    if !signal.aborted() {
        let mut listening = Listening { signal, listener: None };
        let fired = Promise::new(&mut |resolve, _| {
            let _ = signal.add_event_listener_with_callback("abort", &resolve);
            listening.listener = Some(resolve);
        });
        let _ = JsFuture::from(fired).await;
    }
    signal.reason()
}

/// A listener that is removed when nobody waits any more: one signal may serve any number of calls.
struct Listening<'a> {
    signal: &'a AbortSignal,
    listener: Option<Function>,
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            let _ = self.signal.remove_event_listener_with_callback("abort", listener);
        }
    }
}
