//! The calls of the contract: one file for each, those of the accounts API by resource, and the place where they are dispatched.

mod accounts;
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
mod update_named_user;
mod update_user;
mod upload_image;
mod user_exists;

use telematics_contract::{Access, Call};

use super::call_request::CallRequest;
use super::context::Context;
use super::error::HandlerResult;
use accounts::{applications, instances, permissions};
use authorization::authorized;

/// Makes a call.
///
/// # Errors
///
/// The call fails.
pub async fn dispatch(context: &Context, request: CallRequest) -> HandlerResult {
    // The other calls check the credentials of the caller before the body.
    if matches!(request.found.call.endpoint().access, Access::Body | Access::Instance) {
        request.check_body()?;
    }
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
        Call::UpdateNamedUser => authorized(context, request, update_named_user::handle).await,
        Call::CreateApplication => authorized(context, request, applications::create).await,
        Call::ListApplications => authorized(context, request, applications::list).await,
        Call::ReadApplication => authorized(context, request, applications::read).await,
        Call::UpdateApplication => authorized(context, request, applications::update).await,
        Call::DeleteApplication => authorized(context, request, applications::delete).await,
        Call::CreateInstance => authorized(context, request, instances::create).await,
        Call::ListInstances => authorized(context, request, instances::list).await,
        Call::FindInstance => authorized(context, request, instances::find).await,
        Call::ReadInstance => authorized(context, request, instances::read).await,
        Call::UpdateInstance => authorized(context, request, instances::update).await,
        Call::DeleteInstance => authorized(context, request, instances::delete).await,
        Call::ReadPermissions => authorized(context, request, permissions::handle).await,
    }
}
