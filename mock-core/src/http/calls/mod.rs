//! The calls of the contract: one file for each, and the place where they are dispatched.

mod authorization;
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

use telematics_contract::Call;

use super::call_request::CallRequest;
use super::context::Context;
use super::error::HandlerResult;
use authorization::authorized;

/// Makes a call.
///
/// # Errors
///
/// The call fails.
pub async fn dispatch(context: &Context, request: CallRequest) -> HandlerResult {
    match request.found.call {
        Call::Register => create::handle(context, request).await,
        Call::RegisterMany => create_multiple::handle(context, request).await,
        Call::Login => login::handle(context, request).await,
        Call::RefreshToken => refresh_token::handle(context, request).await,
        Call::UserExists => user_exists::handle(context, request).await,
        Call::ReadUser => authorized(context, request, read_user::handle).await,
        Call::UpdateUser => authorized(context, request, update_user::handle).await,
        Call::DeleteUser => authorized(context, request, delete_user::handle).await,
        Call::FindUsers => authorized(context, request, find::handle).await,
        Call::ListUsers => authorized(context, request, get_filtered_page::handle).await,
        Call::ChangeInstance => authorized(context, request, change_instance::handle).await,
        Call::JoinInstance => authorized(context, request, join_instance::handle).await,
        Call::UploadImage => authorized(context, request, upload_image::handle).await,
    }
}
