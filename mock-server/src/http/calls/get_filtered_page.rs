//! `POST /v1/Management/users/GetFilteredPage`.

use std::sync::Arc;

use telematics_contract::Call;
use telematics_contract::management::ListUsersRequest;

use super::super::request::{self, Asked};
use super::super::{Handled, Route, answer};
use crate::service::{AdminCaller, UserService};

/// Lists users page by page \[V\].
pub fn route(service: Arc<UserService>) -> Route {
    request::route_for(Call::ListUsers, service, handle)
}

async fn handle(service: Arc<UserService>, caller: AdminCaller, asked: Asked) -> Handled {
    let request: ListUsersRequest = asked.json()?;
    Ok(answer::success(service.list_users(caller, &request)?))
}
