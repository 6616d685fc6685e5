//! Generated interleavings: up to four tabs, calls, answers in any order and lost ones, crashes, sign-outs, wrong clocks.
//!
//! The server is the strictest there may be: a refresh token buys one pair, and a second use of it kills the family. It
//! says who is still signed in; whatever happens, no tab may lose a session that the server would still honour.

use std::cell::RefCell;
use std::rc::Rc;

use proptest::prelude::*;
use serde_json::{Value, json};
use telematics_user_client::error::ErrorCode;

use crate::world::{Call, LIFETIME, Request, TestEngine, World, config, failure, success, tokens};

const TABS: usize = 4;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A tab calls the service.
    Call(usize),
    /// A tab asks for a refresh.
    Refresh(usize),
    /// The server handles a request that waits, and answers it.
    Answer(usize),
    /// The server handles a request that waits, and its answer is lost.
    LoseAnswer(usize),
    /// A request never reaches the server.
    LoseRequest(usize),
    /// The server is too busy.
    Refuse(usize),
    /// A tab is gone, and opened again.
    Crash(usize),
    /// A tab signs out, and in again as another user.
    SignOut(usize),
    /// A tab hears what others have said.
    Listen(usize),
    /// Every access token expires.
    Expire,
    /// Time passes.
    Pass(u32),
    /// The system's clock is set.
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

/// Steps that lose no answer, no tab and no time.
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
    /// The number of the last pair; every pair has its own.
    pair: u32,
    /// The user's pair whose refresh token is alive; 0: none.
    alive: u32,
    /// The oldest access token that is accepted.
    valid_from: u32,
    /// The number of the user.
    user: u32,
    /// Refreshes that succeeded since the tokens last expired or their owner changed.
    rotations: u32,
    /// Refresh tokens that were used a second time.
    reuses: u32,
    /// Logins and losses that make another rotation legitimate.
    allowance: u32,
}

impl Server {
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
            "/v1/Auth/RefreshToken" => {
                let alive = format!("refresh-{}", self.alive);
                if self.alive == 0 || request.body()["RefreshToken"] != alive.as_str() {
                    // A second use: whoever has the family may be a thief.
                    self.alive = 0;
                    self.reuses += 1;
                    return refused(401);
                }
                self.rotations += 1;
                self.pair()
            }
            "/v1/Auth/Login" => {
                if request.body()["LoginFields"]["DeviceToken"] != self.device().as_str() {
                    return refused(401);
                }
                self.allowance += 1;
                self.pair()
            }
            _ => {
                let number = request.bearer().map_or(0, number);
                if number >= self.valid_from { (200, success(&json!({}))) } else { refused(401) }
            }
        }
    }

    /// Every access token so far is dead.
    fn expire(&mut self) {
        self.valid_from = self.pair + 1;
        self.rotations = 0;
        self.allowance = 1;
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
    /// Whether whoever is signed in should be.
    signed_in: bool,
}

impl Play {
    fn new() -> Self {
        let first = World::new();
        let worlds: Vec<_> = std::iter::once(first.clone()).chain((1..TABS).map(|_| first.another_tab())).collect();
        let mut server = Server { user: 1, valid_from: 1, ..Server::default() };
        let mut tabs: Vec<_> = worlds.into_iter().map(Tab::open).collect();
        let (_, answer) = server.pair();
        let tab = &mut tabs[0];
        tab.world.register(&tab.engine, &answer);
        server.expire();
        let play = Self { tabs, server, waiting: RefCell::default(), signed_in: true };
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
                // Whoever asks for a refresh wants one, whatever the tokens are.
                self.server.allowance += 1;
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
                assert!(self.tabs.iter().all(|tab| tab.engine.session().is_none()), "a sign-out reaches every tab");
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
        assert!(
            self.server.rotations <= self.server.allowance,
            "{} rotations where {} are due",
            self.server.rotations,
            self.server.allowance
        );
    }

    /// The network works and everything is answered: whatever waits must end, and well.
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
        assert!(self.is_idle(), "something waits for ever");
        for tab in &mut self.tabs {
            for error in tab.calls.drain(..).filter_map(|call| call.done().err()) {
                assert!(error.code != ErrorCode::SessionExpired, "a session was lost");
            }
            for error in tab.refreshes.drain(..).filter_map(|call| call.done().err()) {
                assert!(error.code != ErrorCode::SessionExpired, "a session was lost");
            }
        }
        for tab in &self.tabs {
            assert_eq!(tab.engine.session().is_some(), self.signed_in, "a tab lost its user");
            assert_eq!(tab.engine.session().unwrap().device_token, self.server.device());
        }
    }

    fn is_idle(&self) -> bool {
        self.tabs.iter().all(|tab| {
            tab.calls.iter().all(|call| !call.is_under_way()) && tab.refreshes.iter().all(|call| !call.is_under_way())
        })
    }
}

/// Plays, lets everything come to rest, and looks whether all tabs can still call the service.
fn play(steps: Vec<Step>, has_locks: bool) {
    let mut play = Play::new();
    if !has_locks {
        play.tabs[0].world.take_locks_away();
        // Where tabs cannot agree, only the user must be safe.
        play.server.allowance = u32::MAX / 2;
    }
    let loses = |step: &Step| match step {
        Step::LoseAnswer(_) | Step::Crash(_) | Step::SignOut(_) | Step::Pass(_) => true,
        Step::Call(_) | Step::Refresh(_) | Step::Answer(_) | Step::LoseRequest(_) | Step::Refuse(_) => false,
        Step::Listen(_) | Step::Expire | Step::SetClock(_) => false,
    };
    let is_calm = has_locks && !steps.iter().any(loses);
    for step in steps {
        play.step(step);
        if !has_locks {
            play.server.allowance = u32::MAX / 2;
        }
    }
    play.settle();
    assert!(!is_calm || play.server.reuses == 0, "tabs used a refresh token twice");
    play.server.expire();
    play.tabs[0].world.advance_seconds(10);
    if !has_locks {
        play.server.allowance = u32::MAX / 2;
    }
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
    fn tabs_that_lose_nothing_use_no_refresh_token_twice(steps in prop::collection::vec(calm_step(), 1..60)) {
        play(steps, true);
    }

    #[test]
    fn no_interleaving_loses_a_user_or_hangs_where_tabs_cannot_agree(steps in prop::collection::vec(step(), 1..60)) {
        play(steps, false);
    }
}
