//! `POST /__mock/tokens/expire`: makes tokens expire now.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use warp::http::{Method, StatusCode};
use warp::reply::Response;

use super::super::{Route, answer};
use super::ControlError;
use super::request::{self, ControlAsked};
use crate::service::{NoSuchUser, UserService, Which};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Expire {
    device_token: String,
    which: WhichTokens,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WhichTokens {
    Access,
    Refresh,
    All,
}

#[derive(Serialize)]
struct Done {}

/// Expires tokens of a user.
pub fn expire(service: Arc<UserService>) -> Route {
    request::route(
        Method::POST,
        "/__mock/tokens/expire",
        service,
        |service, asked| async move { expired(&service, &asked) },
    )
}

fn expired(service: &UserService, asked: &ControlAsked) -> Result<Response, ControlError> {
    let Expire { device_token, which } = asked.json()?;
    let device_token = device_token.parse().map_err(|_| ControlError::bad_field("deviceToken", "no UUID"))?;
    let which = match which {
        WhichTokens::Access => Which::Access,
        WhichTokens::Refresh => Which::Refresh,
        WhichTokens::All => Which::All,
    };
    service.expire_tokens(device_token, which).map_err(|NoSuchUser| ControlError::not_found(NoSuchUser.to_string()))?;
    Ok(answer::json(StatusCode::OK, &Done {}))
}
