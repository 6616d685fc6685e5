//! `POST /v1/Management/users/instances/change/{InviteCode}`.

use std::sync::Arc;

use telematics_contract::Call;

use super::super::offload::offload;
use super::super::request::{self, Asked};
use super::super::{Handled, Route, answer};
use crate::service::{UserCaller, UserService};

/// Lets a user join another instance by invite code \[C\].
pub fn route(service: Arc<UserService>) -> Route {
    request::route_for(Call::JoinInstance, service, handle)
}

async fn handle(service: Arc<UserService>, caller: UserCaller, asked: Asked) -> Handled {
    let code = asked.parameter()?;
    // A password may have to be hashed.
    Ok(answer::success(offload(move || service.join_instance(caller, &code)).await?))
}
