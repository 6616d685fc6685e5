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

use std::sync::Arc;

use telematics_contract::Call;

use super::HandlerResult;
use super::call_request::CallRequest;
use super::error::ApiError;
use crate::mock::Mock;
use crate::service::{Refusal, UserService};
use authorization::authorized;

/// What the handlers of calls work with.
pub struct Context {
    /// The mock.
    pub mock: Arc<Mock>,
    /// The address of this server as clients reach it, without a slash at the end.
    pub base_url: Box<str>,
}

impl Context {
    /// The user service.
    pub fn service(&self) -> &UserService {
        &self.mock.service
    }

    /// Does slow work, such as hashing a password, without holding up other requests.
    ///
    /// # Errors
    ///
    /// Those of the work, and `500` if it panicked.
    pub async fn offload<T: Send + 'static>(
        &self,
        work: impl FnOnce(&UserService) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, ApiError> {
        let mock = Arc::clone(&self.mock);
        match self.mock.runtime.run(move || work(&mock.service)).await {
            Ok(outcome) => outcome.map_err(ApiError::Refused),
            Err(_) => Err(ApiError::Internal),
        }
    }
}

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
        Call::RefreshToken => refresh_token::handle(context, request),
        Call::UserExists => user_exists::handle(context, &request).await,
        Call::ReadUser => authorized(context, request, async |user, _| read_user::handle(context, user)).await,
        Call::UpdateUser => {
            authorized(context, request, async |caller, request| update_user::handle(context, caller, request).await)
                .await
        }
        Call::DeleteUser => {
            authorized(context, request, async |admin, request| delete_user::handle(context, admin, &request)).await
        }
        Call::FindUsers => {
            authorized(context, request, async |admin, request| find::handle(context, admin, &request).await).await
        }
        Call::ListUsers => {
            authorized(context, request, async |admin, request| {
                get_filtered_page::handle(context, admin, request).await
            })
            .await
        }
        Call::ChangeInstance => {
            authorized(context, request, async |admin, request| change_instance::handle(context, admin, request).await)
                .await
        }
        Call::JoinInstance => {
            authorized(context, request, async |user, request| join_instance::handle(context, user, &request).await)
                .await
        }
        Call::UploadImage => {
            authorized(context, request, async |user, request| upload_image::handle(context, user, &request).await)
                .await
        }
    }
}
