//! `GET /v1/Management/users`.

use std::sync::Arc;

use telematics_contract::Call;

use super::super::request::{self, Asked};
use super::super::{Handled, Route, answer};
use crate::service::{UserCaller, UserService};

/// The caller's own record \[C\].
pub fn route(service: Arc<UserService>) -> Route {
    request::route_for(Call::ReadUser, service, handle)
}

async fn handle(service: Arc<UserService>, caller: UserCaller, asked: Asked) -> Handled {
    let _ = asked;
    Ok(answer::success(service.read_user(caller)?))
}
