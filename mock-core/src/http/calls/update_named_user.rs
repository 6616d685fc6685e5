//! `PUT /v1/Management/users/{DeviceToken}`: an admin changes the record of the user in the path \[V\].

use super::update_user::update;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;
use crate::service::{AdminCaller, Caller, Target};

pub async fn handle(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    let target = Target::new(Caller::Admin(caller), Some(&request.parameter("DeviceToken")?))?;
    update(context, target, request).await
}
