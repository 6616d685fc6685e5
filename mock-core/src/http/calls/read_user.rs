//! `GET /v1/Management/users`: the caller's own record \[C\].

use super::Context;
use crate::http::{HandlerResult, answer};
use crate::service::UserCaller;

pub fn handle(context: &Context, caller: UserCaller) -> HandlerResult {
    Ok(answer::success(context.service().read_user(caller)?))
}
