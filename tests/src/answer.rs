//! The answer to a request, with the checks that tests make.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// The tokens of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// The permanent id of the user.
    pub device_token: String,
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
    /// The lifetime of the access token in seconds.
    pub expires_in: u64,
}

/// The answer to a request.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; `null` if it is not JSON.
    pub body: Value,
    /// The bytes of the body.
    pub bytes: Vec<u8>,
}

impl Answer {
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.expect("a whole body").to_vec();
        Self { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null), bytes }
    }

    /// The value of a header; empty if the header is absent or is not text.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The member `Result` of a successful answer.
    ///
    /// # Panics
    ///
    /// The status is not 200, or the body is not an envelope of the contract.
    #[must_use]
    pub fn result(&self) -> &Value {
        assert_eq!(self.status, 200, "{:?}", self.body);
        self.assert_envelope();
        &self.body["Result"]
    }

    /// Checks that the call succeeded.
    ///
    /// # Panics
    ///
    /// The status is not 200, or the body is not an envelope of the contract.
    pub fn assert_success(&self) {
        let _ = self.result();
    }

    /// The tokens that the call returns.
    ///
    /// # Panics
    ///
    /// The call failed, or its result holds no tokens.
    #[must_use]
    pub fn tokens(&self) -> Tokens {
        Tokens::from_result(self.result())
    }

    /// Checks that this is a failure of the contract with this status.
    ///
    /// # Panics
    ///
    /// The status differs, or the body is not the envelope of a failure.
    pub fn assert_failure(&self, status: u16) {
        assert_eq!(self.status, status, "{:?}", self.body);
        self.assert_envelope();
        assert!(self.body.get("Result").is_none(), "a failure has no Result: {:?}", self.body);
        assert!(self.body["Title"].as_str().is_some_and(|title| !title.is_empty()), "{:?}", self.body);
    }

    /// Checks that this is a `422` that names this field or header.
    ///
    /// # Panics
    ///
    /// The status differs, or the first error names another field.
    pub fn assert_invalid(&self, key: &str) {
        self.assert_failure(422);
        assert_eq!(self.body["Errors"][0]["Key"], key, "{:?}", self.body);
        assert!(self.body["Errors"][0]["Message"].as_str().is_some_and(|message| !message.is_empty()));
    }

    fn assert_envelope(&self) {
        assert_eq!(self.body["Status"], self.status.as_u16(), "the envelope repeats the status: {:?}", self.body);
        assert!(self.body["Title"].is_string() && self.body["Errors"].is_array(), "{:?}", self.body);
    }
}

impl Tokens {
    /// Reads the tokens from a `Result`.
    ///
    /// # Panics
    ///
    /// A token is missing.
    #[must_use]
    pub fn from_result(result: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no tokens in {result}")).to_owned();
        Self {
            device_token: text(&result["DeviceToken"]),
            access_token: text(&result["AccessToken"]["Token"]),
            refresh_token: text(&result["RefreshToken"]),
            expires_in: result["AccessToken"]["ExpiresIn"].as_u64().expect("ExpiresIn is a whole number"),
        }
    }
}
