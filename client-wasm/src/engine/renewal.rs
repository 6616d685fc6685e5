//! The renewal of a session: the refresh, and what comes where the refresh token is dead.
//!
//! Only one tab renews at a time. Whoever gets its turn looks into the storage first, because the tab before it has most
//! likely left there what everyone was waiting for.

use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use telematics_contract::auth::RefreshRequest;

use super::Engine;
use super::flight::Flight;
use super::ports::{ChangeKind, Origin, Ports, Reason};
use super::service::Service;
use super::session::{Moment, Session};
use super::vault::Standing;
use crate::calls::Operation;
use crate::calls::auth::{Login, RefreshToken};
use crate::error::{Error, ErrorCode};

/// The longest wait for another tab's refresh, in milliseconds: a tab that hangs must not hang all.
const TURN_BOUND_MS: u32 = 10_000;
/// What is given to another tab to write down a refresh that may just have succeeded, in milliseconds; waited for only where
/// tabs could not agree on whose turn it is.
const GRACE_MS: u32 = 1_500;

/// A renewal that is under way.
pub(super) type Renewal = Flight<Result<(), Error>>;

impl<P: Ports> Engine<P> {
    /// The renewal that is under way, or a new one. It runs as a task of its own, so that no caller can abort it.
    pub(super) fn renewal(self: &Rc<Self>) -> Renewal {
        let mut state = self.state.borrow_mut();
        if let Some(renewal) = &state.renewal {
            return renewal.clone();
        }
        let Standing::SignedIn(session) = &state.standing else {
            return Flight::settled(Ok(()));
        };
        if let Some((until_ms, error)) = &state.pause
            && self.service.ports.monotonic_ms() < *until_ms
        {
            return Flight::settled(Err(error.clone()));
        }
        let (session, renewal) = (Rc::clone(session), Flight::new());
        state.renewal = Some(renewal.clone());
        drop(state);
        let (engine, landing) = (Rc::clone(self), renewal.clone());
        self.service.ports.spawn(async move {
            let outcome = engine.renew_once(session, &landing).await;
            let mut state = engine.state.borrow_mut();
            if state.renewal.take_if(|current| current.is(&landing)).is_some()
                && let Err(error) = &outcome
                && let Some(seconds) = error.retry_after_seconds
            {
                let until_ms = engine.service.ports.monotonic_ms().saturating_add(u64::from(seconds) * 1000);
                state.pause = Some((until_ms, error.clone()));
            }
            drop(state);
            landing.settle(outcome);
        });
        renewal
    }

