//! `GET /v1/Management/users`.

use std::sync::Arc;

use telematics_contract::Call;

use super::super::request::{self, Asked};
use super::super::{Handled, Route, answer};
use crate::service::UserService;

/// The caller's own record \[C\].
pub fn route(service: Arc<UserService>) -> Route {
    request::route(Call::ReadUser, service, handle)
}

async fn handle(service: Arc<UserService>, asked: Asked) -> Handled {
    let caller = service.authenticate(asked.access_token().as_ref())?;
    Ok(answer::success(service.read_user(caller)?))
}
