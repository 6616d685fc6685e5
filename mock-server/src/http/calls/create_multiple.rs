//! `POST /v1/Registration/CreateMultiple`.

use std::sync::Arc;

use telematics_contract::Call;
use telematics_contract::registration::RegisterManyRequest;

use super::super::offload::offload;
use super::super::request::{self, Asked};
use super::super::{Handled, Route, answer};
use crate::service::UserService;

/// Registers many users alike \[S; path: P\].
pub fn route(service: Arc<UserService>) -> Route {
    request::route(Call::RegisterMany, service, handle)
}

async fn handle(service: Arc<UserService>, asked: Asked) -> Handled {
    let request: RegisterManyRequest = asked.json()?;
    let instance = asked.instance();
    // Up to ten thousand tokens are signed.
    Ok(answer::success(offload(move || service.register_many(&instance, &request)).await?))
}
