//! A listener of the mock's server-sent events.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// The longest time that a test waits for an event.
const LIMIT: Duration = Duration::from_secs(20);

/// A server-sent event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its kind: `request`, `token`, `message`, `clock`, `fault`, `hint` or `missed`.
    pub kind: String,
    /// Its data.
    pub data: Value,
}

/// A connection that receives server-sent events.
#[derive(Debug)]
pub struct Listener {
    stream: TcpStream,
    /// The received bytes that are not yet a whole line.
    rest: Vec<u8>,
    /// The kind of the event whose data has not arrived yet.
    kind: Option<String>,
    events: Vec<Event>,
    /// How many events [`Listener::next`] has passed.
    passed: usize,
}

impl Listener {
    /// Connects to `GET /__mock{path}` of the server at `url` and waits for the head of the response.
    ///
    /// # Panics
    ///
    /// The server does not answer with an event stream.
    pub async fn connect(url: &str, path: &str) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        // A small buffer: the server soon notices a listener that does not read.
        socket.set_recv_buffer_size(4096).expect("a buffer size");
        let address = url.trim_start_matches("http://").parse().expect("an address");
        let mut stream = socket.connect(address).await.expect("a listening server");
        let request = format!("GET /__mock{path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("a sent request");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("the head of a response"));
        }
        let head = String::from_utf8_lossy(&head).to_lowercase();
        assert!(head.contains("content-type: text/event-stream"), "{head}");
        Self { stream, rest: Vec::new(), kind: None, events: Vec::new(), passed: 0 }
    }

    /// Waits for the next event of this kind and passes every event before it. Returns its data.
    ///
    /// # Panics
    ///
    /// No such event arrives within 20 seconds, or the stream ends.
    pub async fn next(&mut self, kind: &str) -> Value {
        let waiting = async {
            loop {
                while let Some(event) = self.events.get(self.passed) {
                    self.passed += 1;
                    if event.kind == kind {
                        return event.data.clone();
                    }
                }
                self.receive().await;
            }
        };
        // Real time: the events cross a socket.
        let Ok(data) = tokio::time::timeout(LIMIT, waiting).await else { panic!("no event of the kind {kind}") };
        data
    }

    /// Every event that has arrived, the oldest first.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    async fn receive(&mut self) {
        let mut buffer = [0; 65_536];
        let length = self.stream.read(&mut buffer).await.expect("a stream of events");
        assert!(length > 0, "the stream ended");
        self.rest.extend_from_slice(&buffer[..length]);
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            self.read_line(String::from_utf8_lossy(&line).trim());
        }
    }

    /// Reads a line of the stream; a line with the length of an HTTP chunk is neither a kind nor data.
    fn read_line(&mut self, line: &str) {
        if let Some(kind) = line.strip_prefix("event:") {
            self.kind = Some(kind.trim().to_owned());
        } else if let (Some(data), Some(kind)) = (line.strip_prefix("data:"), self.kind.take()) {
            let data = serde_json::from_str(data).expect("the data of an event is JSON");
            self.events.push(Event { kind, data });
        }
    }
}
