//! Reports a panic to JavaScript, because the module cannot be trusted afterwards and the pending calls would never settle.

use std::cell::OnceCell;

use js_sys::Function;
use wasm_bindgen::prelude::*;

thread_local! {
    static LISTENER: OnceCell<Function> = const { OnceCell::new() };
}

/// Calls `listener` when the module panics. The panic message is dropped: it could hold a secret.
#[wasm_bindgen(js_name = onPanic)]
pub fn on_panic(listener: Function) {
    LISTENER.with(|slot| {
        let _ = slot.set(listener);
    });
    std::panic::set_hook(Box::new(|_| {
        LISTENER.with(|slot| {
            if let Some(listener) = slot.get() {
                let _ = listener.call0(&JsValue::UNDEFINED);
            }
        });
    }));
}
