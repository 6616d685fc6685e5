//! The session in the storage. Every change is written and then reported to the listener, in the order of the changes.

use std::rc::Rc;

use super::clock::Moment;
use super::ports::{ChangeKind, Origin, Ports};
use super::service::Boxed;
use super::session::{Session, StoredSession};
use super::shared::Shared;
use super::state::{Engine, SignInState};
use crate::error::{Error, ErrorCode};

/// The content of the storage.
pub(super) enum StorageContent {
    /// A session.
    Session(Session),
    /// No value.
    Nothing,
    /// A value from which no session can be read.
    Unreadable,
}

impl<P: Ports> Engine<P> {
    /// Writes the session to the storage and reports the change to the other tabs and to the listener. The returned outcome is
    /// settled afterwards; the write goes on even if no caller waits for it.
    pub(super) fn publish(self: &Rc<Self>, kind: ChangeKind, origin: Origin) -> Shared<()> {
        let written = Shared::new();
        let previous = std::mem::replace(&mut self.state.borrow_mut().last_write, written.clone());
        let session = self.session();
        let engine = Rc::clone(self);
        let done = written.clone();
        self.service.ports.spawn(async move {
            previous.wait().await;
            engine.write().await;
            engine.service.ports.announce();
            engine.service.ports.changed(kind, session.as_deref(), origin);
            done.settle(());
        });
        written
    }

    /// Writes the current session, which may be newer than the published one.
    async fn write(&self) {
        let (ports, key) = (&self.service.ports, &self.service.config.storage_key);
        let session = self.session();
        let written = match &session {
            Some(session) => ports.save(key, &ports.encode(&session.to_stored().to_object())).await,
            None => ports.remove(key).await,
        };
        let failed = written.is_err();
        if failed && !self.stores_user_of(session.as_deref()).await {
            // The session of another user would be restored after a reload.
            let _ = ports.remove(key).await;
        }
        if !std::mem::replace(&mut self.state.borrow_mut().write_failed, failed) && failed {
            ports.warned(ErrorCode::Storage, "The session could not be stored: a reload of the page will end it.");
        }
    }

    /// Whether the storage holds an older session of the same user. It is worth keeping: it identifies the user after a reload.
    async fn stores_user_of(&self, session: Option<&Session>) -> bool {
        match (self.load().await, session) {
            (Ok(StorageContent::Session(stored)), Some(session)) => stored.device_token == session.device_token,
            _ => false,
        }
    }

    /// Reads the storage.
    pub(super) fn load(&self) -> Boxed<'_, Result<StorageContent, Error>> {
        Box::pin(async move {
            let (ports, key) = (&self.service.ports, &self.service.config.storage_key);
            let Some(text) = ports.load(key).await? else { return Ok(StorageContent::Nothing) };
            let stored = ports.parse(&text).as_ref().and_then(StoredSession::read);
            let stored = stored.and_then(|stored| stored.restore(Moment::now(ports)));
            Ok(stored.map_or(StorageContent::Unreadable, StorageContent::Session))
        })
    }

    /// Restores the stored session, if there is one.
    pub async fn restore(self: &Rc<Self>) {
        let ports = &self.service.ports;
        match self.load().await {
            Ok(StorageContent::Session(session)) => {
                let session = Rc::new(session);
                self.state.borrow_mut().sign_in = SignInState::SignedIn(Rc::clone(&session));
                ports.changed(ChangeKind::Restored, Some(&session), Origin::ThisTab);
            }
            Ok(StorageContent::Nothing) => {}
            Ok(StorageContent::Unreadable) => {
                let _ = ports.remove(&self.service.config.storage_key).await;
                ports.warned(ErrorCode::Storage, "The stored session could not be read and was removed.");
            }
            Err(_) => ports.warned(ErrorCode::Storage, "The storage could not be read: no session was restored."),
        }
    }
}
