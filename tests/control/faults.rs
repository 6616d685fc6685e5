//! Faults: failures that a test brings about on purpose, over real sockets.

use std::io::ErrorKind;

use serde_json::{Value, json};
use std::time::Duration;
use telematics_contract_tests::{Service, Tokens, timed, wait_ms};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::api::OwnInstance;

/// Sends a request and reads until the connection ends: the received bytes, and the error that ended the connection.
async fn raw(service: &Service, head: &str, body: &str) -> (String, Result<(), ErrorKind>) {
    let mut stream = TcpStream::connect(service.url().trim_start_matches("http://")).await.unwrap();
    let request = format!(
        "{head} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let end = stream.read_to_end(&mut answer).await.map(drop).map_err(|error| error.kind());
    (String::from_utf8_lossy(&answer).into_owned(), end)
}

async fn refresh_raw(service: &Service, tokens: &Tokens) -> (String, Result<(), ErrorKind>) {
    let body = json!({ "AccessToken": tokens.access_token, "RefreshToken": tokens.refresh_token });
    raw(service, "POST /v1/Auth/RefreshToken", &body.to_string()).await
}

async fn with_fault(then: Value) -> (Service, OwnInstance, Tokens) {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let tokens = own.register(&service).await;
    let fault = json!({ "match": { "path": "*RefreshToken" }, "times": 1, "then": then });
    own.control(&service, "POST", "/faults", &fault).await;
    (service, own, tokens)
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn status_body_and_headers_replace_the_answer_of_the_call() {
    let then = json!({ "status": 503, "body": { "oops": true }, "headers": { "Retry-After": "7" } });
    let (service, own, tokens) = with_fault(then).await;
    let answer = service.refresh(&tokens).await;
    assert_eq!((answer.status.as_u16(), &answer.body), (503, &json!({ "oops": true })));
    assert_eq!(answer.header("retry-after"), "7");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    // The call did not run, the fault is used up, and the journal names the request that it hit.
    service.refresh(&tokens).await.assert_success();
    let journal = own.control(&service, "GET", "/requests?path=*RefreshToken", &Value::Null).await;
    assert_eq!((&journal[0]["fault"], &journal[1]["fault"]), (&json!(1), &Value::Null));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn with_commit_then_drop_the_refresh_happens_and_no_answer_arrives() {
    let (service, own, tokens) = with_fault(json!({ "commitThenDrop": true })).await;
    let (answer, _) = refresh_raw(&service, &tokens).await;
    assert_eq!(answer, "", "the connection ends without an answer");
    let path = format!("/tokens?deviceToken={}", tokens.device_token);
    let tree = own.control(&service, "GET", &path, &Value::Null).await;
    assert_eq!(tree["generations"][0]["state"], "used", "the refresh has happened");
    service.refresh(&tokens).await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn with_reset_the_connection_is_reset_and_the_call_does_not_run() {
    let (service, _, tokens) = with_fault(json!({ "reset": true })).await;
    let (answer, end) = refresh_raw(&service, &tokens).await;
    assert_eq!((answer.as_str(), end), ("", Err(ErrorKind::ConnectionReset)));
    service.refresh(&tokens).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_truncated_body_ends_before_its_content_length() {
    let (service, _, tokens) = with_fault(json!({ "truncateBody": 10 })).await;
    let (answer, _) = refresh_raw(&service, &tokens).await;
    let (head, body) = answer.split_once("\r\n\r\n").expect("the head is whole");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let length: usize =
        head.to_lowercase().split_once("content-length: ").unwrap().1.lines().next().unwrap().parse().unwrap();
    assert_eq!(body.len(), 10);
    assert!(length > 500, "the length is that of the whole body: {length}");
}

/// The milliseconds that a fault delays a refresh. The timers of a connection are much shorter than ten minutes.
fn long() -> u64 {
    wait_ms(600_000, 500)
}

async fn time_of_a_refresh(service: &Service, tokens: &Tokens) -> Duration {
    let (answer, elapsed) = timed(service.refresh(tokens)).await;
    answer.assert_success();
    elapsed
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_dribbled_body_arrives_whole_after_the_given_time() {
    let (service, _, tokens) = with_fault(json!({ "dribbleMs": long() })).await;
    let elapsed = time_of_a_refresh(&service, &tokens).await;
    assert!(elapsed >= Duration::from_millis(long() * 98 / 100), "{elapsed:?}");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_delayed_call_runs_and_answers_after_the_given_time() {
    let (service, _, tokens) = with_fault(json!({ "delayMs": long() })).await;
    let elapsed = time_of_a_refresh(&service, &tokens).await;
    assert!(elapsed >= Duration::from_millis(long()), "{elapsed:?}");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn without_a_delay_a_call_answers_at_once() {
    let (service, _, tokens) = with_fault(json!({ "headers": { "X-Fault": "none" } })).await;
    let elapsed = time_of_a_refresh(&service, &tokens).await;
    assert!(elapsed < Duration::from_secs(300), "{elapsed:?}");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_fault_for_one_user_hits_no_other_user() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let (ada, bob) = (own.register(&service).await, own.register(&service).await);
    let fault = json!({ "match": { "deviceToken": ada.device_token }, "then": { "status": 500 } });
    own.control(&service, "POST", "/faults", &fault).await;
    assert_eq!(service.profile(&ada.access_token).await.status, 500);
    assert_eq!(service.refresh(&ada).await.status, 500);
    service.profile(&bob.access_token).await.assert_success();
    let login = json!({ "LoginFields": { "deviceToken": ada.device_token }, "Password": own.key });
    let answer = service.post("/v1/Auth/Login", &login).header("InstanceId", &own.id).answer().await;
    assert_eq!(answer.status, 500);
    let listed = own.control(&service, "GET", "/faults", &Value::Null).await;
    assert_eq!((&listed[0]["fired"], &listed[0]["times"]), (&json!(3), &Value::Null));
    own.control(&service, "DELETE", &format!("/faults/{}", listed[0]["id"]), &json!({})).await;
    service.profile(&ada.access_token).await.assert_success();
}
