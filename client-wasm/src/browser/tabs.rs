//! The other tabs of the same origin.

use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::Browser;
use crate::engine::ports::Tabs;

impl Tabs for Browser {
    type Turn = Turn;

    fn share_storage(&self) -> bool {
        self.host.is_some() && self.area.is_shared()
    }

    async fn turn(&self, wait_ms: u32, hold_ms: u32) -> Option<Turn> {
        let Some(host) = self.host.as_ref().filter(|_| self.area.is_shared()) else {
            // Nobody else could want it.
            return Some(Turn(None));
        };
        let turn = JsFuture::from(host.turn(wait_ms, hold_ms)).await.ok()?;
        turn.dyn_into().ok().map(|end| Turn(Some(end)))
    }

    fn announce(&self) {
        if let Some(host) = self.host.as_ref().filter(|_| self.area.is_shared()) {
            host.announce();
        }
    }
}

/// The right to refresh, and what ends it.
pub(crate) struct Turn(Option<Function>);

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(end) = &self.0 {
            let _ = end.call0(&JsValue::UNDEFINED);
        }
    }
}
