//! Where the session is kept: the only file that knows the web storage.

use std::rc::Rc;

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::Browser;
use super::js::{get, is_given};
use crate::engine::ports::Storage;
use crate::error::{Error, ErrorCode};

/// Where the session is kept.
#[derive(Clone)]
pub(crate) enum Area {
    /// For all tabs, until it is removed.
    Local,
    /// For this tab, until it is closed.
    Session,
    /// For this client only: the engine itself remembers, nothing is written.
    Memory,
    /// The user's own: an object with `load`, `save` and `remove`.
    Own(JsValue),
}

impl Area {
    /// The areas and their names in the options.
    const NAMED: [(&'static str, Self); 3] =
        [("local", Self::Local), ("session", Self::Session), ("memory", Self::Memory)];

    /// The `storage` of the options; `None` when it is none.
    pub(crate) fn read(value: JsValue) -> Option<Self> {
        if let Some(name) = value.as_string() {
            return Self::NAMED.into_iter().find(|(known, _)| *known == name).map(|(_, area)| area);
        }
        let is_storage = ["load", "save", "remove"].iter().all(|name| get(&value, name).is_function());
        is_storage.then_some(Self::Own(value))
    }

    /// Whether other tabs may see what is kept there.
    pub(crate) const fn is_shared(&self) -> bool {
        matches!(self, Self::Local | Self::Own(_))
    }

    /// The storage, looked up anew each time: even looking can be forbidden.
    fn storage(&self) -> Result<Option<web_sys::Storage>, Error> {
        let property = match self {
            Self::Local => "localStorage",
            Self::Session => "sessionStorage",
            Self::Memory | Self::Own(_) => return Ok(None),
        };
        let found = Reflect::get(&js_sys::global(), &property.into()).and_then(JsCast::dyn_into);
        found.map(Some).map_err(failed)
    }
}

/// Calls a method of the user's own storage, which may answer at once or later.
async fn ask(storage: &JsValue, name: &str, key: &str, value: Option<&str>) -> Result<JsValue, Error> {
    let method: Function = get(storage, name).dyn_into().map_err(failed)?;
    let answer = match value {
        Some(value) => method.call2(storage, &key.into(), &value.into()),
        None => method.call1(storage, &key.into()),
    };
    JsFuture::from(Promise::resolve(&answer.map_err(failed)?)).await.map_err(failed)
}

impl Storage for Browser {
    async fn load(&self, key: &str) -> Result<Option<String>, Error> {
        if let Area::Own(storage) = &self.area {
            let value = ask(storage, "load", key, None).await?;
            // What is no string cannot be read, and is treated like any other such value.
            return Ok(is_given(&value).then(|| value.as_string().unwrap_or_default()));
        }
        self.area.storage()?.map_or(Ok(None), |storage| storage.get_item(key)).map_err(failed)
    }

    async fn save(&self, key: &str, value: &str) -> Result<(), Error> {
        if let Area::Own(storage) = &self.area {
            return ask(storage, "save", key, Some(value)).await.map(drop);
        }
        self.area.storage()?.map_or(Ok(()), |storage| storage.set_item(key, value)).map_err(failed)
    }

    async fn remove(&self, key: &str) -> Result<(), Error> {
        if let Area::Own(storage) = &self.area {
            return ask(storage, "remove", key, None).await.map(drop);
        }
        self.area.storage()?.map_or(Ok(()), |storage| storage.remove_item(key)).map_err(failed)
    }
}

fn failed(cause: JsValue) -> Error {
    Error::caused(ErrorCode::Storage, "The storage cannot be used.", Rc::new(cause))
}
