//! `GET /v1/Management/users/find`.

use std::sync::Arc;

use telematics_contract::Call;
use telematics_contract::management::FindUsersQuery;

use super::super::request::{self, Asked};
use super::super::{Handled, Route, answer};
use crate::service::{AdminCaller, UserService};

/// Finds users by what is known of them \[V\].
pub fn route(service: Arc<UserService>) -> Route {
    request::route_for(Call::FindUsers, service, handle)
}

async fn handle(service: Arc<UserService>, caller: AdminCaller, asked: Asked) -> Handled {
    let query: FindUsersQuery = asked.query()?;
    Ok(answer::success(service.find_users(caller, &query)?))
}
