//! The calls that are measured: paths, headers and tokens.

use anyhow::{Context as _, Result};

use crate::http::text_field;
use crate::server::Instance;

/// The path of the health check.
pub(crate) const HEALTH: &str = "/__mock/health";
/// The path of a refresh.
pub(crate) const REFRESH: &str = "/v1/Auth/RefreshToken";
/// The path of a registration.
pub(crate) const CREATE: &str = "/v1/Registration/Create";
/// The path of a registration of many users.
pub(crate) const CREATE_MULTIPLE: &str = "/v1/Registration/CreateMultiple";
/// The path of a user's own record.
pub(crate) const USERS: &str = "/v1/Management/users";
/// The path of a login.
pub(crate) const LOGIN: &str = "/v1/Auth/Login";

impl Instance {
    /// The two headers that name the instance and prove to know its key.
    pub(crate) fn headers(&self) -> String {
        format!("InstanceId: {}\r\nInstanceKey: {}\r\n", self.instance_id, self.instance_key)
    }
}

/// The header that carries an access token.
pub(crate) fn bearer(access_token: &str) -> String {
    format!("Authorization: Bearer {access_token}\r\n")
}

/// An access token and a refresh token.
#[derive(Clone)]
pub(crate) struct Pair {
    /// The JWT.
    pub(crate) access: String,
    /// The refresh token.
    pub(crate) refresh: String,
}

impl Pair {
    /// The pair in the answer to a registration, a login or a refresh.
    ///
    /// # Errors
    /// If the body has none.
    pub(crate) fn find(body: &str) -> Result<Self> {
        let field = |name| text_field(body, name).map(str::to_owned);
        let access = field("\"Token").context("the answer has no access token")?;
        let refresh = field("\"RefreshToken").context("the answer has no refresh token")?;
        Ok(Self { access, refresh })
    }
}

/// The e-mail address of user `number`.
pub(crate) fn email(number: usize) -> String {
    format!("user-{number}@example.com")
}

/// The `ClientId` of user `number`.
pub(crate) fn client_id(number: usize) -> String {
    format!("client-{number}")
}
