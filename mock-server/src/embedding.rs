//! The server inside a Rust test: [`MockServer`] listens on a port of its own, is controlled without HTTP, and stops when it
//! is dropped.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use telematics_contract::Secret;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::control::Control;
use crate::control::faults::{Effect, Fault};
use crate::control::journal::Entry;
use crate::control::matching::Match;
use crate::http::app::{Reach, app};
use crate::server::serve;
use crate::service::clock::{MachineTime, TimeSource};
use crate::service::ids::InstanceId;
use crate::service::outbox::Message;
use crate::service::random::Seed;
use crate::service::time::{TimeError, Timestamp};
use crate::service::{ClockChange, CreatedInstance, Overrides, Settings, Start, UserService};

/// How many requests of each instance are remembered, unless something else is said.
pub const JOURNAL_SIZE: usize = 10_000;

/// A server in this process, on a port of its own; stops when it is dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use telematics_mock::MockServer;
/// use telematics_mock::control::matching::Match;
///
/// let server = MockServer::start().await?;
/// let instance = server.instance();
/// // … an app that uses server.uri(), instance.id and instance.key …
/// instance.controls().clock().advance("P5D")?;
/// instance.controls().verify(Match::default()).exactly(0);
/// # Ok(())
/// # }
/// ```
pub struct MockServer {
    address: SocketAddr,
    controls: Controls,
    /// Dropping it tells the server to stop.
    _stop: oneshot::Sender<()>,
}

/// How a [`MockServer`] is to be.
pub struct MockServerBuilder {
    settings: Settings,
    seed: Option<Seed>,
    time: Option<Box<dyn TimeSource>>,
    clock: Option<Timestamp>,
    trust_forwarded_for: bool,
    control_token: Option<Secret>,
    journal_size: usize,
    page: Option<PathBuf>,
}

impl MockServer {
    /// Starts a server as a fresh binary would be, on a free port of the loopback address.
    ///
    /// # Errors
    ///
    /// No port, or no randomness, could be had.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// A server that is to be different in something.
    #[must_use]
    pub fn builder() -> MockServerBuilder {
        MockServerBuilder {
            settings: Settings::default(),
            seed: None,
            time: None,
            clock: None,
            trust_forwarded_for: false,
            control_token: None,
            journal_size: JOURNAL_SIZE,
            page: None,
        }
    }

    /// Where it listens, without a slash at the end.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The service behind it, for what HTTP does not offer.
    #[must_use]
    pub fn service(&self) -> &UserService {
        &self.controls.service
    }

    /// A fresh instance: a world of its own for a test that shares the server with others.
    #[must_use]
    pub fn instance(&self) -> TestInstance {
        let CreatedInstance { instance, admin_email, admin_password } =
            self.service().create_instance(None, false, Overrides::default());
        TestInstance {
            id: instance.id.to_string(),
            key: instance.key.expose(),
            invite_code: instance.invite_code.into(),
            admin_email,
            admin_password,
            controls: Controls { of: Some(instance.id), ..self.controls.clone() },
        }
    }

    /// What controls the server as a whole.
    #[must_use]
    pub const fn controls(&self) -> &Controls {
        &self.controls
    }

    /// The clock of the server.
    #[must_use]
    pub const fn clock(&self) -> Clock<'_> {
        self.controls.clock()
    }

    /// The faults of the server.
    #[must_use]
    pub const fn faults(&self) -> ServerFaults<'_> {
        self.controls.faults()
    }

    /// What users were sent, the newest first.
    #[must_use]
    pub fn outbox(&self) -> Vec<Message> {
        self.controls.outbox()
    }

    /// Asks how often something was asked.
    pub const fn verify(&self, wanted: Match) -> Verification<'_> {
        self.controls.verify(wanted)
    }
}

impl fmt::Debug for MockServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MockServer({})", self.uri())
    }
}

/// An instance of a test's own.
pub struct TestInstance {
    /// Its id.
    pub id: String,
    /// Its key.
    pub key: String,
    /// The code that registers into it.
    pub invite_code: String,
    /// The login of the admin who sees only it.
    pub admin_email: String,
    /// The password of that admin.
    pub admin_password: Secret,
    controls: Controls,
}

