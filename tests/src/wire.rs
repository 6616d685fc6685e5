//! A connection on which a test says every byte itself: for what an HTTP client would not send.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::Service;

/// A connection to a service.
#[derive(Debug)]
pub struct Wire {
    stream: BufReader<TcpStream>,
}

/// What came back.
#[derive(Debug)]
pub struct WireAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The head, in lower case.
    pub head: String,
    /// The body; `null` where it is no JSON.
    pub body: Value,
}

impl Wire {
    /// Connects to a service.
    ///
    /// # Panics
    ///
    /// Nobody listens.
    pub async fn to(service: &Service) -> Self {
        let address = service.url().trim_start_matches("http://");
        Self { stream: BufReader::new(TcpStream::connect(address).await.expect("somebody listens")) }
    }

    /// Sends these bytes and waits for an answer; `None` where the connection ends without a whole one.
    pub async fn ask(&mut self, bytes: &[u8]) -> Option<WireAnswer> {
        // A service may answer, and hang up, before it has read everything: its answer counts, not the broken pipe.
        let _ = self.stream.get_mut().write_all(bytes).await;
        self.read().await
    }

    /// Sends these bytes and hangs up.
    pub async fn leave(mut self, bytes: &[u8]) {
        let _ = self.stream.get_mut().write_all(bytes).await;
        let _ = self.stream.get_mut().shutdown().await;
        // Whoever is left hangs up too, once it has noticed.
        let _ = self.stream.read_to_end(&mut Vec::new()).await;
    }

    async fn read(&mut self) -> Option<WireAnswer> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await.ok()?);
        }
        let head = String::from_utf8_lossy(&head).to_lowercase();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let mut body = vec![0; length.map_or(0, |length| length.trim().parse().expect("a length"))];
        self.stream.read_exact(&mut body).await.ok()?;
        Some(WireAnswer { status, head, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
    }
}

impl WireAnswer {
    /// Checks that this is the contract's envelope and no failure of the service itself; says what is wrong otherwise.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub fn check(&self) -> Result<(), String> {
        let body = &self.body;
        if self.status >= 500 {
            return Err(format!("the service failed: {self:?}"));
        }
        let whole = body["Status"] == self.status && body["Title"].is_string() && body["Errors"].is_array();
        let result = body.get("Result").is_none() || self.status == 200;
        if whole && result { Ok(()) } else { Err(format!("no envelope, or another status: {self:?}")) }
    }
}
