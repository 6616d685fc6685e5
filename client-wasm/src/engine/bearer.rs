//! Calls as the signed-in user: which access token to use, and what to do when it is rejected.

use std::rc::Rc;

use telematics_contract::Secret;

use super::Engine;
use super::http::HttpRequest;
use super::ports::Ports;
use super::session::Session;
use super::vault::Standing;
use crate::calls::Operation;
use crate::error::{Error, ErrorCode};

/// An access token and whose it is. It carries secrets and therefore has no `Debug`.
#[derive(Clone)]
pub struct Bearer {
    /// The access token.
    pub access_token: Secret,
    /// The user: a call of one user must never be repeated as another.
    pub device_token: String,
}

impl Bearer {
    fn of(session: &Session) -> Option<Self> {
        let access = session.access_token.as_ref()?;
        Some(Self { access_token: access.token.clone(), device_token: session.device_token.clone() })
    }
}

impl<P: Ports> Engine<P> {
    /// The access token for a call that is about to be made; renewed first when it is about to expire.
    ///
    /// # Errors
    /// `not-signed-in`, and those of a renewal. One that fails for a while is none as long as the token at hand is valid.
    pub async fn bearer(self: &Rc<Self>) -> Result<Bearer, Error> {
        let session = self.session().ok_or_else(Error::not_signed_in)?;
        let at_hand = Bearer::of(&session);
        let margin = self.service.config.refresh_margin_seconds;
        if let Some(bearer) = &at_hand
            && !session.is_due(self.service.ports.monotonic_ms(), margin)
        {
            return Ok(bearer.clone());
        }
        let renewed = self.renewal().landed().await;
        let still_there = self.current(&session.device_token)?;
        match (renewed, at_hand) {
            (Ok(()), _) => still_there.ok_or_else(Error::not_signed_in),
            (Err(_), Some(bearer)) if !session.has_expired(self.service.ports.monotonic_ms()) => Ok(bearer),
            (Err(error), _) => Err(error),
        }
    }

    /// The access token for a second try, after the service has rejected the first one. Where another call has renewed the
    /// session meanwhile, its token is used.
    ///
    /// # Errors
    /// `aborted` when another user has signed in, and those of a renewal.
    pub async fn renew(self: &Rc<Self>, rejected: &Bearer) -> Result<Bearer, Error> {
        let newer = |bearer: &Bearer| bearer.access_token != rejected.access_token;
        if let Some(bearer) = self.current(&rejected.device_token)?.filter(newer) {
            return Ok(bearer);
        }
        self.renewal().landed().await?;
        self.current(&rejected.device_token)?.filter(newer).ok_or_else(Error::not_signed_in)
    }

    /// The access token that this user has now, if any.
    fn current(&self, device_token: &str) -> Result<Option<Bearer>, Error> {
        match &self.state.borrow().standing {
            Standing::SignedIn(session) if session.device_token == device_token => Ok(Bearer::of(session)),
            Standing::SignedIn(_) => Err(Error::new(ErrorCode::Aborted, "Another user has signed in meanwhile.")),
            Standing::SignedOut => Err(Error::not_signed_in()),
            Standing::Expired => Err(Error::session_expired()),
        }
    }

    /// Makes a call as the signed-in user: a rejected access token is renewed and the call made once more, once.
    ///
    /// # Errors
    /// Those of [`Self::bearer`], [`Self::renew`] and [`super::service::Service::send`].
    pub async fn authorized<O: Operation>(
        self: &Rc<Self>,
        operation: &O,
        timeout_ms: Option<u32>,
    ) -> Result<O::Answer, Error> {
        let request = operation.request(&self.service.config, &self.service.ports)?;
        let body = self.send_authorized(request, timeout_ms).await?;
        O::answer(&body, &self.service.ports)
    }

    async fn send_authorized(self: &Rc<Self>, request: HttpRequest, timeout_ms: Option<u32>) -> Result<String, Error> {
        let bearer = self.bearer().await?;
        let sent = self.service.send(request.clone().with_bearer(bearer.access_token.expose()), timeout_ms).await;
        match sent {
            Err(error) if error.code == ErrorCode::Unauthorized => {
                let bearer = self.renew(&bearer).await?;
                self.service.send(request.with_bearer(bearer.access_token.expose()), timeout_ms).await
            }
            Ok(_) | Err(_) => sent,
        }
    }
}
