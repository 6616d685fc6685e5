//! The ports of the engine, made of what a browser has.

use std::future::Future;

use js_sys::Function;
use wasm_bindgen::JsValue;

use crate::engine::ports::{ChangeKind, Listener, Spawn};
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
mod signal;
mod storage;
mod tabs;
mod transport;

/// What a client uses of the browser.
pub(crate) struct Browser {
    /// The user's own `fetch`, in place of the global one.
    pub(crate) fetch: Option<Function>,
    /// Where the session is kept.
    pub(crate) area: Area,
    /// Who hears what happens.
    pub(crate) audience: Audience,
}

/// The two functions that hear what happens; without them nobody does.
#[derive(Default)]
pub(crate) struct Audience {
    /// Called with the kind of a change and the session.
    pub(crate) on_change: Option<Function>,
    /// Called with a code and a sentence.
    pub(crate) on_warning: Option<Function>,
}

impl Listener for Browser {
    fn changed(&self, kind: ChangeKind, session: Option<&Session>) {
        let session = session.map_or(JsValue::NULL, js::session);
        tell(self.audience.on_change.as_ref(), kind.as_str(), &session);
    }

    fn warned(&self, code: ErrorCode, message: &str) {
        tell(self.audience.on_warning.as_ref(), code.as_str(), &message.into());
    }
}

/// A listener that throws has a problem of its own; it must not become ours.
fn tell(listener: Option<&Function>, what: &str, more: &JsValue) {
    if let Some(listener) = listener {
        let _ = listener.call2(&JsValue::UNDEFINED, &what.into(), more);
    }
}

impl Spawn for Browser {
    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        wasm_bindgen_futures::spawn_local(task);
    }
}
