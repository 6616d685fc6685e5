//! `POST /v1/Registration/Create`.

use std::sync::Arc;

use telematics_contract::Call;
use telematics_contract::registration::RegisterRequest;

use super::super::offload::offload;
use super::super::request::{self, Asked};
use super::super::{Handled, Route, answer};
use crate::service::UserService;

/// Registers a user \[S\].
pub fn route(service: Arc<UserService>) -> Route {
    request::route(Call::Register, service, handle)
}

async fn handle(service: Arc<UserService>, asked: Asked) -> Handled {
    let request: RegisterRequest = asked.json()?;
    let instance = asked.instance();
    let tokens = if service.sets_password(&instance, &request) {
        offload(move || service.register(&instance, request)).await?
    } else {
        service.register(&instance, request)?
    };
    Ok(answer::success(tokens))
}
