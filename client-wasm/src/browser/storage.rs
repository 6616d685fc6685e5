//! Where the session is kept: the only file that knows the web storage.

use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};

use super::Browser;
use crate::engine::ports::Storage;
use crate::error::{Error, ErrorCode};

/// Where the session is kept.
#[derive(Clone, Copy)]
pub(crate) enum Area {
    /// For all tabs, until it is removed.
    Local,
    /// For this tab, until it is closed.
    Session,
    /// For this client only: the engine itself remembers, nothing is written.
    Memory,
}

impl Area {
    /// The areas and their names in the options.
    pub(crate) const ALL: [(&'static str, Self); 3] =
        [("local", Self::Local), ("session", Self::Session), ("memory", Self::Memory)];

    /// The storage, looked up anew each time: even looking can be forbidden.
    fn storage(self) -> Result<Option<web_sys::Storage>, Error> {
        let property = match self {
            Self::Local => "localStorage",
            Self::Session => "sessionStorage",
            Self::Memory => return Ok(None),
        };
        let found = Reflect::get(&js_sys::global(), &property.into()).and_then(JsCast::dyn_into);
        found.map(Some).map_err(failed)
    }
}

impl Storage for Browser {
    async fn load(&self, key: &str) -> Result<Option<String>, Error> {
        self.area.storage()?.map_or(Ok(None), |storage| storage.get_item(key)).map_err(failed)
    }

    async fn save(&self, key: &str, value: &str) -> Result<(), Error> {
        self.area.storage()?.map_or(Ok(()), |storage| storage.set_item(key, value)).map_err(failed)
    }

    async fn remove(&self, key: &str) -> Result<(), Error> {
        self.area.storage()?.map_or(Ok(()), |storage| storage.remove_item(key)).map_err(failed)
    }
}

fn failed(cause: JsValue) -> Error {
    Error::caused(ErrorCode::Storage, "The storage cannot be used.", Rc::new(cause))
}
