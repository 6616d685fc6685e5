//! A user's own record.

use serde_json::{Value, json};
use telematics_contract_tests::Service;

#[tokio::test]
async fn a_record_has_every_field_of_the_vendors_record() {
    let service = Service::any().await;
    let tokens = service.register(&json!({})).await;
    let answer = service.profile(&tokens.access_token).await;
    let record = answer.result();
    let names = |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(
        names(record),
        [
            "AccountInfo",
            "ActivityStatus",
            "DateCreated",
            "DeviceToken",
            "IdentityId",
            "IdentityProvider",
            "MobileDevice",
            "Status",
            "UserFields",
            "UserProfile",
            "UserWallets"
        ]
    );
    assert_eq!(record["Status"], "Active");
    assert_eq!(record["ActivityStatus"], "No Data");
    assert_eq!(record["MobileDevice"]["VirtualImei"], "000000000000000");
    assert_eq!(record["UserProfile"]["Gender"], "None");
    assert_eq!(record["UserWallets"], json!([]));
    assert_eq!(record["AccountInfo"]["InstanceId"], service.instance_id);
    assert_eq!(record["AccountInfo"]["InstanceName"], Value::Null);
    let created = record["DateCreated"].as_str().unwrap();
    assert!(created.contains('T') && !created.ends_with('Z'), "{created}");
}

#[tokio::test]
async fn an_update_changes_the_given_fields_and_returns_no_data() {
    let service = Service::any().await;
    let tokens = service.register(&json!({ "FirstName": "Ada", "City": "London" })).await;
    let body = json!({ "City": "Paris", "UserFields": { "EnableLogging": true }, "ExternalImageUrl": "https://e.example/x",
        "IdentityId": "id-1", "IdentityProvider": "idp" });
    let answer = service.update(&tokens.access_token, &body).await;
    assert_eq!(answer.body, json!({ "Status": 200, "Title": "", "Errors": [] }));
    let answer = service.profile(&tokens.access_token).await;
    let record = answer.result();
    assert_eq!(record["UserProfile"]["FirstName"], "Ada");
    assert_eq!(record["UserProfile"]["City"], "Paris");
    assert_eq!(record["UserProfile"]["ExternalImageUrl"], "https://e.example/x");
    assert_eq!(record["UserFields"][0]["EnableLogging"], true);
    assert_eq!(record["UserFields"][0]["EnableTracking"], true);
    assert_eq!((&record["IdentityId"], &record["IdentityProvider"]), (&json!("id-1"), &json!("idp")));
}

#[tokio::test]
async fn a_refused_update_changes_nothing() {
    let service = Service::any().await;
    let tokens = service.register(&json!({ "City": "London" })).await;
    let body = json!({ "City": "Paris", "Birthday": "never" });
    service.update(&tokens.access_token, &body).await.assert_invalid("Birthday");
    let body = json!({ "City": "Paris", "NewPassword": "new" });
    service.update(&tokens.access_token, &body).await.assert_invalid("OldPassword");
    assert_eq!(service.profile(&tokens.access_token).await.result()["UserProfile"]["City"], "London");
}

#[tokio::test]
async fn every_call_of_a_deactivated_user_is_403() {
    for body in [json!({ "UserFields": { "Enabled": false } }), json!({ "Status": "deactivated" })] {
        let service = Service::any().await;
        let tokens = service.register(&json!({})).await;
        service.update(&tokens.access_token, &body).await.assert_success();
        service.profile(&tokens.access_token).await.assert_failure(403);
        service.refresh(&tokens).await.assert_failure(403);
        service.login(&tokens.device_token).await.assert_failure(403);
    }
}

#[tokio::test]
async fn every_call_of_a_softly_deleted_user_is_401() {
    let service = Service::any().await;
    let tokens = service.register(&json!({})).await;
    service.update(&tokens.access_token, &json!({ "Status": "Deleted" })).await.assert_success();
    service.profile(&tokens.access_token).await.assert_failure(401);
    service.refresh(&tokens).await.assert_failure(401);
    service.login(&tokens.device_token).await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn without_user_self_service_only_admins_read_and_change_records() {
    let service = Service::mock().with(json!({ "userSelfService": false })).await;
    let tokens = service.register(&json!({})).await;
    service.profile(&tokens.access_token).await.assert_failure(403);
    for body in [json!({ "City": "Paris" }), json!({ "Gender": "x" }), json!({ "NewPassword": "p" })] {
        service.update(&tokens.access_token, &body).await.assert_failure(403);
    }
    let legacy =
        service.get("/v1/Management/users").header("DeviceToken", &tokens.device_token).with_instance(&service);
    legacy.answer().await.assert_failure(403);
    let admin = service.admin().await;
    service.manage(&admin, &tokens.device_token, &json!({ "City": "Paris" })).await.assert_success();
    service.refresh(&tokens).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_user_without_a_picture_has_the_url_of_the_default_picture() {
    let service = Service::mock().await;
    let (admin, tokens) = (service.admin().await, service.register(&json!({})).await);
    let url = format!("{}/Files/DefaultImages/ic_no_avatar_white.png", service.url());
    let own = service.profile(&tokens.access_token).await;
    assert_eq!(own.result()["UserProfile"]["ImageUrl"], url);
    let find = format!("/v1/Management/users/find?DeviceToken={}", tokens.device_token);
    let found = service.get(&find).bearer(&admin).answer().await;
    assert_eq!(found.result()[0]["UserProfile"]["ImageUrl"], url);
    let page = service.post("/v1/Management/users/GetFilteredPage", &json!({})).bearer(&admin).answer().await;
    assert_eq!(page.result()["Users"][0]["UserProfile"]["ImageUrl"], url);
    let picture = service.get_url(&url).answer().await;
    assert_eq!((picture.status.as_u16(), picture.header("content-type")), (200, "image/png"));
    assert!(picture.bytes.starts_with(b"\x89PNG\r\n\x1a\n"));
    let own_picture = json!({ "ImageUrl": "https://pictures.example/1.png" });
    service.update(&tokens.access_token, &own_picture).await.assert_success();
    let own = service.profile(&tokens.access_token).await;
    assert_eq!(own.result()["UserProfile"]["ImageUrl"], "https://pictures.example/1.png");
}
