//! Changes that other tabs made in the storage that all tabs share.

use std::rc::Rc;

use super::ports::{ChangeKind, Origin, Ports};
use super::service::Boxed;
use super::session_store::StorageContent;
use super::state::{Engine, SignInState};

impl<P: Ports> Engine<P> {
    /// Adopts the session that another tab has stored; called when another tab announces a change.
    pub async fn sync(self: &Rc<Self>) {
        if self.adopt_stored().await {
            self.settle_renewal();
        }
    }

    /// Adopts the session in the storage if it differs from the session of this tab; returns whether it did.
    pub(super) async fn adopt_stored(self: &Rc<Self>) -> bool {
        let stored = self.load_shared().await;
        self.adopt(stored)
    }

    /// Reads the session that other tabs see. `Unreadable` if this tab does not share its storage, if the storage cannot be read,
    /// or if this tab is about to write it.
    pub(super) fn load_shared(&self) -> Boxed<'_, StorageContent> {
        Box::pin(async move {
            if !self.service.ports.share_storage() {
                return StorageContent::Unreadable;
            }
            let last_write = self.state.borrow().last_write.clone();
            last_write.wait().await;
            let stored = self.load().await.unwrap_or(StorageContent::Unreadable);
            let state = self.state.borrow();
            if !state.last_write.ptr_eq(&last_write) || state.write_failed {
                return StorageContent::Unreadable;
            }
            stored
        })
    }

    /// Adopts the decision of another tab; returns whether it was new. Writes nothing. Sign-ins that are pending in this tab can
    /// still win.
    pub(super) fn adopt(self: &Rc<Self>, stored: StorageContent) -> bool {
        let current = self.session();
        let (sign_in, kind) = match (stored, &current) {
            // The next write replaces an unreadable value.
            (StorageContent::Unreadable, _) | (StorageContent::Nothing, None) => return false,
            (StorageContent::Nothing, Some(_)) => (SignInState::SignedOut, ChangeKind::SignedOut),
            (StorageContent::Session(stored), Some(current)) if stored.has_same_credentials(current) => return false,
            (StorageContent::Session(stored), Some(current)) if stored.device_token == current.device_token => {
                (SignInState::SignedIn(Rc::new(stored)), ChangeKind::Refreshed)
            }
            (StorageContent::Session(stored), _) => (SignInState::SignedIn(Rc::new(stored)), ChangeKind::SignedIn),
        };
        let mut state = self.state.borrow_mut();
        state.sign_in = sign_in;
        state.renewal_pause = None;
        drop(state);
        let session = self.session();
        self.service.ports.changed(kind, session.as_deref(), Origin::OtherTab);
        true
    }
}
