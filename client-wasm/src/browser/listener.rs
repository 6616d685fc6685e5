//! Reporting the events of the engine to JavaScript, and running its background tasks.

use std::future::Future;

use wasm_bindgen::JsValue;

use super::environment::Browser;
use super::present;
use crate::engine::ports::{ChangeKind, Listener, Origin, Spawn};
use crate::engine::session::Session;
use crate::error::ErrorCode;

impl Listener for Browser {
    fn changed(&self, kind: ChangeKind, session: Option<&Session>, origin: Origin) {
        if let Some(callbacks) = &self.callbacks {
            callbacks.changed(kind.as_str(), &session.map_or(JsValue::NULL, present::session), origin.as_str());
        }
    }

    fn warned(&self, code: ErrorCode, message: &str) {
        if let Some(callbacks) = &self.callbacks {
            callbacks.warned(code.as_str(), message);
        }
    }
}

impl Spawn for Browser {
    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        wasm_bindgen_futures::spawn_local(task);
    }
}
