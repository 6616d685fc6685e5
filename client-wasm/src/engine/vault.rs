//! Who is signed in: decided at once, then written to the storage and told, in that order.

use std::rc::Rc;

use super::Engine;
use super::flight::Flight;
use super::ports::{ChangeKind, Origin, Ports};
use super::renewal::Renewal;
use super::service::Boxed;
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

/// What the storage holds.
pub(super) enum Stored {
    /// A session.
    Session(Session),
    /// Nothing.
    Nothing,
    /// Something that is no session.
    Unreadable,
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
    pub(super) renewal: Option<Renewal>,
    /// Until when, by the monotonic clock, the service does not want to hear of renewals, and how it said so.
    pub(super) pause: Option<(u64, Error)>,
    /// The last write to the storage; the next one waits for it.
    last_write: Flight<()>,
    /// Whether the last write failed: then the storage says nothing of this session.
    storage_failed: bool,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            standing: Standing::SignedOut,
            last: Ticket(0),
            decided: Ticket(0),
            renewal: None,
            pause: None,
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
        state.pause = None;
        let renewal = state.renewal.take();
        drop(state);
        if let Some(renewal) = renewal {
            renewal.settle(Ok(()));
        }
        true
    }

    /// Replaces that session; `false` when it is no longer the one that is signed in.
    #[must_use]
    pub(super) fn replace(&self, session: &Rc<Session>, standing: Standing) -> bool {
        let mut state = self.state.borrow_mut();
        let is_current = matches!(&state.standing, Standing::SignedIn(now) if Rc::ptr_eq(now, session));
        if is_current {
            state.standing = standing;
        }
        is_current
    }

    /// Writes the standing to the storage and tells the listener. Runs to its end, whoever stops waiting for it.
    pub(super) fn publish(self: &Rc<Self>, kind: ChangeKind, origin: Origin) -> Flight<()> {
        let written = Flight::new();
        let previous = std::mem::replace(&mut self.state.borrow_mut().last_write, written.clone());
        let session = self.session();
        let engine = Rc::clone(self);
        let done = written.clone();
        self.service.ports.spawn(async move {
            previous.landed().await;
            engine.write().await;
            engine.service.ports.announce();
            engine.service.ports.changed(kind, session.as_deref(), origin);
            done.settle(());
        });
        written
    }

    /// The last write to the storage; settled when it is done.
    pub(super) fn last_write(&self) -> Flight<()> {
        self.state.borrow().last_write.clone()
    }

    /// Whether the storage could not be written, so that it says nothing of this session.
    pub(super) fn is_detached(&self) -> bool {
        self.state.borrow().storage_failed
    }

    /// Writes what is so now, which may be newer than what was published.
    async fn write(&self) {
        let (ports, key) = (&self.service.ports, &self.service.config.storage_key);
        let session = self.session();
        let written = match session.as_ref().and_then(|session| ports.encode(&session.stored())) {
            Some(text) => ports.save(key, &text).await,
            None => ports.remove(key).await,
        };
        let failed = written.is_err();
        if failed && !self.is_kept(session.as_deref()).await {
            // Somebody else's session that stays behind would be taken up again later.
            let _ = ports.remove(key).await;
        }
        if !std::mem::replace(&mut self.state.borrow_mut().storage_failed, failed) && failed {
            ports.warned(ErrorCode::Storage, "The storage cannot be written: the session will not survive a reload.");
        }
    }

    /// Whether the storage holds an older session of the same user: it still knows whom to sign in again.
    async fn is_kept(&self, session: Option<&Session>) -> bool {
        match (self.load().await, session) {
            (Ok(Stored::Session(kept)), Some(session)) => kept.device_token == session.device_token,
            _ => false,
        }
    }

    /// Reads what the storage holds.
    pub(super) fn load(&self) -> Boxed<'_, Result<Stored, Error>> {
        Box::pin(async move {
            let (ports, key) = (&self.service.ports, &self.service.config.storage_key);
            let Some(text) = ports.load(key).await? else { return Ok(Stored::Nothing) };
            let stored = ports.decode::<StoredSession>(&text).and_then(|stored| stored.restore(Moment::now(ports)));
            Ok(stored.map_or(Stored::Unreadable, Stored::Session))
        })
    }

    /// Takes up the stored session, if there is one.
    pub async fn restore(self: &Rc<Self>) {
        let ports = &self.service.ports;
        match self.load().await {
            Ok(Stored::Session(session)) => {
                let session = Rc::new(session);
                self.state.borrow_mut().standing = Standing::SignedIn(Rc::clone(&session));
                ports.changed(ChangeKind::Restored, Some(&session), Origin::ThisTab);
            }
            Ok(Stored::Nothing) => {}
            Ok(Stored::Unreadable) => {
                let _ = ports.remove(&self.service.config.storage_key).await;
                ports.warned(ErrorCode::Storage, "The stored session cannot be read: it was dropped.");
            }
            Err(_) => ports.warned(ErrorCode::Storage, "The storage cannot be read: nobody is signed in."),
        }
    }
}
