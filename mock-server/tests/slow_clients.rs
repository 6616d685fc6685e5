//! Clients that are slow or idle. Time is that of tokio: it moves as soon as client and server both wait. No other program has that time,
//! so the command in Node has tests of its own with short limits (`mock-wasm/tests/slow-clients.test.mjs`).

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

use std::time::Duration;

use telematics_mock::{Fault, FaultEffect, MockServer, RequestMatch};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

/// A connection to a server, and the time at which it was opened.
struct Connection {
    stream: TcpStream,
    opened: Instant,
}

impl Connection {
    async fn to(server: &MockServer) -> Self {
        let stream = TcpStream::connect(server.uri().strip_prefix("http://").unwrap()).await.unwrap();
        Self { stream, opened: Instant::now() }
    }

    async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// Everything until the server closes the connection, and the seconds until then.
    async fn rest(&mut self) -> (String, u64) {
        let mut rest = String::new();
        self.stream.read_to_string(&mut rest).await.unwrap();
        (rest, (self.opened.elapsed() + Duration::from_millis(500)).as_secs())
    }

    /// Reads until `end` has arrived.
    async fn until(&mut self, end: &str) -> String {
        let mut text = Vec::new();
        while !text.ends_with(end.as_bytes()) {
            text.push(self.stream.read_u8().await.unwrap());
        }
        String::from_utf8(text).unwrap()
    }
}

const HEALTH: &str = "GET /__mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn registration(length: usize) -> String {
    format!(
        "POST /v1/Registration/Create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n"
    )
}

/// Whether this is the answer `408` with an envelope, after which the connection is closed.
fn assert_is_408(answer: &str) {
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert!(answer.to_lowercase().contains("\r\nconnection: close\r\n"), "{answer}");
    assert!(answer.contains(r#""Status":408,"Title":"The "#), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_arrive_within_30_seconds_is_408() {
    let server = MockServer::start().await.unwrap();
    let mut connection = Connection::to(&server).await;
    connection.send("GET /v1/Management/users HTTP/1.1\r\nHost: loc").await;
    let (answer, seconds) = connection.rest().await;
    assert_is_408(&answer);
    assert_eq!(seconds, 30);
}

#[tokio::test(start_paused = true)]
async fn a_head_of_which_a_byte_arrives_now_and_then_is_408_after_30_seconds_too() {
    let server = MockServer::start().await.unwrap();
    let Connection { stream, opened } = Connection::to(&server).await;
    let (mut read, mut write) = stream.into_split();
    let dripping = tokio::spawn(async move {
        write.write_all(b"GET /v1/Management/users HTTP/1.1\r\nX: ").await.unwrap();
        while write.write_all(b"x").await.is_ok() {
            sleep(Duration::from_secs(7)).await;
        }
    });
    let mut start = [0; 12];
    read.read_exact(&mut start).await.unwrap();
    dripping.abort();
    assert_eq!(&start, b"HTTP/1.1 408");
    assert_eq!((opened.elapsed() + Duration::from_millis(500)).as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_body_of_which_nothing_arrives_for_30_seconds_is_408_with_an_envelope_and_a_journal_entry() {
    let server = MockServer::start().await.unwrap();
    let mut connection = Connection::to(&server).await;
    connection.send(&format!("{}{{", registration(1000))).await;
    let (answer, seconds) = connection.rest().await;
    assert_is_408(&answer);
    assert_eq!(seconds, 30);
    assert_eq!(server.requests()[0].status, Some(408));
}

#[tokio::test(start_paused = true)]
async fn the_body_of_a_control_call_that_does_not_arrive_is_408_too() {
    let server = MockServer::start().await.unwrap();
    let mut connection = Connection::to(&server).await;
    let head =
        "POST /__mock/clock HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n";
    connection.send(head).await;
    let (answer, _) = connection.rest().await;
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert!(answer.ends_with(r#"{"error":"The body did not arrive in time."}"#), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_keeps_coming_slowly_is_read_for_up_to_ten_minutes() {
    let server = MockServer::start().await.unwrap();
    for (seconds, expected) in [(20, "HTTP/1.1 422"), (25, "HTTP/1.1 408")] {
        let (mut read, mut write) = Connection::to(&server).await.stream.into_split();
        let sending = tokio::spawn(async move {
            write.write_all(registration(28).as_bytes()).await.unwrap();
            for byte in format!("{:26}{{}}", "").bytes() {
                sleep(Duration::from_secs(seconds)).await;
                write.write_u8(byte).await.unwrap();
            }
            write
        });
        let mut start = [0; 12];
        read.read_exact(&mut start).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&start), expected, "a byte each {seconds} s");
        sending.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_requests_is_closed_after_two_minutes_without_an_answer() {
    let server = MockServer::start().await.unwrap();
    let mut connection = Connection::to(&server).await;
    assert_eq!(connection.rest().await, (String::new(), 120));

    let mut connection = Connection::to(&server).await;
    for _ in 0..3 {
        sleep(Duration::from_secs(100)).await;
        connection.send(HEALTH).await;
        connection.until("}").await;
    }
    assert_eq!(connection.rest().await, (String::new(), 300 + 120));
}

#[tokio::test(start_paused = true)]
async fn an_event_stream_a_held_request_and_a_slow_answer_outlive_every_limit() {
    let server = MockServer::start().await.unwrap();
    let mut listener = Connection::to(&server).await;
    listener.send("GET /__mock/events HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    listener.until("\r\n\r\n").await;

    let held = FaultEffect { delay_ms: 600_000, dribble_ms: 600_000, ..FaultEffect::default() };
    server.add_fault(Fault::new(RequestMatch::path("/v1/Management/users"), held).times(1)).unwrap();
    let mut connection = Connection::to(&server).await;
    connection.send("GET /v1/Management/users HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let answer = connection.until("}").await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(connection.opened.elapsed() >= Duration::from_secs(1100), "{:?}", connection.opened.elapsed());

    server.clock().freeze();
    listener.until("event:clock\n").await;
}

#[tokio::test]
async fn a_connection_has_one_descriptor() {
    let server = MockServer::start().await.unwrap();
    let descriptors = || std::fs::read_dir("/proc/self/fd").map(Iterator::count);
    let Ok(before) = descriptors() else { return };
    let mut connections = Vec::new();
    for _ in 0..100 {
        let mut connection = Connection::to(&server).await;
        connection.send(HEALTH).await;
        connection.until("}").await;
        connections.push(connection);
    }
    let opened = descriptors().unwrap() - before;
    // Those of the clients and those of the server; other tests of this file may run at the same time.
    assert!(opened < 250, "{opened} descriptors for 100 connections");
}
