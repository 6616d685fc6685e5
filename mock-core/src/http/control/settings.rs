//! `GET` and `PATCH /__mock/settings`: the settings of the server or of an instance.

use http::StatusCode;

use super::reply::ControlResult;
use super::request::ControlRequest;
use crate::http::answer;
use crate::service::Overrides;

pub fn read(request: &ControlRequest) -> ControlResult {
    Ok(answer::json(StatusCode::OK, &request.controls()?.settings()))
}

pub fn change(request: &ControlRequest) -> ControlResult {
    let change: Overrides = request.json()?;
    Ok(answer::json(StatusCode::OK, &request.controls()?.change_settings(change)?))
}
