//! `GET /v1/Management/users/find`: finds users by id, login, name or ClientId \[V\].

use telematics_contract::management::FindUsersQuery;

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;
use crate::service::AdminCaller;

pub async fn handle(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    let query: FindUsersQuery = request.query()?;
    // A search by name looks at every user.
    let mut found = context.offload(move |service| service.find_users(caller, &query)).await?;
    found.iter_mut().for_each(|record| context.complete(&request.head, record));
    Ok(answer::success(found))
}
