//! The ports of the engine, made of what a browser has.

use std::future::Future;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use crate::engine::ports::{ChangeKind, Listener, Origin, Spawn};
use crate::engine::session::Session;
use crate::error::ErrorCode;
use storage::Area;

pub(crate) mod arguments;
mod clock;
mod fields;
pub(crate) mod js;
pub(crate) mod options;
mod passage;
pub(crate) mod promise;
mod reader;
mod reauthentication;
mod signal;
mod storage;
mod tabs;
mod transport;

/// What a client uses of the browser.
pub(crate) struct Browser {
    /// The user's own `fetch`, in place of the global one.
    pub(crate) fetch: Option<Function>,
    /// The user's own way of signing in again.
    pub(crate) reauthenticate: Option<Function>,
    /// Where the session is kept.
    pub(crate) area: Area,
    /// Who hears what happens; nobody where no session is kept.
    pub(crate) host: Option<Host>,
}

#[wasm_bindgen]
extern "C" {
    /// The object of `index.js` around a client. None of its methods throws.
    pub type Host;

    #[wasm_bindgen(method)]
    fn changed(this: &Host, kind: &str, session: &JsValue, origin: &str);
    #[wasm_bindgen(method)]
    fn warned(this: &Host, code: &str, message: &str);
    #[wasm_bindgen(method)]
    fn announce(this: &Host);
    /// Resolves to a function that ends the turn, or to `undefined` where there is none.
    #[wasm_bindgen(method)]
    fn turn(this: &Host, wait_ms: u32, hold_ms: u32) -> Promise;
}

impl Listener for Browser {
    fn changed(&self, kind: ChangeKind, session: Option<&Session>, origin: Origin) {
        if let Some(host) = &self.host {
            host.changed(kind.as_str(), &session.map_or(JsValue::NULL, js::session), origin.as_str());
        }
    }

    fn warned(&self, code: ErrorCode, message: &str) {
        if let Some(host) = &self.host {
            host.warned(code.as_str(), message);
        }
    }
}

impl Spawn for Browser {
    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        wasm_bindgen_futures::spawn_local(task);
    }
}
