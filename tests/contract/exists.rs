//! Whether somebody is registered.

use serde_json::json;
use telematics_contract_tests::{Answer, DEMO, NOBODY, Service, UBI};

const EXISTS: &str = "/v1/Check/UserExists";

async fn ask(service: &Service, query: &[(&str, &str)]) -> Answer {
    service.get(EXISTS).query(query).of(&DEMO).answer().await
}

async fn with_ada() -> Service {
    let service = Service::fresh().await;
    let ada = json!({ "FirstName": "Ada", "LastName": "Lovelace", "Nickname": "ada", "Email": "ada@example.com",
        "Phone": "+1", "ImageUrl": "https://example.com/ada.png", "UserFields": { "ClientId": "c-1" } });
    service.register(&ada).await;
    service
}

#[tokio::test]
async fn a_user_exists_by_phone_by_address_and_by_client_id() {
    let service = with_ada().await;
    let expected = json!({ "UserExists": true, "FirstName": "Ada", "LastName": "Lovelace", "Nickname": "ada",
        "ImageUrl": "https://example.com/ada.png" });
    for query in [("Phone", "+1"), ("Email", "ada@example.com"), ("email", "ADA@example.com"), ("ClientID", "c-1")] {
        assert_eq!(ask(&service, &[query]).await.result(), &expected, "{query:?}");
    }
}

#[tokio::test]
async fn who_does_not_exist_is_said_with_200() {
    let service = with_ada().await;
    let expected =
        json!({ "UserExists": false, "FirstName": null, "LastName": null, "Nickname": null, "ImageUrl": null });
    for query in [&[("Phone", "+2")][..], &[("Phone", "+1"), ("Email", "bob@example.com")], &[("ClientId", "C-1")]] {
        assert_eq!(ask(&service, query).await.result(), &expected, "{query:?}");
    }
}

#[tokio::test]
async fn a_user_of_another_instance_does_not_exist() {
    let service = with_ada().await;
    let answer = service.get(EXISTS).query(&[("Phone", "+1")]).of(&UBI).answer().await;
    assert_eq!(answer.result()["UserExists"], false);
}

#[tokio::test]
async fn the_headers_of_the_instance_are_needed() {
    let service = with_ada().await;
    let ask = || service.get(EXISTS).query(&[("Phone", "+1")]);
    ask().header("InstanceKey", DEMO.key).answer().await.assert_invalid("InstanceId");
    ask().header("InstanceId", DEMO.id).answer().await.assert_invalid("InstanceKey");
    ask().header("InstanceId", "x").header("InstanceKey", DEMO.key).answer().await.assert_invalid("InstanceId");
    ask().header("InstanceId", DEMO.id).header("InstanceKey", NOBODY).answer().await.assert_failure(401);
}

#[tokio::test]
async fn asking_for_nobody_in_particular_is_422() {
    let service = with_ada().await;
    for query in [&[][..], &[("Phone", "")], &[("FirstName", "Ada")]] {
        ask(&service, query).await.assert_failure(422);
    }
}
