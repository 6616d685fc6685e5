//! `POST /v1/Management/users/instances/change/{InviteCode}`: lets a user join another instance \[C\].

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;
use crate::service::UserCaller;

pub async fn handle(context: &Context, caller: UserCaller, request: CallRequest) -> HandlerResult {
    let code = request.parameter("InviteCode")?;
    // The user may need a password, which has to be hashed.
    Ok(answer::success(context.offload(move |service| service.join_instance(caller, &code)).await?))
}
