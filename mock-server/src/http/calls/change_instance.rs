//! `POST /v1/Management/users/instances/change`.

use std::sync::Arc;

use telematics_contract::Call;
use telematics_contract::management::ChangeInstanceRequest;

use super::super::offload::offload;
use super::super::request::{self, Asked};
use super::super::{Handled, Route, answer};
use crate::service::{AdminCaller, UserService};

/// Moves a user to another instance \[V\].
pub fn route(service: Arc<UserService>) -> Route {
    request::route_for(Call::ChangeInstance, service, handle)
}

async fn handle(service: Arc<UserService>, caller: AdminCaller, asked: Asked) -> Handled {
    let request: ChangeInstanceRequest = asked.json()?;
    // A password may have to be hashed.
    offload(move || service.change_instance(caller, &request)).await?;
    Ok(answer::done())
}
