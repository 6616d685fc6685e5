//! The dependencies of the handlers.

use std::sync::Arc;

use http::request::Parts;
use telematics_contract::user::UserRecord;

use super::addresses::Addresses;
use super::error::ApiError;
use super::images;
use crate::mock::Mock;
use crate::service::{Refusal, UserService};

/// The dependencies of the handlers.
pub struct Context {
    /// The mock.
    pub mock: Arc<Mock>,
    /// How the address of this server is found for a request.
    pub addresses: Addresses,
}

impl Context {
    /// The URL of a path of this server, for the client of a request.
    pub fn url(&self, head: &Parts, path: &str) -> String {
        self.addresses.base(head) + path
    }

    /// The URL of a user's picture, for the client of a request. An uploaded picture is stored as its path; any other text is what the
    /// user has set.
    pub fn picture_url(&self, head: &Parts, stored: Option<String>) -> Option<String> {
        stored.map(|text| if images::is_path(&text) { self.url(head, &text) } else { text })
    }

    /// Gives a record the URL of its picture, for the client of a request; that of the default picture if the user has none \[V\].
    pub fn complete(&self, head: &Parts, record: &mut UserRecord) {
        let profile = &mut record.user_profile;
        let stored = profile.image_url.take().unwrap_or_else(|| images::DEFAULT_PATH.to_owned());
        profile.image_url = self.picture_url(head, Some(stored));
    }

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
