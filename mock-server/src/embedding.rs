//! The server inside a Rust test: [`MockServer`] listens on a free port, is controlled without HTTP, and stops when it is
//! dropped.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use telematics_contract::Secret;
use telematics_mock_core::control::journal::DEFAULT_SIZE;
use telematics_mock_core::http::{Api, ApiOptions, HostName};
use telematics_mock_core::initial_data::InitialData;
use telematics_mock_core::mock::{Controls, InstanceOptions, Mock, MockStart};
use telematics_mock_core::runtime::Runtime;
use telematics_mock_core::service::clock::TimeSource;
use telematics_mock_core::service::random::Seed;
use telematics_mock_core::service::time::Timestamp;
use telematics_mock_core::service::{CreateInstanceError, CreatedInstance, Scope, Settings, UserService};
use tokio::sync::oneshot;

use crate::http::App;
use crate::runtime::{MachineTime, TokioRuntime, random_seed};
use crate::server::serve;
use crate::socket::listen;

/// A server in this process, on a free port; it stops when it is dropped.
///
/// It dereferences to the [`Controls`] of the server as a whole, a [`TestInstance`] to those of one instance.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use telematics_mock::{MockServer, RequestMatch};
///
/// let server = MockServer::start().await?;
/// let instance = server.create_instance();
/// // … an app that uses server.uri(), instance.id and instance.key …
/// instance.clock().advance("P5D")?;
/// instance.verify(RequestMatch::path("/v1/Auth/RefreshToken")).exactly(0);
/// # Ok(())
/// # }
/// ```
pub struct MockServer {
    address: SocketAddr,
    controls: Controls,
    /// Dropping it stops the server.
    _stop: oneshot::Sender<()>,
}

impl MockServer {
    /// Starts a server like a freshly started binary, on a free port of the loopback address.
    ///
    /// # Errors
    ///
    /// No port is free, or the operating system has no entropy.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Builds a server that differs from the default.
    #[must_use]
    pub fn builder() -> MockServerBuilder {
        MockServerBuilder {
            settings: Settings::default(),
            seed: None,
            time: Box::new(MachineTime),
            clock: None,
            trust_forwarded: false,
            control_token: None,
            allowed_hosts: Vec::new(),
            journal_size: DEFAULT_SIZE,
            page: None,
        }
    }

    /// The address of the server, without a slash at the end.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The user service behind the server, for what HTTP does not offer.
    #[must_use]
    pub fn service(&self) -> &UserService {
        &self.controls.mock().service
    }

    /// Creates an instance with an admin of its own, so that a test shares nothing with others on the same server.
    ///
    /// # Panics
    ///
    /// The server has too many instances; see [`MAX_INSTANCES`](telematics_mock_core::service::instances::MAX_INSTANCES).
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test fails by panicking")]
    pub fn create_instance(&self) -> TestInstance {
        self.create_instance_with(InstanceOptions::default()).expect("a server with room for another instance")
    }

    /// Creates an instance that differs from the default.
    ///
    /// # Errors
    ///
    /// The settings of the options are invalid, or the server has too many instances; nothing was created.
    pub fn create_instance_with(&self, options: InstanceOptions) -> Result<TestInstance, CreateInstanceError> {
        let CreatedInstance { instance, admin_email, admin_password } =
            self.controls.mock().create_instance(options)?;
        Ok(TestInstance {
            id: instance.id.to_string(),
            key: instance.key.expose(),
            invite_code: instance.invite_code.into(),
            admin_email,
            admin_password,
            controls: Controls::new(Arc::clone(self.controls.mock()), Scope::Instance(instance.id)),
        })
    }
}

/// The controls of the server as a whole.
impl Deref for MockServer {
    type Target = Controls;

    fn deref(&self) -> &Controls {
        &self.controls
    }
}

impl fmt::Debug for MockServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MockServer({})", self.uri())
    }
}

/// An instance that a test has for itself.
pub struct TestInstance {
    /// The id.
    pub id: String,
    /// The key.
    pub key: String,
    /// The code that registers into the instance.
    pub invite_code: String,
    /// The login of the admin who sees only this instance.
    pub admin_email: String,
    /// The password of that admin.
    pub admin_password: Secret,
    controls: Controls,
}

