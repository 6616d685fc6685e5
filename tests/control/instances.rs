//! `/__mock/instances`: instances that belong to one test.

use serde_json::{Value, json};
use telematics_contract_tests::Service;

use crate::api::{OwnInstance, ask, control};

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn users_can_register_in_a_new_instance() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({ "name": "Mine" })).await;
    let tokens = own.register(&service).await;
    let profile = service.profile(&tokens.access_token).await;
    assert_eq!(profile.result()["AccountInfo"]["InstanceId"], own.id);
    let joined =
        service.post("/v1/Registration/Create", &json!({ "InstanceInviteCode": own.invite_code })).answer().await;
    joined.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_admin_of_an_instance_sees_only_its_users() {
    let service = Service::mock().await;
    let (one, two) = (OwnInstance::create(&service, &json!({})).await, OwnInstance::create(&service, &json!({})).await);
    let user = one.register_with(&service, &json!({ "FirstName": "Ada" })).await.tokens();
    for (own, expected) in [(&one, 1), (&two, 0)] {
        let login = json!({ "LoginFields": { "Email": own.admin["email"] }, "Password": own.admin["password"] });
        let answer = service.post("/v1/Auth/Login", &login).answer().await;
        let token = answer.result()["AccessToken"]["Token"].as_str().unwrap();
        let found = service.get("/v1/Management/users/find?FirstName=ada").bearer(token).answer().await;
        assert_eq!(found.result().as_array().unwrap().len(), expected);
        let delete = service.request("DELETE", &format!("/v1/Management/users/{}", user.device_token)).bearer(token);
        if expected == 0 {
            delete.answer().await.assert_failure(404);
        }
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_new_instance_has_the_given_products_and_settings() {
    let service = Service::mock().await;
    let body = json!({ "products": ["UBI"], "settings": { "registrationTokenSeconds": 7, "rotation": "off" } });
    let own = OwnInstance::create(&service, &body).await;
    own.register_with(&service, &json!({})).await.assert_failure(422);
    let tokens = own.register_with(&service, &json!({ "Email": "ada@example.com" })).await.tokens();
    assert_eq!(tokens.expires_in, 7);
    assert_eq!(service.refresh(&tokens).await.tokens().refresh_token, tokens.refresh_token);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_invalid_field_of_a_new_instance_is_reported() {
    let service = Service::mock().await;
    for (body, field) in [
        (json!({ "products": ["TAXI"] }), "products[0]"),
        (json!({ "settings": { "rotation": "sometimes" } }), "settings.rotation"),
        (json!({ "settings": { "graceSeconds": 5 } }), "settings.graceSeconds"),
        (json!({ "nme": "x" }), "nme"),
    ] {
        let answer = ask(&service, "POST", "/instances", &body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.body["field"], field, "{:?}", answer.body);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_unknown_instance_is_404_and_an_invalid_id_is_400() {
    let service = Service::mock().await;
    let unknown = ask(&service, "GET", "/clock?instance=00000000-0000-4000-8000-000000000000", &Value::Null).await;
    assert_eq!(unknown.status, 404);
    let nonsense = ask(&service, "GET", "/clock?instance=mine", &Value::Null).await;
    assert_eq!((nonsense.status.as_u16(), &nonsense.body["field"]), (400, &json!("instance")));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_instances_are_listed_without_their_keys_and_codes() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({ "name": "Mine", "products": ["UBI"] })).await;
    own.register_with(&service, &json!({ "Email": "ada@example.com" })).await.assert_success();
    let all = control(&service, "GET", "/instances", &Value::Null).await;
    assert_eq!(all.as_array().unwrap().len(), 3, "{all}");
    let mine = own.control(&service, "GET", "/instances", &Value::Null).await;
    assert_eq!(mine, json!([{ "instanceId": own.id, "name": "Mine", "products": ["UBI"], "users": 1 }]));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_removed_instance_takes_everything_with_it_and_leaves_the_others_alone() {
    let service = Service::mock().await;
    let (own, other) =
        (OwnInstance::create(&service, &json!({})).await, OwnInstance::create(&service, &json!({})).await);
    let (mine, yours) = (own.register(&service).await, other.register(&service).await);
    let fault = json!({ "match": { "path": "/nothing" }, "then": { "status": 500 } });
    own.control(&service, "POST", "/faults", &fault).await;
    let path = format!("/instances/{}", own.id);
    assert_eq!(ask(&service, "DELETE", &other.path(&path), &json!({})).await.status, 404, "not in that scope");
    control(&service, "DELETE", &path, &json!({})).await;
    assert_eq!(ask(&service, "DELETE", &path, &json!({})).await.status, 404);
    assert_eq!(ask(&service, "GET", &own.path("/clock"), &Value::Null).await.status, 404);
    service.profile(&mine.access_token).await.assert_failure(401);
    own.register_with(&service, &json!({})).await.assert_failure(401);
    let login = json!({ "LoginFields": { "Email": own.admin["email"] }, "Password": own.admin["password"] });
    service.post("/v1/Auth/Login", &login).answer().await.assert_failure(401);
    assert_eq!(control(&service, "GET", "/faults", &Value::Null).await, json!([]));
    let journal = control(&service, "GET", "/requests", &Value::Null).await;
    assert!(journal.as_array().unwrap().iter().all(|entry| entry["instanceId"] != json!(own.id)), "{journal}");
    service.profile(&yours.access_token).await.assert_success();

    // The next instance takes the place of the removed one and has none of its users.
    let next = OwnInstance::create(&service, &json!({})).await;
    next.register(&service).await;
    let users = next.control(&service, "GET", "/users", &Value::Null).await;
    assert_eq!(users["total"], 1);
    assert_eq!(ask(&service, "DELETE", "/instances/mine", &json!({})).await.body["field"], "instanceId");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_reset_of_the_server_brings_a_removed_instance_of_the_start_back() {
    let service = Service::mock().await;
    control(&service, "DELETE", &format!("/instances/{}", service.instance_id), &json!({})).await;
    service.registration(&json!({})).answer().await.assert_failure(401);
    assert_eq!(ask(&service, "POST", "/users", &json!({})).await.status, 404);
    control(&service, "POST", "/reset", &json!({})).await;
    service.register(&json!({})).await;
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_server_has_at_most_ten_thousand_instances() {
    let service = Service::mock().await;
    let mut state = control(&service, "GET", "/state", &Value::Null).await;
    let instances = state["instances"].as_array_mut().unwrap();
    let original = instances[0].clone();
    for number in instances.len()..9_999 {
        let mut copy = original.clone();
        copy["instance"]["id"] = json!(format!("00000000-0000-4000-8000-{number:012}"));
        copy["instance"]["invite_code"] = json!(format!("C{number}"));
        instances.push(copy);
    }
    control(&service, "PUT", "/state", &state).await;
    let last = OwnInstance::create(&service, &json!({})).await;
    let refused = ask(&service, "POST", "/instances", &json!({})).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body["error"].as_str().unwrap().contains("10000 instances"), "{:?}", refused.body);
    control(&service, "DELETE", &format!("/instances/{}", last.id), &json!({})).await;
    OwnInstance::create(&service, &json!({})).await;
}
