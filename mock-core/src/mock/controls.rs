//! The verbs of the control plane. The control API calls them over HTTP, and a Rust test calls them directly.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::clock::Clock;
use super::sequence::SequenceVerification;
use super::start::Mock;
use super::verification::{Expectation, FailedVerification, Verification, VerificationError};
use super::waiting::wait_until;
use crate::control::advice::Finding;
use crate::control::barriers::{Barrier, BarrierView};
use crate::control::events::{EventKind, Listener};
use crate::control::faults::{Fault, FaultView};
use crate::control::invalid::InvalidField;
use crate::control::journal::{Entry, Page};
use crate::control::matching::RequestMatch;
use crate::service::ids::{DeviceToken, InstanceId};
use crate::service::outbox::Message;
use crate::service::{
    Discarded, InstanceView, InvalidSettings, NoSuchInstance, NoSuchUser, Overrides, RestoreError, Scope, Settings,
    Snapshot, TokenKind, TokensView,
};

/// Controls of the server as a whole, or of one instance.
///
/// Every verb acts on the scope alone: a reset of an instance leaves all other instances as they are.
#[derive(Clone)]
pub struct Controls {
    pub(super) mock: Arc<Mock>,
    pub(super) scope: Scope,
}

impl Controls {
    /// Controls of a scope.
    #[must_use]
    pub const fn new(mock: Arc<Mock>, scope: Scope) -> Self {
        Self { mock, scope }
    }

    /// The mock that is controlled.
    #[must_use]
    pub const fn mock(&self) -> &Arc<Mock> {
        &self.mock
    }

    /// The scope that is controlled.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// The instances of the scope, in the order of their ids.
    #[must_use]
    pub fn instances(&self) -> Vec<InstanceView> {
        let mut instances = self.mock.service.instances();
        instances.retain(|instance| self.scope.covers(instance.id.into()));
        instances
    }

    /// Removes an instance of the scope with its users, journal, advice, faults and barriers, and the admins who manage only this instance.
    ///
    /// # Errors
    ///
    /// The scope has no such instance.
    pub fn remove_instance(&self, id: InstanceId) -> Result<(), NoSuchInstance> {
        if !self.scope.covers(id.into()) {
            return Err(NoSuchInstance);
        }
        let discarded = self.mock.service.remove_instance(id)?;
        self.mock.control.reset(id.into());
        self.drop_elsewhere(discarded);
        Ok(())
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.mock.service.settings(self.scope)
    }

    /// Changes settings and returns those in force afterwards.
    ///
    /// # Errors
    ///
    /// The change is invalid; nothing was changed.
    pub fn change_settings(&self, change: Overrides) -> Result<Settings, InvalidSettings> {
        self.mock.service.change_settings(self.scope, change)
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> Clock<'_> {
        Clock::new(&self.mock, self.scope)
    }

    /// Expires tokens of a user now.
    ///
    /// # Errors
    ///
    /// The scope has no such user.
    pub fn expire_tokens(&self, device_token: DeviceToken, kind: TokenKind) -> Result<(), NoSuchUser> {
        let home = self.mock.service.expire_tokens(self.scope, device_token, kind)?;
        self.mock.control.events.send(home.into(), || EventKind::TokensExpired { device_token });
        Ok(())
    }

    /// The refresh tokens of a user as a tree of families and generations.
    ///
    /// # Errors
    ///
    /// The scope has no such user.
    pub fn tokens(&self, device_token: DeviceToken) -> Result<TokensView, NoSuchUser> {
        self.mock.service.view_tokens(self.scope, device_token)
    }

    /// Adds a fault and returns its id.
    ///
    /// # Errors
    ///
    /// A field of the fault is invalid, or the server has too many faults.
    pub fn add_fault(&self, fault: Fault) -> Result<u64, InvalidField> {
        self.mock.control.faults.add(self.scope, fault)
    }

    /// The faults.
    #[must_use]
    pub fn faults(&self) -> Vec<FaultView> {
        self.mock.control.faults.list(self.scope)
    }

    /// Releases the requests that a fault holds, and returns their number; `None` if the scope has no fault with this id. The fault
    /// holds later requests.
    #[must_use]
    pub fn release_fault(&self, id: u64) -> Option<usize> {
        self.mock.control.faults.release(self.scope, id)
    }

    /// Removes a fault, so that the requests that it holds go on; returns `false` if the scope has no fault with this id.
    pub fn remove_fault(&self, id: u64) -> bool {
        self.mock.control.faults.remove(self.scope, id)
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.mock.control.faults.clear(self.scope);
    }

    /// Adds a barrier and returns its id.
    ///
    /// # Errors
    ///
    /// A field of the barrier is invalid, or the server has too many barriers.
    pub fn add_barrier(&self, barrier: Barrier) -> Result<u64, InvalidField> {
        self.mock.control.barriers.add(self.scope, barrier, self.mock.service.real_time())
    }

    /// The barriers.
    #[must_use]
    pub fn barriers(&self) -> Vec<BarrierView> {
        self.mock.control.barriers.list(self.scope, self.mock.service.real_time())
    }

    /// Removes a barrier, so that its requests go on; returns `false` if the scope has no barrier with this id.
    pub fn remove_barrier(&self, id: u64) -> bool {
        self.mock.control.barriers.remove(self.scope, id)
    }

