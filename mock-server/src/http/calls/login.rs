//! `POST /v1/Auth/Login`.

use std::sync::Arc;

use telematics_contract::Call;
use telematics_contract::auth::LoginRequest;

use super::super::request::{self, Asked};
use super::super::{Handled, Route, answer};
use crate::service::UserService;

/// Exchanges a login for a pair of tokens \[V, C\].
pub fn route(service: Arc<UserService>) -> Route {
    request::route(Call::Login, service, handle)
}

async fn handle(service: Arc<UserService>, asked: Asked) -> Handled {
    let request: LoginRequest = asked.json()?;
    Ok(answer::success(service.login(&asked.login(), &request)?))
}
