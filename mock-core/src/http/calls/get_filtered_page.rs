//! `POST /v1/Management/users/GetFilteredPage`: lists users page by page \[V\].

use telematics_contract::management::ListUsersRequest;

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;
use crate::service::AdminCaller;

pub async fn handle(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    let request: ListUsersRequest = request.json()?;
    // Every user is compared with the filter.
    Ok(answer::success(context.offload(move |service| service.list_users(caller, &request)).await?))
}
