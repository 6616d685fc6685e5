//! Instances: `/v1/applications/{AppId}/instances` and `/v1/Instances/{InstanceId}` \[V\].

use telematics_contract::accounts::{CreateInstanceRequest, ListInstancesQuery, UpdateInstanceQuery};

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;
use crate::service::AdminCaller;

/// `POST /v1/applications/{AppId}/instances`.
pub async fn create(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    let application = request.parameter("AppId")?;
    let request: CreateInstanceRequest = request.json()?;
    Ok(answer::success(context.service().create_instance_of(caller, &application, request)?))
}

/// `GET /v1/applications/{AppId}/instances`.
pub async fn list(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    let query: ListInstancesQuery = request.query()?;
    let with_deactivated = query.include_deactivated == Some(true);
    Ok(answer::success(context.service().list_instances(caller, &request.parameter("AppId")?, with_deactivated)?))
}

/// `GET /v1/applications/{AppId}/instances/{InviteCode}`.
pub async fn find(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    let (application, code) = (request.parameter("AppId")?, request.parameter("InviteCode")?);
    Ok(answer::success(context.service().find_instance(caller, &application, &code)?))
}

/// `GET /v1/Instances/{InstanceId}`.
pub async fn read(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    Ok(answer::success(context.service().read_instance(caller, &request.parameter("InstanceId")?)?))
}

/// `PATCH /v1/Instances/{InstanceId}`: the changes are in the query.
pub async fn update(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    let id = request.parameter("InstanceId")?;
    let change: UpdateInstanceQuery = request.query()?;
    context.service().update_instance(caller, &id, change)?;
    Ok(answer::done())
}

/// `DELETE /v1/Instances/{InstanceId}`.
pub async fn delete(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    let id = request.parameter("InstanceId")?;
    // A reset can be in progress.
    let deleted = context.offload(move |service| service.delete_instance(caller, &id)).await?;
    context.mock.control.reset(deleted.into());
    Ok(answer::done())
}
