//! `DELETE /v1/Management/users/{DeviceToken}`: permanent deletion of a user.

use serde_json::json;
use telematics_contract_tests::{Answer, Multipart, Service, UBI};

async fn delete(service: &Service, admin: &str, device_token: &str) -> Answer {
    let path = format!("/v1/Management/users/{device_token}");
    service.request("DELETE", &path).bearer(admin).answer().await
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_deleted_user_is_gone_for_good() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let user = service.register(&json!({})).await;
    let answer = delete(&service, &admin, &user.device_token).await;
    assert_eq!(answer.body, json!({ "Status": 200, "Title": "", "Errors": [] }));
    service.profile(&user.access_token).await.assert_failure(401);
    service.refresh(&user).await.assert_failure(401);
    service.login(&user.device_token).await.assert_failure(401);
    service.manage(&admin, &user.device_token, &json!({ "Status": "Active" })).await.assert_failure(404);
    let query = [("DeviceToken", user.device_token.as_str())];
    let found = service.get("/v1/Management/users/find").query(&query).bearer(&admin).answer().await;
    assert_eq!(found.result(), &json!([]));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn deleting_a_user_again_is_404() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let user = service.register(&json!({})).await.device_token;
    delete(&service, &admin, &user.to_uppercase()).await.assert_success();
    delete(&service, &admin, &user).await.assert_failure(404);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn deleting_a_user_leaves_the_other_users() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let (ada, bob) = (service.register(&json!({})).await, service.register(&json!({})).await);
    delete(&service, &admin, &ada.device_token).await.assert_success();
    service.profile(&bob.access_token).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_user_who_reuses_the_device_token_of_a_deleted_user_is_a_different_user() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let old = service.register(&json!({ "City": "London" })).await;
    delete(&service, &admin, &old.device_token).await.assert_success();
    let new = service.register(&json!({ "CustomToken": old.device_token })).await;
    assert_eq!(new.device_token, old.device_token);
    service.profile(&old.access_token).await.assert_failure(401);
    service.refresh(&old).await.assert_failure(401);
    assert_eq!(service.profile(&new.access_token).await.result()["UserProfile"]["City"], json!(null));
    service.refresh(&new).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_login_of_a_deleted_user_is_free_again() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let create = || {
        service.post("/v1/Registration/Create", &json!({ "Phone": "+1", "Password": "p" })).with_instance(&UBI).answer()
    };
    let user = create().await.tokens();
    create().await.assert_invalid("Phone");
    delete(&service, &admin, &user.device_token).await.assert_success();
    service.sign_in(Some(&UBI), &json!({ "Phone": "+1" }), "p").answer().await.assert_failure(401);
    create().await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_picture_of_a_deleted_user_is_deleted() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let user = service.register(&json!({})).await;
    let picture = Multipart::new("file", b"GIF89a".as_slice());
    let upload = service.request("POST", "/v1/Management/users/images/upload").bearer(&user.access_token);
    let answer = upload.multipart(&picture).answer().await;
    let path =
        answer.result().as_str().unwrap().strip_prefix(service.url()).expect("a picture of this server").to_owned();
    assert_eq!(service.get(&path).answer().await.status, 200);
    delete(&service, &admin, &user.device_token).await.assert_success();
    service.get(&path).answer().await.assert_failure(404);
}
