//! `DELETE /v1/Management/users/{DeviceToken}`: removes a user for good \[S, V\].

use super::Context;
use crate::http::call_request::CallRequest;
use crate::http::{HandlerResult, answer};
use crate::service::AdminCaller;

pub fn handle(context: &Context, caller: AdminCaller, request: &CallRequest) -> HandlerResult {
    context.service().delete_user(caller, &request.parameter()?)?;
    Ok(answer::done())
}
