//! Bodies over the limit: the answer arrives although the client has not sent the whole body.

use serde_json::json;
use telematics_contract_tests::Service;

#[tokio::test]
async fn a_body_far_over_the_limit_gets_a_413_and_not_a_broken_connection() {
    let service = Service::any().await;
    for bytes in [2 << 20, 8 << 20, 32 << 20] {
        let body = json!({ "Address": "x".repeat(bytes) });
        service.registration(&body).answer().await.assert_failure(413);
    }
}
