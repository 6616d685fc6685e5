//! Who is signed in, and which of several competing changes wins.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;

use super::ports::Ports;
use super::service::Service;
use super::session::Session;
use super::shared::Shared;
use crate::calls::Operation;
use crate::error::Error;
use crate::wire::{Config, HttpRequest};

/// Keeps one user signed in and makes calls for that user. Its methods take `&Rc<Self>`: a pending call keeps the engine alive.
pub struct Engine<P> {
    pub(super) service: Service<P>,
    pub(super) state: RefCell<State>,
    closed: Shared<()>,
}

/// A pending renewal.
pub(super) type Renewal = Shared<Result<(), Error>>;

/// Whether a user is signed in.
pub(super) enum SignInState {
    /// A user is signed in.
    SignedIn(Rc<Session>),
    /// No user is signed in.
    SignedOut,
    /// No user is signed in, because the session has expired: pending calls report that.
    Expired,
}

/// The number of a sign-in or sign-out, in the order in which they started.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Attempt(u64);

/// The state of the engine. It is never borrowed across an `await`.
pub(super) struct State {
    pub(super) sign_in: SignInState,
    /// The attempt that started last.
    last_attempt: Attempt,
    /// The attempt that decided `sign_in`; an earlier attempt must not change it.
    decided_by: Attempt,
    /// The pending renewal.
    pub(super) renewal: Option<Renewal>,
    /// When the service accepts renewals again, by the monotonic clock, and the error that set this pause.
    pub(super) renewal_pause: Option<(u64, Error)>,
    /// The last write to the storage; the next write waits for it.
    pub(super) last_write: Shared<()>,
    /// Whether the last write failed, so that the storage does not hold this session.
    pub(super) write_failed: bool,
}

impl<P: Ports> Engine<P> {
    /// An engine without a signed-in user.
    #[must_use]
    pub fn new(config: Config, ports: P) -> Rc<Self> {
        let state = State {
            sign_in: SignInState::SignedOut,
            last_attempt: Attempt(0),
            decided_by: Attempt(0),
            renewal: None,
            renewal_pause: None,
            last_write: Shared::settled(()),
            write_failed: false,
        };
        Rc::new(Self { service: Service { config, ports }, state: RefCell::new(state), closed: Shared::new() })
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.service.config
    }

    /// The session of the signed-in user.
    #[must_use]
    pub fn session(&self) -> Option<Rc<Session>> {
        match &self.state.borrow().sign_in {
            SignInState::SignedIn(session) => Some(Rc::clone(session)),
            SignInState::SignedOut | SignInState::Expired => None,
        }
    }

    /// Builds the request of a call.
    ///
    /// # Errors
    /// `invalid-argument`
    pub fn request(&self, call: &impl Operation) -> Result<HttpRequest, Error> {
        call.request(&self.service.config, &self.service.ports)
    }

    /// Starts a sign-in or sign-out.
    pub(super) fn start_attempt(&self) -> Attempt {
        let mut state = self.state.borrow_mut();
        state.last_attempt = Attempt(state.last_attempt.0 + 1);
        state.last_attempt
    }

    /// Sets who is signed in, unless a later attempt has already done so. Settles the pending renewal: the calls that wait for it
    /// continue with the new state.
    #[must_use]
    pub(super) fn decide(&self, attempt: Attempt, sign_in: SignInState) -> bool {
        let mut state = self.state.borrow_mut();
        if attempt < state.decided_by {
            return false;
        }
        state.decided_by = attempt;
        state.sign_in = sign_in;
        state.renewal_pause = None;
        drop(state);
        self.settle_renewal();
        true
    }

    /// Replaces `session`; `false` if another session or none is signed in.
    #[must_use]
    pub(super) fn replace(&self, session: &Rc<Session>, sign_in: SignInState) -> bool {
        let is_current = self.is_current(session);
        if is_current {
            self.state.borrow_mut().sign_in = sign_in;
        }
        is_current
    }

    /// Whether `session` is the one that is signed in.
    pub(super) fn is_current(&self, session: &Rc<Session>) -> bool {
        self.session().is_some_and(|current| Rc::ptr_eq(&current, session))
    }

    /// Lets the calls that wait for a renewal continue, because the session has changed without it.
    pub(super) fn settle_renewal(&self) {
        let renewal = self.state.borrow_mut().renewal.take();
        if let Some(renewal) = renewal {
            renewal.settle(Ok(()));
        }
    }

    /// Ends the engine: [`Self::closed`] resolves. A pending refresh still runs to its end, because its response is the only copy
    /// of the next pair of tokens.
    pub fn close(&self) {
        self.closed.settle(());
    }

    /// Resolves when the engine is closed.
    pub fn closed(&self) -> impl Future<Output = ()> + use<P> {
        self.closed.wait()
    }
}
