//! `POST`, `GET`, `PATCH` and `DELETE /__mock/users`: users in the state that a test needs.

use http::StatusCode;
use serde::Serialize;

use super::error::ControlError;
use super::reply::{ControlResult, done};
use super::request::ControlRequest;
use crate::http::answer;
use crate::service::ids::DeviceToken;
use crate::service::{
    GenerationState, UserChange, UserCredentials, UserFixture, UserPage, UserQuery, UserState, UserView,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CredentialsJson {
    device_token: String,
    access_token: Option<String>,
    expires_in: Option<u32>,
    refresh_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserJson {
    device_token: String,
    instance_id: String,
    state: UserState,
    client_id: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    nickname: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    created_at: String,
    refresh_token: Option<GenerationState>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageJson {
    users: Vec<UserJson>,
    total: usize,
    page: u32,
    page_size: u32,
}

pub fn add(request: &ControlRequest) -> ControlResult {
    let fixture: UserFixture = request.json_or_default()?;
    let is_list = fixture.count.is_some();
    let controls = request.controls()?;
    if !is_list {
        return Ok(answer::json(StatusCode::CREATED, &CredentialsJson::from(controls.add_user(fixture)?)));
    }
    let added: Vec<CredentialsJson> = controls.add_users(fixture)?.into_iter().map(Into::into).collect();
    Ok(answer::json(StatusCode::CREATED, &added))
}

pub fn list(request: &ControlRequest) -> ControlResult {
    let default = UserQuery::default();
    let state = match request.parameter("state").as_deref() {
        None => None,
        Some("active") => Some(UserState::Active),
        Some("deactivated") => Some(UserState::Deactivated),
        Some("deleted") => Some(UserState::Deleted),
        Some(_) => {
            return Err(ControlError::bad_field("state", r#"must be "active" or "deactivated" or "deleted""#));
        }
    };
    let query = UserQuery {
        search: request.parameter("search"),
        state,
        page: request.parsed("page", "number")?.unwrap_or(default.page),
        page_size: request.parsed("pageSize", "number")?.unwrap_or(default.page_size),
    };
    let UserPage { users, total } = request.controls()?.users(&query)?;
    let users = users.into_iter().map(Into::into).collect();
    Ok(answer::json(StatusCode::OK, &PageJson { users, total, page: query.page, page_size: query.page_size }))
}

pub fn read(request: &ControlRequest) -> ControlResult {
    let user = request.controls()?.user(device_token(request)?)?;
    Ok(answer::json(StatusCode::OK, &UserJson::from(user)))
}

pub fn change(request: &ControlRequest) -> ControlResult {
    let change: UserChange = request.json()?;
    let changed = request.controls()?.change_user(device_token(request)?, change)?;
    Ok(match changed {
        Some(credentials) => answer::json(StatusCode::OK, &CredentialsJson::from(credentials)),
        None => done(),
    })
}

pub fn remove(request: &ControlRequest) -> ControlResult {
    request.controls()?.remove_user(device_token(request)?)?;
    Ok(done())
}

fn device_token(request: &ControlRequest) -> Result<DeviceToken, ControlError> {
    request.path_parameter("deviceToken", "UUID")
}

impl From<UserCredentials> for CredentialsJson {
    fn from(credentials: UserCredentials) -> Self {
        let UserCredentials { device_token, access_token, expires_in, refresh_token } = credentials;
        let text = |secret: telematics_contract::Secret| secret.expose().to_owned();
        Self { device_token, access_token: access_token.map(text), expires_in, refresh_token: refresh_token.map(text) }
    }
}

impl From<UserView> for UserJson {
    fn from(user: UserView) -> Self {
        Self {
            device_token: user.device_token.to_string(),
            instance_id: user.instance.to_string(),
            state: user.state,
            client_id: user.client_id,
            first_name: user.first_name,
            last_name: user.last_name,
            nickname: user.nickname,
            email: user.email,
            phone: user.phone,
            created_at: user.created.to_string(),
            refresh_token: user.refresh_token,
        }
    }
}
