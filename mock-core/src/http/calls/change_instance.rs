//! `POST /v1/Management/users/instances/change`: moves a user to another instance \[V\].

use telematics_contract::management::ChangeInstanceRequest;

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;
use crate::service::AdminCaller;

pub async fn handle(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    let request: ChangeInstanceRequest = request.json()?;
    // The user may need a password, which has to be hashed.
    context.offload(move |service| service.change_instance(caller, &request)).await?;
    Ok(answer::done())
}
