//! The ports of the engine for tests: a request waits until the test answers it, and time passes when the test advances it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use serde_json::{Value, json};
use telematics_contract::auth::TokensResponse;
use telematics_user_client::calls::Operation;
use telematics_user_client::calls::registration::Register;
use telematics_user_client::calls::user::ReadUser;
use telematics_user_client::engine::Engine;
use telematics_user_client::engine::ports::{ChangeKind, Origin, Reason};
use telematics_user_client::engine::session::Session;
use telematics_user_client::engine::shared::Shared;
use telematics_user_client::error::Error;
use telematics_user_client::wire::{Body, Config};

use crate::json::Parsed;

mod lock;
pub mod paths;
mod ports;
mod requests;
mod responses;
mod storage;
mod tasks;

pub use requests::Request;
pub use responses::{LIFETIME, failure, success, tokens};
use tasks::Runnable;
pub use tasks::Task;

pub const BASE_URL: &str = "https://user.test";
pub const INSTANCE_ID: &str = "0b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a10";
pub const INSTANCE_KEY: &str = "1b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a11";

pub type TestEngine = Rc<Engine<World>>;
pub type Call<T> = Task<Result<T, Error>>;

/// One tab of a browser, with everything that the engine uses. Clones are the same tab.
#[derive(Clone, Default)]
pub struct World(Rc<Inner>);

#[derive(Default)]
struct Inner {
    tab: usize,
    shared: Rc<Browser>,
    changes: RefCell<Vec<(ChangeKind, Option<String>)>>,
    origins: RefCell<Vec<Origin>>,
    warnings: Cell<usize>,
    /// Whether another tab has announced a change.
    notified: Cell<bool>,
    /// The outcome of `reauthenticate`, if the app has one, and the reasons of its calls.
    reauthentication: RefCell<Option<Shared<Result<TokensResponse, Error>>>>,
    reauthentication_reasons: RefCell<Vec<Reason>>,
    /// The users for whom `reauthenticate` was called.
    reauthentication_users: RefCell<Vec<Option<String>>>,
    /// How long this tab wanted to hold its turns at most, in milliseconds.
    holds_ms: RefCell<Vec<u32>>,
}

/// The state that all tabs share.
#[derive(Default)]
struct Browser {
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
    storage_gate: RefCell<Option<Shared<()>>>,
}

impl World {
    pub fn new() -> Self {
        let world = Self::default();
        world.set_wall_ms(1_790_000_000_000);
        world.0.shared.monotonic_ms.set(5_000);
        world
    }

    /// Another engine, which restores the stored session.
    pub fn restored_with(&self, config: Config) -> TestEngine {
        let engine = Engine::new(config, self.clone());
        let restoring = Rc::clone(&engine);
        self.start(async move { restoring.restore().await }).done();
        engine
    }

    /// Delivers the announcement of another tab, if there is one, to the engine of this tab.
    pub fn listen(&self, engine: &TestEngine) {
        if self.take_notice() {
            self.sync(engine).done();
        }
    }

    /// Another tab of the same browser. From now on the tabs share their storage.
    pub fn another_tab(&self) -> Self {
        let mut tabs = self.0.shared.tabs.borrow_mut();
        if tabs.is_empty() {
            tabs.push(self.clone());
        }
        let tab = Self(Rc::new(Inner { tab: tabs.len(), shared: Rc::clone(&self.0.shared), ..Inner::default() }));
        tabs.push(tab.clone());
        tab
    }

    /// Takes the locks away: no tab gets a turn.
    pub fn take_locks_away(&self) {
        self.0.shared.has_no_locks.set(true);
    }

    /// Drops all tasks of the tab.
    pub fn crash(&self) {
        let tab = self.0.tab;
        let (gone, left) = self.0.shared.tasks.take().into_iter().partition(|task| task.tab == tab);
        *self.0.shared.tasks.borrow_mut() = left;
        drop::<Vec<Runnable>>(gone);
        self.run();
    }

    /// Whether another tab has announced a change since the last call.
    pub fn take_notice(&self) -> bool {
        self.run();
        self.0.notified.take()
    }

    /// From now on the app has a `reauthenticate` with this outcome.
    pub fn reauthenticate_with(&self, answer: &Shared<Result<TokensResponse, Error>>) {
        *self.0.reauthentication.borrow_mut() = Some(answer.clone());
    }

