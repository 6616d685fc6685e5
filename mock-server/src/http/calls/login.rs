//! `POST /v1/Auth/Login`.

use std::sync::Arc;

use telematics_contract::Call;
use telematics_contract::auth::LoginRequest;

use super::super::offload::offload;
use super::super::request::{self, Asked};
use super::super::{Handled, Route, answer};
use crate::service::UserService;

/// Exchanges a login for a pair of tokens \[V, C\].
pub fn route(service: Arc<UserService>) -> Route {
    request::route(Call::Login, service, handle)
}

async fn handle(service: Arc<UserService>, asked: Asked) -> Handled {
    let request: LoginRequest = asked.json()?;
    let headers = asked.login();
    let tokens = if request.login_fields.device_token.is_some() {
        service.login(&headers, &request)?
    } else {
        // A password is checked.
        offload(move || service.login(&headers, &request)).await?
    };
    Ok(answer::success(tokens))
}
