//! Registration, login and sign-out.

use std::future::Future;
use std::rc::Rc;

use super::clock::Moment;
use super::ports::{ChangeKind, Origin, Ports, Reason};
use super::service::Boxed;
use super::session::Session;
use super::state::{Engine, SignInState};
use crate::calls::TokenCall;
use crate::calls::auth::Login;
use crate::calls::registration::Register;
use crate::error::{Error, ErrorCode};

impl<P: Ports> Engine<P> {
    /// Registers a user and signs that user in.
    ///
    /// # Errors
    /// The errors of [`Service::exchange`](super::service::Service::exchange); `aborted` if a later sign-in or sign-out was
    /// faster.
    pub async fn register(self: &Rc<Self>, user: &Register, timeout_ms: Option<u32>) -> Result<Rc<Session>, Error> {
        let exchange = self.service.exchange(self.request(user)?, Register::is_complete, timeout_ms);
        self.sign_in(exchange, ChangeKind::Registered).await
    }

    /// Logs a user in.
    ///
    /// # Errors
    /// The errors of [`Service::exchange`](super::service::Service::exchange); `aborted` if a later sign-in or sign-out was
    /// faster.
    pub async fn login(self: &Rc<Self>, login: &Login, timeout_ms: Option<u32>) -> Result<Rc<Session>, Error> {
        let exchange = self.service.exchange(self.request(login)?, Login::is_complete, timeout_ms);
        let exchange = Box::pin(async move { exchange.await?.of_user(login.device_token()) });
        self.sign_in(exchange, ChangeKind::SignedIn).await
    }

    /// Signs in the user whom the app's `reauthenticate` names.
    ///
    /// # Errors
    /// `invalid-argument` without that function, and the errors of [`Self::ask_app`]; `aborted` if a later sign-in or sign-out was
    /// faster.
    pub async fn sign_in_by_app(self: &Rc<Self>) -> Result<Rc<Session>, Error> {
        if !self.service.ports.can_reauthenticate() {
            return Err(Error::invalid_argument("reauthenticate", "is required to sign in without credentials"));
        }
        self.sign_in(Box::pin(self.ask_app(None, Reason::SignedOut)), ChangeKind::SignedIn).await
    }

    /// Asks the app for the tokens of a user.
    ///
    /// # Errors
    /// The error of the app; `decode` if the access token cannot be sent in a header.
    pub(super) async fn ask_app(&self, device_token: Option<&str>, reason: Reason) -> Result<Session, Error> {
        let ports = &self.service.ports;
        let requested = Moment::now(ports);
        let tokens = ports.reauthenticate(device_token, reason).await?;
        Session::from_tokens(tokens, requested).ok_or_else(Error::decode)
    }

    async fn sign_in(
        self: &Rc<Self>,
        exchange: Boxed<'_, Result<Session, Error>>,
        kind: ChangeKind,
    ) -> Result<Rc<Session>, Error> {
        let attempt = self.start_attempt();
        let session = Rc::new(exchange.await?);
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
