//! One blocking connection, for what happens before and between measurements.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context as _, Result, bail};

use crate::bare_hyper::Answer;
use crate::calls::{CREATE, LOGIN, Pair};
use crate::http::{self, Frame, text_field, write_get, write_post};
use crate::server::Server;

/// A connection that waits for each answer.
pub(crate) struct Session {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Session {
    /// Connects.
    ///
    /// # Errors
    /// If the server cannot be reached.
    pub(crate) fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    /// `GET path`; the body of the answer.
    ///
    /// # Errors
    /// If the answer is not a success.
    pub(crate) fn get(&mut self, path: &str, headers: &str) -> Result<String> {
        let mut request = Vec::new();
        write_get(&mut request, path, headers);
        self.send(&request)
    }

    /// `POST path`; the body of the answer.
    ///
    /// # Errors
    /// If the answer is not a success.
    pub(crate) fn post(&mut self, path: &str, headers: &str, body: &str) -> Result<String> {
        let mut request = Vec::new();
        write_post(&mut request, path, headers, body);
        self.send(&request)
    }

    /// Sends a request as it is; the body of the answer.
    ///
    /// # Errors
    /// If the answer is not a success.
    pub(crate) fn send(&mut self, request: &[u8]) -> Result<String> {
        self.stream.write_all(request)?;
        self.buffer.clear();
        let mut chunk = vec![0; 64 * 1024];
        let mut frame = None;
        loop {
            let read = self.stream.read(&mut chunk)?;
            if read == 0 {
                bail!("the server closed the connection");
            }
            self.buffer.extend_from_slice(chunk.get(..read).unwrap_or_default());
            if frame.is_none() {
                frame = Frame::find(&self.buffer)?;
            }
            if let Some(frame) = frame.filter(|frame| self.buffer.len() >= frame.len()) {
                return frame.body_of(&self.buffer).map(str::to_owned);
            }
        }
    }

    /// The last answer as one that a bare hyper server gives at `path`.
    ///
    /// # Errors
    /// If there was none.
    pub(crate) fn last_answer(&self, path: &str) -> Result<Answer> {
        let frame = Frame::find(&self.buffer)?.context("there was no answer")?;
        let mut headers = http::headers(&self.buffer)?;
        headers.retain(|(name, _)| !["date", "content-length"].iter().any(|own| name.eq_ignore_ascii_case(own)));
        Ok(Answer { path: path.to_owned(), headers, body: frame.body_of(&self.buffer)?.to_owned() })
    }

    /// Registers a user in the instance of the examples.
    ///
    /// # Errors
    /// If the answer has no tokens.
    pub(crate) fn register(&mut self, server: &Server) -> Result<Pair> {
        Pair::find(&self.post(CREATE, &server.instance()?.headers(), "{}")?)
    }

    /// Logs the admin of the whole server in; the access token.
    ///
    /// # Errors
    /// If the answer has none.
    pub(crate) fn admin(&mut self, server: &Server) -> Result<String> {
        let admin = server.ready.admin.as_ref().context("the ready line names no admin")?;
        let body = format!(r#"{{"LoginFields":{{"Email":"{}"}},"Password":"{}"}}"#, admin.email, admin.password);
        let answer = self.post(LOGIN, "", &body)?;
        text_field(&answer, "\"Token").map(str::to_owned).context("the admin's login gave no access token")
    }
}
