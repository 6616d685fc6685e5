//! `PUT /v1/Management/users`: changing a record.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use telematics_contract_tests::{DEMO, Service, UBI};

const USERS: &str = "/v1/Management/users";

#[tokio::test]
async fn every_field_of_an_update_is_read_back() {
    let service = Service::any().await;
    let tokens = service.register(&json!({})).await;
    let given = json!({
        "FirstName": "Ada", "LastName": "Lovelace", "Nickname": "ada", "Phone": "+44123", "Email": "ada@example.com",
        "Gender": "Female", "MaritalStatus": "1", "ChildrenCount": 3, "Country": "GB", "District": "Middlesex",
        "City": "London", "Address": "12 St James's Square", "ImageUrl": "https://example.com/ada.png",
        "ExternalImageUrl": "https://example.com/external.png", "Birthday": "1815-12-10T00:00:00",
    });
    let mut body = given.clone();
    body["UserFields"] = json!({ "EnableTracking": false, "EnableLogging": true, "EnableRealTimeLocation": true,
        "Enabled": true, "ClientId": "c-1" });
    body["IdentityId"] = json!("id-1");
    body["IdentityProvider"] = json!("idp");
    service.update(&tokens.access_token, &body).await.assert_success();
    let answer = service.profile(&tokens.access_token).await;
    let record = answer.result();
    assert_eq!(record["UserProfile"], given);
    assert_eq!(record["UserFields"], json!([body["UserFields"]]));
    assert_eq!((&record["IdentityId"], &record["IdentityProvider"]), (&json!("id-1"), &json!("idp")));
}

#[tokio::test]
async fn the_fields_that_only_a_registration_has_are_ignored() {
    let service = Service::any().await;
    let tokens = service.register(&json!({})).await;
    let body =
        json!({ "CustomToken": DEMO.id, "InstanceInviteCode": UBI.invite_code, "CreateAccessToken": "nonsense" });
    service.update(&tokens.access_token, &body).await.assert_success();
    let answer = service.profile(&tokens.access_token).await;
    assert_eq!(answer.result()["DeviceToken"], tokens.device_token);
    assert_eq!(answer.result()["AccountInfo"]["InstanceId"], service.instance_id);
}

#[tokio::test]
async fn changed_telematics_parameters_are_in_the_next_jwt() {
    let service = Service::any().await;
    let tokens = service.register(&json!({})).await;
    let body = json!({ "UserFields": { "EnableTracking": false, "EnableRealTimeLocation": true, "ClientId": "c-1" } });
    service.update(&tokens.access_token, &body).await.assert_success();
    let jwt = service.refresh(&tokens).await.tokens().access_token;
    let claims = BASE64_URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["SdkEnableTracking"], "False");
    assert_eq!(claims["SdkEnableRealTimeLocation"], "True");
    assert_eq!(claims["SdkEnableLogging"], "False");
    assert_eq!(claims["SdkClientId"], "c-1");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_admin_changes_the_user_that_the_header_names() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let (ada, bob) = (service.register(&json!({})).await, service.register(&json!({})).await);
    let answer = service.manage(&admin, &ada.device_token.to_uppercase(), &json!({ "City": "Paris" })).await;
    assert_eq!(answer.body, json!({ "Status": 200, "Title": "", "Errors": [] }));
    assert_eq!(service.profile(&ada.access_token).await.result()["UserProfile"]["City"], "Paris");
    assert_eq!(service.profile(&bob.access_token).await.result()["UserProfile"]["City"], Value::Null);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_admins_update_without_the_header_is_422() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    for request in [service.put(USERS, &json!({})), service.put(USERS, &json!({})).header("UserDeviceToken", "")] {
        request.bearer(&admin).answer().await.assert_invalid("UserDeviceToken");
    }
}

#[tokio::test]
async fn a_user_who_names_another_user_changes_only_the_own_record() {
    let service = Service::any().await;
    let (ada, bob) = (service.register(&json!({})).await, service.register(&json!({})).await);
    let request = service.put(USERS, &json!({ "City": "Paris" })).bearer(&ada.access_token);
    request.header("UserDeviceToken", &bob.device_token).answer().await.assert_success();
    assert_eq!(service.profile(&ada.access_token).await.result()["UserProfile"]["City"], "Paris");
    assert_eq!(service.profile(&bob.access_token).await.result()["UserProfile"]["City"], Value::Null);
}

#[tokio::test]
async fn an_invalid_field_of_an_update_is_reported() {
    let service = Service::any().await;
    let tokens = service.register(&json!({})).await;
    for (body, key) in [
        (json!({ "Status": "Paused" }), "Status"),
        (json!({ "Gender": "Robot" }), "Gender"),
        (json!({ "UserFields": { "Enabled": 1 } }), "UserFields.Enabled"),
        (json!({ "IdentityId": 7 }), "IdentityId"),
        (json!({ "ExternalImageUrl": [] }), "ExternalImageUrl"),
        (json!({ "OldPassword": {} }), "OldPassword"),
    ] {
        service.update(&tokens.access_token, &body).await.assert_invalid(key);
    }
}

#[tokio::test]
async fn an_update_without_a_body_is_400() {
    let service = Service::any().await;
    let tokens = service.register(&json!({})).await;
    let request = service.request("PUT", USERS).bearer(&tokens.access_token).text("application/json", "");
    request.answer().await.assert_failure(400);
    service.update(&tokens.access_token, &json!({})).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_admin_changes_the_user_that_the_path_names() {
    let service = Service::mock().await;
    let (admin, user) = (service.admin().await, service.register(&json!({})).await);
    let path = format!("{USERS}/{}", user.device_token);
    let body = json!({ "UserFields": [{ "EnableRealTimeLocation": true }], "City": "Paris" });
    let answer = service.put(&path, &body).bearer(&admin).answer().await;
    assert_eq!(answer.body, json!({ "Status": 200, "Title": "", "Errors": [] }));
    let record = service.profile(&user.access_token).await.result().clone();
    assert_eq!(record["UserFields"][0]["EnableRealTimeLocation"], true);
    assert_eq!(
        (&record["UserFields"][0]["EnableTracking"], &record["UserProfile"]["City"]),
        (&json!(true), &json!("Paris"))
    );
    service.put(&format!("{USERS}/nonsense"), &body).bearer(&admin).answer().await.assert_failure(404);
}

#[tokio::test]
async fn user_fields_may_be_an_array_of_objects_in_an_update() {
    let service = Service::any().await;
    let user = service.register(&json!({})).await;
    let fields = json!([{ "EnableLogging": true, "ClientId": "a" }, { "ClientId": "b" }]);
    service.update(&user.access_token, &json!({ "userFields": fields })).await.assert_success();
    let record = service.profile(&user.access_token).await.result().clone();
    assert_eq!(
        (&record["UserFields"][0]["EnableLogging"], &record["UserFields"][0]["ClientId"]),
        (&json!(true), &json!("b"))
    );
    for wrong in [json!([1]), json!("x")] {
        service.update(&user.access_token, &json!({ "UserFields": wrong })).await.assert_invalid("UserFields");
    }
}

#[tokio::test]
async fn a_nested_user_profile_is_ignored_in_an_update() {
    let service = Service::any().await;
    let user = service.register(&json!({ "City": "London" })).await;
    let body = json!({ "UserProfile": { "City": "Paris" } });
    service.update(&user.access_token, &body).await.assert_success();
    assert_eq!(service.profile(&user.access_token).await.result()["UserProfile"]["City"], "London");
}
