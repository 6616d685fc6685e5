//! Calls as the signed-in user: the access token they carry, and the second attempt after a 401.

use std::rc::Rc;

use telematics_contract::{Secret, headers};

use super::ports::Ports;
use super::service::Boxed;
use super::session::Session;
use super::state::{Engine, SignInState};
use crate::error::{Error, ErrorCode};
use crate::wire::{Config, HttpRequest};

/// The credentials of one call. They are secrets, so there is no `Debug`.
#[derive(Clone)]
pub struct Bearer {
    /// The access token. Without it the user is named by header, as in the legacy authentication.
    pub access_token: Option<Secret>,
    /// The user: a call of one user is never repeated as another user.
    pub device_token: String,
}

impl Bearer {
    /// `None` if the session has no access token and the user cannot be named by header.
    fn from_session(session: &Session, uses_header: bool) -> Option<Self> {
        let access_token = session.jwt().cloned();
        let can_call = access_token.is_some() || uses_header && session.refresh_token.is_none();
        can_call.then(|| Self { access_token, device_token: session.device_token.clone() })
    }

    /// The headers that carry the credentials.
    #[must_use]
    pub fn headers(&self, config: &Config) -> Vec<(&'static str, String)> {
        match &self.access_token {
            Some(access_token) => vec![("Authorization", ["Bearer ", access_token.expose()].concat())],
            None => {
                let mut headers = config.instance_headers();
                headers.push((headers::DEVICE_TOKEN, self.device_token.clone()));
                headers
            }
        }
    }
}

impl<P: Ports> Engine<P> {
    /// The credentials of a call that is about to be made; `None` if no user is signed in, or if the access token has to be renewed
    /// first.
    pub fn usable_bearer(&self) -> Option<Bearer> {
        let session = self.session()?;
        let bearer = Bearer::from_session(&session, self.service.uses_device_token_header())?;
        let margin = self.service.config.refresh_margin_seconds;
        let is_due = session.is_due(self.service.ports.monotonic_ms(), margin);
        (bearer.access_token.is_none() || !is_due).then_some(bearer)
    }

    /// The credentials of a call that is about to be made. An access token that is about to expire is renewed first.
    ///
    /// # Errors
    /// `not-signed-in`, and the errors of a renewal. A renewal that fails is ignored while the access token is still valid.
    pub async fn bearer(self: &Rc<Self>) -> Result<Bearer, Error> {
        let session = self.session().ok_or_else(Error::not_signed_in)?;
        if let Some(bearer) = self.usable_bearer() {
            return Ok(bearer);
        }
        let current = Bearer::from_session(&session, self.service.uses_device_token_header());
        let renewed = self.renewal().wait().await;
        let next = self.bearer_of(&session.device_token)?;
        match (renewed, current) {
            (Ok(()), _) => next.ok_or_else(Error::not_signed_in),
            (Err(_), Some(bearer)) if !session.has_expired(self.service.ports.monotonic_ms()) => Ok(bearer),
            (Err(error), _) => Err(error),
        }
    }

    /// The credentials of the second attempt, after the service has rejected the first one. If another call has renewed the
    /// session meanwhile, its access token is used.
    ///
    /// # Errors
    /// `aborted` if another user has signed in, and the errors of a renewal.
    pub async fn renew(self: &Rc<Self>, rejected: &Bearer) -> Result<Bearer, Error> {
        let is_newer = |bearer: &Bearer| bearer.access_token != rejected.access_token;
        if let Some(bearer) = self.bearer_of(&rejected.device_token)?.filter(is_newer) {
            return Ok(bearer);
        }
        self.renewal().wait().await?;
        self.bearer_of(&rejected.device_token)?.ok_or_else(Error::not_signed_in)
    }

    /// The current credentials of this user.
    fn bearer_of(&self, device_token: &str) -> Result<Option<Bearer>, Error> {
        match &self.state.borrow().sign_in {
            SignInState::SignedIn(session) if session.device_token == device_token => {
                Ok(Bearer::from_session(session, self.service.uses_device_token_header()))
            }
            SignInState::SignedIn(_) => Err(Error::new(ErrorCode::Aborted, "Another user has signed in meanwhile.")),
            SignInState::SignedOut => Err(Error::not_signed_in()),
            SignInState::Expired => Err(Error::session_expired()),
        }
    }

    /// Sends a request and resolves to the envelope of a success. A request that needs an access token carries that of the
    /// user; if the service rejects the token, it is renewed and the request sent a second and last time.
    ///
    /// # Errors
    /// The errors of [`Service::send`](super::service::Service::send), [`Self::bearer`] and [`Self::renew`].
    pub fn send(self: &Rc<Self>, request: HttpRequest, timeout_ms: Option<u32>) -> Boxed<'_, Result<P::Value, Error>> {
        if !request.needs_access_token {
            return self.service.send(request, timeout_ms);
        }
        Box::pin(async move {
            let (bearer, config) = (self.bearer().await?, self.config());
            let sent = self.service.send(request.clone().with_headers(bearer.headers(config)), timeout_ms).await;
            match sent {
                // Without an access token there is nothing to renew.
                Err(error) if error.code == ErrorCode::Unauthorized && bearer.access_token.is_some() => {
                    let bearer = self.renew(&bearer).await?;
                    self.service.send(request.with_headers(bearer.headers(config)), timeout_ms).await
                }
                Ok(_) | Err(_) => sent,
            }
        })
    }
}
