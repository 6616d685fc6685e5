//! An answer, with the questions tests ask of it.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// A pair of tokens and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// The user.
    pub device_token: String,
    /// The JWT.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
    /// The lifetime of the access token in seconds.
    pub expires_in: u64,
}

/// What a service answered.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; `null` where it is none.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.expect("a whole body").to_vec();
        Self { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null), bytes }
    }

    /// The value of a header, empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// What the call returns.
    ///
    /// # Panics
    ///
    /// The call failed, or the envelope is not the contract's.
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
    /// It did not.
    pub fn assert_success(&self) {
        let _ = self.result();
    }

    /// The tokens that the call returns.
    ///
    /// # Panics
    ///
    /// The call failed, or returns none.
    #[must_use]
    pub fn tokens(&self) -> Tokens {
        Tokens::of(self.result())
    }

    /// Checks that this is the contract's way to say no.
    ///
    /// # Panics
    ///
    /// It is not, or the status is another.
    pub fn assert_failure(&self, status: u16) {
        assert_eq!(self.status, status, "{:?}", self.body);
        self.assert_envelope();
        assert!(self.body.get("Result").is_none(), "a failure has no Result: {:?}", self.body);
        assert!(self.body["Title"].as_str().is_some_and(|title| !title.is_empty()), "{:?}", self.body);
    }

    /// Checks that this is a `422` about that field or header.
    ///
    /// # Panics
    ///
    /// It is not.
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
    /// The tokens of a `Result`.
    ///
    /// # Panics
    ///
    /// There are none.
    #[must_use]
    pub fn of(result: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no tokens in {result}")).to_owned();
        Self {
            device_token: text(&result["DeviceToken"]),
            access_token: text(&result["AccessToken"]["Token"]),
            refresh_token: text(&result["RefreshToken"]),
            expires_in: result["AccessToken"]["ExpiresIn"].as_u64().expect("ExpiresIn is a whole number"),
        }
    }
}
