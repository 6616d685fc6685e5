//! `GET /__mock/keys`: the key that verifies access tokens, as a JWK Set (RFC 7517).

use http::StatusCode;
use serde::Serialize;

use super::reply::ControlResult;
use super::request::ControlRequest;
use crate::http::answer;
use crate::service::AccessTokenKey;

#[derive(Serialize)]
struct KeySetJson {
    keys: Vec<KeyJson>,
}

#[derive(Serialize)]
struct KeyJson {
    kty: &'static str,
    alg: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
    k: String,
}

pub fn read(request: &ControlRequest) -> ControlResult {
    let keys = request.controls()?.keys().into_iter().map(Into::into).collect();
    Ok(answer::json(StatusCode::OK, &KeySetJson { keys }))
}

impl From<AccessTokenKey> for KeyJson {
    fn from(AccessTokenKey { k }: AccessTokenKey) -> Self {
        Self { kty: "oct", alg: "HS256", usage: "sig", k: k.expose().to_owned() }
    }
}
