//! `POST /v1/Registration/CreateMultiple`: registers many users with the same data \[S; path: P\].

use telematics_contract::registration::RegisterManyRequest;

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;

pub async fn handle(context: &Context, request: CallRequest) -> HandlerResult {
    let (instance, number) = (request.instance(), request.number);
    let request: RegisterManyRequest = request.json()?;
    // Up to ten thousand access tokens are signed.
    Ok(answer::success(context.offload(move |service| service.register_many(&instance, &request, number)).await?))
}
