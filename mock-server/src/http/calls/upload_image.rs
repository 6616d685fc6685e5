//! `POST /v1/Management/users/images/upload`.

use std::sync::Arc;

use telematics_contract::Call;

use super::super::request::{self, Asked};
use super::super::{Handled, Route, answer, images};
use crate::service::{UserCaller, UserService};

/// Uploads the caller's picture \[C\]; `base` is where this server is reached.
pub fn route(service: Arc<UserService>, base: Arc<str>) -> Route {
    request::route_for(Call::UploadImage, service, move |service, caller, asked| {
        handle(service, caller, asked, Arc::clone(&base))
    })
}

async fn handle(service: Arc<UserService>, caller: UserCaller, asked: Asked, base: Arc<str>) -> Handled {
    let file = asked.file("file").await?;
    let url = service.upload_picture(caller, file, |id, kind| images::url(&base, id, kind))?;
    Ok(answer::success(url))
}
