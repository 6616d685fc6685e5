//! `POST /v1/Auth/RefreshToken`: exchanges a pair of tokens for the next one \[S\].

use telematics_contract::auth::RefreshRequest;

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;

pub async fn handle(context: &Context, request: CallRequest) -> HandlerResult {
    // The access token of the body was opened to find the owner of the request.
    let (instance, opened, number) = (request.instance(), request.opened, request.number);
    let request: RefreshRequest = request.json()?;
    Ok(answer::success(context.service().refresh(&instance, opened, &request.refresh_token, number)?))
}
