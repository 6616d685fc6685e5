//! A world for the engine: requests wait until a test answers them, and time passes when a test says so.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use serde_json::{Value, json};
use telematics_user_client::calls::registration::Register;
use telematics_user_client::engine::Engine;
use telematics_user_client::engine::config::Config;
use telematics_user_client::engine::flight::Flight;
use telematics_user_client::engine::ports::ChangeKind;
use telematics_user_client::engine::session::Session;
use telematics_user_client::error::Error;

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

#[derive(Default)]
struct Inner {
    monotonic_ms: Cell<u64>,
    wall_ms: Cell<u64>,
    sleepers: RefCell<Vec<Waker>>,
    requests: RefCell<Vec<Request>>,
    tasks: RefCell<Vec<Runnable>>,
    stored: RefCell<Option<String>>,
    storage_fails: Cell<bool>,
    storage_gate: RefCell<Option<Flight<()>>>,
    changes: RefCell<Vec<(ChangeKind, Option<String>)>>,
    warnings: Cell<usize>,
}

impl World {
    pub fn new() -> Self {
        let world = Self::default();
        world.set_wall_ms(1_790_000_000_000);
        world.0.monotonic_ms.set(5_000);
        world
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
        let ms = u64::from(seconds) * 1000;
        self.0.monotonic_ms.set(self.0.monotonic_ms.get() + ms);
        self.set_wall_ms(self.0.wall_ms.get() + ms);
        self.0.sleepers.take().into_iter().for_each(Waker::wake);
        self.run();
    }

    pub fn set_wall_ms(&self, ms: u64) {
        self.0.wall_ms.set(ms);
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
        self.0.stored.borrow().clone()
    }

    pub fn store(&self, text: &str) {
        *self.0.stored.borrow_mut() = Some(text.to_owned());
    }

    pub fn set_storage_fails(&self, fails: bool) {
        self.0.storage_fails.set(fails);
    }

    /// From now on the storage takes until that is settled.
    pub fn set_storage_gate(&self, gate: Option<&Flight<()>>) {
        *self.0.storage_gate.borrow_mut() = gate.cloned();
    }
}

pub fn config() -> Config {
    Config::new("https://user.test", INSTANCE_ID, Some(INSTANCE_KEY)).unwrap()
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
