//! A connection on which a test writes every byte, for requests that an HTTP client would not send.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::Service;

/// A connection to a service.
#[derive(Debug)]
pub struct Wire {
    stream: BufReader<TcpStream>,
}

/// The answer to a request on a [`Wire`].
#[derive(Debug)]
pub struct WireAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Every byte that was received.
    pub bytes: Vec<u8>,
    /// The head, in lower case.
    pub head: String,
    /// The body; `null` if it is not JSON.
    pub body: Value,
}

impl Wire {
    /// Connects to a service.
    ///
    /// # Panics
    ///
    /// The service does not accept the connection.
    pub async fn to(service: &Service) -> Self {
        let address = service.url().trim_start_matches("http://");
        Self { stream: BufReader::new(TcpStream::connect(address).await.expect("a listening service")) }
    }

    /// Sends these bytes and waits for an answer; `None` if the connection ends before the answer is whole.
    pub async fn ask(&mut self, bytes: &[u8]) -> Option<WireAnswer> {
        // A service may answer and close the connection before it has read everything: the answer counts, not the error.
        let _ = self.stream.get_mut().write_all(bytes).await;
        self.read().await
    }

    /// Sends these bytes and closes the connection.
    pub async fn leave(mut self, bytes: &[u8]) {
        let _ = self.stream.get_mut().write_all(bytes).await;
        let _ = self.stream.get_mut().shutdown().await;
        // The service closes its side once it has noticed.
        let _ = self.stream.read_to_end(&mut Vec::new()).await;
    }

    async fn read(&mut self) -> Option<WireAnswer> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await.ok()?);
        }
        let mut bytes = head.clone();
        let head = String::from_utf8_lossy(&head).to_lowercase();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let mut body = vec![0; length.map_or(0, |length| length.trim().parse().expect("a length"))];
        self.stream.read_exact(&mut body).await.ok()?;
        bytes.extend_from_slice(&body);
        Some(WireAnswer { status, bytes, head, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
    }
}

impl WireAnswer {
    /// Checks that this is an envelope of the contract, and not a `5xx`.
    ///
    /// # Errors
    ///
    /// A description of the difference.
    pub fn check(&self) -> Result<(), String> {
        let body = &self.body;
        if self.status >= 500 {
            return Err(format!("the service failed: {self:?}"));
        }
        let has = |status: &str, title: &str, errors: &str| {
            body[status] == self.status && body[title].is_string() && body[errors].is_array()
        };
        // The permissions of an admin have names in camelCase.
        let whole = has("Status", "Title", "Errors") || (self.status == 200 && has("status", "title", "errors"));
        let result = body.get("Result").is_none() || self.status == 200;
        if whole && result { Ok(()) } else { Err(format!("not an envelope with the status of HTTP: {self:?}")) }
    }

    /// Checks that this is an answer of the control API: not a `5xx`, and a failure with a sentence.
    ///
    /// # Errors
    ///
    /// A description of the difference.
    pub fn check_control(&self) -> Result<(), String> {
        let is_explained = self.status < 400 || self.body["error"].as_str().is_some_and(|error| !error.is_empty());
        if self.status < 500 && is_explained {
            Ok(())
        } else {
            Err(format!("not an answer of the control API: {self:?}"))
        }
    }
}
