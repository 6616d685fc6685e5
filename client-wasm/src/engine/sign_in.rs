//! Registration, login and sign-out.

use std::future::Future;
use std::rc::Rc;

use telematics_contract::auth::TokensResponse;

use super::ports::{ChangeKind, Origin, Ports};
use super::session::Session;
use super::state::{Engine, SignInState};
use crate::calls::TokenCall;
use crate::calls::auth::Login;
use crate::calls::registration::Register;
use crate::error::{Error, ErrorCode};
use crate::wire::HttpRequest;

impl<P: Ports> Engine<P> {
    /// Registers a user and signs that user in.
    ///
    /// # Errors
    /// The errors of [`Service::exchange`](super::service::Service::exchange); `aborted` if a later sign-in or sign-out was
    /// faster.
    pub async fn register(self: &Rc<Self>, user: &Register, timeout_ms: Option<u32>) -> Result<Rc<Session>, Error> {
        self.sign_in(self.request(user)?, Register::is_complete, ChangeKind::Registered, timeout_ms).await
    }

    /// Logs a user in.
    ///
    /// # Errors
    /// The errors of [`Service::exchange`](super::service::Service::exchange); `aborted` if a later sign-in or sign-out was
    /// faster.
    pub async fn login(self: &Rc<Self>, login: &Login, timeout_ms: Option<u32>) -> Result<Rc<Session>, Error> {
        self.sign_in(self.request(login)?, Login::is_complete, ChangeKind::SignedIn, timeout_ms).await
    }

    async fn sign_in(
        self: &Rc<Self>,
        request: HttpRequest,
        is_complete: fn(&TokensResponse) -> bool,
        kind: ChangeKind,
        timeout_ms: Option<u32>,
    ) -> Result<Rc<Session>, Error> {
        let attempt = self.start_attempt();
        let session = Rc::new(self.service.exchange(request, is_complete, timeout_ms).await?);
        if !self.decide(attempt, SignInState::SignedIn(Rc::clone(&session))) {
            return Err(Error::new(ErrorCode::Aborted, "A later sign-in or sign-out has replaced this one."));
        }
        self.publish(kind, Origin::ThisTab).wait().await;
        Ok(session)
    }

    /// Forgets the session at once; resolves when it is removed from the storage too.
    pub fn sign_out(self: &Rc<Self>) -> impl Future<Output = ()> + use<P> {
        let attempt = self.start_attempt();
        let is_latest = self.decide(attempt, SignInState::SignedOut);
        debug_assert!(is_latest, "an attempt that has just started is the latest");
        self.publish(ChangeKind::SignedOut, Origin::ThisTab).wait()
    }
}
