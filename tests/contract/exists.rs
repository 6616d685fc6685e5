//! `GET /v1/Check/UserExists`: whether a user is registered.

use serde_json::json;
use telematics_contract_tests::{Answer, NOBODY, Service, UBI, unused_uuid};

const EXISTS: &str = "/v1/Check/UserExists";

/// A user whose phone number, address and `ClientId` belong to no other user of the service.
struct Ada {
    phone: String,
    email: String,
    client_id: String,
}

impl Ada {
    async fn register(service: &Service) -> Self {
        let unique = unused_uuid();
        let ada = Self {
            phone: format!("+1 {unique}"),
            email: format!("ada-{unique}@example.com"),
            client_id: format!("c-{unique}"),
        };
        let body = json!({ "FirstName": "Ada", "LastName": "Lovelace", "Nickname": "ada", "Email": ada.email,
            "Phone": ada.phone, "ImageUrl": "https://example.com/ada.png", "UserFields": { "ClientId": ada.client_id } });
        service.register(&body).await;
        ada
    }
}

async fn ask(service: &Service, query: &[(&str, &str)]) -> Answer {
    service.get(EXISTS).query(query).with_instance(service).answer().await
}

#[tokio::test]
async fn a_user_exists_by_phone_by_address_and_by_client_id() {
    let service = Service::any().await;
    let ada = Ada::register(&service).await;
    let expected = json!({ "UserExists": true, "FirstName": "Ada", "LastName": "Lovelace", "Nickname": "ada",
        "ImageUrl": "https://example.com/ada.png" });
    let (email, upper_case) = (ada.email.as_str(), ada.email.to_uppercase());
    for query in [("Phone", ada.phone.as_str()), ("Email", email), ("email", &upper_case), ("ClientID", &ada.client_id)]
    {
        assert_eq!(ask(&service, &[query]).await.result(), &expected, "{query:?}");
    }
}

#[tokio::test]
async fn a_user_who_does_not_exist_is_reported_with_200() {
    let service = Service::any().await;
    let ada = Ada::register(&service).await;
    let expected =
        json!({ "UserExists": false, "FirstName": null, "LastName": null, "Nickname": null, "ImageUrl": null });
    let (other_phone, other_email) = (unused_uuid(), format!("{}@example.com", unused_uuid()));
    let upper_case = ada.client_id.to_uppercase();
    for query in [
        &[("Phone", other_phone.as_str())][..],
        &[("Phone", &ada.phone), ("Email", &other_email)],
        &[("ClientId", &upper_case)],
    ] {
        assert_eq!(ask(&service, query).await.result(), &expected, "{query:?}");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_user_of_another_instance_does_not_exist() {
    let service = Service::mock().await;
    let ada = Ada::register(&service).await;
    let answer = service.get(EXISTS).query(&[("Phone", &ada.phone)]).with_instance(&UBI).answer().await;
    assert_eq!(answer.result()["UserExists"], false);
}

#[tokio::test]
async fn the_headers_of_the_instance_are_required() {
    let service = Service::any().await;
    let (id, key) = (service.instance_id.as_str(), service.instance_key.as_str());
    let ask = || service.get(EXISTS).query(&[("Phone", "+1")]);
    ask().header("InstanceKey", key).answer().await.assert_invalid("InstanceId");
    ask().header("InstanceId", id).answer().await.assert_invalid("InstanceKey");
    ask().header("InstanceId", "x").header("InstanceKey", key).answer().await.assert_invalid("InstanceId");
    ask().header("InstanceId", id).header("InstanceKey", NOBODY).answer().await.assert_failure(401);
}

#[tokio::test]
async fn a_query_without_a_criterion_is_422() {
    let service = Service::any().await;
    for query in [&[][..], &[("Phone", "")], &[("FirstName", "Ada")]] {
        ask(&service, query).await.assert_failure(422);
    }
}
