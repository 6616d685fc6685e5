//! `GET /v1/Management/users`: the caller's own record \[C\].

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;
use crate::service::UserCaller;

pub async fn handle(context: &Context, caller: UserCaller, request: CallRequest) -> HandlerResult {
    let mut record = context.service().read_user(caller)?;
    context.complete(&request.head, &mut record);
    Ok(answer::success(record))
}
