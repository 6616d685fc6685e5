//! Where the session is kept: the only file that knows the web storage.

use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};

use super::Browser;
use crate::engine::ports::Storage;
use crate::error::{Error, ErrorCode};

/// Where the session is kept.
pub(crate) enum Area {
    /// In `localStorage` or `sessionStorage`, looked up anew each time: even looking can be forbidden.
    Web(&'static str),
    /// In this client, for as long as it lives.
    Memory,
}

impl Area {
    /// The area of that name in the options.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "local" => Some(Self::Web("localStorage")),
            "session" => Some(Self::Web("sessionStorage")),
            "memory" => Some(Self::Memory),
            _ => None,
        }
    }

    /// The storage behind it; none for the memory, where the engine itself remembers.
    fn web(&self) -> Result<Option<web_sys::Storage>, Error> {
        match self {
            Self::Memory => Ok(None),
            Self::Web(property) => {
                let found = Reflect::get(&js_sys::global(), &(*property).into()).map_err(failed)?;
                found.dyn_into().map(Some).map_err(failed)
            }
        }
    }
}

impl Storage for Browser {
    async fn load(&self, key: &str) -> Result<Option<String>, Error> {
        self.area.web()?.map_or(Ok(None), |storage| storage.get_item(key).map_err(failed))
    }

    async fn save(&self, key: &str, value: &str) -> Result<(), Error> {
        self.area.web()?.map_or(Ok(()), |storage| storage.set_item(key, value).map_err(failed))
    }

    async fn remove(&self, key: &str) -> Result<(), Error> {
        self.area.web()?.map_or(Ok(()), |storage| storage.remove_item(key).map_err(failed))
    }
}

fn failed(cause: JsValue) -> Error {
    Error::new(ErrorCode::Storage, "The storage cannot be used.").caused_by(Rc::new(cause))
}
