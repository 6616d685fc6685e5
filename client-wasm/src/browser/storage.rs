//! The storage of the session: the only file that knows the web storage.

use std::rc::Rc;

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::environment::Browser;
use super::property::{get, is_given};
use super::storage_area::StorageArea;
use crate::engine::ports::Storage;
use crate::error::{Error, ErrorCode};

impl Storage for Browser {
    async fn load(&self, key: &str) -> Result<Option<String>, Error> {
        if let StorageArea::Custom(storage) = &self.area {
            let value = call(storage, "load", key, None).await?;
            // A value that is not a string is treated like a string that cannot be read.
            return Ok(is_given(&value).then(|| value.as_string().unwrap_or_default()));
        }
        web_storage(&self.area)?.map_or(Ok(None), |storage| storage.get_item(key)).map_err(failed)
    }

    async fn save(&self, key: &str, value: &str) -> Result<(), Error> {
        if let StorageArea::Custom(storage) = &self.area {
            return call(storage, "save", key, Some(value)).await.map(drop);
        }
        web_storage(&self.area)?.map_or(Ok(()), |storage| storage.set_item(key, value)).map_err(failed)
    }

    async fn remove(&self, key: &str) -> Result<(), Error> {
        if let StorageArea::Custom(storage) = &self.area {
            return call(storage, "remove", key, None).await.map(drop);
        }
        web_storage(&self.area)?.map_or(Ok(()), |storage| storage.remove_item(key)).map_err(failed)
    }
}

/// The web storage of an area. It is looked up each time, because a browser may forbid even reading the property.
fn web_storage(area: &StorageArea) -> Result<Option<web_sys::Storage>, Error> {
    let property = match area {
        StorageArea::Local => "localStorage",
        StorageArea::Session => "sessionStorage",
        StorageArea::Memory | StorageArea::Custom(_) => return Ok(None),
    };
    let found = Reflect::get(&js_sys::global(), &property.into()).and_then(JsCast::dyn_into);
    found.map(Some).map_err(failed)
}

/// Calls a method of the app's own storage, which may return a value or a promise.
async fn call(storage: &JsValue, name: &str, key: &str, value: Option<&str>) -> Result<JsValue, Error> {
    let method: Function = get(storage, name).dyn_into().map_err(failed)?;
    let result = match value {
        Some(value) => method.call2(storage, &key.into(), &value.into()),
        None => method.call1(storage, &key.into()),
    };
    JsFuture::from(Promise::resolve(&result.map_err(failed)?)).await.map_err(failed)
}

fn failed(cause: JsValue) -> Error {
    Error::with_cause(ErrorCode::Storage, "The storage cannot be used.", Rc::new(cause))
}
