//! One file for each call of the contract.

mod change_instance;
mod create;
mod create_multiple;
mod delete_user;
mod find;
mod get_filtered_page;
mod join_instance;
mod login;
mod read_user;
mod refresh_token;
mod update_user;
mod upload_image;
mod user_exists;

use std::sync::Arc;

use warp::Reply as _;

use super::error::ApiError;
use super::{Route, any_of};
use crate::service::UserService;

/// Every call of the contract; `base` is where this server is reached.
pub fn routes(service: &Arc<UserService>, base: &Arc<str>) -> Route {
    let service = || Arc::clone(service);
    let routes = [
        // Those that are called most come first.
        refresh_token::route(service()),
        read_user::route(service()),
        update_user::route(service()),
        login::route(service()),
        create::route(service()),
        create_multiple::route(service()),
        user_exists::route(service()),
        find::route(service()),
        get_filtered_page::route(service()),
        delete_user::route(service()),
        change_instance::route(service()),
        join_instance::route(service()),
        upload_image::route(service(), Arc::clone(base)),
    ];
    any_of(routes, || ApiError::UnknownPath.into_response())
}
