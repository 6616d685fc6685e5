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
use crate::service::Caller;
use accounts::{applications, instances, permissions};
use authorization::{admitted, authenticated};

/// Makes a call.
///
/// # Errors
///
/// The call fails.
pub async fn dispatch(context: &Context, request: CallRequest) -> HandlerResult {
    // The other calls check the credentials of the caller before the body.
    if matches!(request.found.call.endpoint().access, Access::Body | Access::Instance) {
        request.check_body()?;
        return make(context, None, request).await;
    }
    authenticated(context, request, make).await
}

/// Makes a call. There is no caller if the credentials are in the body.
async fn make(context: &Context, caller: Option<Caller>, request: CallRequest) -> HandlerResult {
    match request.found.call {
        Call::Register => create::handle(context, request).await,
        Call::RegisterMany => create_multiple::handle(context, request).await,
        Call::Login => login::handle(context, request).await,
        Call::RefreshToken => refresh_token::handle(context, request).await,
        Call::UserExists => user_exists::handle(context, request).await,
        Call::ReadUser => read_user::handle(context, admitted(caller, &request)?, request).await,
        Call::UpdateUser => update_user::handle(context, admitted(caller, &request)?, request).await,
        Call::DeleteUser => delete_user::handle(context, admitted(caller, &request)?, request).await,
        Call::FindUsers => find::handle(context, admitted(caller, &request)?, request).await,
        Call::ListUsers => get_filtered_page::handle(context, admitted(caller, &request)?, request).await,
        Call::ChangeInstance => change_instance::handle(context, admitted(caller, &request)?, request).await,
        Call::JoinInstance => join_instance::handle(context, admitted(caller, &request)?, request).await,
        Call::UploadImage => upload_image::handle(context, admitted(caller, &request)?, request).await,
        Call::UpdateNamedUser => update_named_user::handle(context, admitted(caller, &request)?, request).await,
        Call::CreateApplication => applications::create(context, admitted(caller, &request)?, request).await,
        Call::ListApplications => applications::list(context, admitted(caller, &request)?, request).await,
        Call::ReadApplication => applications::read(context, admitted(caller, &request)?, request).await,
        Call::UpdateApplication => applications::update(context, admitted(caller, &request)?, request).await,
        Call::DeleteApplication => applications::delete(context, admitted(caller, &request)?, request).await,
        Call::CreateInstance => instances::create(context, admitted(caller, &request)?, request).await,
        Call::ListInstances => instances::list(context, admitted(caller, &request)?, request).await,
        Call::FindInstance => instances::find(context, admitted(caller, &request)?, request).await,
        Call::ReadInstance => instances::read(context, admitted(caller, &request)?, request).await,
        Call::UpdateInstance => instances::update(context, admitted(caller, &request)?, request).await,
        Call::DeleteInstance => instances::delete(context, admitted(caller, &request)?, request).await,
        Call::ReadPermissions => permissions::handle(context, admitted(caller, &request)?, request).await,
    }
}
