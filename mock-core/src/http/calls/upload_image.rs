//! `POST /v1/Management/users/images/upload`: uploads the caller's picture \[C\].

use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;
use crate::http::{answer, images};
use crate::service::UserCaller;

pub async fn handle(context: &Context, caller: UserCaller, request: CallRequest) -> HandlerResult {
    let file = request.file("file").await?;
    let path = context.service().upload_picture(caller, file, images::path)?;
    Ok(answer::success(context.url(&request.head, &path)))
}
