//! The other tabs of the same origin.

use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::environment::{Browser, Callbacks};
use crate::engine::ports::Tabs;

impl Browser {
    /// The callbacks that reach the other tabs; `None` if they do not share the storage.
    fn other_tabs(&self) -> Option<&Callbacks> {
        self.callbacks.as_ref().filter(|_| self.area.is_shared())
    }
}

impl Browser {
    /// Tells `client.js` the key of the session in the storage, if other tabs use the same storage.
    pub(crate) fn announce_storage(&self, key: &str) {
        if let Some(callbacks) = self.other_tabs() {
            callbacks.shared(key);
        }
    }
}

impl Tabs for Browser {
    type Turn = Turn;

    fn share_storage(&self) -> bool {
        self.other_tabs().is_some()
    }

    async fn turn(&self, wait_ms: u32, hold_ms: u32) -> Option<Turn> {
        let Some(callbacks) = self.other_tabs() else {
            // No other tab competes for the turn.
            return Some(Turn(None));
        };
        let turn = JsFuture::from(callbacks.turn(wait_ms, hold_ms)).await.ok()?;
        turn.dyn_into().ok().map(|end| Turn(Some(end)))
    }

    fn announce(&self) {
        if let Some(callbacks) = self.other_tabs() {
            callbacks.announce();
        }
    }
}

/// The right to refresh, with the function that ends it.
pub(crate) struct Turn(Option<Function>);

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(end) = &self.0 {
            let _ = end.call0(&JsValue::UNDEFINED);
        }
    }
}
