//! Who is signed in: decided at once, then written to the storage and told, in that order.

use std::rc::Rc;

use super::Engine;
use super::flight::Flight;
use super::ports::{ChangeKind, Ports};
use super::session::{Moment, Session, StoredSession};
use crate::error::{Error, ErrorCode};

/// Whether somebody is signed in.
pub(super) enum Standing {
    /// Somebody is.
    SignedIn(Rc<Session>),
    /// Nobody is.
    SignedOut,
    /// Nobody is any more, and a call that is still under way should learn why.
    Expired,
}

/// A place in the order in which sign-ins and sign-outs were asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket(u64);

/// What changes while the engine runs. It is never borrowed across an `await`.
pub(super) struct State {
    pub(super) standing: Standing,
    /// The last ticket given out.
    last: Ticket,
    /// The ticket of whoever decided the standing; what started under another one must not change it.
    pub(super) decided: Ticket,
    /// The renewal that is under way.
    pub(super) renewal: Option<Flight<Result<(), Error>>>,
    /// The last write to the storage; the next one waits for it.
    last_write: Flight<()>,
    storage_failed: bool,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            standing: Standing::SignedOut,
            last: Ticket(0),
            decided: Ticket(0),
            renewal: None,
            last_write: Flight::settled(()),
            storage_failed: false,
        }
    }
}

impl<P: Ports> Engine<P> {
    /// The session, if somebody is signed in.
    #[must_use]
    pub fn session(&self) -> Option<Rc<Session>> {
        match &self.state.borrow().standing {
            Standing::SignedIn(session) => Some(Rc::clone(session)),
            Standing::SignedOut | Standing::Expired => None,
        }
    }

    /// The next place in the order of sign-ins and sign-outs.
    pub(super) fn ticket(&self) -> Ticket {
        let mut state = self.state.borrow_mut();
        state.last = Ticket(state.last.0 + 1);
        state.last
    }

    /// Decides who is signed in, unless somebody who asked later has already decided. Ends a renewal that is under way:
    /// whoever waits for it looks again.
    #[must_use]
    pub(super) fn decide(&self, ticket: Ticket, standing: Standing) -> bool {
        let mut state = self.state.borrow_mut();
        if ticket < state.decided {
            return false;
        }
        state.decided = ticket;
        state.standing = standing;
        let renewal = state.renewal.take();
        drop(state);
        if let Some(renewal) = renewal {
            renewal.settle(Ok(()));
        }
        true
    }

    /// Replaces the standing that was decided by that ticket; `false` when it has been decided anew since.
    #[must_use]
    pub(super) fn replace(&self, decided: Ticket, standing: Standing) -> bool {
        let mut state = self.state.borrow_mut();
        let is_current = state.decided == decided;
        if is_current {
            state.standing = standing;
        }
        is_current
    }

    /// Writes the standing to the storage and tells the listener. Runs to its end, whoever stops waiting for it.
    pub(super) fn publish(self: &Rc<Self>, kind: ChangeKind) -> Flight<()> {
        let written = Flight::new();
        let previous = std::mem::replace(&mut self.state.borrow_mut().last_write, written.clone());
        let session = self.session();
        let engine = Rc::clone(self);
        let done = written.clone();
        self.service.ports.spawn(async move {
            previous.landed().await;
            engine.write().await;
            engine.service.ports.changed(kind, session.as_deref());
            done.settle(());
        });
        written
    }

    /// Writes what is so now, which may be newer than what was published.
    async fn write(&self) {
        let (ports, key) = (&self.service.ports, &self.service.config.storage_key);
        let written = match self.session().and_then(|session| ports.encode(&session.stored())) {
            Some(text) => ports.save(key, &text).await,
            None => ports.remove(key).await,
        };
        if written.is_ok() {
            return;
        }
        // An older session that stays behind would be taken up again later.
        let _ = ports.remove(key).await;
        if !std::mem::replace(&mut self.state.borrow_mut().storage_failed, true) {
            ports.warned(ErrorCode::Storage, "The storage cannot be written: the session will not survive a reload.");
        }
    }

    /// Takes up the stored session, if there is one.
    pub async fn restore(&self) {
        let (ports, key) = (&self.service.ports, &self.service.config.storage_key);
        let text = match ports.load(key).await {
            Ok(Some(text)) => text,
            Ok(None) => return,
            Err(_) => {
                ports.warned(ErrorCode::Storage, "The storage cannot be read: nobody is signed in.");
                return;
            }
        };
        let stored = ports.decode::<StoredSession>(&text);
        if let Some(session) = stored.and_then(|stored| stored.restore(Moment::now(ports))) {
            let session = Rc::new(session);
            self.state.borrow_mut().standing = Standing::SignedIn(Rc::clone(&session));
            ports.changed(ChangeKind::Restored, Some(&session));
        } else {
            let _ = ports.remove(key).await;
            ports.warned(ErrorCode::Storage, "The stored session cannot be read: it was dropped.");
        }
    }
}
