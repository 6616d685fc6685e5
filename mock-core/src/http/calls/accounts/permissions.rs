//! `GET /auth/permissions`: what the admin may manage \[V\]. The names in the answer are in camelCase.

use http::StatusCode;
use telematics_contract::accounts::PermissionsEnvelope;

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;
use crate::service::AdminCaller;

pub async fn handle(context: &Context, caller: AdminCaller, _: CallRequest) -> HandlerResult {
    let permissions = context.service().permissions(caller)?;
    Ok(answer::json(StatusCode::OK, &PermissionsEnvelope::success(permissions)))
}
