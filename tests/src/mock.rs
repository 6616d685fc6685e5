//! A mock server for one test: in this process or, if `TELEMATICS_MOCK_PROGRAM` names one, a program of its own, such as that of the npm
//! package. No other file of these tests knows the Rust API of the mock, except `embedding.rs`, which tests that API, and
//! `properties/shared_service.rs`, which calls the service without HTTP.

use std::future::IntoFuture;
use std::pin::Pin;

use serde_json::Value;
use telematics_mock::{FixedTime, MockServer, TimeSource, Timestamp};

use crate::known::{DEMO, NEW_YEAR_SECONDS};
use crate::machine_time::MachineTime;
use crate::program::{self, Program};
use crate::service::{RunningServer, Service};

/// Builds a [`Service`] that is a mock server; `.await` starts it.
#[derive(Debug, Default)]
#[must_use = "`.await` starts the server"]
pub struct Mock {
    options: MockOptions,
    settings: Value,
}

/// How a mock server differs from the default.
#[derive(Clone, Debug, Default)]
pub(crate) struct MockOptions {
    pub(crate) is_frozen: bool,
    pub(crate) machine_time_stands_still: bool,
    pub(crate) machine_time: Option<MachineTime>,
    pub(crate) seed: Option<u64>,
    pub(crate) journal_size: Option<usize>,
    pub(crate) control_token: Option<String>,
    pub(crate) trusts_forwarded: bool,
    /// Whether the server runs in this process, whatever the environment names.
    pub(crate) is_in_this_process: bool,
}

const NEW_YEAR: Timestamp = Timestamp::from_seconds(NEW_YEAR_SECONDS);

impl TimeSource for MachineTime {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_micros(self.micros())
    }
}

impl RunningServer for MockServer {}

impl RunningServer for Program {}

impl Service {
    /// The service that `TELEMATICS_URL` names. If that is not set, a mock server of the test's own.
    ///
    /// # Panics
    ///
    /// The variables for the instance are missing, the tests were built with another environment, or no server starts.
    pub async fn any() -> Self {
        let url = std::env::var("TELEMATICS_URL").ok();
        assert_eq!(url.is_some(), cfg!(another_service), "TELEMATICS_URL has changed since the tests were built");
        let Some(url) = url else { return Self::mock().await };
        let read = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("TELEMATICS_URL requires {name}"));
        Self::at(&url, &read("TELEMATICS_INSTANCE_ID"), &read("TELEMATICS_INSTANCE_KEY"))
    }

    /// A mock server of the test's own, whatever the environment names. `.await` starts it.
    pub fn mock() -> Mock {
        Mock::default()
    }
}

impl Mock {
    fn with_options(self, change: impl FnOnce(&mut MockOptions)) -> Self {
        let mut options = self.options;
        change(&mut options);
        Self { options, ..self }
    }

    /// Freezes the clock at `2026-01-01T00:00:00Z`; it moves when a test moves it.
    pub fn frozen(self) -> Self {
        self.with_options(|options| options.is_frozen = true)
    }

    /// Gives the server a machine whose time is always `2026-01-01T00:00:00Z`. The clock of the server runs with that time:
    /// it is not frozen.
    pub fn machine_time_stands_still(self) -> Self {
        self.with_options(|options| options.machine_time_stands_still = true)
    }

    /// Gives the server a machine whose time the test moves. The server runs in this process, because no other program can be told.
    pub fn machine_time(self, time: &MachineTime) -> Self {
        self.with_options(|options| options.machine_time = Some(time.clone())).in_this_process()
    }

    /// Changes settings, in the words of `PATCH /__mock/settings`.
    pub fn with(self, settings: Value) -> Self {
        Self { settings, ..self }
    }

    /// Derives every secret and random number from this seed.
    pub fn seed(self, number: u64) -> Self {
        self.with_options(|options| options.seed = Some(number))
    }

    /// Keeps this many journal entries for each instance; 0 switches the journal off.
    pub fn journal_size(self, entries: usize) -> Self {
        self.with_options(|options| options.journal_size = Some(entries))
    }

    /// Requires this token on every control call.
    pub fn control_token(self, token: &str) -> Self {
        self.with_options(|options| options.control_token = Some(token.to_owned()))
    }

    /// Takes the address of a client from `X-Forwarded-For`.
    pub fn trust_forwarded_for(self) -> Self {
        self.with_options(|options| options.trusts_forwarded = true)
    }

    /// Starts the server in this process, whatever the environment names: the native one.
    pub fn in_this_process(self) -> Self {
        self.with_options(|options| options.is_in_this_process = true)
    }

    async fn start(self) -> Service {
        let Self { options, settings } = self;
        let control_token = options.control_token.clone();
        let program = program::named().filter(|_| !options.is_in_this_process);
        let service = match program {
            Some(program) => {
                let running = Program::start(&program, &options);
                Service::at(running.url(), DEMO.id, DEMO.key).keeping(running)
            }
            None => {
                let server = in_this_process(options).await;
                Service::at(&server.uri(), DEMO.id, DEMO.key).keeping(server)
            }
        };
        if !settings.is_null() {
            let request = service.request("PATCH", "/__mock/settings").json(&settings);
            let request = match &control_token {
                Some(token) => request.bearer(token),
                None => request,
            };
            let answer = request.answer().await;
            assert_eq!(answer.status, 200, "{:?}", answer.body);
        }
        service
    }
}

async fn in_this_process(options: MockOptions) -> MockServer {
    let MockOptions {
        is_frozen,
        machine_time_stands_still,
        machine_time,
        seed,
        journal_size,
        control_token,
        trusts_forwarded,
        ..
    } = options;
    let mut builder = MockServer::builder();
    if is_frozen {
        builder = builder.clock(NEW_YEAR);
    }
    if machine_time_stands_still {
        builder = builder.time(FixedTime(NEW_YEAR));
    }
    if let Some(time) = machine_time {
        builder = builder.time(time);
    }
    if let Some(seed) = seed {
        builder = builder.seed(seed);
    }
    if let Some(entries) = journal_size {
        builder = builder.journal_size(entries);
    }
    if let Some(token) = control_token {
        builder = builder.control_token(token);
    }
    if trusts_forwarded {
        builder = builder.trust_forwarded();
    }
    builder.start().await.expect("a free port")
}

impl IntoFuture for Mock {
    type Output = Service;
    type IntoFuture = Pin<Box<dyn Future<Output = Service> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.start())
    }
}
