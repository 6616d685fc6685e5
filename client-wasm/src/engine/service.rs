//! One call of the service and nothing else: no session, no second try.

use std::pin::pin;

use futures_util::future::{Either, select};

use super::config::Config;
use super::http::HttpRequest;
use super::ports::{Clock, Codec, Transport};
use crate::calls::{Operation, envelope};
use crate::error::{Error, ErrorCode};

/// The service at one address.
pub struct Service<P> {
    /// Where the service is.
    pub config: Config,
    /// The way to it.
    pub ports: P,
}

impl<P: Clock + Transport + Codec> Service<P> {
    /// Makes a call that needs no session.
    ///
    /// # Errors
    /// Those of [`Self::send`], and `decode`.
    pub async fn perform<O: Operation>(&self, operation: &O, timeout_ms: Option<u32>) -> Result<O::Answer, Error> {
        let request = operation.request(&self.config, &self.ports)?;
        let body = self.send(request, timeout_ms).await?;
        operation.answer(&body, &self.ports)
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
