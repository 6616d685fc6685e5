//! The `storage` option: where a client keeps its session.

use wasm_bindgen::JsValue;

use super::property::get;

/// The storage of the session.
pub(crate) enum StorageArea {
    /// `localStorage`: shared by all tabs, until it is removed.
    Local,
    /// `sessionStorage`: for this tab, until it is closed.
    Session,
    /// No storage: only the engine holds the session.
    Memory,
    /// The storage of the app: an object with `load`, `save` and `remove`.
    Custom(JsValue),
}

impl StorageArea {
    /// Reads the `storage` option; `None` if it is not valid.
    pub(crate) fn from_option(value: JsValue) -> Option<Self> {
        if let Some(name) = value.as_string() {
            return match &*name {
                "local" => Some(Self::Local),
                "session" => Some(Self::Session),
                "memory" => Some(Self::Memory),
                _ => None,
            };
        }
        let is_storage = ["load", "save", "remove"].iter().all(|name| get(&value, name).is_function());
        is_storage.then_some(Self::Custom(value))
    }

    /// Whether other tabs use the same storage.
    pub(crate) const fn is_shared(&self) -> bool {
        matches!(self, Self::Local | Self::Custom(_))
    }
}
