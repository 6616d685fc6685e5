//! The renewal of a session: the refresh, and the device-token fallback where the refresh token is dead.

use std::rc::Rc;

use telematics_contract::auth::RefreshRequest;

use super::Engine;
use super::flight::Flight;
use super::ports::{ChangeKind, Ports};
use super::service::Service;
use super::session::Session;
use super::vault::{Standing, Ticket};
use crate::calls::Operation;
use crate::calls::auth::{Login, RefreshToken};
use crate::error::{Error, ErrorCode};

/// The longest wait for another tab's refresh, in milliseconds: a tab that hangs must not hang all.
const TURN_BOUND_MS: u32 = 10_000;

impl<P: Ports> Engine<P> {
    /// The renewal that is under way, or a new one. It runs as a task of its own, so that no caller can abort it.
    pub(super) fn renewal(self: &Rc<Self>) -> Flight<Result<(), Error>> {
        let mut state = self.state.borrow_mut();
        if let Some(renewal) = &state.renewal {
            return renewal.clone();
        }
        let Standing::SignedIn(session) = &state.standing else {
            return Flight::settled(Ok(()));
        };
        let (session, decided) = (Rc::clone(session), state.decided);
        let renewal = Flight::new();
        state.renewal = Some(renewal.clone());
        drop(state);
        let (engine, landing) = (Rc::clone(self), renewal.clone());
        self.service.ports.spawn(async move {
            let outcome = engine.renew_once(&session, decided).await;
            engine.state.borrow_mut().renewal.take_if(|current| current.is(&landing));
            landing.settle(outcome);
        });
        renewal
    }

    /// Renews, and changes the standing only if nobody has decided it anew meanwhile: a sign-out wins over a late answer.
    async fn renew_once(self: &Rc<Self>, session: &Session, decided: Ticket) -> Result<(), Error> {
        let renewed = match self.refreshed(session).await {
            Ok(Some(next)) => Ok((next, ChangeKind::Refreshed)),
            // A login of the same user kills the refresh token; logging in again would kill that login's.
            Ok(None) if self.state.borrow().decided != decided => return Ok(()),
            Ok(None) => self.signed_in_again(session).await.map(|next| (next, ChangeKind::Reauthenticated)),
            Err(error) => Err(error),
        };
        let (standing, kind) = match &renewed {
            Ok((next, kind)) => (Standing::SignedIn(Rc::new(next.clone())), *kind),
            Err(error) if error.code == ErrorCode::SessionExpired => (Standing::Expired, ChangeKind::Expired),
            Err(error) => return Err(error.clone()),
        };
        if self.replace(decided, standing) {
            self.publish(kind).landed().await;
        }
        renewed.map(|_| ())
    }

    /// The next pair; `None` when there is nothing to refresh with, or the service says that it is dead.
    async fn refreshed(&self, session: &Session) -> Result<Option<Session>, Error> {
        let (Some(access), Some(refresh_token)) = (&session.access_token, &session.refresh_token) else {
            return Ok(None);
        };
        let pair = RefreshRequest { access_token: access.token.clone(), refresh_token: refresh_token.clone() };
        let Service { config, ports } = &self.service;
        let request = RefreshToken(&pair).request(config, ports)?;
        let turn = ports.turn(TURN_BOUND_MS).await;
        let answered = self.service.exchange(request, RefreshToken::answer, None).await;
        drop(turn);
        match answered {
            Ok(next) => Ok(Some(next.succeeding(session))),
            Err(error) if matches!(error.status, Some(400 | 401 | 403 | 404 | 419 | 422)) => Ok(None),
            // An answer that was lost says nothing: the pair stays, and the next renewal tries it once more.
            Err(error) => Err(error),
        }
    }

    /// The device-token fallback.
    async fn signed_in_again(&self, session: &Session) -> Result<Session, Error> {
        let Some(login) = Login::by_device_token(&session.device_token, &self.service.config) else {
            return Err(Error::session_expired());
        };
        let request = login.request(&self.service.config, &self.service.ports)?;
        match self.service.exchange(request, Login::answer, None).await {
            Ok(next) => Ok(next.succeeding(session)),
            Err(error) if matches!(error.status, Some(400 | 401 | 404 | 419 | 422)) => Err(Error::session_expired()),
            Err(error) => Err(error),
        }
    }
}
