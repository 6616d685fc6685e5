//! `POST /v1/Registration/Create`: registers a user \[S\].

use telematics_contract::registration::RegisterRequest;

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;

pub async fn handle(context: &Context, request: CallRequest) -> HandlerResult {
    let (instance, number) = (request.instance(), request.number);
    let request: RegisterRequest = request.json()?;
    let tokens = if context.service().sets_password(&instance, &request) {
        context.offload(move |service| service.register(&instance, request, number)).await?
    } else {
        context.service().register(&instance, request, number)?
    };
    Ok(answer::success(tokens))
}
