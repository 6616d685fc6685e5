//! One call of the service and nothing else: no session, no second try.

use std::pin::pin;

use futures_util::future::{Either, select};

use telematics_contract::auth::TokensResponse;

use super::config::Config;
use super::http::HttpRequest;
use super::ports::{Clock, Codec, Transport};
use super::session::{Moment, Session};
use crate::calls::envelope;
use crate::error::{Error, ErrorCode};

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
    pub async fn exchange(
        &self,
        request: HttpRequest,
        answer: fn(&str, &P) -> Result<TokensResponse, Error>,
        timeout_ms: Option<u32>,
    ) -> Result<Session, Error> {
        let asked = Moment::now(&self.ports);
        let body = self.send(request, timeout_ms).await?;
        Session::given(answer(&body, &self.ports)?, asked).ok_or_else(Error::decode)
    }

    /// Sends a request and resolves to the body of a success.
    ///
    /// # Errors
    /// `network`, `timeout`, `decode`, or what the status of the answer means.
    pub async fn send(&self, request: HttpRequest, timeout_ms: Option<u32>) -> Result<String, Error> {
        let sending = pin!(self.ports.send(request));
        let alarm = pin!(self.ports.sleep(timeout_ms.unwrap_or(self.config.timeout_ms)));
        match select(sending, alarm).await {
            Either::Left((response, _)) => envelope::accept(response?, &self.ports),
            Either::Right(((), _)) => Err(Error::new(ErrorCode::Timeout, "The service did not answer in time.")),
        }
    }
}
