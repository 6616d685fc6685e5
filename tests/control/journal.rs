//! The journal and its verification.

use serde_json::{Value, json};
use telematics_contract_tests::Service;

use crate::api::{OwnInstance, ask, control};

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_journal_contains_requests_and_answers_without_any_secret() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({ "products": ["UBI"] })).await;
    let body = json!({ "Email": "ada@example.com", "Password": "canary-password", "FirstName": "Ada" });
    let tokens = own.register_with(&service, &body).await.tokens();
    service.refresh(&tokens).await.assert_success();
    let fields = json!({ "Email": "ada@example.com" }).to_string();
    let login = json!({ "LoginFields": fields, "Password": "canary-password" });
    service.post("/v1/Auth/Login", &login).header("InstanceId", &own.id).answer().await.assert_success();
    let change = json!({ "OldPassword": "canary-password", "NewPassword": "canary-new" });
    service.update(&tokens.access_token, &change).await.assert_success();
    let broken = service.request("POST", "/v1/Auth/Login").header("InstanceId", &own.id);
    broken.text("application/json", r#"{"Password":"canary-broken"#).answer().await.assert_failure(400);

    let journal = own.control(&service, "GET", "/requests", &Value::Null).await;
    let entries = journal.as_array().unwrap();
    assert_eq!(entries.len(), 5, "{journal}");
    assert_eq!(entries[0]["path"], "/v1/Registration/Create");
    assert_eq!(entries[0]["status"], 200);
    assert_eq!(entries[0]["request"]["FirstName"], "Ada");
    assert_eq!(entries[0]["deviceToken"], tokens.device_token);
    assert_eq!(entries[4]["request"], json!({ "bytes": 26 }), "a body that is not JSON appears as its length");
    let text = journal.to_string();
    for secret in ["canary", own.key.as_str(), &tokens.access_token, &tokens.refresh_token] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_journal_is_searched_by_method_path_status_user_number_and_limit() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let (ada, bob) = (own.register(&service).await, own.register(&service).await);
    service.profile(&ada.access_token).await.assert_success();
    service.profile(&bob.access_token).await.assert_success();
    service.update(&ada.access_token, &json!({ "Gender": "Robot" })).await.assert_failure(422);
    let count = async |query: &str| {
        let found = own.control(&service, "GET", &format!("/requests?{query}"), &Value::Null).await;
        found.as_array().unwrap().len()
    };
    assert_eq!(count("method=get").await, 2);
    assert_eq!(count("path=/v1/management/USERS").await, 3);
    assert_eq!(count("status=422").await, 1);
    assert_eq!(count(&format!("deviceToken={}", ada.device_token)).await, 3, "including the registration");
    assert_eq!(count("limit=2").await, 2);
    let numbers = own.control(&service, "GET", "/requests", &Value::Null).await;
    let third = numbers[2]["number"].as_u64().unwrap();
    assert_eq!(count(&format!("since={third}")).await, 2);
    own.control(&service, "DELETE", "/requests", &json!({})).await;
    assert_eq!(count("").await, 0);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_failed_verification_names_the_nearest_misses_and_their_differences() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let tokens = own.register(&service).await;
    service.refresh(&tokens).await.assert_success();
    let verify = async |body: Value| ask(&service, "POST", &own.path("/requests/verify"), &body).await;
    let good = verify(json!({ "match": { "path": "*RefreshToken", "status": 200 }, "exactly": 1 })).await;
    assert_eq!((good.status.as_u16(), good.body), (200, json!({ "ok": true, "count": 1 })));
    assert_eq!(verify(json!({ "match": {}, "atLeast": 2 })).await.status, 200);
    assert_eq!(verify(json!({ "match": {}, "atMost": 1 })).await.status, 409);
    let refuted = verify(json!({ "match": { "path": "*RefreshToken", "status": 401 }, "exactly": 1 })).await;
    assert_eq!(refuted.status, 409);
    assert_eq!(refuted.body["count"], 0);
    assert!(refuted.body["error"].as_str().unwrap().contains("expected exactly 1, but there were 0"));
    let nearest = &refuted.body["nearest"][0];
    assert_eq!(nearest["request"]["path"], "/v1/Auth/RefreshToken");
    assert_eq!(nearest["differences"], json!([{ "criterion": "status", "expected": "401", "actual": "200" }]));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_journal_keeps_the_latest_entries_up_to_its_size() {
    for (size, expected) in [(3, 3), (0, 0)] {
        let service = Service::mock().journal_size(size).await;
        for _ in 0..5 {
            service.register(&json!({})).await;
        }
        let journal = control(&service, "GET", "/requests", &Value::Null).await;
        assert_eq!(journal.as_array().unwrap().len(), expected);
    }
}
