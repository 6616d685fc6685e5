//! `/__mock/users`: users in the state that a test needs.

use serde_json::{Value, json};
use telematics_contract_tests::{Answer, Service, Tokens};

use crate::api::{OwnInstance, ask, control};

/// Adds a user to an instance.
async fn add(service: &Service, own: &OwnInstance, fixture: &Value) -> Tokens {
    credentials(&own.control(service, "POST", "/users", fixture).await)
}

/// The credentials of an answer of the control API; an absent token is empty.
fn credentials(answer: &Value) -> Tokens {
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    Tokens {
        device_token: text("deviceToken"),
        access_token: text("accessToken"),
        refresh_token: text("refreshToken"),
        expires_in: answer["expiresIn"].as_u64().unwrap_or_default(),
    }
}

/// The states of a user's refresh tokens, the oldest first.
async fn states(service: &Service, user: &Tokens) -> Vec<String> {
    let path = format!("/tokens?deviceToken={}", user.device_token);
    let tree = control(service, "GET", &path, &Value::Null).await;
    let generations = tree["generations"].as_array().unwrap().iter();
    generations.map(|generation| generation["state"].as_str().unwrap().to_owned()).collect()
}

fn reason(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 400, "{:?}", answer.body);
    let text = |name: &str| answer.body[name].as_str().unwrap_or_default().to_owned();
    (text("field"), text("error"))
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_user_without_a_wish_is_like_a_registered_one() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let user = add(&service, &own, &json!({})).await;
    assert_eq!(user.expires_in, 432_000);
    assert_eq!(service.profile(&user.access_token).await.result()["AccountInfo"]["InstanceId"], own.id);
    assert_eq!(states(&service, &user).await, ["live"]);
    let renewed = service.refresh(&user).await.tokens();
    assert_eq!(states(&service, &renewed).await, ["used", "live"]);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn without_a_scope_the_user_belongs_to_the_demo_instance() {
    let service = Service::mock().await;
    let user = credentials(&control(&service, "POST", "/users", &json!({})).await);
    let instance = service.profile(&user.access_token).await.result()["AccountInfo"]["InstanceId"].clone();
    assert_eq!(instance, service.instance_id);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_access_token_is_valid_expired_short_lived_or_absent() {
    let service = Service::mock().frozen().await;
    let own = OwnInstance::create(&service, &json!({ "settings": { "clockSkewSeconds": 30 } })).await;
    let expired = add(&service, &own, &json!({ "accessToken": "expired" })).await;
    assert_eq!(expired.expires_in, 0);
    service.profile(&expired.access_token).await.assert_failure(401);
    service.refresh(&expired).await.assert_success();
    for lifetime in [json!(90), json!("90s")] {
        let short = add(&service, &own, &json!({ "accessToken": { "expiresIn": lifetime } })).await;
        assert_eq!(short.expires_in, 90);
        service.profile(&short.access_token).await.assert_success();
        own.control(&service, "POST", "/clock", &json!({ "advance": "120s" })).await;
        service.profile(&short.access_token).await.assert_failure(401);
    }
    let none = own.control(&service, "POST", "/users", &json!({ "accessToken": "none" })).await;
    assert_eq!((&none["accessToken"], &none["expiresIn"]), (&Value::Null, &Value::Null));
    assert!(none["refreshToken"].is_string());
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_refresh_token_is_in_the_requested_state_and_is_answered_as_the_contract_says() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    for (state, before, after) in [
        ("used", vec!["used", "live"], vec!["used", "revoked"]),
        ("superseded", vec!["superseded", "live"], vec!["superseded", "live"]),
        ("revoked", vec!["used", "revoked"], vec!["used", "revoked"]),
        ("expired", vec!["expired"], vec!["expired"]),
    ] {
        let user = add(&service, &own, &json!({ "refreshToken": state, "accessToken": "expired" })).await;
        assert_eq!(states(&service, &user).await, before, "{state}");
        service.refresh(&user).await.assert_failure(401);
        assert_eq!(states(&service, &user).await, after, "{state}");
    }
    let none = own.control(&service, "POST", "/users", &json!({ "refreshToken": "none" })).await;
    assert_eq!(none["refreshToken"], Value::Null);
    let none = credentials(&none);
    service.profile(&none.access_token).await.assert_success();
    assert!(states(&service, &none).await.is_empty());
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_user_is_deactivated_or_softly_deleted_from_the_start() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let user = add(&service, &own, &json!({ "state": "deactivated" })).await;
    service.profile(&user.access_token).await.assert_failure(403);
    let user = add(&service, &own, &json!({ "state": "deleted" })).await;
    service.profile(&user.access_token).await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_user_has_the_requested_profile_and_parameters() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let fixture = json!({
        "deviceToken": "99999999-9999-4999-8999-999999999999", "clientId": "c-1", "enableTracking": false,
        "profile": { "firstName": "Ada", "gender": "Female", "birthday": "1815-12-10", "childrenCount": 3 },
    });
    let user = add(&service, &own, &fixture).await;
    assert_eq!(user.device_token, "99999999-9999-4999-8999-999999999999");
    let record = service.profile(&user.access_token).await.result().clone();
    assert_eq!(record["UserProfile"]["FirstName"], "Ada");
    assert_eq!(record["UserProfile"]["Birthday"], "1815-12-10T00:00:00");
    assert_eq!(record["UserProfile"]["ChildrenCount"], 3);
    assert_eq!(record["UserFields"][0]["ClientId"], "c-1");
    assert_eq!(record["UserFields"][0]["EnableTracking"], false);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn in_a_ubi_instance_a_user_has_the_requested_password() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({ "products": ["UBI"] })).await;
    let fixture = json!({ "password": "p4ssword", "profile": { "email": "ada@example.com" } });
    let user = add(&service, &own, &fixture).await;
    let login = json!({ "LoginFields": { "Email": "ada@example.com" }, "Password": "p4ssword" });
    let answer = service.post("/v1/Auth/Login", &login).header("InstanceId", &own.id).answer().await;
    assert_eq!(answer.tokens().device_token, user.device_token);
    // The change needs no old password.
    let change = json!({ "password": "other" });
    own.control(&service, "PATCH", &format!("/users/{}", user.device_token), &change).await;
    let login = json!({ "LoginFields": { "Email": "ada@example.com" }, "Password": "other" });
    service.post("/v1/Auth/Login", &login).header("InstanceId", &own.id).answer().await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn many_users_are_added_at_once() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let added = own.control(&service, "POST", "/users", &json!({ "count": 1_500, "clientId": "fleet" })).await;
    let added = added.as_array().unwrap();
    assert_eq!(added.len(), 1_500);
    assert_ne!(added[0]["deviceToken"], added[1]["deviceToken"]);
    service.profile(added[1_499]["accessToken"].as_str().unwrap()).await.assert_success();
    let one = own.control(&service, "POST", "/users", &json!({ "count": 1 })).await;
    assert_eq!(one.as_array().unwrap().len(), 1, "with a count the answer is an array");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_invalid_fixture_adds_nobody_and_is_reported_without_a_secret() {
    let service = Service::mock().await;
    let (own, ubi) = (
        OwnInstance::create(&service, &json!({})).await,
        OwnInstance::create(&service, &json!({ "products": ["UBI"] })).await,
    );
    let taken = add(&service, &own, &json!({})).await.device_token;
    add(&service, &ubi, &json!({ "profile": { "email": "ada@example.com" } })).await;
    let before = control(&service, "GET", "/users", &Value::Null).await["total"].clone();
    for (instance, fixture, field) in [
        (&own, json!({ "stat": "active" }), "stat"),
        (&own, json!({ "state": "gone" }), "state"),
        (&own, json!({ "accessToken": "soon" }), "accessToken"),
        (&own, json!({ "accessToken": { "expiresIn": -1 } }), "accessToken.expiresIn"),
        (&own, json!({ "refreshToken": "valid" }), "refreshToken"),
        (&own, json!({ "deviceToken": "x" }), "deviceToken"),
        (&own, json!({ "deviceToken": taken }), "deviceToken"),
        (&own, json!({ "profile": { "birthday": "soon" } }), "profile.birthday"),
        (&own, json!({ "profile": { "shoeSize": 3 } }), "profile.shoeSize"),
        (&own, json!({ "password": "canary" }), "password"),
        (&own, json!({ "password": ["canary"] }), "password"),
        (&own, json!({ "count": 0 }), "count"),
        (&own, json!({ "count": 10_001 }), "count"),
        (&own, json!({ "count": 2, "deviceToken": "99999999-9999-4999-8999-999999999999" }), "deviceToken"),
        (&ubi, json!({ "count": 2, "profile": { "email": "bob@example.com" } }), "count"),
        (&ubi, json!({ "password": "canary" }), "profile.email"),
        (&ubi, json!({ "profile": { "email": "ADA@example.com" } }), "profile.email"),
        (&ubi, json!({ "password": "", "profile": { "email": "bob@example.com" } }), "password"),
    ] {
        let answer = ask(&service, "POST", &instance.path("/users"), &fixture).await;
        let (given, why) = reason(&answer);
        assert_eq!(given, field, "{fixture}: {why}");
        assert!(!why.contains("canary") && why.len() > 8, "{why}");
    }
    assert_eq!(control(&service, "GET", "/users", &Value::Null).await["total"], before);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn users_are_listed_in_pages_by_text_and_by_state_and_without_secrets() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    for (name, state) in [("Ada", "active"), ("Bob", "deactivated"), ("Adam", "deleted")] {
        let profile = json!({ "firstName": name, "email": format!("{name}@example.com") });
        add(&service, &own, &json!({ "state": state, "profile": profile, "clientId": name })).await;
        own.control(&service, "POST", "/clock", &json!({ "advance": "1m" })).await;
    }
    let names = async |query: &str| {
        let page = own.control(&service, "GET", &format!("/users?{query}"), &Value::Null).await;
        let users = page["users"].as_array().unwrap().clone();
        let names: Vec<_> = users.iter().map(|user| user["firstName"].as_str().unwrap().to_owned()).collect();
        (names, page["total"].as_u64().unwrap())
    };
    assert_eq!(names("search=ADA").await, (vec!["Ada".to_owned(), "Adam".to_owned()], 2));
    assert_eq!(names("state=deactivated").await, (vec!["Bob".to_owned()], 1));
    assert_eq!(names("state=deleted&search=ada").await, (vec!["Adam".to_owned()], 1));
    assert_eq!(names("pageSize=2&page=2").await, (vec!["Adam".to_owned()], 3));
    assert_eq!(names("page=9").await, (vec![], 3));
    for (query, field) in [
        ("page=0", "page"),
        ("pageSize=1001", "pageSize"),
        ("pageSize=0", "pageSize"),
        ("state=x", "state"),
        ("q=1", "q"),
    ] {
        assert_eq!(reason(&ask(&service, "GET", &own.path(&format!("/users?{query}")), &Value::Null).await).0, field);
    }
    let page = own.control(&service, "GET", "/users?search=bob", &Value::Null).await;
    let user = &page["users"][0];
    assert_eq!(
        (&user["state"], &user["refreshToken"], &user["instanceId"], &user["clientId"]),
        (&json!("deactivated"), &json!("live"), &json!(own.id), &json!("Bob"))
    );
    let path = format!("/users/{}", user["deviceToken"].as_str().unwrap());
    assert_eq!(own.control(&service, "GET", &path, &Value::Null).await, *user);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_change_without_tokens_ends_no_session() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let user = own.register(&service).await;
    let path = format!("/users/{}", user.device_token);
    let change = json!({ "state": "deactivated", "clientId": "c-2", "profile": { "city": "Paris" } });
    assert_eq!(own.control(&service, "PATCH", &path, &change).await, json!({}));
    service.profile(&user.access_token).await.assert_failure(403);
    own.control(&service, "PATCH", &path, &json!({ "state": "active" })).await;
    let record = service.profile(&user.access_token).await.result().clone();
    assert_eq!(
        (&record["UserProfile"]["City"], &record["UserFields"][0]["ClientId"]),
        (&json!("Paris"), &json!("c-2"))
    );
    // An access token alone leaves the family as it is.
    let more = own.control(&service, "PATCH", &path, &json!({ "accessToken": "expired" })).await;
    assert_eq!(more["refreshToken"], Value::Null);
    service.profile(more["accessToken"].as_str().unwrap()).await.assert_failure(401);
    service.profile(&user.access_token).await.assert_success();
    service.refresh(&user).await.assert_success();
    for (change, field) in [(json!({ "password": "p" }), "password"), (json!({ "count": 1 }), "count")] {
        assert_eq!(reason(&ask(&service, "PATCH", &own.path(&path), &change).await).0, field);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_change_with_a_refresh_token_starts_a_family_in_the_requested_state() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let user = own.register(&service).await;
    let path = format!("/users/{}", user.device_token);
    let changed = credentials(&own.control(&service, "PATCH", &path, &json!({ "refreshToken": "used" })).await);
    assert_eq!(changed.expires_in, 86_400);
    assert_eq!(states(&service, &user).await, ["superseded", "used", "live"]);
    service.refresh(&user).await.assert_failure(401);
    service.refresh(&changed).await.assert_failure(401);
    assert_eq!(states(&service, &user).await, ["superseded", "used", "revoked"]);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_removed_user_is_gone_for_good_and_a_user_of_another_instance_is_404() {
    let service = Service::mock().await;
    let (own, other) =
        (OwnInstance::create(&service, &json!({})).await, OwnInstance::create(&service, &json!({})).await);
    let user = own.register(&service).await;
    let path = format!("/users/{}", user.device_token);
    for method in ["GET", "PATCH", "DELETE"] {
        assert_eq!(ask(&service, method, &other.path(&path), &json!({})).await.status, 404, "{method}");
    }
    own.control(&service, "DELETE", &path, &json!({})).await;
    assert_eq!(ask(&service, "GET", &own.path(&path), &Value::Null).await.status, 404);
    service.profile(&user.access_token).await.assert_failure(401);
    assert_eq!(reason(&ask(&service, "GET", "/users/me", &Value::Null).await).0, "deviceToken");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn with_one_seed_and_a_frozen_clock_the_users_of_two_runs_are_the_same() {
    let run = async || {
        let service = Service::mock().frozen().seed(3).await;
        control(&service, "POST", "/users", &json!({ "refreshToken": "used", "count": 3 })).await
    };
    assert_eq!(run().await, run().await);
}
