//! One file for each call of the contract.

mod create;
mod create_multiple;
mod login;
mod read_user;
mod refresh_token;
mod update_user;

use std::sync::Arc;

use warp::Reply as _;

use super::error::ApiError;
use super::{Route, any_of};
use crate::service::UserService;

/// Every call of the contract.
pub fn routes(service: &Arc<UserService>) -> Route {
    let service = || Arc::clone(service);
    let routes = [
        // The one that is called most comes first.
        refresh_token::route(service()),
        read_user::route(service()),
        update_user::route(service()),
        login::route(service()),
        create::route(service()),
        create_multiple::route(service()),
    ];
    any_of(routes, || ApiError::UnknownPath.into_response())
}
