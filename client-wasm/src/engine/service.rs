//! One call of the service and nothing else: no session, no second try.

use std::future::Future;
use std::pin::{Pin, pin};

use futures_util::future::{Either, select};

use telematics_contract::auth::TokensResponse;

use super::config::Config;
use super::http::HttpRequest;
use super::ports::{Clock, Codec, Transport};
use super::session::{Moment, Session};
use crate::calls::envelope;
use crate::error::{Error, ErrorCode};

/// How long the first pause before another try is at least, in milliseconds; every one after it is twice as long.
const FIRST_PAUSE_MS: u32 = 250;

/// A future in a box: what many await is compiled once, and not into each of them.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// The service at one address.
pub struct Service<P> {
    /// Where the service is.
    pub config: Config,
    /// The way to it.
    pub ports: P,
}

impl<P: Clock + Transport + Codec> Service<P> {
    /// Makes a call that gives out tokens. `answer` is the second half of the call; as a plain function, so that there is one
    /// exchange for all such calls.
    ///
    /// # Errors
    /// Those of [`Self::send`], and `decode`.
    pub fn exchange(
        &self,
        request: HttpRequest,
        answer: fn(&str, &P) -> Result<TokensResponse, Error>,
        timeout_ms: Option<u32>,
    ) -> Boxed<'_, Result<Session, Error>> {
        Box::pin(async move {
            let asked = Moment::now(&self.ports);
            let body = self.send(request, timeout_ms).await?;
            Session::given(answer(&body, &self.ports)?, asked).ok_or_else(Error::decode)
        })
    }

    /// Sends a request and resolves to the body of a success. Where the network or the service fails for a while, a repeatable
    /// request is sent again.
    ///
    /// # Errors
    /// `network`, `timeout`, `decode`, or what the status of the answer means.
    pub fn send(&self, request: HttpRequest, timeout_ms: Option<u32>) -> Boxed<'_, Result<String, Error>> {
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

    /// How long to wait before the next try; `None` when there should be none.
    fn wait_ms(&self, error: &Error, pause_ms: u32) -> Option<u32> {
        let is_passing = error.code == ErrorCode::Network || matches!(error.status, Some(502..=504));
        let asked_ms = error.retry_after_seconds.map(|seconds| seconds.saturating_mul(1000));
        match asked_ms {
            // Whoever is told to come back in an hour tells the caller so.
            Some(asked_ms) if is_passing || error.code == ErrorCode::RateLimited => {
                Some(asked_ms).filter(|asked_ms| *asked_ms <= self.config.timeout_ms)
            }
            // Pages that failed together should not come back together.
            None if is_passing => Some(pause_ms + (self.ports.monotonic_ms() % u64::from(FIRST_PAUSE_MS)) as u32),
            Some(_) | None => None,
        }
    }

    async fn send_once(&self, request: HttpRequest, timeout_ms: Option<u32>) -> Result<String, Error> {
        let sending = pin!(self.ports.send(request));
        let alarm = pin!(self.ports.sleep(timeout_ms.unwrap_or(self.config.timeout_ms)));
        match select(sending, alarm).await {
            Either::Left((response, _)) => envelope::accept(response?, &self.ports),
            Either::Right(((), _)) => Err(Error::new(ErrorCode::Timeout, "The service did not answer in time.")),
        }
    }
}
