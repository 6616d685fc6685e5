//! After a panic the module cannot be trusted any more: JavaScript must learn of it, because nothing else would end the calls
//! that are under way.

use std::cell::OnceCell;

use js_sys::Function;
use wasm_bindgen::prelude::*;

thread_local! {
    static LISTENER: OnceCell<Function> = const { OnceCell::new() };
}

/// Calls that function when the module panics. What was to be said of the panic stays untold: it could hold a secret.
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