    /// Renews, and changes the standing only if nobody has decided it anew meanwhile: a sign-out wins over a late answer.
    async fn renew_once(self: &Rc<Self>, mut session: Rc<Session>, landing: &Renewal) -> Result<(), Error> {
        let Service { config, ports } = &self.service;
        let turn = ports.turn(TURN_BOUND_MS, self.longest_turn_ms()).await;
        self.look_into_storage().await;
        match self.session() {
            Some(now) if Rc::ptr_eq(&now, &session) => {}
            // Another tab has renewed it. One that is old by now is renewed from there.
            Some(now)
                if self.is_renewing(landing) && now.is_due(ports.monotonic_ms(), config.refresh_margin_seconds) =>
            {
                session = now;
            }
            Some(_) | None => return Ok(()),
        }
        let dead = match self.refreshed(&session).await? {
            Ok(next) => {
                self.commit(&session, next, ChangeKind::Refreshed).await;
                return Ok(());
            }
            Err(dead) => dead,
        };
        if turn.is_none() {
            ports.sleep(GRACE_MS).await;
        }
        self.look_into_storage().await;
        // A login of the same user kills the refresh token; logging in again would kill that login's.
        if !self.session().is_some_and(|now| Rc::ptr_eq(&now, &session)) {
            return Ok(());
        }
        let renewed = if ports.is_given() {
            // The user's own code: nobody knows how long it takes, so no other tab may have to wait for it.
            drop(turn);
            match self.reauthenticated(&session, dead, landing).await {
                Some(renewed) => renewed,
                None => return Ok(()),
            }
        } else {
            self.signed_in_again(&session).await
        };
        match renewed {
            Ok(next) => self.commit(&session, next, ChangeKind::Reauthenticated).await,
            Err(error) if error.code == ErrorCode::SessionExpired => {
                self.expire(&session).await;
                return Err(error);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// The next pair, or why there is none.
    async fn refreshed(&self, session: &Session) -> Result<Result<Session, Reason>, Error> {
        let (Some(access), Some(refresh_token)) = (&session.access_token, &session.refresh_token) else {
            return Ok(Err(if session.access_token.is_some() { Reason::Expired } else { Reason::NoToken }));
        };
        let pair = RefreshRequest { access_token: access.token.clone(), refresh_token: refresh_token.clone() };
        let request = RefreshToken(&pair).request(&self.service.config, &self.service.ports)?;
        match self.service.exchange(request, RefreshToken::answer, None).await {
            Ok(next) => Ok(Ok(next.succeeding(session))),
            Err(error) if matches!(error.status, Some(400 | 401 | 403 | 404 | 419 | 422)) => Ok(Err(Reason::Rejected)),
            // An answer that was lost says nothing: the pair stays, and the next renewal tries it once more.
            Err(error) => Err(error),
        }
    }

    /// The device-token fallback.
    async fn signed_in_again(&self, session: &Session) -> Result<Session, Error> {
        let config = &self.service.config;
        let Some(login) = Login::by_device_token(&session.device_token, config) else {
            let is_named = self.is_legacy() && !session.device_token.is_empty();
            return if is_named { Ok(session.bare()) } else { Err(Error::session_expired()) };
        };
        let request = login.request(config, &self.service.ports)?;
        let answered = self.service.exchange(request, Login::answer, None).await;
        answered.map(|next| next.succeeding(session)).map_err(ended)
    }

    /// The user's own fallback; `None` when somebody decided anew while it was asked.
    async fn reauthenticated(
        &self,
        session: &Session,
        reason: Reason,
        landing: &Renewal,
    ) -> Option<Result<Session, Error>> {
        let ports = &self.service.ports;
        let asked = Moment::now(ports);
        let device_token = Some(session.device_token.as_str()).filter(|token| !token.is_empty());
        let asking = pin!(ports.reauthenticate(device_token, reason));
        let overtaken = select(landing.landed(), self.closed());
        let given = match select(overtaken, asking).await {
            Either::Left(_) => return None,
            Either::Right((given, _)) => given,
        };
        let next = given.and_then(|tokens| Session::given(tokens, asked).ok_or_else(Error::decode));
        Some(next.map(|next| next.succeeding(session)).map_err(ended))
    }

    /// Puts the next session in the place of that one, unless somebody has decided anew meanwhile, here or in another tab.
    async fn commit(self: &Rc<Self>, session: &Rc<Session>, next: Session, kind: ChangeKind) {
        if let Some(stored) = self.stored().await {
            // What a login gives out is newer than any refresh; it only yields to a sign-out and to another user.
            let overrules = |stored: &Session| {
                stored.is(session) || kind == ChangeKind::Reauthenticated && stored.device_token == session.device_token
            };
            if !stored.as_ref().is_some_and(overrules) {
                self.take_up(stored);
                return;
            }
        }
        if self.replace(session, Standing::SignedIn(Rc::new(next))) {
            self.publish(kind, Origin::ThisTab).landed().await;
        }
    }

    /// Ends the session, unless another tab has something newer.
    async fn expire(self: &Rc<Self>, session: &Rc<Session>) {
        match self.stored().await {
            Some(Some(stored)) if !stored.is(session) => {
                self.take_up(Some(stored));
            }
            Some(_) | None => {
                if self.replace(session, Standing::Expired) {
                    self.publish(ChangeKind::Expired, Origin::ThisTab).landed().await;
                }
            }
        }
    }

    fn is_renewing(&self, landing: &Renewal) -> bool {
        self.state.borrow().renewal.as_ref().is_some_and(|current| current.is(landing))
    }

    /// A refresh and a login, each of which may take its whole time, and a little for the storage.
    fn longest_turn_ms(&self) -> u32 {
        self.service.config.timeout_ms.saturating_mul(2).saturating_add(GRACE_MS * 2)
    }
}

/// Whether what a fallback was answered ends the session. `403` does not: the service knows the user and may relent.
fn ended(error: Error) -> Error {
    if matches!(error.status, Some(400 | 401 | 404 | 419 | 422)) { Error::session_expired() } else { error }
}
