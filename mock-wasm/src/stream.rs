//! A body that arrives in pieces: because a fault slows it down, or because it is a stream of events.

use std::rc::Rc;

use futures_util::future::{AbortHandle, abortable};
use js_sys::{Promise, Uint8Array};
use telematics_mock_core::control::events::{Listener, Notice};
use telematics_mock_core::http::{Api, TimedBody};
use tokio::sync::Mutex;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

/// A body that arrives in pieces. Freeing it means that the client has gone.
#[wasm_bindgen]
pub struct BodyStream {
    pieces: Rc<Mutex<Pieces>>,
    waiting: Option<AbortHandle>,
}

enum Pieces {
    /// The body of an answer of this mock.
    Timed(Rc<Api>, TimedBody),
    Events(Listener),
}

impl BodyStream {
    /// A body that a fault slows down or breaks off.
    #[must_use]
    pub fn timed(api: Rc<Api>, body: TimedBody) -> Self {
        Self::of(Pieces::Timed(api, body))
    }

    /// The events of a listener as `text/event-stream`.
    #[must_use]
    pub fn events(listener: Listener) -> Self {
        Self::of(Pieces::Events(listener))
    }

    fn of(pieces: Pieces) -> Self {
        Self { pieces: Rc::new(Mutex::new(pieces)), waiting: None }
    }
}

#[wasm_bindgen]
impl BodyStream {
    /// Resolves to the next piece, a `Uint8Array`, and after the last one to `undefined`. Rejects if a fault breaks the body off.
    #[wasm_bindgen(js_name = next)]
    pub fn next_piece(&mut self) -> Promise {
        let pieces = Rc::clone(&self.pieces);
        let (next, handle) = abortable(async move { pieces.lock().await.next().await });
        self.waiting = Some(handle);
        future_to_promise(async move { next.await.unwrap_or(Ok(JsValue::UNDEFINED)) })
    }
}

impl Drop for BodyStream {
    fn drop(&mut self) {
        if let Some(waiting) = &self.waiting {
            waiting.abort();
        }
    }
}

impl Pieces {
    async fn next(&mut self) -> Result<JsValue, JsValue> {
        match self {
            Self::Timed(api, body) => match body.next(api.runtime()).await {
                None => Ok(JsValue::UNDEFINED),
                Some(Ok(piece)) => Ok(Uint8Array::from(&piece[..]).into()),
                Some(Err(broken_off)) => Err(JsError::new(&broken_off.to_string()).into()),
            },
            Self::Events(listener) => Ok(match listener.next().await {
                None => JsValue::UNDEFINED,
                Some(notice) => Uint8Array::from(framed(&notice).as_bytes()).into(),
            }),
        }
    }
}

/// A server-sent event, as a browser reads it. The JSON of an event has no line break.
fn framed(notice: &Notice) -> String {
    match notice {
        Notice::Event { name, data } => format!("event:{name}\ndata:{data}\n\n"),
        Notice::Missed(count) => format!("event:missed\ndata:{{\"count\":{count}}}\n\n"),
    }
}
