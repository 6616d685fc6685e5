//! What other tabs have left in the storage that all of them share.

use std::rc::Rc;

use super::Engine;
use super::ports::{ChangeKind, Origin, Ports};
use super::service::Boxed;
use super::session::Session;
use super::vault::{Standing, Stored};

impl<P: Ports> Engine<P> {
    /// Takes up what another tab has left in the storage; called when another tab says that something changed.
    pub async fn look(self: &Rc<Self>) {
        if self.look_into_storage().await {
            // Whoever waits for a renewal has no need of it any more.
            let renewal = self.state.borrow_mut().renewal.take();
            if let Some(renewal) = renewal {
                renewal.settle(Ok(()));
            }
        }
    }

    /// Takes up what is in the storage where it is something else than what is known here; says whether it was.
    pub(super) async fn look_into_storage(self: &Rc<Self>) -> bool {
        self.stored().await.is_some_and(|stored| self.take_up(stored))
    }

    /// The session in the storage; `None` where the storage is no other tab's business, cannot be read, or is about to be
    /// written by this tab.
    pub(super) fn stored(&self) -> Boxed<'_, Option<Option<Session>>> {
        Box::pin(async move {
            if !self.service.ports.share_storage() {
                return None;
            }
            let last_write = self.last_write();
            last_write.landed().await;
            let stored = self.load().await.ok()?;
            if !self.last_write().is(&last_write) || self.is_detached() {
                return None;
            }
            match stored {
                Stored::Nothing => Some(None),
                Stored::Session(session) => Some(Some(session)),
                // Nobody's session; the next write puts it right.
                Stored::Unreadable => None,
            }
        })
    }

    /// Takes over what another tab has decided; says whether that was anything new. Nothing is written, and sign-ins that
    /// are under way here still count.
    pub(super) fn take_up(self: &Rc<Self>, stored: Option<Session>) -> bool {
        let mine = self.session();
        let (standing, kind) = match (stored, &mine) {
            (None, None) => return false,
            (None, Some(_)) => (Standing::SignedOut, ChangeKind::SignedOut),
            (Some(stored), Some(mine)) if stored.is(mine) => return false,
            (Some(stored), Some(mine)) if stored.device_token == mine.device_token => {
                (Standing::SignedIn(Rc::new(stored)), ChangeKind::Refreshed)
            }
            (Some(stored), _) => (Standing::SignedIn(Rc::new(stored)), ChangeKind::SignedIn),
        };
        let mut state = self.state.borrow_mut();
        state.standing = standing;
        state.pause = None;
        drop(state);
        let session = self.session();
        self.service.ports.changed(kind, session.as_deref(), Origin::OtherTab);
        true
    }
}
