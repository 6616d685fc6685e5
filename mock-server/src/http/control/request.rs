//! Reading control requests: strict, and with a sentence for whatever is wrong.

use std::future::Future;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use warp::http::header::CONTENT_TYPE;
use warp::http::{HeaderMap, Method, StatusCode};
use warp::reply::Response;
use warp::{Filter as _, Reply as _};

use super::super::{Route, answer, path};
use super::{ControlError, Plane};
use crate::service::UserService;
use crate::service::ids::InstanceId;

/// What was asked of the control API.
pub struct ControlAsked {
    segment: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

/// The route of a control call: `handler` answers it.
pub fn route<F, Answering>(method: Method, pattern: &'static str, plane: Arc<Plane>, handler: F) -> Route
where
    F: Fn(Arc<Plane>, ControlAsked) -> Answering + Clone + Send + Sync + 'static,
    Answering: Future<Output = Result<Response, ControlError>> + Send + 'static,
{
    path(pattern)
        .and(super::super::method(method))
        .and(warp::query::raw().or(warp::any().map(String::new)).unify())
        .and(warp::header::headers_cloned())
        .and(warp::body::bytes())
        .then(move |segment, query, headers, body| {
            let answering = handler(Arc::clone(&plane), ControlAsked { segment, query, headers, body });
            async move { answering.await.unwrap_or_else(|error| error.into_response()) }
        })
        .boxed()
}

/// Removes what the parameter of the path names by its number, or says that there is no such `what`.
///
/// # Errors
///
/// `400`: that is no number. `404`: there is none.
pub fn remove(
    plane: &Plane,
    asked: &ControlAsked,
    what: &str,
    removed: impl FnOnce(Option<InstanceId>, u64) -> bool,
) -> Result<Response, ControlError> {
    asked.writes()?;
    let id = asked.segment().parse().map_err(|_| ControlError::bad_field("id", "no number"))?;
    if removed(asked.scope(&plane.service)?, id) {
        Ok(done())
    } else {
        Err(ControlError::not_found(format!("no {what} has this id")))
    }
}

/// `200` of a call that has nothing to say.
pub fn done() -> Response {
    #[derive(Serialize)]
    struct Done {}
    answer::json(StatusCode::OK, &Done {})
}

impl ControlAsked {
    /// Checks that a write says it is JSON, even when it is empty: no page can send that across origins unasked.
    ///
    /// # Errors
    ///
    /// `400`.
    pub fn writes(&self) -> Result<(), ControlError> {
        let content_type = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("application/json") {
            Ok(())
        } else {
            Err(ControlError::bad_request("A control call that changes something needs Content-Type: application/json"))
        }
    }

    /// The parameter of the path.
    pub fn segment(&self) -> &str {
        &self.segment
    }

    /// The instance that `?instance=` names; `None` means the whole server.
    ///
    /// # Errors
    ///
    /// `400`: it is no UUID. `404`: there is no such instance.
    pub fn scope(&self, service: &UserService) -> Result<Option<InstanceId>, ControlError> {
        let Some(text) = self.parameter("instance") else { return Ok(None) };
        let id = text.parse().map_err(|_| ControlError::bad_field("instance", "no UUID"))?;
        if service.has_instance(id) { Ok(Some(id)) } else { Err(ControlError::not_found("no instance has this id")) }
    }

    /// A parameter of the query, read as something.
    ///
    /// # Errors
    ///
    /// `400`: it is none.
    pub fn parsed<T: FromStr>(&self, name: &str, expected: &str) -> Result<Option<T>, ControlError> {
        let Some(text) = self.parameter(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| ControlError::bad_field(name, format!("'{text}' is no {expected}")))
    }

    /// A parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(given, _)| given == name).map(|(_, value)| value.into_owned())
    }

    /// The JSON body of a write; an empty one reads like `{}`.
    ///
    /// # Errors
    ///
    /// `400` with the field and what is wrong with it.
    pub fn json_or_nothing<T: DeserializeOwned>(&self) -> Result<T, ControlError> {
        if self.body.trim_ascii().is_empty() {
            self.writes()?;
            return serde_json::from_str("{}").map_err(|error| ControlError::bad_request(error.to_string()));
        }
        self.json()
    }

    /// The JSON body of a write.
    ///
    /// # Errors
    ///
    /// `400` with the field and what is wrong with it.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ControlError> {
        self.writes()?;
        let mut json = serde_json::Deserializer::from_slice(&self.body);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let field = error.path().to_string();
            let sentence = error.into_inner().to_string();
            if field == "." { ControlError::bad_request(sentence) } else { ControlError::bad_field(field, sentence) }
        })?;
        json.end().map_err(|error| ControlError::bad_request(error.to_string()))?;
        Ok(value)
    }
}
