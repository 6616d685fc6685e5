//! Calls without a client, for apps that keep their own session: one request each and nothing else.

use std::future::pending;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use crate::browser::promise::Call;
use crate::browser::{Browser, arguments, js, options};
use crate::calls::Operation;
use crate::calls::auth::RefreshToken;
use crate::calls::registration::Register;
use crate::engine::service::Service;
use crate::error::Error;

/// Registers a user.
#[wasm_bindgen]
pub fn register(service: &JsValue, user: &JsValue, options: &JsValue) -> Promise {
    let (service, call) = begin(service, options);
    let (user, timeout) = (arguments::new_user(user), call.timeout_ms());
    call.run(Box::pin(async move {
        let service = service?;
        let request = user?.request(&service.config, &service.ports)?;
        Ok(js::session(&service.exchange(request, Register::<js::Verbatim>::answer, timeout).await?))
    }))
}

/// Buys the next pair of tokens.
#[wasm_bindgen]
pub fn refresh(service: &JsValue, tokens: &JsValue, options: &JsValue) -> Promise {
    let (service, call) = begin(service, options);
    let (pair, timeout) = (arguments::token_pair(tokens), call.timeout_ms());
    call.run(Box::pin(async move {
        let service = service?;
        let request = RefreshToken(&pair?).request(&service.config, &service.ports)?;
        Ok(js::session(&service.exchange(request, RefreshToken::answer, timeout).await?))
    }))
}

/// Changes the record of the user whose access token it is.
#[wasm_bindgen]
pub fn update(service: &JsValue, access_token: &JsValue, changes: &JsValue, options: &JsValue) -> Promise {
    let (service, call) = begin(service, options);
    let (changes, timeout) = (arguments::changes(changes), call.timeout_ms());
    let access_token = access_token.as_string();
    call.run(Box::pin(async move {
        let service = service?;
        let access_token = access_token.ok_or_else(|| Error::invalid_argument("accessToken", "must be a string"))?;
        let request = changes?.request(&service.config, &service.ports)?;
        let authorization = ["Bearer ", &access_token].concat();
        service.send(request.with_header("Authorization", authorization), timeout).await?;
        Ok(JsValue::UNDEFINED)
    }))
}

fn begin(service: &JsValue, options: &JsValue) -> (Result<Service<Browser>, Error>, Call) {
    let service = options::client(service, None).map(|(config, ports)| Service { config, ports });
    (service, Call::new(options, Box::pin(pending())))
}
