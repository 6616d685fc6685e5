//! Server-sent events.

use serde_json::{Value, json};
use telematics_contract_tests::{Listener, Service};

use crate::api::{OwnInstance, control};

async fn listen(service: &Service, own: &OwnInstance) -> Listener {
    Listener::connect(service.url(), &own.path("/events")).await
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_listener_receives_the_events_of_its_instance_without_any_secret() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let other = OwnInstance::create(&service, &json!({})).await;
    let mut listener = listen(&service, &own).await;
    other.register(&service).await;
    let tokens = own.register(&service).await;
    listener.next("token").await;
    listener.next("request").await;
    own.control(&service, "POST", "/clock", &json!({ "advance": "1h" })).await;
    listener.next("clock").await;
    let fault = json!({ "match": {}, "times": 1, "then": { "status": 500 } });
    own.control(&service, "POST", "/faults", &fault).await;
    service.profile(&tokens.access_token).await;
    listener.next("fault").await;
    service.refresh(&tokens).await.assert_success();
    service.refresh(&tokens).await.assert_failure(401);
    listener.next("hint").await;
    let about = |name: &str, value: Value| listener.events().iter().filter(|event| event.data[name] == value).count();
    assert_eq!(about("path", json!("/v1/Registration/Create")), 1, "the request of its own registration");
    assert_eq!(about("call", json!("/v1/Registration/Create")), 1, "the tokens of its own registration");
    let text = format!("{:?}", listener.events());
    for secret in [&tokens.access_token, &tokens.refresh_token, &own.key] {
        assert!(!text.contains(secret.as_str()));
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_message_event_does_not_contain_the_password() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({ "products": ["UBI"] })).await;
    let mut listener = listen(&service, &own).await;
    let body = json!({ "Email": "ada@example.com", "Password": "canary" });
    own.register_with(&service, &body).await.assert_success();
    assert_eq!(listener.next("message").await, json!({ "to": "ada@example.com" }));
    listener.next("request").await;
    assert!(!format!("{:?}", listener.events()).contains("canary"));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_slow_listener_delays_no_other_client_and_receives_the_count_of_missed_events() {
    let service = Service::mock().await;
    let tokens = service.register(&json!({})).await;
    let mut listener = Listener::connect(service.url(), "/events").await;
    // Far more than the socket and the server buffer for a listener that does not read: each event holds its long path.
    let path = format!("/v1/{}", "x".repeat(7_000));
    for _ in 0..60 {
        let mut requests = tokio::task::JoinSet::new();
        for _ in 0..50 {
            requests.spawn(service.get(&path).answer());
        }
        requests.join_all().await;
    }
    service.profile(&tokens.access_token).await.assert_success();
    assert!(listener.next("missed").await["count"].as_u64().is_some_and(|count| count > 0));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn expiring_tokens_in_the_scope_of_the_instance_sends_a_token_event() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let user = own.register(&service).await.device_token;
    let mut listener = listen(&service, &own).await;
    own.control(&service, "POST", "/tokens/expire", &json!({ "deviceToken": user, "which": "all" })).await;
    assert_eq!(listener.next("token").await, json!({ "expired": user }));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn expiring_tokens_in_the_scope_of_the_server_sends_a_token_event_to_the_users_instance() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let other = OwnInstance::create(&service, &json!({})).await;
    let (user, other_user) = (own.register(&service).await.device_token, other.register(&service).await.device_token);
    let mut listener = listen(&service, &own).await;
    for device_token in [other_user, user.clone()] {
        control(&service, "POST", "/tokens/expire", &json!({ "deviceToken": device_token, "which": "all" })).await;
    }
    // The first token event that arrives is that of its own user: the other user's event does not reach it.
    assert_eq!(listener.next("token").await, json!({ "expired": user }));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn moving_the_clock_of_the_server_sends_each_instance_a_clock_event_with_its_own_time() {
    let service = Service::mock().frozen().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let other = OwnInstance::create(&service, &json!({})).await;
    own.control(&service, "POST", "/clock", &json!({ "advance": "1h" })).await;
    let (mut first, mut second) = (listen(&service, &own).await, listen(&service, &other).await);
    control(&service, "POST", "/clock", &json!({ "advance": "1d" })).await;
    assert_eq!(first.next("clock").await["now"], "2026-01-02T01:00:00Z");
    assert_eq!(second.next("clock").await["now"], "2026-01-02T00:00:00Z");
    // Setting the clock back is a change of the clock too.
    control(&service, "DELETE", "/clock", &json!({})).await;
    assert_eq!(first.next("clock").await["now"], "2026-01-01T01:00:00Z");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_listener_of_the_server_receives_the_clock_events_of_the_server_and_of_every_instance() {
    let service = Service::mock().frozen().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let mut listener = Listener::connect(service.url(), "/events").await;
    own.control(&service, "POST", "/clock", &json!({ "set": "2030-01-01T00:00:00Z" })).await;
    assert_eq!(listener.next("clock").await["now"], "2030-01-01T00:00:00Z");
    control(&service, "POST", "/clock", &json!({ "set": "2027-01-01T00:00:00Z" })).await;
    // The event of an instance and that of the server may arrive in any order.
    while listener.next("clock").await["now"] != "2027-01-01T00:00:00Z" {}
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_listener_does_not_receive_the_clock_events_of_another_instance() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let other = OwnInstance::create(&service, &json!({})).await;
    let mut listener = listen(&service, &own).await;
    other.control(&service, "POST", "/clock", &json!({ "set": "2030-01-01T00:00:00Z" })).await;
    own.control(&service, "POST", "/clock", &json!({ "set": "2027-01-01T00:00:00Z" })).await;
    // Events arrive in their order, so the event of the other instance would be the first one.
    let now = listener.next("clock").await["now"].clone();
    assert!(now.as_str().unwrap().starts_with("2027-01-01"), "{now}");
    assert_eq!(listener.events().len(), 1, "{:?}", listener.events());
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_token_event_is_sent_only_for_a_response_that_gives_tokens_out() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let tokens = own.register(&service).await;
    let mut listener = listen(&service, &own).await;
    own.register_with(&service, &json!({ "CreateAccessToken": false })).await.assert_success();
    for then in [
        json!({ "status": 200, "body": { "Result": { "AccessToken": { "Token": "x" } } } }),
        json!({ "commitThen": { "status": 504 } }),
        json!({ "commitThenDrop": true }),
        json!({ "truncateBody": 10 }),
        json!({ "patch": { "Result": null } }),
    ] {
        let fault = json!({ "match": { "path": "*Create" }, "times": 1, "then": then });
        own.control(&service, "POST", "/faults", &fault).await;
        let request = service
            .post("/v1/Registration/Create", &json!({}))
            .header("InstanceId", &own.id)
            .header("InstanceKey", &own.key);
        // Some of these responses do not arrive whole.
        let _ = request.is_answered().await;
    }
    let many = service.post("/v1/Registration/CreateMultiple", &json!({ "Quantity": 3 }));
    many.header("InstanceId", &own.id).header("InstanceKey", &own.key).answer().await.assert_success();
    service.refresh(&tokens).await.assert_success();
    let issued = listener.next("token").await;
    assert_eq!((&issued["call"], &issued["count"]), (&json!("/v1/Registration/CreateMultiple"), &json!(3)), "{issued}");
    assert_eq!(issued["deviceToken"], Value::Null);
    let issued = listener.next("token").await;
    assert_eq!((&issued["count"], &issued["deviceToken"]), (&json!(1), &json!(tokens.device_token)));
}
