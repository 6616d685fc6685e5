//! `GET /v1/Check/UserExists`: tells whether a user is registered \[C\].

use telematics_contract::management::UserExistsQuery;

use super::Context;
use crate::http::call_request::CallRequest;
use crate::http::{HandlerResult, answer};

pub fn handle(context: &Context, request: &CallRequest) -> HandlerResult {
    let query: UserExistsQuery = request.query()?;
    Ok(answer::success(context.service().user_exists(&request.instance(), &query)?))
}