    /// The reasons with which `reauthenticate` was called since the last call of this function.
    pub fn reauthentication_reasons(&self) -> Vec<Reason> {
        self.run();
        self.0.reauthentication_reasons.take()
    }

    /// The users for whom `reauthenticate` was called since the last call of this function.
    pub fn reauthentication_users(&self) -> Vec<Option<String>> {
        self.run();
        self.0.reauthentication_users.take()
    }

    /// How long this tab wanted to hold its turns at most, in milliseconds, since the last call.
    pub fn holds_ms(&self) -> Vec<u32> {
        self.run();
        self.0.holds_ms.take()
    }

    /// Where the session changed, since the last call.
    pub fn origins(&self) -> Vec<Origin> {
        self.run();
        self.0.origins.take()
    }

    pub fn engine(&self) -> TestEngine {
        Engine::new(config(), self.clone())
    }

    /// An engine with the signed-in user `device` and the pair `jwt-1` and `refresh-1`.
    pub fn signed_in(&self) -> TestEngine {
        self.signed_in_with(config())
    }

    pub fn signed_in_with(&self, config: Config) -> TestEngine {
        let engine = Engine::new(config, self.clone());
        self.register(&engine, &tokens("device", 1));
        engine
    }

    /// Registers a user, with this response.
    pub fn register(&self, engine: &TestEngine, answer: &Value) {
        let call = self.start_register(engine);
        self.request(paths::REGISTER).answer(200, answer);
        call.done().unwrap();
    }

    /// Starts a registration.
    pub fn start_register(&self, engine: &TestEngine) -> Call<Rc<Session>> {
        let engine = Rc::clone(engine);
        let user = Register { user: body(&json!({})), is_invited: true };
        self.start(async move { engine.register(&user, None).await })
    }

    /// Starts reading the storage again, as after an event of the page.
    pub fn sync(&self, engine: &TestEngine) -> Task<()> {
        let engine = Rc::clone(engine);
        self.start(async move { engine.sync().await })
    }

    /// Starts a call in the way in which the client class makes it.
    pub fn send(&self, engine: &TestEngine, call: &impl Operation) -> Call<Parsed> {
        self.send_within(engine, call, None)
    }

    /// Starts a call with a time limit.
    pub fn send_within(&self, engine: &TestEngine, call: &impl Operation, timeout_ms: Option<u32>) -> Call<Parsed> {
        let (engine, request) = (Rc::clone(engine), engine.request(call));
        self.start(async move { engine.send(request?, timeout_ms).await })
    }

    /// Starts reading the record of the user.
    pub fn profile(&self, engine: &TestEngine) -> Call<Parsed> {
        self.send(engine, &ReadUser)
    }

    /// Starts `engine.refresh()`.
    pub fn refresh(&self, engine: &TestEngine) -> Call<Rc<Session>> {
        let engine = Rc::clone(engine);
        self.start(async move { engine.refresh().await })
    }

    /// Advances both clocks.
    pub fn advance_seconds(&self, seconds: u32) {
        self.advance_ms(u64::from(seconds) * 1000);
    }

    /// Advances both clocks.
    pub fn advance_ms(&self, ms: u64) {
        self.run();
        self.0.shared.monotonic_ms.set(self.0.shared.monotonic_ms.get() + ms);
        self.set_wall_ms(self.0.shared.wall_ms.get() + ms);
        self.0.shared.sleepers.take().into_iter().for_each(Waker::wake);
        self.run();
    }

    pub fn set_wall_ms(&self, ms: u64) {
        self.0.shared.wall_ms.set(ms);
    }

    /// The changes of the session since the last call, each with its user.
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
}

/// A body as JavaScript makes it.
pub fn body(json: &Value) -> Body {
    Body::Json(json.to_string())
}

/// A configuration with a key, without retries.
pub fn config() -> Config {
    Config { max_retries: 0, ..Config::new(BASE_URL, INSTANCE_ID, Some(INSTANCE_KEY)).unwrap() }
}

/// A configuration without key and retries.
pub fn keyless() -> Config {
    Config { max_retries: 0, ..Config::new(BASE_URL, INSTANCE_ID, None).unwrap() }
}

/// Two tabs with the same signed-in user.
pub fn two_tabs() -> [(World, TestEngine); 2] {
    let first = World::new();
    let second = first.another_tab();
    let engine = first.signed_in();
    let other = second.restored_with(config());
    second.take_notice();
    first.kinds();
    second.kinds();
    first.origins();
    second.origins();
    [(first, engine), (second, other)]
}
