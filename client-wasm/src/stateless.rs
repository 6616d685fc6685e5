//! Calls without a client, for apps that keep their own session: each sends one request and keeps nothing.

use std::future::pending;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use crate::browser::promise::Call;
use crate::browser::{Browser, arguments, options, present};
use crate::calls::auth::RefreshToken;
use crate::calls::registration::Register;
use crate::calls::user::UpdateUser;
use crate::calls::{Operation, TokenCall};
use crate::client::given;
use crate::engine::service::Service;
use crate::error::Error;

/// Registers a user.
#[wasm_bindgen]
pub fn register(service: &JsValue, user: JsValue, is_invited: bool, options: &JsValue) -> Promise {
    let (service, call) = begin(service, options);
    let (user, timeout) = (Register { user: given(user), is_invited }, call.timeout_ms());
    call.run(Box::pin(async move {
        let service = service?;
        let request = user.request(&service.config, &service.ports)?;
        Ok(present::session(&service.exchange(request, Register::is_complete, timeout).await?))
    }))
}

/// Exchanges a pair of tokens for the next one.
#[wasm_bindgen]
pub fn refresh(service: &JsValue, tokens: &JsValue, options: &JsValue) -> Promise {
    let (service, call) = begin(service, options);
    let (pair, timeout) = (arguments::token_pair(tokens), call.timeout_ms());
    call.run(Box::pin(async move {
        let service = service?;
        let request = RefreshToken(&pair?).request(&service.config, &service.ports)?;
        Ok(present::session(&service.exchange(request, RefreshToken::is_complete, timeout).await?))
    }))
}

/// Changes the record of the user of an access token.
#[wasm_bindgen]
pub fn update(
    service: &JsValue,
    access_token: &str,
    changes: JsValue,
    has_password: bool,
    options: &JsValue,
) -> Promise {
    let (service, call) = begin(service, options);
    let (update, timeout) = (UpdateUser { changes: given(changes), has_password }, call.timeout_ms());
    let authorization = ["Bearer ", access_token].concat();
    call.run(Box::pin(async move {
        let service = service?;
        let request = update.request(&service.config, &service.ports)?;
        service.send(request.with_header("Authorization", authorization), timeout).await?;
        Ok(JsValue::UNDEFINED)
    }))
}

fn begin(service: &JsValue, options: &JsValue) -> (Result<Service<Browser>, Error>, Call) {
    let service = options::client(service, None).map(|(config, ports)| Service { config, ports });
    (service, Call::new(options, Box::pin(pending())))
}
