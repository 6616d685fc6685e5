//! Bodies over the limit: the answer arrives although the client has not sent the whole body.

use serde_json::json;
use telematics_contract_tests::Service;

async fn send_large_bodies(service: &Service) {
    for bytes in [2 << 20, 8 << 20, 32 << 20] {
        let body = json!({ "Address": "x".repeat(bytes) });
        service.registration(&body).answer().await.assert_failure(413);
    }
}

#[tokio::test]
async fn a_body_far_over_the_limit_gets_a_413_and_not_a_broken_connection() {
    let service = Service::any().await;
    send_large_bodies(&service).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_client_that_sends_while_the_server_answers_gets_a_413_too() {
    let service = Service::any().await;
    for _ in 0..10 {
        send_large_bodies(&service).await;
    }
}
