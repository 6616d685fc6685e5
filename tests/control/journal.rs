//! The journal and its verification.

use std::sync::Arc;

use serde_json::{Value, json};
use telematics_contract_tests::{Listener, NOBODY, Service, until};

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

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_request_whose_client_gives_up_is_in_the_journal_is_counted_and_sends_its_events() {
    let service = Arc::new(Service::mock().await);
    let own = OwnInstance::create(&service, &json!({})).await;
    let tokens = own.register(&service).await;
    let mut listener = Listener::connect(service.url(), &own.path("/events")).await;
    let fault = json!({ "match": { "path": "*RefreshToken" }, "then": { "delayMs": 600_000 } });
    own.control(&service, "POST", "/faults", &fault).await;
    let barrier = json!({ "match": { "method": "GET" }, "parties": 2, "timeoutMs": 60_000 });
    own.control(&service, "POST", "/barriers", &barrier).await;
    let delayed = {
        let (service, tokens) = (Arc::clone(&service), tokens.clone());
        tokio::spawn(async move { service.refresh(&tokens).await })
    };
    let waiting = {
        let (service, token) = (Arc::clone(&service), tokens.access_token.clone());
        tokio::spawn(async move { service.profile(&token).await })
    };
    until("the fault delays one request and the barrier holds the other", async || {
        let faults = own.control(&service, "GET", "/faults", &Value::Null).await;
        let barriers = own.control(&service, "GET", "/barriers", &Value::Null).await;
        faults[0]["fired"] == 1 && barriers[0]["waiting"] == 1
    })
    .await;
    delayed.abort();
    waiting.abort();

    for path in ["*RefreshToken", "*users"] {
        let body = json!({ "match": { "path": path }, "exactly": 1, "within": "20s" });
        own.control(&service, "POST", "/requests/verify", &body).await;
        let journal = own.control(&service, "GET", &format!("/requests?path={path}"), &Value::Null).await;
        assert_eq!((&journal[0]["status"], &journal[0]["response"]), (&Value::Null, &Value::Null), "{journal}");
    }
    let refresh = own.control(&service, "GET", "/requests?path=*RefreshToken", &Value::Null).await;
    assert_eq!((&refresh[0]["fault"], &refresh[0]["deviceToken"]), (&json!(1), &json!(tokens.device_token)));
    for _ in 0..2 {
        assert_eq!(listener.next("request").await["status"], Value::Null);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn no_secret_is_shown_whatever_its_spelling_its_type_or_its_place() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let login = || service.request("POST", "/v1/Auth/Login").header("InstanceId", &own.id);
    for body in [
        json!({ "access_token": "canary", "refresh-token": ["canary"], "jwt": "canary", "PASSWORD": { "a": "canary" } }),
        json!({ "LoginFields": "\"canary\"" }),
        json!({ "LoginFields": "[\"canary\"]", "Note": "{\"password\":\"canary\"}" }),
        json!({ "Nickname": "eyJhbGciOiJub25lIn0.canary.canary" }),
        json!("canary"),
        json!(["canary"]),
    ] {
        login().json(&body).answer().await;
    }
    let query =
        [("access_token", "canary"), ("Password", "canary"), ("x", r#"{"jwt":"canary"}"#), ("DeviceToken", "7")];
    let request = service.get("/v1/Management/users").header("InstanceId", &own.id).header("X-Canary-Test", "canary");
    request.query(&query).answer().await;
    let journal = own.control(&service, "GET", "/requests", &Value::Null).await;
    assert_eq!(journal.as_array().unwrap().len(), 7);
    assert!(!journal.to_string().contains("canary\""), "{journal}");
    assert!(!journal.to_string().contains("canary,"), "{journal}");
    let last = &journal[6];
    assert_eq!(last["query"], "access_token=[redacted]&Password=[redacted]&x=[redacted]&DeviceToken=7");
    let headers: Vec<_> = last["headers"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(headers.contains(&"instanceid") && headers.contains(&"x-canary-test"), "{headers:?}");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_journal_is_searched_by_hint_header_and_body() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    own.register_with(&service, &json!({ "FirstName": "Ada", "ClientId": "c-1" })).await.assert_success();
    own.register_with(&service, &json!({ "FirstName": "Bob" })).await.assert_success();
    let count = async |body: Value| {
        let verified = own.control(&service, "POST", "/requests/verify", &body).await;
        verified["count"].as_u64().unwrap()
    };
    let match_of = |matching: Value, exactly: u64| json!({ "match": matching, "exactly": exactly });
    for (matching, expected) in [
        (json!({ "hint": true }), 1),
        (json!({ "hint": false }), 1),
        (json!({ "hint": "*UserFields*" }), 1),
        (json!({ "headers": { "INSTANCEID": true } }), 2),
        (json!({ "headers": { "InstanceId": false } }), 0),
        (json!({ "body": { "/firstname": "A*" } }), 1),
        (json!({ "body": { "/FirstName": "Ada", "/ClientId": "c-2" } }), 0),
        (json!({ "body": { "/ClientId": null } }), 1),
    ] {
        assert_eq!(count(match_of(matching, expected)).await, expected);
    }
    let found = async |query: &str| {
        let found = own.control(&service, "GET", &format!("/requests?{query}"), &Value::Null).await;
        found.as_array().unwrap().len()
    };
    assert_eq!(found("hint=true").await, 1);
    assert_eq!(found("hint=*nothing*").await, 0);
    assert_eq!(found("match=%7B%22body%22:%7B%22/FirstName%22:%22Bob%22%7D%7D").await, 1);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_journal_is_read_page_by_page_forward_and_back() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    for _ in 0..5 {
        own.register(&service).await;
    }
    let numbers = async |query: &str| -> Vec<u64> {
        let found = own.control(&service, "GET", &format!("/requests?{query}"), &Value::Null).await;
        found.as_array().unwrap().iter().map(|entry| entry["number"].as_u64().unwrap()).collect()
    };
    assert_eq!(numbers("first=2").await, [1, 2]);
    assert_eq!(numbers("since=2&first=2").await, [3, 4]);
    assert_eq!(numbers("limit=2").await, [4, 5]);
    assert_eq!(numbers("before=4&limit=2").await, [2, 3]);
    assert_eq!(numbers("since=1&before=4").await, [2, 3]);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_verification_that_finds_too_many_requests_names_the_last_matching_ones() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    for _ in 0..4 {
        own.register(&service).await;
    }
    let body = json!({ "match": { "path": "*Create" }, "atMost": 1 });
    let failed = ask(&service, "POST", &own.path("/requests/verify"), &body).await;
    let nearest = failed.body["nearest"].as_array().unwrap();
    let numbers: Vec<_> = nearest.iter().map(|miss| miss["request"]["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [4, 3, 2]);
    assert!(nearest.iter().all(|miss| miss["differences"] == json!([])), "{nearest:?}");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_admins_call_is_about_the_user_whom_it_names_and_not_about_a_stray_header() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let (user, other) = (service.register(&json!({})).await, service.register(&json!({})).await);
    let fault = json!({ "match": { "deviceToken": user.device_token, "path": "*change" }, "then": { "status": 503 } });
    control(&service, "POST", "/faults", &fault).await;
    let update = service.put("/v1/Management/users", &json!({ "City": "Paris" })).bearer(&admin);
    let update = update.header("UserDeviceToken", &user.device_token).header("DeviceToken", &other.device_token);
    update.answer().await.assert_success();
    let change = json!({ "deviceToken": user.device_token, "ToInstanceId": NOBODY, "ToInstanceKey": NOBODY });
    let change = service.post("/v1/Management/users/instances/change", &change).bearer(&admin);
    assert_eq!(change.answer().await.status, 503, "the fault of the user hits it");
    service.request("DELETE", &format!("/v1/Management/users/{}", user.device_token)).bearer(&admin).answer().await;
    for (path, expected) in [("*Management/users", 1), ("*change", 1), ("/v1/Management/users/*-*", 1)] {
        let body = json!({ "match": { "path": path, "deviceToken": user.device_token }, "exactly": expected });
        control(&service, "POST", "/requests/verify", &body).await;
    }
    let body = json!({ "match": { "path": "*Management*", "deviceToken": other.device_token }, "exactly": 0 });
    control(&service, "POST", "/requests/verify", &body).await;
}
