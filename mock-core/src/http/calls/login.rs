//! `POST /v1/Auth/Login`: exchanges a login for a pair of tokens \[V, C\].

use telematics_contract::auth::LoginRequest;

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;

pub async fn handle(context: &Context, request: CallRequest) -> HandlerResult {
    let (headers, number) = (request.login(), request.number);
    let request: LoginRequest = request.json()?;
    let tokens = if request.login_fields.device_token.is_some() {
        context.service().login(&headers, &request, number)?
    } else {
        // A password has to be hashed to compare it.
        context.offload(move |service| service.login(&headers, &request, number)).await?
    };
    Ok(answer::success(tokens))
}
