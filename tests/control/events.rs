//! Server-sent events.

use std::time::Duration;

use serde_json::json;
use telematics_contract_tests::Service;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::asking::{Own, server};

/// Somebody who listens over a socket.
struct Listener {
    stream: TcpStream,
    heard: String,
}

impl Listener {
    async fn to(service: &Service, path: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // Little room, so that somebody who does not read is soon noticed.
        socket.set_recv_buffer_size(4096).unwrap();
        let address = service.url().trim_start_matches("http://").parse().unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        let request = format!("GET /__mock{path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut listener = Self { stream, heard: String::new() };
        listener.hear("\r\n\r\n").await;
        assert!(listener.heard.to_lowercase().contains("content-type: text/event-stream"), "{}", listener.heard);
        listener
    }

    /// Listens until that was heard.
    async fn hear(&mut self, part: &str) {
        let listening = async {
            let mut buffer = [0; 65_536];
            while !self.heard.contains(part) {
                let length = self.stream.read(&mut buffer).await.unwrap();
                assert!(length > 0, "the stream ended");
                self.heard.push_str(&String::from_utf8_lossy(&buffer[..length]));
            }
        };
        let heard = tokio::time::timeout(Duration::from_secs(20), listening).await;
        assert!(heard.is_ok(), "{part} was never heard");
    }
}

#[tokio::test]
async fn a_listener_hears_what_happens_in_its_instance_and_no_secret() {
    let service = server().await;
    let (own, other) = (Own::create(&service, &json!({})).await, Own::create(&service, &json!({})).await);
    let mut listener = Listener::to(&service, &own.path("/events")).await;
    other.register(&service).await;
    let tokens = own.register(&service).await;
    listener.hear("event:request").await;
    listener.hear("event:token").await;
    own.control(&service, "POST", "/clock", &json!({ "advance": "1h" })).await;
    listener.hear("event:clock").await;
    let fault = json!({ "match": {}, "times": 1, "then": { "status": 500 } });
    own.control(&service, "POST", "/faults", &fault).await;
    service.profile(&tokens.access_token).await;
    listener.hear("event:fault").await;
    service.refresh(&tokens).await.assert_success();
    service.refresh(&tokens).await.assert_failure(401);
    listener.hear("event:hint").await;
    assert_eq!(
        listener.heard.matches("/v1/Registration/Create").count(),
        2,
        "its own registration only: {}",
        listener.heard
    );
    for secret in [&tokens.access_token, &tokens.refresh_token, &own.key] {
        assert!(!listener.heard.contains(secret.as_str()));
    }
}

#[tokio::test]
async fn a_message_is_heard_without_its_password() {
    let service = server().await;
    let own = Own::create(&service, &json!({ "products": ["UBI"] })).await;
    let mut listener = Listener::to(&service, &own.path("/events")).await;
    let body = json!({ "Email": "ada@example.com", "Password": "canary" });
    own.register_with(&service, &body).await.assert_success();
    listener.hear("event:message").await;
    listener.hear("ada@example.com").await;
    assert!(!listener.heard.contains("canary"));
}

#[tokio::test]
async fn somebody_who_does_not_listen_slows_nobody_and_is_told_what_was_missed() {
    let service = server().await;
    let tokens = service.register(&json!({})).await;
    let mut listener = Listener::to(&service, "/events").await;
    // Far more than the socket and the server keep for somebody who does not read: each event names its long path.
    let path = format!("/v1/{}", "x".repeat(7_000));
    for _ in 0..60 {
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..50 {
            asking.spawn(service.get(&path).answer());
        }
        asking.join_all().await;
    }
    service.profile(&tokens.access_token).await.assert_success();
    listener.hear("event:missed").await;
}