impl TestInstance {
    /// What controls this instance and nothing else.
    #[must_use]
    pub const fn controls(&self) -> &Controls {
        &self.controls
    }
}

impl fmt::Debug for TestInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TestInstance({})", self.id)
    }
}

/// What controls a server, or one instance of it.
#[derive(Clone)]
pub struct Controls {
    service: Arc<UserService>,
    control: Arc<Control>,
    of: Option<InstanceId>,
}

impl Controls {
    /// The clock.
    #[must_use]
    pub const fn clock(&self) -> Clock<'_> {
        Clock(self)
    }

    /// What goes wrong on purpose.
    #[must_use]
    pub const fn faults(&self) -> ServerFaults<'_> {
        ServerFaults(self)
    }

    /// What users were sent, the newest first.
    #[must_use]
    pub fn outbox(&self) -> Vec<Message> {
        self.service.outbox(self.of, None)
    }

    /// Asks how often something was asked.
    pub const fn verify(&self, wanted: Match) -> Verification<'_> {
        Verification { controls: self, wanted }
    }

    /// The journal, the oldest entry first.
    #[must_use]
    pub fn requests(&self) -> Vec<Entry> {
        self.control.journal.lock().find(self.of, &Match::default(), 0, usize::MAX)
    }

    /// Back to the start.
    pub fn reset(&self) {
        drop(self.service.reset(self.of));
        self.control.reset(self.of);
    }
}

impl fmt::Debug for Controls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Controls({:?})", self.of)
    }
}

/// The clock of a server or of an instance.
#[derive(Clone, Copy, Debug)]
pub struct Clock<'a>(&'a Controls);

impl Clock<'_> {
    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.service.now(self.0.of)
    }

    /// Moves it forward: `2s`, `15m`, `5d`, `P1DT2H`.
    ///
    /// # Errors
    ///
    /// That is no duration, or the clock cannot go so far.
    pub fn advance(&self, period: &str) -> Result<Timestamp, TimeError> {
        self.change(ClockChange::Advance(period.parse()?))
    }

    /// Makes it show a time: `2021-11-01T00:00:00Z`.
    ///
    /// # Errors
    ///
    /// That is no time.
    pub fn set(&self, time: &str) -> Result<Timestamp, TimeError> {
        self.change(ClockChange::Set(time.parse()?))
    }

    /// Stops it.
    ///
    /// # Errors
    ///
    /// None that can happen.
    pub fn freeze(&self) -> Result<Timestamp, TimeError> {
        self.change(ClockChange::Freeze)
    }

    fn change(&self, change: ClockChange) -> Result<Timestamp, TimeError> {
        self.0.service.change_clock(self.0.of, change).map(|reading| reading.now)
    }
}

/// The faults of a server or of an instance.
#[derive(Clone, Copy, Debug)]
pub struct ServerFaults<'a>(&'a Controls);

impl ServerFaults<'_> {
    /// Lets something go wrong: for so many requests that are meant, or for all of them.
    pub fn add(&self, matching: Match, times: Option<u32>, effect: Effect) -> u64 {
        let instance = self.0.of;
        self.0.control.faults.add(Fault { id: 0, instance, matching, times, probability: 1.0, effect, fired: 0 })
    }

    /// Removes all faults.
    pub fn clear(&self) {
        self.0.control.faults.clear(self.0.of);
    }
}

/// A question how often something was asked.
#[derive(Clone, Debug)]
#[must_use = "a verification is answered by `exactly`, `at_least` or `at_most`"]
pub struct Verification<'a> {
    controls: &'a Controls,
    wanted: Match,
}

