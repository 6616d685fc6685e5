//! `POST /__mock/tokens/expire`: makes tokens expire now. `GET /__mock/tokens`: the token families of a user as a tree.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use warp::http::{Method, StatusCode};

use super::super::{Route, answer};
use super::{ControlError, Plane, request};
use crate::service::tokens::Place;
use crate::service::{GenerationView, NoSuchUser, TokensView, Which};

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
#[serde(rename_all = "camelCase")]
struct Tree {
    device_token: String,
    instance_id: String,
    generations: Vec<Generation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Generation {
    family: u32,
    generation: u32,
    parent: Option<Parent>,
    state: &'static str,
    ended_at: Option<String>,
    /// The number of the request in the journal; none where the control API did it.
    ended_by_request: Option<u64>,
    expires_at: Option<String>,
}

#[derive(Serialize)]
struct Parent {
    family: u32,
    generation: u32,
}

fn nobody(error: NoSuchUser) -> ControlError {
    ControlError::not_found(error.to_string())
}

/// Expires tokens of a user.
pub fn expire(plane: Arc<Plane>) -> Route {
    request::route(Method::POST, "/__mock/tokens/expire", plane, |plane, asked| async move {
        let Expire { device_token, which } = asked.json()?;
        let scope = asked.scope(&plane.service)?;
        let device_token = device_token.parse().map_err(|_| ControlError::bad_field("deviceToken", "no UUID"))?;
        let which = match which {
            WhichTokens::Access => Which::Access,
            WhichTokens::Refresh => Which::Refresh,
            WhichTokens::All => Which::All,
        };
        plane.service.expire_tokens(scope, device_token, which).map_err(nobody)?;
        plane.control.events.tell(scope, "token", || json!({ "expired": device_token.to_string() }));
        Ok(request::done())
    })
}

/// Shows the token families of a user.
pub fn read(plane: Arc<Plane>) -> Route {
    request::route(Method::GET, "/__mock/tokens", plane, |plane, asked| async move {
        let scope = asked.scope(&plane.service)?;
        let device_token = asked.parsed("deviceToken", "UUID")?;
        let device_token = device_token.ok_or_else(|| ControlError::bad_field("deviceToken", "is required"))?;
        let TokensView { instance, generations } = plane.service.view_tokens(scope, device_token).map_err(nobody)?;
        let tree = Tree {
            device_token: device_token.to_string(),
            instance_id: instance.to_string(),
            generations: generations.into_iter().map(shown).collect(),
        };
        Ok(answer::json(StatusCode::OK, &tree))
    })
}

fn shown(view: GenerationView) -> Generation {
    let GenerationView { place: Place { family, generation }, parent, state, end, expires } = view;
    Generation {
        family,
        generation,
        parent: parent.map(|Place { family, generation }| Parent { family, generation }),
        state,
        ended_at: end.map(|end| end.at.to_string()),
        ended_by_request: end.map(|end| end.by).filter(|by| *by > 0),
        expires_at: expires.map(|at| at.to_string()),
    }
}
