//! Generated interleavings: four tabs, calls, responses in any order, lost messages, crashes, sign-outs and wrong clocks.
//!
//! The server is as strict as possible: a refresh token works once, and its reuse kills the family. In every interleaving the
//! user stays signed in in every tab, because the server still accepts the device token.

use std::cell::RefCell;
use std::rc::Rc;

use proptest::prelude::*;
use serde_json::{Value, json};
use telematics_user_client::error::ErrorCode;

use crate::world::paths::{LOGIN, REFRESH};
use crate::world::{Call, LIFETIME, Request, TestEngine, World, config, failure, success, tokens};

const TABS: usize = 4;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A tab calls the service.
    Call(usize),
    /// A tab starts a refresh.
    Refresh(usize),
    /// The server handles a waiting request and answers it.
    Answer(usize),
    /// The server handles a waiting request, and its response is lost.
    LoseAnswer(usize),
    /// A waiting request is lost before it reaches the server.
    LoseRequest(usize),
    /// The server answers 429.
    Refuse(usize),
    /// A tab crashes and is opened again.
    Crash(usize),
    /// A tab signs out, and registers another user.
    SignOut(usize),
    /// A tab receives the announcement of another tab.
    Listen(usize),
    /// Every access token expires.
    Expire,
    /// Time passes, in seconds.
    Pass(u32),
    /// The system clock is set.
    SetClock(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let (tab, nth) = (0..TABS, 0..8_usize);
    prop_oneof![
        6 => tab.clone().prop_map(Step::Call),
        2 => tab.clone().prop_map(Step::Refresh),
        12 => nth.clone().prop_map(Step::Answer),
        2 => nth.clone().prop_map(Step::LoseAnswer),
        1 => nth.clone().prop_map(Step::LoseRequest),
        1 => nth.prop_map(Step::Refuse),
        1 => tab.clone().prop_map(Step::Crash),
        1 => tab.clone().prop_map(Step::SignOut),
        3 => tab.prop_map(Step::Listen),
        3 => Just(Step::Expire),
        2 => prop_oneof![Just(1), Just(15), Just(40), Just(LIFETIME)].prop_map(Step::Pass),
        1 => prop_oneof![Just(0), Just(1_790_004_200_000), Just(9_990_000_000_000)].prop_map(Step::SetClock),
    ]
}

/// Steps without lost responses, crashes and passing time.
fn calm_step() -> impl Strategy<Value = Step> {
    let (tab, nth) = (0..TABS, 0..8_usize);
    prop_oneof![
        6 => tab.clone().prop_map(Step::Call),
        2 => tab.clone().prop_map(Step::Refresh),
        12 => nth.clone().prop_map(Step::Answer),
        1 => nth.prop_map(Step::LoseRequest),
        2 => tab.prop_map(Step::Listen),
        3 => Just(Step::Expire),
    ]
}

/// A user service with one family of tokens for each user.
#[derive(Default)]
struct Server {
    /// The number of the last pair of tokens.
    pair: u32,
    /// The pair whose refresh token is alive; 0 if the family is dead.
    alive: u32,
    /// The number of the oldest access token that the server accepts.
    valid_from: u32,
    /// The number of the user.
    user: u32,
    /// Successful refreshes since the tokens last expired or the user changed.
    rotations: u32,
    /// The number of reuses of a refresh token.
    reuses: u32,
    /// The number of rotations that are due; `None` if it is not limited.
    allowance: Option<u32>,
}

impl Server {
    /// Stops counting rotations: tabs without locks may rotate more often than necessary.
    fn unlimited(self) -> Self {
        Self { allowance: None, ..self }
    }

    /// Makes another rotation legitimate.
    fn allow_rotation(&mut self) {
        self.allowance = self.allowance.map(|allowance| allowance + 1);
    }

    fn device(&self) -> String {
        format!("device-{}", self.user)
    }

    fn pair(&mut self) -> (u16, Value) {
        self.pair += 1;
        self.alive = self.pair;
        (200, tokens(&self.device(), self.pair))
    }

