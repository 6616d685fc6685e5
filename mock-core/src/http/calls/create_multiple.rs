//! `POST /v1/Registration/CreateMultiple`: registers many users that are alike \[S; path: P\].

use telematics_contract::registration::RegisterManyRequest;

use super::Context;
use crate::http::call_request::CallRequest;
use crate::http::{HandlerResult, answer};

pub async fn handle(context: &Context, request: CallRequest) -> HandlerResult {
    let (instance, number) = (request.instance(), request.number);
    let request: RegisterManyRequest = request.json()?;
    // Up to ten thousand access tokens are signed.
    Ok(answer::success(context.offload(move |service| service.register_many(&instance, &request, number)).await?))
}