/// The controls of the instance.
impl Deref for TestInstance {
    type Target = Controls;

    fn deref(&self) -> &Controls {
        &self.controls
    }
}

impl fmt::Debug for TestInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TestInstance({})", self.id)
    }
}

/// Builds a [`MockServer`].
pub struct MockServerBuilder {
    settings: Settings,
    seed: Option<Seed>,
    time: Box<dyn TimeSource>,
    clock: Option<Timestamp>,
    trust_forwarded: bool,
    control_token: Option<Secret>,
    allowed_hosts: Vec<HostName>,
    journal_size: usize,
    page: Option<PathBuf>,
}

impl MockServerBuilder {
    /// Sets the settings of the server.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Makes tokens and passwords repeatable: the same number and the same requests give the same tokens.
    #[must_use]
    pub fn seed(mut self, number: u64) -> Self {
        self.seed = Some(Seed::from_number(number));
        self
    }

    /// Sets the source of real time.
    #[must_use]
    pub fn time(mut self, time: impl TimeSource) -> Self {
        self.time = Box::new(time);
        self
    }

    /// Freezes the virtual clock at this time.
    #[must_use]
    pub fn clock(mut self, at: Timestamp) -> Self {
        self.clock = Some(at);
        self
    }

    /// Takes the address of a client from `X-Forwarded-For`, and that of the server from `X-Forwarded-Host` and `X-Forwarded-Proto`.
    #[must_use]
    pub fn trust_forwarded(mut self) -> Self {
        self.trust_forwarded = true;
        self
    }

    /// Asks every control request for `Authorization: Bearer` with this token.
    #[must_use]
    pub fn control_token(mut self, token: impl Into<String>) -> Self {
        self.control_token = Some(Secret::new(token));
        self
    }

    /// Lets the control API accept requests to this host, and pages that come from it, too.
    #[must_use]
    pub fn allow_host(mut self, host: HostName) -> Self {
        self.allowed_hosts.push(host);
        self
    }

    /// Sets the number of requests that the journal keeps for each instance; 0 keeps none.
    #[must_use]
    pub fn journal_size(mut self, entries: usize) -> Self {
        self.journal_size = entries;
        self
    }

    /// Serves a folder of static files at the paths that are not the mock's.
    #[must_use]
    pub fn page(mut self, folder: impl Into<PathBuf>) -> Self {
        self.page = Some(folder.into());
        self
    }

    /// Starts the server on a free port of the loopback address.
    ///
    /// # Errors
    ///
    /// No port is free, or the operating system has no entropy.
    pub async fn start(self) -> io::Result<MockServer> {
        let Self { settings, seed, time, clock, trust_forwarded, control_token, allowed_hosts, journal_size, page } =
            self;
        let seed = seed.map_or_else(random_seed, Ok)?;
        let initial_data = InitialData::default();
        let runtime: Arc<dyn Runtime> = Arc::new(TokioRuntime::current());
        let start = MockStart { settings, seed, time, clock, journal_size, initial_data };
        let mock = Mock::start(start, Arc::clone(&runtime)).map_err(io::Error::other)?;

        let listener = listen((Ipv4Addr::LOCALHOST, 0).into())?;
        let address = listener.local_addr()?;
        let options = ApiOptions {
            base_url: format!("http://{address}"),
            public_url: None,
            trust_forwarded,
            control_token,
            allowed_hosts,
            is_private: false,
        };
        let app = App::new(Api::new(Arc::clone(&mock), options), runtime, page);
        let (stop, stopped) = oneshot::channel();
        let waiting = Arc::clone(&mock);
        tokio::spawn(serve(listener, app, async move {
            // Ends when the sender is dropped.
            let _ = stopped.await;
            waiting.control.release();
        }));
        Ok(MockServer { address, controls: Controls::new(mock, Scope::Server), _stop: stop })
    }
}

impl fmt::Debug for MockServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MockServerBuilder(…)")
    }
}
