//! `GET /v1/Check/UserExists`: tells whether a user is registered \[C\].

use telematics_contract::management::UserExistsQuery;

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;

pub async fn handle(context: &Context, request: CallRequest) -> HandlerResult {
    let (instance, query) = (request.instance(), request.query::<UserExistsQuery>()?);
    // If very many users share the value, every user is looked at.
    let mut found = context.offload(move |service| service.user_exists(&instance, &query)).await?;
    found.image_url = context.picture_url(&request.head, found.image_url.take());
    Ok(answer::success(found))
}
