//! Aborting calls: the signal of a caller, and the controller of a request.

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal};

/// Resolves to the reason of the signal when it aborts.
pub(crate) async fn aborted(signal: &AbortSignal) -> JsValue {
    if !signal.aborted() {
        let mut registration = ListenerRegistration { signal, listener: None };
        let event = Promise::new(&mut |resolve, _| {
            let _ = signal.add_event_listener_with_callback("abort", &resolve);
            registration.listener = Some(resolve);
        });
        let _ = JsFuture::from(event).await;
    }
    signal.reason()
}

/// Removes its listener when it is dropped: one signal may serve any number of calls.
struct ListenerRegistration<'a> {
    signal: &'a AbortSignal,
    listener: Option<Function>,
}

impl Drop for ListenerRegistration<'_> {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            let _ = self.signal.remove_event_listener_with_callback("abort", listener);
            // A `JsFuture` frees its memory only when its promise settles.
            let _ = listener.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Aborts its controller when it is dropped.
pub(crate) struct AbortOnDrop(pub(crate) AbortController);

impl AbortOnDrop {
    /// A guard with a new controller.
    ///
    /// # Errors
    /// The exception of the browser.
    pub(crate) fn new() -> Result<Self, JsValue> {
        AbortController::new().map(Self)
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
