//! `POST /__mock/tokens`: mints an access token. `POST /__mock/tokens/expire`: expires tokens of a user. `GET /__mock/tokens`: the user's token families as a tree.

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::error::ControlError;
use super::reply::{ControlResult, done};
use super::request::ControlRequest;
use crate::http::answer;
use crate::service::ids::DeviceToken;
use crate::service::refresh_token::TokenPosition;
use crate::service::{GenerationState, GenerationView, MintOptions, RequestNumber, TokenKind, TokensView};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ExpireJson {
    device_token: DeviceToken,
    which: TokenKind,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TreeJson {
    device_token: String,
    instance_id: String,
    generations: Vec<GenerationJson>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationJson {
    family: u32,
    generation: u32,
    parent: Option<PositionJson>,
    state: GenerationState,
    ended_at: Option<String>,
    /// The number of the request in the journal; `null` if a test ended the generation through the control API.
    ended_by_request: Option<u64>,
    expires_at: Option<String>,
}

#[derive(Serialize)]
struct PositionJson {
    family: u32,
    generation: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MintedJson {
    access_token: String,
}

pub fn mint(request: &ControlRequest) -> ControlResult {
    let options: MintOptions = request.json()?;
    let access_token = request.controls()?.mint(&options)?.expose().to_owned();
    Ok(answer::json(StatusCode::CREATED, &MintedJson { access_token }))
}

pub fn expire(request: &ControlRequest) -> ControlResult {
    let ExpireJson { device_token, which } = request.json()?;
    request.controls()?.expire_tokens(device_token, which)?;
    Ok(done())
}

pub fn read(request: &ControlRequest) -> ControlResult {
    let controls = request.controls()?;
    let device_token = request.parsed("deviceToken", "UUID")?;
    let device_token = device_token.ok_or_else(|| ControlError::bad_field("deviceToken", "is required"))?;
    let TokensView { instance, generations } = controls.tokens(device_token)?;
    let tree = TreeJson {
        device_token: device_token.to_string(),
        instance_id: instance.to_string(),
        generations: generations.into_iter().map(Into::into).collect(),
    };
    Ok(answer::json(StatusCode::OK, &tree))
}

impl From<TokenPosition> for PositionJson {
    fn from(TokenPosition { family, generation }: TokenPosition) -> Self {
        Self { family, generation }
    }
}

impl From<GenerationView> for GenerationJson {
    fn from(view: GenerationView) -> Self {
        let GenerationView { position: TokenPosition { family, generation }, parent, state, ended, expires } = view;
        Self {
            family,
            generation,
            parent: parent.map(Into::into),
            state,
            ended_at: ended.map(|occasion| occasion.at.to_string()),
            ended_by_request: ended.and_then(|occasion| occasion.request).map(RequestNumber::get),
            expires_at: expires.map(|at| at.to_string()),
        }
    }
}
