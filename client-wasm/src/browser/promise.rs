//! A call as a promise.

use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;

use futures_util::future::{Either, select};
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::future_to_promise;
use web_sys::AbortSignal;

use super::options::CallOptions;
use super::{js, options, signal};
use crate::error::{Error, ErrorCode};

/// What a call resolves to, or rejects with.
pub(crate) type Answer = Result<JsValue, Error>;

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

/// Runs a call until it is done, aborted, or its client closed. What is dropped then takes its request with it.
pub(crate) fn of<F>(
    options: &JsValue,
    closed: impl Future<Output = ()> + 'static,
    work: impl FnOnce(Option<u32>) -> F,
) -> Promise
where
    F: Future<Output = Answer> + 'static,
{
    match options::call(options) {
        Ok(CallOptions { signal, timeout_ms }) => started(Box::pin(work(timeout_ms)), Box::pin(closed), signal),
        Err(error) => Promise::reject(&js::error(&error)),
    }
}

// Boxes in place of generics: what is around the work of every call is compiled once.
fn started(work: Boxed<Answer>, closed: Boxed<()>, signal: Option<AbortSignal>) -> Promise {
    future_to_promise(async move {
        let work = select(closed, work);
        let ended = match &signal {
            Some(signal) => match select(pin!(signal::aborted(signal)), work).await {
                Either::Left((reason, _)) => return Err(js::error(&aborted(reason))),
                Either::Right((ended, _)) => ended,
            },
            None => work.await,
        };
        match ended {
            Either::Left(((), _)) => Err(Error::new(ErrorCode::Disposed, "The client was disposed.")),
            Either::Right((answer, _)) => answer,
        }
        .map_err(|error| js::error(&error))
    })
}

fn aborted(reason: JsValue) -> Error {
    Error::new(ErrorCode::Aborted, "The call was aborted.").caused_by(Rc::new(reason))
}
