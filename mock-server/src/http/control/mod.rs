//! The mock's own API under `/__mock`: plain JSON in camelCase, for tests and for people, never for the web.

mod clock;
mod error;
mod guard;
mod health;
mod outbox;
mod request;
mod tokens;

use std::sync::Arc;

use warp::Reply as _;
use warp::reply::Response;

use super::{Route, any_of};
use crate::service::UserService;

pub use error::ControlError;
pub use guard::admit;

/// Where the control API lives.
pub const PREFIX: &str = "/__mock";

/// Every call of the control API; what matches none of them is `404` or `405`.
pub fn routes(service: &Arc<UserService>) -> Route {
    let service = || Arc::clone(service);
    let routes = [
        health::route(),
        clock::read(service()),
        clock::change(service()),
        clock::reset(service()),
        tokens::expire(service()),
        outbox::read(service()),
        outbox::clear(service()),
    ];
    any_of(routes, unmatched)
}

fn unmatched() -> Response {
    let calls = "GET /__mock/health; GET, POST, DELETE /__mock/clock; POST /__mock/tokens/expire; \
                 GET, DELETE /__mock/outbox";
    ControlError::not_found(format!("there is no such control call; there are {calls}")).into_response()
}