    /// Removes all barriers, so that their requests go on.
    pub fn clear_barriers(&self) {
        self.mock.control.barriers.clear(self.scope);
    }

    /// The journal: every request, the oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Arc<Entry>> {
        self.find_requests(&RequestMatch::any(), Page::default())
    }

    /// The matching requests of a page, the oldest first.
    #[must_use]
    pub fn find_requests(&self, wanted: &RequestMatch, page: Page) -> Vec<Arc<Entry>> {
        self.mock.control.journal.find(self.scope, wanted, page)
    }

    /// Waits for a matching request, for at most this time, and returns the first one. It may have ended before.
    ///
    /// # Errors
    ///
    /// The time is over, and no request matches; or the match is invalid.
    pub async fn wait_for_request(
        &self,
        wanted: RequestMatch,
        within: Duration,
    ) -> Result<Arc<Entry>, VerificationError<FailedVerification>> {
        self.verify(wanted.clone()).within(within).check(Expectation::AtLeast(1)).await?;
        let first = Page { limit: 1, takes_first: true, ..Page::default() };
        self.find_requests(&wanted, first).pop().ok_or_else(|| {
            let expected = Expectation::AtLeast(1);
            // The journal was cleared meanwhile.
            VerificationError::Failed(FailedVerification { expected, count: 0, nearest: Vec::new() })
        })
    }

    /// Waits until a page of the journal has a matching request, for at most this time.
    pub async fn wait_for_page(&self, wanted: &RequestMatch, page: Page, within: Duration) {
        let matching = wanted.clone();
        let holds = move |controls: &Self| !controls.find_requests(&matching, page).is_empty();
        let look = move |controls: &Self, is_last: bool| (is_last || holds(controls)).then_some(());
        wait_until(self, std::slice::from_ref(wanted), within, look).await;
    }

    /// Deletes the journal.
    pub fn clear_requests(&self) {
        self.mock.control.journal.clear(self.scope);
    }

    /// What the tested app does wrong: the worst level first, then the most frequent. It needs no journal.
    #[must_use]
    pub fn advice(&self) -> Vec<Finding> {
        self.mock.control.advice.findings(self.scope)
    }

    /// Deletes the advice.
    pub fn clear_advice(&self) {
        self.mock.control.advice.clear(self.scope);
    }

    /// Counts matching requests; finish with [`Verification::exactly`], [`Verification::at_least`] or
    /// [`Verification::at_most`].
    pub const fn verify(&self, wanted: RequestMatch) -> Verification<'_> {
        Verification::new(self, wanted)
    }

    /// Looks for requests that match one after the other; finish with [`SequenceVerification::holds`].
    pub fn verify_sequence(&self, wanted: impl IntoIterator<Item = RequestMatch>) -> SequenceVerification<'_> {
        SequenceVerification::new(self, wanted.into_iter().collect())
    }

    /// The messages that users were sent by SMS and e-mail, the newest first.
    #[must_use]
    pub fn outbox(&self) -> Vec<Arc<Message>> {
        self.mock.service.outbox(self.scope, None)
    }

    /// The messages to one address, the newest first.
    #[must_use]
    pub fn outbox_of(&self, address: &str) -> Vec<Arc<Message>> {
        self.mock.service.outbox(self.scope, Some(address))
    }

    /// Deletes the messages.
    pub fn clear_outbox(&self) {
        self.mock.service.clear_outbox(self.scope);
    }

    /// Listens to the events.
    #[must_use]
    pub fn listen(&self) -> Listener {
        self.mock.control.events.listen(self.scope)
    }

    /// The state as a document. It contains every secret.
    ///
    /// # Errors
    ///
    /// The instance was removed meanwhile.
    pub fn snapshot(&self) -> Result<Snapshot, NoSuchInstance> {
        let snapshot = self.mock.service.snapshot(self.scope)?;
        Ok(snapshot.with_fault_draws(self.mock.control.faults.draws(self.scope)))
    }

    /// Replaces the state by a snapshot, all at once.
    ///
    /// # Errors
    ///
    /// The snapshot does not fit; nothing was changed.
    pub fn restore(&self, snapshot: Snapshot) -> Result<(), RestoreError> {
        let draws = snapshot.draws();
        let discarded = self.mock.service.restore(self.scope, snapshot)?;
        self.mock.control.faults.restore_draws(self.scope, draws);
        self.mock.control.advice.forget_users(self.scope);
        self.clock().announce();
        self.drop_elsewhere(discarded);
        Ok(())
    }

    /// Sets the scope back to its start: users, tokens, clock, settings, messages, journal, advice, faults and barriers.
    ///
    /// # Errors
    ///
    /// The instance was removed meanwhile.
    pub fn reset(&self) -> Result<(), NoSuchInstance> {
        let discarded = self.mock.service.reset(self.scope)?;
        self.mock.control.reset(self.scope);
        self.mock.follow_seed(self.scope);
        self.clock().announce();
        self.drop_elsewhere(discarded);
        Ok(())
    }

    /// Frees a replaced state where no request waits for it: a million users take a while.
    fn drop_elsewhere(&self, discarded: Discarded) {
        self.mock.runtime.offload(Box::new(move || drop(discarded)));
    }
}

impl fmt::Debug for Controls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Controls({:?})", self.scope)
    }
}
