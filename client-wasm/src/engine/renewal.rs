//! The renewal of a session: the refresh, and the fallback if the refresh token is dead.
//!
//! One tab renews at a time. When a tab gets its turn it reads the storage first, because the tab before it has most likely
//! stored the new tokens there.

use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use telematics_contract::auth::RefreshRequest;

use super::ports::{ChangeKind, Origin, Ports, Reason};
use super::service::Service;
use super::session::Session;
use super::session_store::StorageContent;
use super::shared::Shared;
use super::state::{Engine, Renewal, SignInState};
use crate::calls::TokenCall;
use crate::calls::auth::{Login, RefreshToken};
use crate::error::{Error, ErrorCode};

/// The longest wait for the turn of this tab, in milliseconds. A tab that hangs delays the others no longer than this.
const TURN_BOUND_MS: u32 = 10_000;
/// How long a tab without a turn waits for another tab to store the tokens of its refresh, in milliseconds.
const GRACE_MS: u32 = 1_500;

/// The outcome of a refresh.
enum RefreshOutcome {
    /// The next session.
    Next(Session),
    /// There is no refresh token, or it is dead.
    Dead(Reason),
}

impl<P: Ports> Engine<P> {
    /// Exchanges the tokens for the next pair now, or waits for the pending renewal.
    ///
    /// # Errors
    /// `not-signed-in`, and the errors of a renewal.
    pub async fn refresh(self: &Rc<Self>) -> Result<Rc<Session>, Error> {
        if self.session().is_none() {
            return Err(Error::not_signed_in());
        }
        self.renewal().wait().await?;
        self.session().ok_or_else(Error::not_signed_in)
    }

    /// The pending renewal, or a new one. It runs as a task of its own, so that no caller can abort it.
    pub(super) fn renewal(self: &Rc<Self>) -> Renewal {
        let mut state = self.state.borrow_mut();
        if let Some(renewal) = &state.renewal {
            return renewal.clone();
        }
        let SignInState::SignedIn(session) = &state.sign_in else {
            return Shared::settled(Ok(()));
        };
        if let Some((until_ms, error)) = &state.renewal_pause
            && self.service.ports.monotonic_ms() < *until_ms
        {
            return Shared::settled(Err(error.clone()));
        }
        let (session, renewal) = (Rc::clone(session), Shared::new());
        state.renewal = Some(renewal.clone());
        drop(state);
        let (engine, this) = (Rc::clone(self), renewal.clone());
        self.service.ports.spawn(async move {
            let outcome = engine.renew_once(session, &this).await;
            let mut state = engine.state.borrow_mut();
            if state.renewal.take_if(|current| current.ptr_eq(&this)).is_some()
                && let Err(error) = &outcome
                && let Some(seconds) = error.retry_after_seconds
            {
                let until_ms = engine.service.ports.monotonic_ms().saturating_add(u64::from(seconds) * 1000);
                state.renewal_pause = Some((until_ms, error.clone()));
            }
            drop(state);
            this.settle(outcome);
        });
        renewal
    }