    fn handle(&mut self, request: &Request) -> (u16, Value) {
        let refused = |status| (status, failure(status));
        match request.path().as_str() {
            REFRESH => {
                let alive = format!("refresh-{}", self.alive);
                if self.alive == 0 || request.body()["RefreshToken"] != alive.as_str() {
                    // Reuse: a thief may have the token.
                    self.alive = 0;
                    self.reuses += 1;
                    return refused(401);
                }
                self.rotations += 1;
                self.pair()
            }
            LOGIN => {
                if request.body()["LoginFields"]["DeviceToken"] != self.device().as_str() {
                    return refused(401);
                }
                self.allow_rotation();
                self.pair()
            }
            _ => {
                let number = request.bearer().map_or(0, number);
                if number >= self.valid_from { (200, success(&json!({}))) } else { refused(401) }
            }
        }
    }

    /// Ends every access token.
    fn expire(&mut self) {
        self.valid_from = self.pair + 1;
        self.rotations = 0;
        self.allowance = self.allowance.map(|_| 1);
    }
}

fn number(token: &str) -> u32 {
    token.rsplit('-').next().unwrap().parse().unwrap()
}

struct Tab {
    world: World,
    engine: TestEngine,
    calls: Vec<Call<String>>,
    refreshes: Vec<Call<()>>,
}

impl Tab {
    fn open(world: World) -> Self {
        let engine = world.restored_with(config());
        Self { world, engine, calls: Vec::new(), refreshes: Vec::new() }
    }

    fn refresh(&mut self) {
        let engine = Rc::clone(&self.engine);
        self.refreshes.push(self.world.start(async move { engine.refresh().await.map(drop) }));
    }
}

/// The browser, the network and the server.
struct Play {
    tabs: Vec<Tab>,
    server: Server,
    waiting: RefCell<Vec<Request>>,
}

impl Play {
    fn new(server: Server, has_locks: bool) -> Self {
        let first = World::new();
        if !has_locks {
            first.take_locks_away();
        }
        let worlds: Vec<_> = std::iter::once(first.clone()).chain((1..TABS).map(|_| first.another_tab())).collect();
        let mut server = Server { user: 1, valid_from: 1, ..server };
        let mut tabs: Vec<_> = worlds.into_iter().map(Tab::open).collect();
        let (_, answer) = server.pair();
        let tab = &mut tabs[0];
        tab.world.register(&tab.engine, &answer);
        server.expire();
        let play = Self { tabs, server, waiting: RefCell::default() };
        play.listen_all();
        play
    }

    fn listen_all(&self) {
        for tab in &self.tabs {
            tab.world.listen(&tab.engine);
        }
    }

    fn collect(&self) {
        let mut waiting = self.waiting.borrow_mut();
        waiting.extend(self.tabs[0].world.requests());
        waiting.retain(|request| !request.is_aborted());
    }

