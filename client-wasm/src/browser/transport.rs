//! Sending requests: the only file that knows gloo-net.
//!
//! Headers and responses are those of gloo-net. Its request builder is not used: it adds code for query strings and their
//! formatting, always calls the global `fetch`, and panics if `fetch` rejects with a value that is not an `Error`.

use std::rc::Rc;

use gloo_net::http::{Headers, Response};
use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Request};

use super::abort::AbortOnDrop;
use super::environment::Browser;
use super::property::set;
use crate::engine::ports::Transport;
use crate::error::{Error, ErrorCode};
use crate::wire::{Body, HttpRequest, HttpResponse};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetch)]
    fn global_fetch(request: &Request) -> Result<Promise, JsValue>;
}

impl Transport for Browser {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Error> {
        let abort_on_drop = AbortOnDrop::new().map_err(no_response)?;
        let request = browser_request(&request, &abort_on_drop.0)?;
        let sent = match &self.fetch {
            None => global_fetch(&request),
            Some(fetch) => fetch.call1(&JsValue::UNDEFINED, &request).map(|response| Promise::resolve(&response)),
        };
        let response = JsFuture::from(sent.map_err(no_response)?).await.map_err(no_response)?;
        let response: web_sys::Response = response.dyn_into().map_err(no_response)?;
        let body = JsFuture::from(response.text().map_err(no_response)?).await.map_err(no_response)?;
        Ok(HttpResponse {
            status: response.status(),
            retry_after_seconds: retry_after_seconds(response),
            body: body.as_string().unwrap_or_default(),
        })
    }
}

/// The header `Retry-After` in seconds; `None` if it is absent, a date, or hidden by CORS.
pub(super) fn retry_after_seconds(response: web_sys::Response) -> Option<u32> {
    Response::from(response).headers().get("Retry-After")?.parse().ok()
}

/// The request as an object of the browser. A redirect is an error, because headers and bodies with secrets would follow it.
fn browser_request(request: &HttpRequest, controller: &AbortController) -> Result<Request, Error> {
    let headers = Headers::new();
    for (name, value) in &request.headers {
        // The browser would throw, and gloo-net turns that exception into a panic.
        if !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(Error::invalid_argument(name, "contains a character that a header cannot carry"));
        }
        headers.set(name, value);
    }
    let init = Object::new();
    set(&init, "method", request.method.as_str());
    set(&init, "cache", "no-store");
    set(&init, "credentials", "omit");
    set(&init, "redirect", "error");
    set(&init, "signal", controller.signal());
    let body = match &request.body {
        Some(Body::Json(json)) => json.into(),
        Some(Body::Given(body)) => body.downcast_ref::<JsValue>().cloned().unwrap_or_default(),
        None => JsValue::UNDEFINED,
    };
    // For a form, the browser sets the header itself, because it contains the boundary.
    if body.is_string() {
        headers.set("Content-Type", "application/json");
    }
    set(&init, "body", body);
    set(&init, "headers", headers.into_raw());
    Request::new_with_str_and_init(&request.url, init.unchecked_ref())
        .map_err(|_| Error::new(ErrorCode::InvalidArgument, "The request cannot be sent."))
}

fn no_response(cause: JsValue) -> Error {
    Error::with_cause(ErrorCode::Network, "No response arrived from the service.", Rc::new(cause))
}
