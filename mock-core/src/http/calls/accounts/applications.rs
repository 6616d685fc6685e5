//! Applications: `/v1/companies/{CompanyId}/applications` and `/v1/Applications/…` \[V\].

use telematics_contract::accounts::{CreateApplicationRequest, ReadApplicationQuery, UpdateApplicationRequest};

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;
use crate::service::AdminCaller;

/// `POST /v1/companies/{CompanyId}/applications`.
pub async fn create(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    let company = request.parameter("CompanyId")?;
    let request: CreateApplicationRequest = request.json()?;
    Ok(answer::success(context.service().create_application(caller, &company, request)?))
}

/// `GET /v1/companies/{CompanyId}/applications`.
pub async fn list(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    let company = request.parameter("CompanyId")?;
    Ok(answer::success(context.service().list_applications(caller, &company)?))
}

/// `GET /v1/Applications/{AppId}`.
pub async fn read(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    let query: ReadApplicationQuery = request.query()?;
    let with_instances = query.include_instances == Some(true);
    Ok(answer::success(context.service().read_application(caller, &request.parameter("AppId")?, with_instances)?))
}

/// `PATCH /v1/Applications/applications/{AppId}`.
pub async fn update(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    let id = request.parameter("AppId")?;
    let request: UpdateApplicationRequest = request.json()?;
    context.service().update_application(caller, &id, request)?;
    Ok(answer::done())
}

/// `DELETE /v1/Applications/applications/{AppId}`.
pub async fn delete(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    let id = request.parameter("AppId")?;
    // A reset can be in progress.
    let deleted = context.offload(move |service| service.delete_application(caller, &id)).await?;
    deleted.into_iter().for_each(|instance| context.mock.control.reset(instance.into()));
    Ok(answer::done())
}
