//! `POST /v1/Auth/Login`: exchanges a login for a pair of tokens \[V, C\].

use telematics_contract::auth::LoginRequest;

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;
use crate::service::LoginHeaders;
use crate::service::ids::InstanceId;

pub async fn handle(context: &Context, request: CallRequest) -> HandlerResult {
    let (headers, number) = (request.login(), request.number);
    let is_misspelt = request.json.has_misspelt_device_token();
    let mut request: LoginRequest = request.json()?;
    if is_misspelt && context.service().settings(instance_of(&headers).into()).strict_casing {
        // The vendor's service does not know the name, and says only that the login is wrong [V].
        request.login_fields.device_token = Some(String::new());
    }
    let tokens = if request.login_fields.device_token.is_some() {
        context.service().login(&headers, &request, number)?
    } else {
        // A password has to be hashed to compare it.
        context.offload(move |service| service.login(&headers, &request, number)).await?
    };
    Ok(answer::success(tokens))
}

fn instance_of(headers: &LoginHeaders) -> Option<InstanceId> {
    headers.instance_id.as_ref()?.parse().ok()
}
