//! The dependencies of the handlers.

use std::sync::Arc;

use telematics_contract::user::UserRecord;

use super::error::ApiError;
use super::images;
use crate::mock::Mock;
use crate::service::{Refusal, UserService};

/// The dependencies of the handlers.
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

    /// A record, with the URL of the default picture if the user has no picture \[V\].
    pub fn with_picture(&self, mut record: UserRecord) -> UserRecord {
        record.user_profile.image_url.get_or_insert_with(|| images::default_url(&self.base_url));
        record
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
