//! A call as a promise.

use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;

use futures_util::future::{Either, select};
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::future_to_promise;

use super::options::CallOptions;
use super::{js, signal};
use crate::error::{Error, ErrorCode};

/// What a call resolves to, or rejects with.
pub(crate) type Answer = Result<JsValue, Error>;

/// A future in a box.
pub(crate) type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

/// A call that is about to start.
///
/// Its work comes in a box, so that what is around the work of every call is compiled once.
pub(crate) struct Call {
    options: Result<CallOptions, Error>,
    closed: Boxed<()>,
}

impl Call {
    /// A call with these options, which ends when its client is closed.
    pub(crate) fn new(options: &JsValue, closed: Boxed<()>) -> Self {
        Self { options: CallOptions::read(options), closed }
    }

    /// How long each of its requests may take, in milliseconds.
    pub(crate) fn timeout_ms(&self) -> Option<u32> {
        self.options.as_ref().ok()?.timeout_ms
    }

    /// Runs it until it is done, aborted, or its client closed. What is dropped then takes its request with it.
    pub(crate) fn run(self, work: Boxed<Answer>) -> Promise {
        future_to_promise(async move {
            let ended = async move {
                let work = select(self.closed, work);
                let ended = match self.options?.signal {
                    Some(signal) => match select(pin!(signal::aborted(&signal)), work).await {
                        Either::Left((reason, _)) => return Err(aborted(reason)),
                        Either::Right((ended, _)) => ended,
                    },
                    None => work.await,
                };
                match ended {
                    Either::Left(((), _)) => Err(Error::new(ErrorCode::Disposed, "The client was disposed.")),
                    Either::Right((answer, _)) => answer,
                }
            };
            ended.await.map_err(|error| js::error(&error))
        })
    }
}

fn aborted(reason: JsValue) -> Error {
    Error::caused(ErrorCode::Aborted, "The call was aborted.", Rc::new(reason))
}