    /// Renews `session`, unless another change replaces it meanwhile: a sign-out wins over a late response.
    async fn renew_once(self: &Rc<Self>, mut session: Rc<Session>, this: &Renewal) -> Result<(), Error> {
        let Service { config, ports } = &self.service;
        let turn = ports.turn(TURN_BOUND_MS, self.longest_turn_ms()).await;
        self.adopt_stored().await;
        match self.session() {
            Some(current) if Rc::ptr_eq(&current, &session) => {}
            // Another tab has renewed the session so long ago that it is due again.
            Some(current)
                if self.is_pending(this) && current.is_due(ports.monotonic_ms(), config.refresh_margin_seconds) =>
            {
                session = current;
            }
            Some(_) | None => return Ok(()),
        }
        let reason = match self.exchange_refresh_token(&session).await? {
            RefreshOutcome::Next(next) => {
                self.commit(&session, next, ChangeKind::Refreshed).await;
                return Ok(());
            }
            RefreshOutcome::Dead(reason) => reason,
        };
        if turn.is_none() {
            ports.sleep(GRACE_MS).await;
        }
        self.adopt_stored().await;
        // Another tab may have logged the same user in, which kills this refresh token. A second login would kill the tokens of
        // that login.
        if !self.is_current(&session) {
            return Ok(());
        }
        let next = if ports.can_reauthenticate() {
            // The code of the app may take any time, so no other tab may wait for it.
            drop(turn);
            match self.reauthenticate(&session, reason, this).await {
                Some(next) => next,
                None => return Ok(()),
            }
        } else {
            self.login_again(&session).await
        };
        match next {
            Ok(next) => self.commit(&session, next, ChangeKind::Reauthenticated).await,
            Err(error) if error.code == ErrorCode::SessionExpired && !self.expire(&session).await => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Exchanges the refresh token for the next pair of tokens.
    async fn exchange_refresh_token(&self, session: &Session) -> Result<RefreshOutcome, Error> {
        let (Some(access), Some(refresh_token)) = (&session.access_token, &session.refresh_token) else {
            let reason = if session.access_token.is_some() { Reason::Expired } else { Reason::NoToken };
            return Ok(RefreshOutcome::Dead(reason));
        };
        let pair = RefreshRequest { access_token: access.token.clone(), refresh_token: refresh_token.clone() };
        let request = self.request(&RefreshToken(&pair))?;
        match self.service.exchange(request, RefreshToken::is_complete, None).await {
            Ok(next) => Ok(RefreshOutcome::Next(next.completed_from(session)?)),
            Err(error) if error.rejects_credentials() || error.code == ErrorCode::Forbidden => {
                Ok(RefreshOutcome::Dead(Reason::Rejected))
            }
            // If the response was lost, the pair may still be valid: it stays, and the next renewal tries it again.
            Err(error) => Err(error),
        }
    }

    /// The fallback of the client: a login with the device token.
    async fn login_again(&self, session: &Session) -> Result<Session, Error> {
        let Some(login) = Login::by_device_token(&session.device_token, self.config()) else {
            let can_use_header = self.service.uses_device_token_header() && !session.device_token.is_empty();
            return if can_use_header { Ok(session.without_tokens()) } else { Err(Error::session_expired()) };
        };
        let next = self.service.exchange(self.request(&login)?, Login::is_complete, None).await;
        next.and_then(|next| next.completed_from(session)).map_err(fallback_error)
    }

    /// The fallback of the app; `None` if the session was replaced or the engine closed meanwhile.
    async fn reauthenticate(
        &self,
        session: &Session,
        reason: Reason,
        this: &Renewal,
    ) -> Option<Result<Session, Error>> {
        let device_token = Some(session.device_token.as_str()).filter(|token| !token.is_empty());
        let next = pin!(self.ask_app(device_token, reason));
        let no_longer_needed = select(this.wait(), self.closed());
        let next = match select(no_longer_needed, next).await {
            Either::Left(_) => return None,
            Either::Right((next, _)) => next,
        };
        Some(next.and_then(|next| next.completed_from(session)).map_err(fallback_error))
    }

    /// Replaces `session` by `next`, unless it was replaced meanwhile in this tab or in another one.
    async fn commit(self: &Rc<Self>, session: &Rc<Session>, next: Session, kind: ChangeKind) {
        // The tokens of a login are newer than those of any refresh: only a sign-out and another user win over them.
        let is_older = |stored: &Session| {
            stored.has_same_credentials(session)
                || kind == ChangeKind::Reauthenticated && stored.device_token == session.device_token
        };
        match self.load_shared().await {
            StorageContent::Unreadable => {}
            StorageContent::Session(stored) if is_older(&stored) => {}
            newer @ (StorageContent::Session(_) | StorageContent::Nothing) => {
                self.adopt(newer);
                return;
            }
        }
        if self.replace(session, SignInState::SignedIn(Rc::new(next))) {
            self.publish(kind, Origin::ThisTab).wait().await;
        }
    }

    /// Ends `session`, unless it was replaced meanwhile in this tab or in another one; returns whether it has ended.
    async fn expire(self: &Rc<Self>, session: &Rc<Session>) -> bool {
        match self.load_shared().await {
            StorageContent::Session(stored) if !stored.has_same_credentials(session) => {
                self.adopt(StorageContent::Session(stored));
                return false;
            }
            StorageContent::Session(_) | StorageContent::Nothing | StorageContent::Unreadable => {}
        }
        let has_ended = self.replace(session, SignInState::Expired);
        if has_ended {
            self.publish(ChangeKind::Expired, Origin::ThisTab).wait().await;
        }
        has_ended
    }

    fn is_pending(&self, renewal: &Renewal) -> bool {
        self.state.borrow().renewal.as_ref().is_some_and(|current| current.ptr_eq(renewal))
    }

    /// How long a tab may hold its turn: a refresh and a login, each up to its time limit, and two accesses to the storage.
    fn longest_turn_ms(&self) -> u32 {
        self.service.config.timeout_ms.saturating_mul(2).saturating_add(GRACE_MS * 2)
    }
}

/// The error of a renewal whose fallback failed with `error`.
fn fallback_error(error: Error) -> Error {
    if error.rejects_credentials() { Error::session_expired() } else { error }
}
