//! Moving a user to another instance.

use serde_json::{Value, json};
use telematics_contract_tests::{Answer, DEMO, Instance, NOBODY, Service, Tokens, UBI};

const CHANGE: &str = "/v1/Management/users/instances/change";

async fn change(service: &Service, admin: &str, body: &Value) -> Answer {
    service.post(CHANGE, body).bearer(admin).answer().await
}

async fn join(service: &Service, user: &Tokens, code: &str) -> Answer {
    service.request("POST", &format!("{CHANGE}/{code}")).bearer(&user.access_token).answer().await
}

async fn assert_lives_in(service: &Service, user: &Tokens, home: &Instance, other: &Instance) {
    let record = service.profile(&user.access_token).await;
    assert_eq!(record.result()["AccountInfo"]["InstanceId"], home.id);
    let fields = json!({ "DeviceToken": user.device_token });
    service.sign_in(Some(other), &fields, other.key).answer().await.assert_failure(401);
    service.sign_in(Some(home), &fields, home.key).answer().await.assert_success();
}

fn to(user: &Tokens, instance: &Instance) -> Value {
    json!({ "DeviceToken": user.device_token, "ToInstanceId": instance.id, "ToInstanceKey": instance.key })
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_admin_moves_a_user_to_another_instance() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let user = service.register(&json!({ "Phone": "+1" })).await;
    assert_lives_in(&service, &user, &DEMO, &UBI).await;
    let answer = change(&service, &admin, &to(&user, &UBI)).await;
    assert_eq!(answer.body, json!({ "Status": 200, "Title": "", "Errors": [] }));
    assert_lives_in(&service, &user, &UBI, &DEMO).await;
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_id_and_a_key_that_do_not_match_are_401_and_move_nobody() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let user = service.register(&json!({ "Phone": "+1" })).await;
    for (id, key) in [(UBI.id, DEMO.key), (UBI.id, NOBODY), (NOBODY, UBI.key)] {
        let body = json!({ "DeviceToken": user.device_token, "ToInstanceId": id, "ToInstanceKey": key });
        change(&service, &admin, &body).await.assert_failure(401);
    }
    assert_lives_in(&service, &user, &DEMO, &UBI).await;
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_missing_or_invalid_field_of_a_move_is_reported() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let user = service.register(&json!({})).await;
    for name in ["DeviceToken", "ToInstanceId", "ToInstanceKey"] {
        let mut body = to(&user, &UBI);
        body[name] = Value::Null;
        change(&service, &admin, &body).await.assert_invalid(name);
    }
    for name in ["ToInstanceId", "ToInstanceKey"] {
        let mut body = to(&user, &UBI);
        body[name] = json!("nonsense");
        change(&service, &admin, &body).await.assert_invalid(name);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_user_joins_an_instance_by_its_invite_code() {
    let service = Service::mock().await;
    let user = service.register(&json!({ "Phone": "+1" })).await;
    assert_eq!(join(&service, &user, UBI.invite_code).await.result(), &json!({ "InstanceName": UBI.name }));
    assert_lives_in(&service, &user, &UBI, &DEMO).await;
    assert_eq!(join(&service, &user, DEMO.invite_code).await.result(), &json!({ "InstanceName": DEMO.name }));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_unknown_invite_code_is_404() {
    let service = Service::mock().await;
    let user = service.register(&json!({})).await;
    for code in ["NOBODY", "demo01", "%FF", "DEMO01%20x"] {
        join(&service, &user, code).await.assert_failure(404);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_invite_code_may_be_percent_encoded() {
    let service = Service::mock().await;
    let user = service.register(&json!({})).await;
    join(&service, &user, "DEMO%30%31").await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_user_who_moves_to_a_ubi_instance_needs_an_unused_login() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let (nameless, taken) = (service.register(&json!({})).await, service.register(&json!({ "Phone": "+1" })).await);
    service
        .post("/v1/Registration/Create", &json!({ "Phone": "+1" }))
        .with_instance(&UBI)
        .answer()
        .await
        .assert_success();
    for (user, key) in [(&nameless, "Email"), (&taken, "Phone")] {
        change(&service, &admin, &to(user, &UBI)).await.assert_invalid(key);
        join(&service, user, UBI.invite_code).await.assert_invalid(key);
        assert_lives_in(&service, user, &DEMO, &UBI).await;
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_user_who_moves_to_a_ubi_instance_is_sent_a_password() {
    let service = Service::mock().await;
    let user = service.register(&json!({ "Email": "ada@example.com" })).await;
    join(&service, &user, UBI.invite_code).await.assert_success();
    let messages = service.outbox("ada@example.com").await;
    let password = messages[0]["password"].as_str().expect("a password");
    let fields = json!({ "Email": "ada@example.com" });
    service.sign_in(Some(&UBI), &fields, password).answer().await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_move_frees_the_login_in_the_old_instance() {
    let service = Service::mock().await;
    let create = || service.post("/v1/Registration/Create", &json!({ "Phone": "+1" })).with_instance(&UBI).answer();
    let user = create().await.tokens();
    join(&service, &user, DEMO.invite_code).await.assert_success();
    create().await.assert_success();
    join(&service, &user, UBI.invite_code).await.assert_invalid("Phone");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_move_keeps_the_tokens_and_the_record() {
    let service = Service::mock().await;
    let user = service.register(&json!({ "Phone": "+1", "City": "London" })).await;
    join(&service, &user, UBI.invite_code).await.assert_success();
    let fresh = service.refresh(&user).await.tokens();
    assert_eq!(fresh.device_token, user.device_token);
    assert_eq!(service.profile(&fresh.access_token).await.result()["UserProfile"]["City"], "London");
}
