//! `POST /v1/Management/users/GetFilteredPage`: lists users page by page \[V\].

use telematics_contract::management::ListUsersRequest;

use super::Context;
use crate::http::call_request::CallRequest;
use crate::http::{HandlerResult, answer};
use crate::service::AdminCaller;

pub fn handle(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    let request: ListUsersRequest = request.json()?;
    Ok(answer::success(context.service().list_users(caller, &request)?))
}
