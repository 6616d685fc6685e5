//! The struct that implements the ports of the engine.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use super::storage_area::StorageArea;

/// The parts of the browser that a client uses.
pub(crate) struct Browser {
    /// The `fetch` of the app; the global one if absent.
    pub(crate) fetch: Option<Function>,
    /// The `reauthenticate` of the app.
    pub(crate) reauthenticate: Option<Function>,
    /// The storage of the session.
    pub(crate) area: StorageArea,
    /// The callbacks of the client; absent in a call without a client.
    pub(crate) callbacks: Option<Callbacks>,
}

#[wasm_bindgen]
extern "C" {
    /// The callbacks that `client.js` supplies. They never throw.
    pub type Callbacks;

    /// The session has changed.
    #[wasm_bindgen(method)]
    pub(crate) fn changed(this: &Callbacks, kind: &str, session: &JsValue, origin: &str);
    /// A failure that made no call fail.
    #[wasm_bindgen(method)]
    pub(crate) fn warned(this: &Callbacks, code: &str, message: &str);
    /// Other tabs use the same storage, and this is the key of the session in it; called while the client is created.
    #[wasm_bindgen(method)]
    pub(crate) fn shared(this: &Callbacks, key: &str);
    /// Tells the other tabs that the stored session has changed.
    #[wasm_bindgen(method)]
    pub(crate) fn announce(this: &Callbacks);
    /// Resolves to a function that ends the turn, or to `undefined` if this tab gets no turn.
    #[wasm_bindgen(method)]
    pub(crate) fn turn(this: &Callbacks, wait_ms: u32, hold_ms: u32) -> Promise;
}
