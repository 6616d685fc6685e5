//! `DELETE /v1/Management/users/{DeviceToken}`.

use std::sync::Arc;

use telematics_contract::Call;

use super::super::request::{self, Asked};
use super::super::{Handled, Route, answer};
use crate::service::{AdminCaller, UserService};

/// Removes a user for good \[S, V\].
pub fn route(service: Arc<UserService>) -> Route {
    request::route_for(Call::DeleteUser, service, handle)
}

async fn handle(service: Arc<UserService>, caller: AdminCaller, asked: Asked) -> Handled {
    service.delete_user(caller, &asked.parameter()?)?;
    Ok(answer::done())
}
