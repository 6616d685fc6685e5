//! Sending: the only file that knows gloo-net.
//!
//! Headers and answers are gloo-net's. Building and sending are done here: gloo-net's builder would bring query strings and
//! the formatting of them along, always use the global `fetch`, and panic when that rejects with something that is no
//! `Error`.

use std::rc::Rc;

use gloo_net::http::{Headers, Response};
use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Blob, FormData, Request};

use super::Browser;
use super::js::set;
use crate::engine::http::{Body, File, HttpRequest, HttpResponse};
use crate::engine::ports::Transport;
use crate::error::{Error, ErrorCode};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetch)]
    fn global_fetch(request: &Request) -> Result<Promise, JsValue>;
}

impl Transport for Browser {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Error> {
        let in_flight = InFlight(AbortController::new().map_err(no_answer)?);
        let request = built(&request, &in_flight.0)?;
        let sent = match &self.fetch {
            None => global_fetch(&request),
            Some(fetch) => fetch.call1(&JsValue::UNDEFINED, &request).map(|answer| Promise::resolve(&answer)),
        };
        let answer = JsFuture::from(sent.map_err(no_answer)?).await.map_err(no_answer)?;
        let answer: web_sys::Response = answer.dyn_into().map_err(no_answer)?;
        let text = answer.text().map_err(no_answer)?;
        let answer = Response::from(answer);
        let (status, retry_after) = (answer.status(), answer.headers().get("Retry-After"));
        let body = JsFuture::from(text).await.map_err(no_answer)?;
        Ok(HttpResponse {
            status,
            retry_after_seconds: retry_after.and_then(|seconds| seconds.parse().ok()),
            body: body.as_string().unwrap_or_default(),
        })
    }
}

/// The request as the browser wants it. A redirect is an error, because headers and bodies with secrets would follow it.
fn built(request: &HttpRequest, controller: &AbortController) -> Result<Request, Error> {
    let headers = Headers::new();
    for (name, value) in &request.headers {
        // The browser would throw, and gloo-net would pass that on as a panic.
        if !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(Error::invalid_argument(name, "holds something that a header cannot carry"));
        }
        headers.set(name, value);
    }
    let init = Object::new();
    set(&init, "method", request.method.as_str());
    set(&init, "cache", "no-store");
    set(&init, "credentials", "omit");
    set(&init, "redirect", "error");
    set(&init, "signal", controller.signal());
    match &request.body {
        Some(Body::Json(json)) => {
            headers.set("Content-Type", "application/json");
            set(&init, "body", json);
        }
        // The browser writes the header itself, because the boundary stands in it.
        Some(Body::File(file)) => set(&init, "body", form(file)?),
        None => {}
    }
    set(&init, "headers", headers.into_raw());
    Request::new_with_str_and_init(&request.url, init.unchecked_ref())
        .map_err(|_| Error::new(ErrorCode::InvalidArgument, "The request cannot be sent as it is."))
}

/// A form with that one file.
fn form(file: &File) -> Result<FormData, Error> {
    let form = FormData::new().map_err(no_answer)?;
    if let Some(file) = file.downcast_ref::<Blob>() {
        form.append_with_blob("file", file).map_err(no_answer)?;
    }
    Ok(form)
}

/// A request that is aborted when nobody waits for it any more.
pub(crate) struct InFlight(pub(crate) AbortController);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn no_answer(cause: JsValue) -> Error {
    Error::caused(ErrorCode::Network, "No answer came from the service.", Rc::new(cause))
}
