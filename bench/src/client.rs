//! A client that costs next to nothing, so that the server is what is measured.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection that is kept alive.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A user's tokens.
pub(crate) struct Pair {
    access: String,
    refresh: String,
}

const INSTANCE: &str =
    "InstanceId: 11111111-1111-4111-8111-111111111111\r\nInstanceKey: 22222222-2222-4222-8222-222222222222\r\n";

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

impl Connection {
    pub(crate) async fn open(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(4096) })
    }

    pub(crate) async fn health(&mut self) -> io::Result<()> {
        self.ask("GET /__mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.map(drop)
    }

    async fn post(&mut self, path: &str, headers: &str, body: &str) -> io::Result<String> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.ask(&request).await
    }

    /// Sends a request and reads the body of its answer, which must be a `200`.
    async fn ask(&mut self, request: &str) -> io::Result<String> {
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(broken("the server closed the connection"));
            }
            let text = std::str::from_utf8(&self.buffer).map_err(io::Error::other)?;
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            if !head.starts_with("HTTP/1.1 200") {
                return Err(broken(text));
            }
            let length = head.split_once("content-length: ").and_then(|(_, rest)| rest.lines().next()?.parse().ok());
            let length: usize = length.ok_or_else(|| broken("no content-length"))?;
            if body.len() >= length {
                return Ok(body.to_owned());
            }
        }
    }
}

impl Pair {
    pub(crate) async fn register(connection: &mut Connection) -> io::Result<Self> {
        Self::of(&connection.post("/v1/Registration/Create", INSTANCE, "{}").await?)
    }

    pub(crate) async fn refresh(self, connection: &mut Connection) -> io::Result<Self> {
        let body = format!(r#"{{"AccessToken":"{}","RefreshToken":"{}"}}"#, self.access, self.refresh);
        Self::of(&connection.post("/v1/Auth/RefreshToken", "", &body).await?)
    }

    fn of(body: &str) -> io::Result<Self> {
        let field = |name: &str| {
            let (_, rest) = body.split_once(&format!("\"{name}\":\""))?;
            rest.split('"').next().map(str::to_owned)
        };
        let missing = || broken("an answer without tokens");
        Ok(Self { access: field("Token").ok_or_else(missing)?, refresh: field("RefreshToken").ok_or_else(missing)? })
    }
}
