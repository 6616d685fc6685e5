//! A world for the engine: requests wait until a test answers them, and time passes when a test says so.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use telematics_user_client::calls::registration::Register;
use telematics_user_client::engine::Engine;
use telematics_user_client::engine::config::Config;
use telematics_user_client::engine::flight::Flight;
use telematics_user_client::engine::http::{HttpRequest, HttpResponse};
use telematics_user_client::engine::ports::{ChangeKind, Clock, Codec, Listener, Spawn, Storage, Tabs, Transport};
use telematics_user_client::engine::session::Session;
use telematics_user_client::error::{Error, ErrorCode};

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

    /// Starts something and runs everything as far as it gets.
    pub fn start<T: 'static>(&self, work: impl Future<Output = T> + 'static) -> Task<T> {
        let outcome = Rc::new(RefCell::new(None));
        let result = Rc::clone(&outcome);
        let alive = Rc::new(Cell::new(true));
        self.push(Rc::clone(&alive), Box::pin(async move { *result.borrow_mut() = Some(work.await) }));
        Task { world: self.clone(), outcome, alive }
    }

    fn push(&self, alive: Rc<Cell<bool>>, work: Pin<Box<dyn Future<Output = ()>>>) {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        self.0.tasks.borrow_mut().push(Runnable { alive, woken, work });
    }

    /// Runs everything until nothing moves any more.
    pub fn run(&self) {
        loop {
            let tasks = std::mem::take(&mut *self.0.tasks.borrow_mut());
            let mut moved = false;
            for mut task in tasks {
                if !task.alive.get() {
                    continue; // dropped here
                }
                if !task.woken.0.swap(false, Ordering::SeqCst) {
                    self.0.tasks.borrow_mut().push(task);
                    continue;
                }
                moved = true;
                let waker = Waker::from(Arc::clone(&task.woken));
                if task.work.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
                    self.0.tasks.borrow_mut().push(task);
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// The one request that waits, and where it goes to.
    pub fn request(&self, path: &str) -> Request {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "{:?}", requests.iter().map(Request::path).collect::<Vec<_>>());
        let request = requests.remove(0);
        assert_eq!(request.path(), path);
        request
    }

    /// All requests that wait, in the order of their arrival; aborted ones wait no more.
    pub fn requests(&self) -> Vec<Request> {
        self.run();
        let mut requests = std::mem::take(&mut *self.0.requests.borrow_mut());
        requests.retain(|request| !request.is_aborted());
        requests
    }

    /// Time passes, by both clocks.
    pub fn advance_seconds(&self, seconds: u32) {
        let ms = u64::from(seconds) * 1000;
        self.0.monotonic_ms.set(self.0.monotonic_ms.get() + ms);
        self.set_wall_ms(self.wall_ms() + ms);
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

    async fn storage(&self) -> Result<(), Error> {
        let gate = self.0.storage_gate.borrow().clone();
        if let Some(gate) = gate {
            gate.landed().await;
        }
        if self.0.storage_fails.get() { Err(Error::new(ErrorCode::Storage, "full")) } else { Ok(()) }
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

struct Runnable {
    alive: Rc<Cell<bool>>,
    woken: Arc<Woken>,
    work: Pin<Box<dyn Future<Output = ()>>>,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Something that was started.
pub struct Task<T> {
    world: World,
    outcome: Rc<RefCell<Option<T>>>,
    alive: Rc<Cell<bool>>,
}

impl<T> Task<T> {
    /// Its outcome, which must be there.
    pub fn done(&self) -> T {
        self.world.run();
        self.outcome.take().expect("it is still under way")
    }

    pub fn is_under_way(&self) -> bool {
        self.world.run();
        self.outcome.borrow().is_none()
    }

    /// Drops it.
    pub fn abort(&self) {
        self.alive.set(false);
        self.world.run();
    }
}

impl<T> Task<Result<T, Error>> {
    /// The error that it must have ended with.
    pub fn error(&self) -> Error {
        self.done().err().expect("it should have failed")
    }
}

/// A request that waits for its answer.
pub struct Request {
    sent: HttpRequest,
    answer: Rc<RefCell<Exchange>>,
}

#[derive(Default)]
struct Exchange {
    answer: Option<Result<HttpResponse, Error>>,
    waker: Option<Waker>,
    aborted: bool,
}

impl Request {
    pub fn path(&self) -> String {
        self.sent.url.strip_prefix("https://user.test").unwrap().to_owned()
    }

    pub fn method(&self) -> &'static str {
        self.sent.method.as_str()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.sent.headers.iter().find(|(header, _)| *header == name).map(|(_, value)| value.as_str())
    }

    /// The access token that was sent.
    pub fn bearer(&self) -> Option<&str> {
        self.header("Authorization")?.strip_prefix("Bearer ")
    }

    pub fn body(&self) -> Value {
        serde_json::from_str(self.sent.body.as_deref().unwrap_or("null")).unwrap()
    }

    pub fn is_aborted(&self) -> bool {
        self.answer.borrow().aborted
    }

    pub fn answer(&self, status: u16, body: &Value) {
        self.answer_text(status, &body.to_string());
    }

    pub fn answer_text(&self, status: u16, body: &str) {
        self.settle(Ok(HttpResponse { status, retry_after_seconds: Some(7), body: body.to_owned() }));
    }

    pub fn fail(&self, status: u16) {
        self.answer(status, &failure(status));
    }

    /// The connection breaks; whether the service acted, nobody knows.
    pub fn lose(&self) {
        self.settle(Err(Error::new(ErrorCode::Network, "lost")));
    }

    fn settle(&self, answer: Result<HttpResponse, Error>) {
        let mut exchange = self.answer.borrow_mut();
        exchange.answer = Some(answer);
        if let Some(waker) = exchange.waker.take() {
            waker.wake();
        }
    }
}

/// Marks a request as aborted when nobody waits for its answer any more.
struct InFlight(Rc<RefCell<Exchange>>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.borrow_mut().aborted = true;
    }
}

impl Transport for World {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Error> {
        let exchange = Rc::new(RefCell::new(Exchange::default()));
        self.0.requests.borrow_mut().push(Request { sent: request, answer: Rc::clone(&exchange) });
        let in_flight = InFlight(exchange);
        poll_fn(|context| {
            let mut exchange = in_flight.0.borrow_mut();
            exchange.waker = Some(context.waker().clone());
            exchange.answer.take().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

impl Clock for World {
    fn monotonic_ms(&self) -> u64 {
        self.0.monotonic_ms.get()
    }

    fn wall_ms(&self) -> u64 {
        self.0.wall_ms.get()
    }

    async fn sleep(&self, ms: u32) {
        let until = self.monotonic_ms() + u64::from(ms);
        poll_fn(|context| {
            if self.monotonic_ms() >= until {
                return Poll::Ready(());
            }
            self.0.sleepers.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

impl Codec for World {
    fn encode<T: Serialize>(&self, value: &T) -> Option<String> {
        serde_json::to_string(value).ok()
    }

    fn decode<T: DeserializeOwned>(&self, json: &str) -> Option<T> {
        fn without_nulls(value: Value) -> Value {
            match value {
                Value::Object(fields) => {
                    fields.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k, without_nulls(v))).collect()
                }
                Value::Array(items) => items.into_iter().map(without_nulls).collect(),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
            }
        }
        serde_json::from_value(without_nulls(serde_json::from_str(json).ok()?)).ok()
    }
}

impl Storage for World {
    async fn load(&self, _key: &str) -> Result<Option<String>, Error> {
        self.storage().await?;
        Ok(self.0.stored.borrow().clone())
    }

    async fn save(&self, _key: &str, value: &str) -> Result<(), Error> {
        self.storage().await?;
        self.store(value);
        Ok(())
    }

    async fn remove(&self, _key: &str) -> Result<(), Error> {
        self.storage().await?;
        *self.0.stored.borrow_mut() = None;
        Ok(())
    }
}

impl Tabs for World {
    type Turn = ();

    async fn turn(&self, _bound_ms: u32) -> Option<()> {
        Some(())
    }
}

impl Spawn for World {
    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.push(Rc::new(Cell::new(true)), Box::pin(task));
    }
}

impl Listener for World {
    fn changed(&self, kind: ChangeKind, session: Option<&Session>) {
        let whose = session.map(|session| session.device_token.clone());
        self.0.changes.borrow_mut().push((kind, whose));
    }

    fn warned(&self, _code: ErrorCode, _message: &str) {
        self.0.warnings.set(self.0.warnings.get() + 1);
    }
}
