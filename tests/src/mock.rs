//! A mock server for one test. No other file of these tests knows the Rust API of the mock, except `embedding.rs`, which
//! tests that API, and `properties/shared_service.rs`, which calls the service without HTTP.

use std::env;
use std::future::IntoFuture;
use std::pin::Pin;

use serde_json::{Value, json};
use telematics_mock::{FixedTime, MockServer, MockServerBuilder, Timestamp};

use crate::known::{DEMO, NEW_YEAR_SECONDS};
use crate::service::{RunningServer, Service};

/// Builds a [`Service`] that is a mock server; `.await` starts it.
#[derive(Debug)]
#[must_use = "`.await` starts the server"]
pub struct Mock {
    builder: MockServerBuilder,
    settings: Value,
    control_token: Option<String>,
}

const NEW_YEAR: Timestamp = Timestamp::from_seconds(NEW_YEAR_SECONDS);

impl RunningServer for MockServer {}

impl Service {
    /// The service that `TELEMATICS_URL` names. If that is not set, a mock server of the test's own.
    ///
    /// # Panics
    ///
    /// The variables for the instance are missing, the tests were built with another environment, or no server starts.
    pub async fn any() -> Self {
        let url = env::var("TELEMATICS_URL").ok();
        assert_eq!(url.is_some(), cfg!(another_service), "TELEMATICS_URL has changed since the tests were built");
        let Some(url) = url else { return Self::mock().await };
        let read = |name: &str| env::var(name).unwrap_or_else(|_| panic!("TELEMATICS_URL requires {name}"));
        Self::at(&url, &read("TELEMATICS_INSTANCE_ID"), &read("TELEMATICS_INSTANCE_KEY"))
    }

    /// A mock server of the test's own, whatever the environment names. `.await` starts it.
    pub fn mock() -> Mock {
        Mock::new()
    }
}

impl Mock {
    fn new() -> Self {
        Self { builder: MockServer::builder(), settings: json!({}), control_token: None }
    }

    /// Freezes the clock at `2026-01-01T00:00:00Z`; it moves when a test moves it.
    pub fn frozen(self) -> Self {
        Self { builder: self.builder.clock(NEW_YEAR), ..self }
    }

    /// Gives the server a machine whose time is always `2026-01-01T00:00:00Z`. The clock of the server runs with that time:
    /// it is not frozen.
    pub fn machine_time_stands_still(self) -> Self {
        Self { builder: self.builder.time(FixedTime(NEW_YEAR)), ..self }
    }

    /// Changes settings, in the words of `PATCH /__mock/settings`.
    pub fn with(self, settings: Value) -> Self {
        Self { settings, ..self }
    }

    /// Derives every secret and random number from this seed.
    pub fn seed(self, number: u64) -> Self {
        Self { builder: self.builder.seed(number), ..self }
    }

    /// Keeps this many journal entries for each instance; 0 switches the journal off.
    pub fn journal_size(self, entries: usize) -> Self {
        Self { builder: self.builder.journal_size(entries), ..self }
    }

    /// Requires this token on every control call.
    pub fn control_token(self, token: &str) -> Self {
        Self { builder: self.builder.control_token(token), control_token: Some(token.to_owned()), ..self }
    }

    /// Takes the address of a client from `X-Forwarded-For`.
    pub fn trust_forwarded_for(self) -> Self {
        Self { builder: self.builder.trust_forwarded(), ..self }
    }

    async fn start(self) -> Service {
        let server = self.builder.start().await.expect("a free port");
        let service = Service::at(&server.uri(), DEMO.id, DEMO.key).keeping(server);
        if self.settings != json!({}) {
            let request = service.request("PATCH", "/__mock/settings").json(&self.settings);
            let request = match &self.control_token {
                Some(token) => request.bearer(token),
                None => request,
            };
            let answer = request.answer().await;
            assert_eq!(answer.status, 200, "{:?}", answer.body);
        }
        service
    }
}

impl IntoFuture for Mock {
    type Output = Service;
    type IntoFuture = Pin<Box<dyn Future<Output = Service> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.start())
    }
}
