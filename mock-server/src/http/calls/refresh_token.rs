//! `POST /v1/Auth/RefreshToken`.

use std::sync::Arc;

use telematics_contract::Call;
use telematics_contract::auth::RefreshRequest;

use super::super::request::{self, Asked};
use super::super::{Handled, Route, answer};
use crate::service::UserService;

/// Exchanges a pair of tokens for the next one \[S\].
pub fn route(service: Arc<UserService>) -> Route {
    request::route(Call::RefreshToken, service, handle)
}

async fn handle(service: Arc<UserService>, asked: Asked) -> Handled {
    let request: RefreshRequest = asked.json()?;
    // Whose request it is had to be known before, so the access token has been opened already.
    let tokens = service.refresh_opened(&asked.instance(), asked.opened(), &request.refresh_token)?;
    Ok(answer::success(tokens))
}
