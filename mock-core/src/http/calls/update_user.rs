//! `PUT /v1/Management/users`: changes a record, profile and telematics parameters. A user changes their own record, an admin
//! that of the user named in the header `UserDeviceToken` \[S, V\].

use telematics_contract::user::UpdateUserRequest;

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;
use crate::service::{Caller, Target};

pub async fn handle(context: &Context, caller: Caller, request: CallRequest) -> HandlerResult {
    let target = Target::new(caller, request.named_user().as_deref())?;
    update(context, target, request).await
}

/// Changes the record of a user.
pub async fn update(context: &Context, target: Target, request: CallRequest) -> HandlerResult {
    let request: UpdateUserRequest = request.json()?;
    if request.new_password.is_some() {
        // The old password has to be checked and the new one hashed.
        context.offload(move |service| service.update_user(target, request)).await?;
    } else {
        context.service().update_user(target, request)?;
    }
    Ok(answer::done())
}
