//! One request and its answer.

use std::net::IpAddr;
use std::rc::Rc;

use bytes::Bytes;
use futures_util::future::{AbortHandle, abortable};
use http::header::{HeaderName, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method, Request, Uri};
use js_sys::{JsString, Promise, Uint8Array};
use telematics_mock_core::http::{Api, BodyFault, Route};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use crate::answer::answer_object;

/// A request that was routed and waits for its body, or for its answer. Freeing it before the answer arrives means that the
/// client has given up.
#[wasm_bindgen]
pub struct Exchange {
    api: Rc<Api>,
    peer: Option<IpAddr>,
    /// `None` once the body was handed over.
    request: Option<(Route, Parts)>,
    max_body_bytes: usize,
    answering: Option<AbortHandle>,
}

impl Exchange {
    /// The HTTP semantics that answer it.
    #[cfg(feature = "cli")]
    pub(crate) fn api(&self) -> &Rc<Api> {
        &self.api
    }

    /// The route and the head, until the body is handed over.
    #[cfg(feature = "cli")]
    pub(crate) const fn request(&self) -> Option<&(Route, Parts)> {
        self.request.as_ref()
    }

    /// Routes a request; `None` if it is not valid HTTP.
    pub fn begin(api: Rc<Api>, method: &str, target: &str, headers: &[String], peer: Option<&str>) -> Option<Self> {
        let mut head = Request::new(()).into_parts().0;
        head.method = Method::from_bytes(method.as_bytes()).ok()?;
        head.uri = target.parse::<Uri>().ok()?;
        head.headers = header_map(headers)?;
        let route = api.route(&head);
        let max_body_bytes = route.max_body_bytes();
        let peer = peer.and_then(|peer| peer.parse().ok());
        Some(Self { api, peer, request: Some((route, head)), max_body_bytes, answering: None })
    }
}

/// The headers of names and values in turn; `None` if one is not valid. JavaScript has a character for each byte of a value.
fn header_map(headers: &[String]) -> Option<HeaderMap> {
    let (pairs, []) = headers.as_chunks::<2>() else { return None };
    let mut map = HeaderMap::try_with_capacity(pairs.len()).ok()?;
    for [name, value] in pairs {
        let value: Option<Vec<u8>> = value.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect();
        map.try_append(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_bytes(&value?).ok()?).ok()?;
    }
    Some(map)
}

#[wasm_bindgen]
impl Exchange {
    /// The largest body that the request may have, in bytes.
    #[must_use]
    #[wasm_bindgen(getter, js_name = maxBodyBytes)]
    #[expect(clippy::cast_precision_loss, reason = "every limit is far below 2^53")]
    pub fn max_body_bytes(&self) -> f64 {
        self.max_body_bytes as f64
    }

    /// Hands over the body: its bytes, or `"too-large"`, `"broken-off"` or `"too-slow"`. Resolves to the answer; rejects if the
    /// exchange is freed before.
    ///
    /// # Errors
    ///
    /// The body was handed over before.
    pub fn answer(&mut self, body: &JsValue) -> Result<Promise, JsError> {
        let Some((route, head)) = self.request.take() else {
            return Err(JsError::new("the body of the request was handed over before"));
        };
        let (api, peer, body) = (Rc::clone(&self.api), self.peer, read_body(body));
        let answering = async move {
            let answer = api.answer(route, head, body, peer).await;
            answer_object(&api, answer)
        };
        let (answering, handle) = abortable(answering);
        self.answering = Some(handle);
        Ok(future_to_promise(async move {
            answering.await.unwrap_or_else(|_| Err(JsError::new("the client has given up").into()))
        }))
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if let Some(answering) = &self.answering {
            answering.abort();
        }
    }
}

fn read_body(body: &JsValue) -> Result<Bytes, BodyFault> {
    if let Some(fault) = body.dyn_ref::<JsString>() {
        return Err(match String::from(fault).as_str() {
            "too-large" => BodyFault::TooLarge,
            "too-slow" => BodyFault::TooSlow,
            _ => BodyFault::BrokenOff,
        });
    }
    // Not `dyn_ref`: in a simulated browser such as jsdom, bytes are instances of another class of this name.
    Ok(body.unchecked_ref::<Uint8Array>().to_vec().into())
}
