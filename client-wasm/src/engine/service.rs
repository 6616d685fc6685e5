//! Sends requests to the service, with a time limit and retries; knows nothing of the session that is signed in.

use std::future::Future;
use std::pin::{Pin, pin};

use futures_util::future::{Either, select};
use telematics_contract::auth::TokensResponse;

use super::clock::{Clock, Moment};
use super::ports::{Reauthentication, Transport};
use super::session::Session;
use crate::calls::auth::tokens;
use crate::error::{Error, ErrorCode};
use crate::wire::{Codec, Config, HttpRequest, Json, envelope};

/// The shortest pause before the first retry, in milliseconds. Each further pause is twice as long.
const FIRST_PAUSE_MS: u32 = 250;

/// A future in a box. A function that many others await returns one, so that its code is compiled once.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// The service at one address.
pub struct Service<P> {
    /// The configuration.
    pub config: Config,
    /// The ports.
    pub ports: P,
}

impl<P: Clock + Transport + Codec> Service<P> {
    /// Makes a call that returns tokens. `is_complete` is the `TokenCall::is_complete` of the call: as a function pointer it keeps
    /// this function from being compiled once for each call.
    ///
    /// # Errors
    /// Those of [`Self::send`], and `decode`.
    pub fn exchange(
        &self,
        request: HttpRequest,
        is_complete: fn(&TokensResponse) -> bool,
        timeout_ms: Option<u32>,
    ) -> Boxed<'_, Result<Session, Error>> {
        Box::pin(async move {
            let requested = Moment::now(&self.ports);
            let envelope = self.send(request, timeout_ms).await?;
            let tokens = envelope.field("Result").as_ref().and_then(tokens).filter(is_complete);
            tokens.and_then(|tokens| Session::from_tokens(tokens, requested)).ok_or_else(Error::decode)
        })
    }

    /// Sends a request and resolves to the envelope of a success. A repeatable request is sent again after a failure of the network
    /// or a passing failure of the service.
    ///
    /// # Errors
    /// `network`, `timeout`, `decode`, or the code of the HTTP status.
    pub fn send(&self, request: HttpRequest, timeout_ms: Option<u32>) -> Boxed<'_, Result<P::Value, Error>> {
        Box::pin(async move {
            let mut left = if request.is_repeatable { self.config.max_retries } else { 0 };
            let mut pause_ms = FIRST_PAUSE_MS;
            loop {
                let sent = self.send_once(request.clone(), timeout_ms).await;
                let wait_ms = sent.as_ref().err().filter(|_| left > 0).and_then(|error| self.wait_ms(error, pause_ms));
                let Some(wait_ms) = wait_ms else { return sent };
                self.ports.sleep(wait_ms).await;
                left -= 1;
                pause_ms = pause_ms.saturating_mul(2);
            }
        })
    }

    /// The pause before the next attempt; `None` if the error is final.
    fn wait_ms(&self, error: &Error, pause_ms: u32) -> Option<u32> {
        let is_passing = error.code == ErrorCode::Network || matches!(error.status, Some(502..=504));
        let retry_after_ms = error.retry_after_seconds.map(|seconds| seconds.saturating_mul(1000));
        match retry_after_ms {
            // A longer wait is left to the caller, who learns its length from the error.
            Some(wait_ms) if is_passing || error.code == ErrorCode::RateLimited => {
                Some(wait_ms).filter(|wait_ms| *wait_ms <= self.config.timeout_ms)
            }
            // The clock spreads the retries of pages that failed at the same moment.
            None if is_passing => Some(pause_ms + (self.ports.monotonic_ms() % u64::from(FIRST_PAUSE_MS)) as u32),
            Some(_) | None => None,
        }
    }

    async fn send_once(&self, request: HttpRequest, timeout_ms: Option<u32>) -> Result<P::Value, Error> {
        let sending = pin!(self.ports.send(request));
        let alarm = pin!(self.ports.sleep(timeout_ms.unwrap_or(self.config.timeout_ms)));
        match select(sending, alarm).await {
            Either::Left((response, _)) => envelope::success(response?, &self.ports),
            Either::Right(((), _)) => Err(Error::new(ErrorCode::Timeout, "The service did not answer in time.")),
        }
    }
}

impl<P: Reauthentication> Service<P> {
    /// Whether a user without access token is named by header: only if the client has no way to get an access token.
    pub(super) fn uses_device_token_header(&self) -> bool {
        let Self { config, ports } = self;
        config.device_token_header && config.instance_key.is_none() && !ports.can_reauthenticate()
    }
}
