//! `DELETE /v1/Management/users/{DeviceToken}`: removes a user permanently \[S, V\].

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;
use crate::service::AdminCaller;

pub async fn handle(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    context.service().delete_user(caller, &request.parameter("DeviceToken")?)?;
    Ok(answer::done())
}
