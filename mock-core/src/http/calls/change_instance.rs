//! `POST /v1/Management/users/instances/change`: moves a user to another instance \[V\].

use telematics_contract::management::ChangeInstanceRequest;

use super::Context;
use crate::http::call_request::CallRequest;
use crate::http::{HandlerResult, answer};
use crate::service::AdminCaller;

pub async fn handle(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    let request: ChangeInstanceRequest = request.json()?;
    // The user may need a password, which has to be hashed.
    context.offload(move |service| service.change_instance(caller, &request)).await?;
    Ok(answer::done())
}
