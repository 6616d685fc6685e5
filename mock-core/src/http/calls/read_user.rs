//! `GET /v1/Management/users`: the caller's own record \[C\].

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;
use crate::service::UserCaller;

pub async fn handle(context: &Context, caller: UserCaller, _: CallRequest) -> HandlerResult {
    Ok(answer::success(context.with_picture(context.service().read_user(caller)?)))
}
