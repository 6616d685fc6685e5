//! A call as a promise.

use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::future_to_promise;

use super::options::CallOptions;
use super::present::Outcome;
use super::{abort, present};
use crate::engine::service::Boxed;
use crate::error::{Error, ErrorCode};

/// A call that has not started yet.
pub(crate) struct Call {
    options: Result<CallOptions, Error>,
    closed: Boxed<'static, ()>,
}

impl Call {
    /// A call that ends when `closed` resolves.
    pub(crate) fn new(options: &JsValue, closed: Boxed<'static, ()>) -> Self {
        Self { options: CallOptions::read(options), closed }
    }

    /// The time limit of each request of the call, in milliseconds.
    pub(crate) fn timeout_ms(&self) -> Option<u32> {
        self.options.as_ref().ok()?.timeout_ms
    }

    /// Runs `work` until it is done, the caller aborts it or its client is closed. Dropping `work` aborts its request.
    pub(crate) fn run(self, work: Boxed<'static, Outcome>) -> Promise {
        future_to_promise(async move {
            let ended = async move {
                let work = select(self.closed, work);
                let ended = match self.options?.signal {
                    Some(signal) => match select(pin!(abort::aborted(&signal)), work).await {
                        Either::Left((reason, _)) => return Err(aborted(reason)),
                        Either::Right((ended, _)) => ended,
                    },
                    None => work.await,
                };
                match ended {
                    Either::Left(((), _)) => Err(Error::new(ErrorCode::Disposed, "The client was disposed.")),
                    Either::Right((outcome, _)) => outcome,
                }
            };
            ended.await.map_err(|error| present::error(&error))
        })
    }
}

fn aborted(reason: JsValue) -> Error {
    Error::with_cause(ErrorCode::Aborted, "The call was aborted.", Rc::new(reason))
}