    fn take(&self, nth: usize) -> Option<Request> {
        self.collect();
        let mut waiting = self.waiting.borrow_mut();
        let count = waiting.len();
        (count > 0).then(|| waiting.remove(nth % count))
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Call(tab) => {
                let tab = &mut self.tabs[tab];
                tab.calls.push(tab.world.profile(&tab.engine));
            }
            Step::Refresh(tab) => {
                // An explicit refresh rotates the tokens even if they are fresh.
                self.server.allow_rotation();
                self.tabs[tab].refresh();
            }
            Step::Answer(nth) => {
                if let Some(request) = self.take(nth) {
                    let (status, body) = self.server.handle(&request);
                    request.answer(status, &body);
                }
            }
            Step::LoseAnswer(nth) => {
                if let Some(request) = self.take(nth) {
                    self.server.handle(&request);
                    request.lose();
                }
            }
            Step::LoseRequest(nth) => {
                if let Some(request) = self.take(nth) {
                    request.lose();
                }
            }
            Step::Refuse(nth) => {
                if let Some(request) = self.take(nth) {
                    request.fail_after(429, 3);
                }
            }
            Step::Crash(tab) => {
                self.tabs[tab].world.crash();
                let world = self.tabs[tab].world.clone();
                self.tabs[tab] = Tab::open(world);
            }
            Step::SignOut(tab) => {
                self.collect();
                let Tab { world, engine, .. } = &self.tabs[tab];
                world.start(engine.sign_out()).done();
                self.listen_all();
                assert!(
                    self.tabs.iter().all(|tab| tab.engine.session().is_none()),
                    "a sign-out has not reached every tab"
                );
                self.server.user += 1;
                let (_, answer) = self.server.pair();
                self.collect();
                self.waiting.borrow_mut().clear();
                let Tab { world, engine, .. } = &self.tabs[tab];
                world.register(engine, &answer);
                self.server.expire();
            }
            Step::Listen(tab) => {
                let Tab { world, engine, .. } = &self.tabs[tab];
                world.listen(engine);
            }
            Step::Expire => self.server.expire(),
            Step::Pass(seconds) => {
                if seconds == LIFETIME {
                    self.server.expire();
                }
                self.tabs[0].world.advance_seconds(seconds);
            }
            Step::SetClock(ms) => self.tabs[0].world.set_wall_ms(ms),
        }
        self.collect();
        let Server { rotations, allowance, .. } = self.server;
        assert!(allowance.is_none_or(|due| rotations <= due), "{rotations} rotations, due: {allowance:?}");
    }

    /// Answers every request until all calls have ended, none of them with `session-expired`.
    fn settle(&mut self) {
        self.listen_all();
        for _ in 0..400 {
            if let Some(request) = self.take(0) {
                let (status, body) = self.server.handle(&request);
                request.answer(status, &body);
            } else if self.is_idle() {
                break;
            } else {
                self.tabs[0].world.advance_seconds(1);
            }
            self.listen_all();
        }
        assert!(self.is_idle(), "a call never ends");
        for tab in &mut self.tabs {
            for error in tab.calls.drain(..).filter_map(|call| call.done().err()) {
                assert!(error.code != ErrorCode::SessionExpired, "a session was lost");
            }
            for error in tab.refreshes.drain(..).filter_map(|call| call.done().err()) {
                assert!(error.code != ErrorCode::SessionExpired, "a session was lost");
            }
        }
        for tab in &self.tabs {
            let user = tab.engine.session().map(|session| session.device_token.clone());
            assert_eq!(user, Some(self.server.device()), "a tab lost its user");
        }
    }

    fn is_idle(&self) -> bool {
        self.tabs.iter().all(|tab| {
            tab.calls.iter().all(|call| !call.is_pending()) && tab.refreshes.iter().all(|call| !call.is_pending())
        })
    }
}

/// Runs the steps, answers all requests, and checks that every tab can still call the service.
fn play(steps: Vec<Step>, has_locks: bool) {
    let server = Server { allowance: Some(0), ..Server::default() };
    let mut play = Play::new(if has_locks { server } else { server.unlimited() }, has_locks);
    let loses = |step: &Step| match step {
        Step::LoseAnswer(_) | Step::Crash(_) | Step::SignOut(_) | Step::Pass(_) => true,
        Step::Call(_) | Step::Refresh(_) | Step::Answer(_) | Step::LoseRequest(_) | Step::Refuse(_) => false,
        Step::Listen(_) | Step::Expire | Step::SetClock(_) => false,
    };
    let is_calm = has_locks && !steps.iter().any(loses);
    for step in steps {
        play.step(step);
    }
    play.settle();
    assert!(!is_calm || play.server.reuses == 0, "a refresh token was used twice");
    play.server.expire();
    play.tabs[0].world.advance_seconds(10);
    for tab in 0..TABS {
        play.step(Step::Call(tab));
    }
    play.settle();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_interleaving_rotates_twice_loses_a_user_or_hangs(steps in prop::collection::vec(step(), 1..60)) {
        play(steps, true);
    }

    #[test]
    fn without_losses_no_refresh_token_is_used_twice(steps in prop::collection::vec(calm_step(), 1..60)) {
        play(steps, true);
    }

    #[test]
    fn without_locks_no_interleaving_loses_a_user_or_hangs(steps in prop::collection::vec(step(), 1..60)) {
        play(steps, false);
    }
}
