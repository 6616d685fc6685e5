//! Calls as the signed-in user: which access token to use, and what to do when it is rejected.

use std::rc::Rc;

use telematics_contract::{Secret, headers};

use super::Engine;
use super::config::Config;
use super::http::HttpRequest;
use super::ports::Ports;
use super::service::Service;
use super::session::Session;
use super::vault::Standing;
use crate::calls::Operation;
use crate::error::{Error, ErrorCode};

/// Who makes a call. It carries secrets and therefore has no `Debug`.
#[derive(Clone)]
pub struct Bearer {
    /// The access token; without one the user is named by header, as in the legacy authentication.
    pub access_token: Option<Secret>,
    /// The user: a call of one user must never be repeated as another.
    pub device_token: String,
}

impl Bearer {
    fn of(session: &Session, is_legacy: bool) -> Option<Self> {
        let access_token = session.access_token.as_ref().map(|access| access.token.clone());
        let can_call = access_token.is_some() || is_legacy && session.refresh_token.is_none();
        can_call.then(|| Self { access_token, device_token: session.device_token.clone() })
    }

    /// The headers that say so.
    #[must_use]
    pub fn headers(&self, config: &Config) -> Vec<(&'static str, String)> {
        if let Some(access_token) = &self.access_token {
            return vec![("Authorization", ["Bearer ", access_token.expose()].concat())];
        }
        let mut headers = vec![
            (headers::DEVICE_TOKEN, self.device_token.clone()),
            (headers::INSTANCE_ID, config.instance_id.clone()),
        ];
        headers.extend(config.instance_key.as_ref().map(|key| (headers::INSTANCE_KEY, key.expose().to_owned())));
        headers
    }

    fn sign(&self, mut request: HttpRequest, config: &Config) -> HttpRequest {
        request.headers.extend(self.headers(config));
        request
    }
}

impl<P: Ports> Engine<P> {
    /// Who makes a call that is about to be made; the access token is renewed first when it is about to expire.
    ///
    /// # Errors
    /// `not-signed-in`, and those of a renewal. One that fails for a while is none as long as the token at hand is valid.
    pub async fn bearer(self: &Rc<Self>) -> Result<Bearer, Error> {
        let session = self.session().ok_or_else(Error::not_signed_in)?;
        let at_hand = Bearer::of(&session, self.is_legacy());
        let margin = self.service.config.refresh_margin_seconds;
        if let Some(bearer) = &at_hand
            && (bearer.access_token.is_none() || !session.is_due(self.service.ports.monotonic_ms(), margin))
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

    /// Who makes the second try, after the service has rejected the first one. Where another call has renewed the session
    /// meanwhile, its token is used.
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

    /// Who makes a call for this user now, if anybody can.
    fn current(&self, device_token: &str) -> Result<Option<Bearer>, Error> {
        match &self.state.borrow().standing {
            Standing::SignedIn(session) if session.device_token == device_token => {
                Ok(Bearer::of(session, self.is_legacy()))
            }
            Standing::SignedIn(_) => Err(Error::new(ErrorCode::Aborted, "Another user has signed in meanwhile.")),
            Standing::SignedOut => Err(Error::not_signed_in()),
            Standing::Expired => Err(Error::session_expired()),
        }
    }

    /// Whether a user without access token is named by header: only where nothing else can get one.
    pub(super) fn is_legacy(&self) -> bool {
        let Service { config, ports } = &self.service;
        config.device_token_header && config.instance_key.is_none() && !ports.is_given()
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
        let body = self.send_authorized(self.request(operation)?, timeout_ms).await?;
        O::answer(&body, &self.service.ports)
    }

    /// The first half of a call.
    ///
    /// # Errors
    /// `invalid-argument`
    pub fn request<O: Operation>(&self, operation: &O) -> Result<HttpRequest, Error> {
        operation.request(&self.service.config, &self.service.ports)
    }

    /// Sends a request as the signed-in user and resolves to the body of a success.
    ///
    /// # Errors
    /// Those of [`Self::authorized`], but `decode`.
    pub async fn send_authorized(
        self: &Rc<Self>,
        request: HttpRequest,
        timeout_ms: Option<u32>,
    ) -> Result<String, Error> {
        let (bearer, config) = (self.bearer().await?, self.config());
        let sent = self.service.send(bearer.sign(request.clone(), config), timeout_ms).await;
        match sent {
            // Without an access token there is nothing to renew.
            Err(error) if error.code == ErrorCode::Unauthorized && bearer.access_token.is_some() => {
                let bearer = self.renew(&bearer).await?;
                self.service.send(bearer.sign(request, config), timeout_ms).await
            }
            Ok(_) | Err(_) => sent,
        }
    }
}
