//! A world for the engine: requests wait until a test answers them, and time passes when a test says so.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use serde_json::{Value, json};
use telematics_contract::auth::TokensResponse;
use telematics_user_client::calls::registration::Register;
use telematics_user_client::engine::Engine;
use telematics_user_client::engine::config::Config;
use telematics_user_client::engine::flight::Flight;
use telematics_user_client::engine::ports::{ChangeKind, Origin, Reason};
use telematics_user_client::engine::session::Session;
use telematics_user_client::error::Error;

mod lock;
mod ports;
mod requests;
mod tasks;

pub use requests::Request;
use tasks::Runnable;
pub use tasks::Task;

pub const INSTANCE_ID: &str = "0b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a10";
pub const INSTANCE_KEY: &str = "1b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a11";
/// Lifetime in seconds of the access tokens that tests give out.
pub const LIFETIME: u32 = 86_400;

pub type TestEngine = Rc<Engine<World>>;
pub type Call<T> = Task<Result<T, Error>>;

/// Everything that is outside of the engine. Clones share it.
#[derive(Clone, Default)]
pub struct World(Rc<Inner>);

/// One tab.
#[derive(Default)]
struct Inner {
    tab: usize,
    shared: Rc<Shared>,
    changes: RefCell<Vec<(ChangeKind, Option<String>)>>,
    origins: RefCell<Vec<Origin>>,
    warnings: Cell<usize>,
    /// Whether another tab has said that something changed.
    notified: Cell<bool>,
    /// What `reauthenticate` resolves to, and why it was asked.
    reauthentication: RefCell<Option<Flight<Result<TokensResponse, Error>>>>,
    asked: RefCell<Vec<Reason>>,
}

/// What all tabs share.
#[derive(Default)]
struct Shared {
    tabs: RefCell<Vec<World>>,
    lock: RefCell<lock::Queue>,
    has_no_locks: Cell<bool>,
    monotonic_ms: Cell<u64>,
    wall_ms: Cell<u64>,
    sleepers: RefCell<Vec<Waker>>,
    requests: RefCell<Vec<Request>>,
    tasks: RefCell<Vec<Runnable>>,
    stored: RefCell<Option<String>>,
    storage_fails: Cell<bool>,
    storage_full: Cell<bool>,
    storage_gate: RefCell<Option<Flight<()>>>,
}

impl World {
    pub fn new() -> Self {
        let world = Self::default();
        world.set_wall_ms(1_790_000_000_000);
        world.0.shared.monotonic_ms.set(5_000);
        world
    }

    /// Another engine of this world takes up what is stored.
    pub fn restored_with(&self, config: Config) -> TestEngine {
        let engine = Engine::new(config, self.clone());
        let restoring = Rc::clone(&engine);
        self.start(async move { restoring.restore().await }).done();
        engine
    }

    /// Lets the engine of this tab hear what other tabs have said.
    pub fn listen(&self, engine: &TestEngine) {
        if self.take_notice() {
            let engine = Rc::clone(engine);
            self.start(async move { engine.look().await }).done();
        }
    }

    /// Another tab of the same browser. From now on tabs see the storage of each other.
    pub fn another_tab(&self) -> Self {
        let mut tabs = self.0.shared.tabs.borrow_mut();
        if tabs.is_empty() {
            tabs.push(self.clone());
        }
        let tab = Self(Rc::new(Inner { tab: tabs.len(), shared: Rc::clone(&self.0.shared), ..Inner::default() }));
        tabs.push(tab.clone());
        tab
    }

    /// The tabs cannot agree on whose turn it is.
    pub fn take_locks_away(&self) {
        self.0.shared.has_no_locks.set(true);
    }

    /// The tab is gone in this moment, with all that it was doing.
    pub fn crash(&self) {
        let tab = self.0.tab;
        let (gone, left) = self.0.shared.tasks.take().into_iter().partition(|task| task.tab == tab);
        *self.0.shared.tasks.borrow_mut() = left;
        drop::<Vec<Runnable>>(gone);
        self.run();
    }

    /// Whether another tab has said that something changed; asking forgets it.
    pub fn take_notice(&self) -> bool {
        self.run();
        self.0.notified.take()
    }

    /// From now on there is a `reauthenticate`, which resolves as that does.
    pub fn reauthenticate_with(&self, answer: &Flight<Result<TokensResponse, Error>>) {
        *self.0.reauthentication.borrow_mut() = Some(answer.clone());
    }

