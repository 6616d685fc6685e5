//! `PUT /v1/Management/users`.

use std::sync::Arc;

use telematics_contract::Call;
use telematics_contract::user::UpdateUserRequest;

use super::super::offload::offload;
use super::super::request::{self, Asked};
use super::super::{Handled, Route, answer};
use crate::service::{Caller, Target, UserService};

/// Changes a record, profile and telematics parameters: a user's own, or any that an admin names \[S, V\].
pub fn route(service: Arc<UserService>) -> Route {
    request::route_for(Call::UpdateUser, service, handle)
}

async fn handle(service: Arc<UserService>, caller: Caller, asked: Asked) -> Handled {
    let target = Target::of(caller, asked.named_user().as_deref())?;
    let request: UpdateUserRequest = asked.json()?;
    if request.new_password.is_some() {
        // A password is checked, and another one hashed.
        offload(move || service.update_user(target, request)).await?;
    } else {
        service.update_user(target, request)?;
    }
    Ok(answer::done())
}