impl Verification<'_> {
    /// How often it was.
    #[must_use]
    pub fn count(&self) -> usize {
        self.controls.control.journal.lock().count(self.controls.of, &self.wanted)
    }

    /// Checks that it was so often.
    ///
    /// # Panics
    ///
    /// It was not; the message names the nearest misses.
    #[track_caller]
    pub fn exactly(&self, expected: usize) {
        self.check(self.count() == expected, &format!("exactly {expected}"));
    }

    /// Checks that it was at least so often.
    ///
    /// # Panics
    ///
    /// It was not; the message names the nearest misses.
    #[track_caller]
    pub fn at_least(&self, expected: usize) {
        self.check(self.count() >= expected, &format!("at least {expected}"));
    }

    /// Checks that it was at most so often.
    ///
    /// # Panics
    ///
    /// It was not; the message names the nearest misses.
    #[track_caller]
    pub fn at_most(&self, expected: usize) {
        self.check(self.count() <= expected, &format!("at most {expected}"));
    }

    #[track_caller]
    fn check(&self, holds: bool, expected: &str) {
        let nearest = || {
            let misses = self.controls.control.journal.lock().nearest(self.controls.of, &self.wanted);
            let lines = misses.iter().map(|miss| {
                let differences = miss.differences.iter().map(|difference| {
                    format!("{} is {} and not {}", difference.criterion, difference.actual, difference.expected)
                });
                let differences: Vec<_> = differences.collect();
                format!(
                    "\n  #{} {} {}: {}",
                    miss.entry.number,
                    miss.entry.method,
                    miss.entry.path,
                    differences.join(", ")
                )
            });
            lines.collect::<String>()
        };
        assert!(holds, "expected {expected} of {:?}, but there were {}{}", self.wanted, self.count(), nearest());
    }
}

impl MockServerBuilder {
    /// With these settings.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// With tokens that can be repeated.
    #[must_use]
    pub fn seed(mut self, number: u64) -> Self {
        self.seed = Some(Seed::from_number(number));
        self
    }

    /// With another source of time.
    #[must_use]
    pub fn time(mut self, time: impl TimeSource) -> Self {
        self.time = Some(Box::new(time));
        self
    }

    /// With the virtual clock frozen at that time.
    #[must_use]
    pub fn clock(mut self, at: Timestamp) -> Self {
        self.clock = Some(at);
        self
    }

    /// Where `X-Forwarded-For` says where a request comes from.
    #[must_use]
    pub fn trust_forwarded_for(mut self) -> Self {
        self.trust_forwarded_for = true;
        self
    }

    /// With a token that control requests must send as `Authorization: Bearer …`.
    #[must_use]
    pub fn control_token(mut self, token: impl Into<String>) -> Self {
        self.control_token = Some(Secret::new(token));
        self
    }

    /// With a journal of so many entries an instance; 0 keeps none.
    #[must_use]
    pub fn journal_size(mut self, entries: usize) -> Self {
        self.journal_size = entries;
        self
    }

    /// With a folder of static files beside the API.
    #[must_use]
    pub fn page(mut self, folder: impl Into<PathBuf>) -> Self {
        self.page = Some(folder.into());
        self
    }

    /// Starts it on a free port of the loopback address.
    ///
    /// # Errors
    ///
    /// No port, or no randomness, could be had.
    pub async fn start(self) -> io::Result<MockServer> {
        let seed = self.seed.map_or_else(Seed::random, Ok)?;
        let time = self.time.unwrap_or_else(|| Box::new(MachineTime));
        let control = Arc::new(Control::new(self.journal_size, seed.clone()));
        let start = Start { settings: self.settings, seed, time, clock: self.clock };
        let service = Arc::new(UserService::new(start));
        control.listen_to(&service);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let reach = Reach {
            base: format!("http://{address}"),
            trust_forwarded_for: self.trust_forwarded_for,
            control_token: self.control_token,
            page: self.page,
        };
        let app = app(Arc::clone(&service), Arc::clone(&control), reach);
        let (stop, stopped) = oneshot::channel();
        let waiting = Arc::clone(&control);
        tokio::spawn(serve(listener, app, async move {
            // Both a message and a dropped sender mean "stop".
            let _ = stopped.await;
            waiting.let_go();
        }));
        Ok(MockServer { address, controls: Controls { service, control, of: None }, _stop: stop })
    }
}

impl fmt::Debug for MockServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MockServerBuilder(…)")
    }
}
