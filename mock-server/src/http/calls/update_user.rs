//! `PUT /v1/Management/users`.

use std::sync::Arc;

use telematics_contract::Call;
use telematics_contract::user::UpdateUserRequest;

use super::super::request::{self, Asked};
use super::super::{Handled, Route, answer};
use crate::service::UserService;

/// Changes the caller's own record: profile and telematics parameters \[S, V\].
pub fn route(service: Arc<UserService>) -> Route {
    request::route(Call::UpdateUser, service, handle)
}

async fn handle(service: Arc<UserService>, asked: Asked) -> Handled {
    let caller = service.authenticate(asked.access_token().as_ref())?;
    let request: UpdateUserRequest = asked.json()?;
    service.update_user(caller, request)?;
    Ok(answer::done())
}
