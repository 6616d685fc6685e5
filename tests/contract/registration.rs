//! Registration of one user and of many.

use serde_json::{Value, json};
use telematics_contract_tests::{Service, Tokens};

const MANY: &str = "/v1/Registration/CreateMultiple";

#[tokio::test]
async fn an_empty_body_registers_a_user_who_can_call_at_once() {
    let service = Service::start().await;
    let tokens = service.register(&json!({})).await;
    assert_eq!(tokens.expires_in, 432_000);
    assert_eq!(service.profile(&tokens.access_token).await.result()["DeviceToken"], tokens.device_token);
}

#[tokio::test]
async fn registering_twice_makes_two_users() {
    let service = Service::start().await;
    let (one, two) = (service.register(&json!({})).await, service.register(&json!({})).await);
    assert_ne!(one.device_token, two.device_token);
    assert_ne!(one.refresh_token, two.refresh_token);
}

#[tokio::test]
async fn the_telematics_parameters_have_the_defaults_of_the_specification() {
    let service = Service::start().await;
    let tokens = service.register(&json!({})).await;
    let profile = service.profile(&tokens.access_token).await;
    let expected = json!([{ "ClientId": null, "EnableLogging": false, "EnableRealTimeLocation": false,
        "EnableTracking": true, "Enabled": true }]);
    assert_eq!(profile.result()["UserFields"], expected);
}

#[tokio::test]
async fn every_field_of_a_registration_is_read_back() {
    let service = Service::start().await;
    let given = json!({
        "FirstName": "Ada", "LastName": "Lovelace", "Nickname": "ada", "Phone": "+44123", "Email": "ada@example.com",
        "Gender": "female", "MaritalStatus": "1", "ChildrenCount": 3, "Country": "GB", "District": "Middlesex",
        "City": "London", "Address": "12 St James's Square", "ImageUrl": "https://example.com/ada.png",
    });
    let mut body = given.clone();
    body["Birthday"] = json!("1815-12-10T06:19:18.837Z");
    body["UserFields"] = json!({ "EnableTracking": false, "EnableLogging": true, "EnableRealtimeLocation": true,
        "Enabled": true, "ClientId": "c-1" });
    let tokens = service.register(&body).await;
    let answer = service.profile(&tokens.access_token).await;
    let record = answer.result();
    for (name, value) in given.as_object().unwrap() {
        let value = if name == "Gender" { &json!("Female") } else { value };
        assert_eq!(&record["UserProfile"][name], value, "{name}");
    }
    assert_eq!(record["UserProfile"]["Birthday"], "1815-12-10T06:19:18.837");
    let fields = json!([{ "ClientId": "c-1", "EnableLogging": true, "EnableRealTimeLocation": true,
        "EnableTracking": false, "Enabled": true }]);
    assert_eq!(record["UserFields"], fields);
}

#[tokio::test]
async fn without_create_access_token_there_are_no_tokens_until_a_login() {
    let service = Service::start().await;
    for name in ["CreateAccessToken", "GenerateAccessToken"] {
        let answer = service.registration(&json!({ name: false })).answer().await;
        let result = answer.result();
        assert_eq!((&result["AccessToken"], &result["RefreshToken"]), (&Value::Null, &Value::Null), "{name}");
        assert!(result.as_object().unwrap().contains_key("AccessToken"), "said to be null, not left out");
        let device_token = result["DeviceToken"].as_str().unwrap();
        assert_eq!(service.login(device_token).await.tokens().device_token, device_token);
    }
}

#[tokio::test]
async fn an_invite_code_registers_without_headers_and_wins_over_them() {
    let service = Service::start().await;
    if !service.is_controlled() {
        return;
    }
    let body = json!({ "InstanceInviteCode": "DEMO01" });
    let create = || service.post("/v1/Registration/Create", &body);
    create().answer().await.assert_success();
    create().header("InstanceId", "nonsense").answer().await.assert_success();
    let unknown = json!({ "InstanceInviteCode": "NOBODY" });
    service.registration(&unknown).answer().await.assert_failure(404);
}

#[tokio::test]
async fn a_custom_token_becomes_the_device_token_and_is_taken_once() {
    let service = Service::mock(telematics_mock::MockServer::builder()).await;
    let body = json!({ "CustomToken": "0CB3A5B2-60D0-4B1E-9C2B-0C5B1B1B1B1B" });
    let tokens = service.register(&body).await;
    assert_eq!(tokens.device_token, "0cb3a5b2-60d0-4b1e-9c2b-0c5b1b1b1b1b");
    service.registration(&body).answer().await.assert_invalid("CustomToken");
    service.registration(&json!({ "CustomToken": "mine" })).answer().await.assert_invalid("CustomToken");
}

#[tokio::test]
async fn many_users_are_registered_alike() {
    let service = Service::start().await;
    let body = json!({ "Quantity": 3, "CustomFields": { "ClientId": "batch", "EnableTracking": "false" } });
    let answer = service.post(MANY, &body).instance(&service).answer().await;
    let users: Vec<Tokens> = answer.result().as_array().unwrap().iter().map(Tokens::of).collect();
    assert_eq!(users.len(), 3);
    for user in &users {
        let profile = service.profile(&user.access_token).await;
        assert_eq!(profile.result()["DeviceToken"], user.device_token);
        assert_eq!(profile.result()["UserFields"][0]["ClientId"], "batch");
        assert_eq!(profile.result()["UserFields"][0]["EnableTracking"], false);
    }
}

#[tokio::test]
async fn many_users_can_be_registered_without_tokens() {
    let service = Service::start().await;
    let body = json!({ "Quantity": "2", "CreateAccessToken": false });
    let answer = service.post(MANY, &body).instance(&service).answer().await;
    assert_eq!(answer.result()[1]["AccessToken"], Value::Null);
}

#[tokio::test]
async fn a_quantity_that_is_missing_or_out_of_range_is_422() {
    let service = Service::start().await;
    for body in [
        json!({}),
        json!({ "Quantity": 0 }),
        json!({ "Quantity": 10_001 }),
        json!({ "Quantity": -1 }),
        json!({ "Quantity": 4_294_967_297_u64 }),
        json!({ "Quantity": 1.5 }),
        json!({ "Quantity": null }),
    ] {
        service.post(MANY, &body).instance(&service).answer().await.assert_invalid("Quantity");
    }
}
