//! The steps of an interleaving, and the browser in which they happen.

use std::cell::RefCell;
use std::rc::Rc;

use telematics_user_client::error::{Error, ErrorCode};

use super::server::Server;
use crate::json::Parsed;
use crate::world::{Call, LIFETIME, Request, TestEngine, World, config};

pub const TABS: usize = 4;

#[derive(Clone, Copy, Debug)]
pub enum Step {
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

pub struct Tab {
    pub world: World,
    pub engine: TestEngine,
    calls: Vec<Call<Parsed>>,
    refreshes: Vec<Call<()>>,
}

impl Tab {
    pub fn open(world: World) -> Self {
        let engine = world.restored_with(config());
        Self { world, engine, calls: Vec::new(), refreshes: Vec::new() }
    }

    pub fn refresh(&mut self) {
        let engine = Rc::clone(&self.engine);
        self.refreshes.push(self.world.start(async move { engine.refresh().await.map(drop) }));
    }
}

/// The browser, the network and the server.
pub struct Simulation {
    pub tabs: Vec<Tab>,
    pub server: Server,
    waiting: RefCell<Vec<Request>>,
}

impl Simulation {
    pub fn new(server: Server, has_locks: bool) -> Self {
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
        let simulation = Self { tabs, server, waiting: RefCell::default() };
        simulation.listen_all();
        simulation
    }

    pub fn listen_all(&self) {
        for tab in &self.tabs {
            tab.world.listen(&tab.engine);
        }
    }

    pub fn collect(&self) {
        let mut waiting = self.waiting.borrow_mut();
        waiting.extend(self.tabs[0].world.requests());
        waiting.retain(|request| !request.is_aborted());
    }

    pub fn take(&self, nth: usize) -> Option<Request> {
        self.collect();
        let mut waiting = self.waiting.borrow_mut();
        let count = waiting.len();
        (count > 0).then(|| waiting.remove(nth % count))
    }

    pub fn step(&mut self, step: Step) {
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

    /// Answers every request until all calls have ended, none of them with `session-expired`. Returns the other errors.
    pub fn settle(&mut self) -> Vec<Error> {
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
        let mut errors = Vec::new();
        for tab in &mut self.tabs {
            errors.extend(tab.calls.drain(..).filter_map(|call| call.done().err()));
            errors.extend(tab.refreshes.drain(..).filter_map(|call| call.done().err()));
        }
        assert!(errors.iter().all(|error| error.code != ErrorCode::SessionExpired), "a session was lost");
        for tab in &self.tabs {
            let user = tab.engine.session().map(|session| session.device_token.clone());
            assert_eq!(user, Some(self.server.device()), "a tab lost its user");
        }
        errors
    }

    pub fn is_idle(&self) -> bool {
        self.tabs.iter().all(|tab| {
            tab.calls.iter().all(|call| !call.is_pending()) && tab.refreshes.iter().all(|call| !call.is_pending())
        })
    }
}
