//! The clocks and the timer of the browser.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::environment::Browser;
use crate::engine::clock::Clock;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn monotonic_now() -> f64;
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    fn wall_now() -> f64;
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, ms: u32) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// The longest delay that `setTimeout` accepts, in milliseconds.
const LONGEST_TIMER_MS: u32 = i32::MAX as u32;

impl Clock for Browser {
    fn monotonic_ms(&self) -> u64 {
        monotonic_now() as u64
    }

    fn wall_ms(&self) -> u64 {
        wall_now() as u64
    }

    async fn sleep(&self, ms: u32) {
        let mut timer = Timer { id: JsValue::UNDEFINED, fire: None };
        let fired = Promise::new(&mut |resolve, _| {
            timer.id = set_timeout(&resolve, ms.min(LONGEST_TIMER_MS));
            timer.fire = Some(resolve);
        });
        let _ = JsFuture::from(fired).await;
    }
}

/// Stops its timer when it is dropped.
struct Timer {
    id: JsValue,
    fire: Option<Function>,
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
        // A `JsFuture` frees its memory only when its promise settles.
        if let Some(fire) = &self.fire {
            let _ = fire.call0(&JsValue::UNDEFINED);
        }
    }
}
