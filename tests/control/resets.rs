//! What a reset and a restored snapshot leave behind.

use serde_json::{Value, json};
use telematics_contract_tests::{Listener, Multipart, Service, Tokens};

use crate::api::{OwnInstance, control};

/// The URL of a picture that a user uploads.
async fn upload(service: &Service, user: &Tokens, file: &[u8]) -> String {
    let request = service.request("POST", "/v1/Management/users/images/upload").bearer(&user.access_token);
    let answer = request.multipart(&Multipart::new("file", file)).answer().await;
    answer.result().as_str().unwrap().to_owned()
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_reset_keeps_the_settings_that_the_instance_was_created_with() {
    let service = Service::mock().await;
    let settings = json!({ "settings": { "loginTokenSeconds": 77, "rotation": "grace", "graceSeconds": 5 } });
    let own = OwnInstance::create(&service, &settings).await;
    let before = own.control(&service, "GET", "/settings", &Value::Null).await;
    assert_eq!(before["loginTokenSeconds"], 77);
    own.control(&service, "PATCH", "/settings", &json!({ "loginTokenSeconds": 5, "rotation": "off" })).await;
    own.control(&service, "POST", "/reset", &json!({})).await;
    assert_eq!(own.control(&service, "GET", "/settings", &Value::Null).await, before);
    // A snapshot remembers them too.
    let state = control(&service, "GET", "/state", &Value::Null).await;
    let other = Service::mock().await;
    control(&other, "PUT", "/state", &state).await;
    own.control(&other, "PATCH", "/settings", &json!({ "loginTokenSeconds": 5 })).await;
    own.control(&other, "POST", "/reset", &json!({})).await;
    assert_eq!(own.control(&other, "GET", "/settings", &Value::Null).await, before);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn with_a_random_seed_no_credentials_and_no_picture_from_before_a_reset_come_back() {
    for scoped in [true, false] {
        let service = Service::mock().await;
        let path = if scoped { format!("/reset?instance={}", service.instance_id) } else { "/reset".to_owned() };
        let (mut users, mut pictures): (Vec<Tokens>, Vec<String>) = (Vec::new(), Vec::new());
        for round in 0..3 {
            let user = service.register(&json!({})).await;
            pictures.push(upload(&service, &user, b"GIF89a").await);
            assert!(users.iter().all(|earlier| earlier.device_token != user.device_token), "round {round}");
            users.push(user);
            pictures.sort();
            pictures.dedup();
            assert_eq!(pictures.len(), users.len(), "each picture has another URL");
            control(&service, "POST", &path, &json!({})).await;
            service.register(&json!({})).await;
            for old in &users {
                service.profile(&old.access_token).await.assert_failure(401);
                service.refresh(old).await.assert_failure(401);
            }
        }
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn with_a_seed_a_reset_repeats_the_tokens_and_a_browser_asks_again_for_a_picture() {
    let service = Service::mock().frozen().seed(1).await;
    let first = service.register(&json!({})).await;
    let url = upload(&service, &first, b"GIF89a one").await;
    let before = service.get_url(&url).answer().await;
    assert_eq!(before.header("cache-control"), "no-cache");
    let same = service.get_url(&url).header("If-None-Match", before.header("etag")).answer().await;
    assert_eq!((same.status.as_u16(), same.bytes.len()), (304, 0));
    control(&service, "POST", "/reset", &json!({})).await;
    let second = service.register(&json!({})).await;
    assert_eq!(first, second);
    assert_eq!(upload(&service, &second, b"GIF89a two").await, url);
    let after = service.get_url(&url).header("If-None-Match", before.header("etag")).answer().await;
    assert_eq!((after.status.as_u16(), after.bytes.as_slice()), (200, &b"GIF89a two"[..]));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_restored_server_draws_the_same_faults_as_the_original() {
    let statuses = async |service: &Service, own: &OwnInstance| {
        let fault = json!({ "match": { "path": "*users" }, "probability": 0.5, "then": { "status": 503 } });
        let id = own.control(service, "POST", "/faults", &fault).await["id"].clone();
        let mut statuses = Vec::new();
        for _ in 0..32 {
            let request = service.get("/v1/Management/users").header("InstanceId", &own.id);
            statuses.push(request.answer().await.status.as_u16());
        }
        own.control(service, "DELETE", &format!("/faults/{id}"), &json!({})).await;
        statuses
    };
    let original = Service::mock().await;
    let own = OwnInstance::create(&original, &json!({})).await;
    // The original has drawn before the snapshot.
    statuses(&original, &own).await;
    for scope in ["/state".to_owned(), own.path("/state")] {
        let state = control(&original, "GET", &scope, &Value::Null).await;
        let restored = Service::mock().await;
        if scope != "/state" {
            let whole = control(&original, "GET", "/state", &Value::Null).await;
            control(&restored, "PUT", "/state", &whole).await;
        }
        control(&restored, "PUT", &scope, &state).await;
        let drawn = statuses(&original, &own).await;
        assert!(drawn.contains(&503) && drawn.contains(&401));
        assert_eq!(statuses(&restored, &own).await, drawn, "{scope}");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_reset_and_a_restore_send_the_clock_to_the_listeners() {
    let service = Service::mock().frozen().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let mut of_instance = Listener::connect(service.url(), &own.path("/events")).await;
    let state = control(&service, "GET", "/state", &Value::Null).await;
    own.control(&service, "POST", "/clock", &json!({ "set": "2030-01-01T00:00:00Z" })).await;
    assert_eq!(of_instance.next("clock").await["now"], "2030-01-01T00:00:00Z");
    own.control(&service, "POST", "/reset", &json!({})).await;
    assert_eq!(of_instance.next("clock").await, json!({ "now": "2026-01-01T00:00:00Z", "frozen": true }));
    own.control(&service, "POST", "/clock", &json!({ "set": "2030-01-01T00:00:00Z" })).await;
    of_instance.next("clock").await;
    control(&service, "PUT", "/state", &state).await;
    assert_eq!(of_instance.next("clock").await, json!({ "now": "2026-01-01T00:00:00Z", "frozen": true }));
    let mut of_server = Listener::connect(service.url(), "/events").await;
    control(&service, "POST", "/clock", &json!({ "set": "2031-01-01T00:00:00Z" })).await;
    of_server.next("clock").await;
    control(&service, "POST", "/reset", &json!({})).await;
    assert_eq!(of_server.next("clock").await["now"], "2026-01-01T00:00:00Z");
}