    /// Why `reauthenticate` was asked, since the last look.
    pub fn asked(&self) -> Vec<Reason> {
        self.run();
        self.0.asked.take()
    }

    /// Where the changes happened, since the last look.
    pub fn origins(&self) -> Vec<Origin> {
        self.run();
        self.0.origins.take()
    }

    pub fn engine(&self) -> TestEngine {
        Engine::new(config(), self.clone())
    }

    /// An engine whose user `device` holds the pair `jwt-1` and `refresh-1`.
    pub fn signed_in(&self) -> TestEngine {
        self.signed_in_with(config())
    }

    pub fn signed_in_with(&self, config: Config) -> TestEngine {
        let engine = Engine::new(config, self.clone());
        self.register(&engine, &tokens("device", 1));
        engine
    }

    /// Registers, and answers that.
    pub fn register(&self, engine: &TestEngine, answer: &Value) {
        let engine = Rc::clone(engine);
        let user = Register { user: json!({}), is_invited: true };
        let call = self.start(async move { engine.register(&user, None).await });
        self.request("/v1/Registration/Create").answer(200, answer);
        call.done().unwrap();
    }

    /// Starts `engine.profile()`.
    pub fn profile(&self, engine: &TestEngine) -> Call<String> {
        let engine = Rc::clone(engine);
        self.start(async move { engine.profile(None).await })
    }

    /// Starts `engine.refresh()`.
    pub fn refresh(&self, engine: &TestEngine) -> Call<Rc<Session>> {
        let engine = Rc::clone(engine);
        self.start(async move { engine.refresh().await })
    }

    /// Time passes, by both clocks.
    pub fn advance_seconds(&self, seconds: u32) {
        self.run();
        let ms = u64::from(seconds) * 1000;
        self.0.shared.monotonic_ms.set(self.0.shared.monotonic_ms.get() + ms);
        self.set_wall_ms(self.0.shared.wall_ms.get() + ms);
        self.0.shared.sleepers.take().into_iter().for_each(Waker::wake);
        self.run();
    }

    pub fn set_wall_ms(&self, ms: u64) {
        self.0.shared.wall_ms.set(ms);
    }

    /// What happened to the session since the last look, and to whose.
    pub fn changes(&self) -> Vec<(ChangeKind, Option<String>)> {
        self.run();
        self.0.changes.take()
    }

    pub fn kinds(&self) -> Vec<ChangeKind> {
        self.changes().into_iter().map(|(kind, _)| kind).collect()
    }

    pub fn warnings(&self) -> usize {
        self.run();
        self.0.warnings.get()
    }

    pub fn stored(&self) -> Option<String> {
        self.run();
        self.0.shared.stored.borrow().clone()
    }

    pub fn store(&self, text: &str) {
        *self.0.shared.stored.borrow_mut() = Some(text.to_owned());
    }

    pub fn set_storage_fails(&self, fails: bool) {
        self.0.shared.storage_fails.set(fails);
    }

    /// Reading and removing go on.
    pub fn set_storage_full(&self, full: bool) {
        self.0.shared.storage_full.set(full);
    }

    /// From now on the storage takes until that is settled.
    pub fn set_storage_gate(&self, gate: Option<&Flight<()>>) {
        *self.0.shared.storage_gate.borrow_mut() = gate.cloned();
    }
}

/// With a key, and without second tries: a test that is about them asks for them.
pub fn config() -> Config {
    Config { max_retries: 0, ..Config::new("https://user.test", INSTANCE_ID, Some(INSTANCE_KEY)).unwrap() }
}

pub fn keyless() -> Config {
    Config { max_retries: 0, ..Config::new("https://user.test", INSTANCE_ID, None).unwrap() }
}

/// The answer with the pair of that number.
pub fn tokens(device_token: &str, number: u32) -> Value {
    success(&json!({
        "DeviceToken": device_token,
        "AccessToken": { "Token": format!("jwt-{number}"), "ExpiresIn": LIFETIME },
        "RefreshToken": format!("refresh-{number}"),
    }))
}

pub fn success(result: &Value) -> Value {
    json!({ "Result": result, "Status": 200, "Title": "", "Errors": [] })
}

pub fn failure(status: u16) -> Value {
    json!({ "Status": status, "Title": "No.", "Errors": [] })
}
