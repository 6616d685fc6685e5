//! `GET /v1/Check/UserExists`.

use std::sync::Arc;

use telematics_contract::Call;
use telematics_contract::management::UserExistsQuery;

use super::super::request::{self, Asked};
use super::super::{Handled, Route, answer};
use crate::service::UserService;

/// Says whether somebody is registered \[C\].
pub fn route(service: Arc<UserService>) -> Route {
    request::route(Call::UserExists, service, handle)
}

async fn handle(service: Arc<UserService>, asked: Asked) -> Handled {
    let query: UserExistsQuery = asked.query()?;
    Ok(answer::success(service.user_exists(&asked.instance(), &query)?))
}
