//! The mock's own API under `/__mock`: plain JSON in camelCase, for tests and for people, never for the web.

mod barriers;
mod clock;
mod error;
mod events;
mod faults;
mod guard;
mod health;
mod instances;
mod matching;
mod outbox;
mod request;
mod requests;
mod settings;
mod state;
mod tokens;

use std::sync::Arc;

use warp::Reply as _;
use warp::reply::Response;

use super::{Route, any_of};
use crate::control::Control;
use crate::service::UserService;

pub use error::ControlError;
pub use guard::{admit, is_local_page};

/// Where the control API lives.
pub const PREFIX: &str = "/__mock";

/// What the control API controls.
pub struct Plane {
    /// The service.
    pub service: Arc<UserService>,
    /// The control plane.
    pub control: Arc<Control>,
}

/// Every call of the control API; what matches none of them is `404`.
pub fn routes(plane: &Arc<Plane>) -> Route {
    let plane = || Arc::clone(plane);
    let routes = [
        health::route(),
        instances::create(plane()),
        settings::read(plane()),
        settings::change(plane()),
        clock::read(plane()),
        clock::change(plane()),
        clock::reset(plane()),
        tokens::read(plane()),
        tokens::expire(plane()),
        requests::read(plane()),
        requests::clear(plane()),
        requests::verify(plane()),
        faults::add(plane()),
        faults::read(plane()),
        faults::clear(plane()),
        faults::remove(plane()),
        barriers::add(plane()),
        barriers::read(plane()),
        barriers::clear(plane()),
        barriers::remove(plane()),
        outbox::read(plane()),
        outbox::clear(plane()),
        state::read(plane()),
        state::restore(plane()),
        state::reset(plane()),
        events::listen(plane()),
    ];
    any_of(routes, unmatched)
}

/// The calls there are, for whoever asks for another one.
const CALLS: [&str; 14] = [
    "GET /__mock/health",
    "POST /__mock/instances",
    "GET and PATCH /__mock/settings",
    "GET, POST and DELETE /__mock/clock",
    "GET /__mock/tokens",
    "POST /__mock/tokens/expire",
    "GET and DELETE /__mock/requests",
    "POST /__mock/requests/verify",
    "GET, POST and DELETE /__mock/faults",
    "GET, POST and DELETE /__mock/barriers",
    "GET and DELETE /__mock/outbox",
    "GET and PUT /__mock/state",
    "POST /__mock/reset",
    "GET /__mock/events",
];

fn unmatched() -> Response {
    let calls = CALLS.join("; ");
    ControlError::not_found(format!("there is no such control call; there are {calls}")).into_response()
}
