//! `GET /v1/Management/users/find`: finding users by exact criteria.

use serde_json::{Value, json};
use telematics_contract_tests::{Answer, NOBODY, Service, UBI};

const FIND: &str = "/v1/Management/users/find";

struct Two {
    service: Service,
    admin: String,
    ada: String,
    bob: String,
}

impl Two {
    async fn known() -> Self {
        let service = Service::mock().await;
        let admin = service.admin().await;
        let ada = json!({ "FirstName": "Ada", "LastName": "Lovelace", "Email": "ada@example.com", "Phone": "+1",
            "UserFields": { "ClientId": "c-1" } });
        let bob = json!({ "FirstName": "Bob", "LastName": "Lovelace", "Email": "bob@example.com", "Phone": "+2",
            "UserFields": { "ClientId": "c-2" } });
        let ada = service.register(&ada).await.device_token;
        let bob =
            service.post("/v1/Registration/Create", &bob).with_instance(&UBI).answer().await.tokens().device_token;
        Self { service, admin, ada, bob }
    }

    async fn ask(&self, query: &[(&str, &str)]) -> Answer {
        self.service.get(FIND).query(query).bearer(&self.admin).answer().await
    }

    async fn found(&self, query: &[(&str, &str)]) -> Vec<String> {
        let answer = self.ask(query).await;
        let users = answer.result().as_array().expect("always an array");
        users.iter().map(|user| user["DeviceToken"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn every_criterion_finds_the_matching_user() {
    let two = Two::known().await;
    let (ada, bob) = (two.ada.as_str(), two.bob.as_str());
    let whole = ["DeviceToken", "Email", "Phone", "ClientId", "FirstName", "FullName"];
    for (name, (of_ada, of_bob)) in whole.into_iter().zip([
        (ada, bob),
        ("ada@example.com", "bob@example.com"),
        ("+1", "+2"),
        ("c-1", "c-2"),
        ("Ada", "Bob"),
        ("Ada Lovelace", "Bob Lovelace"),
    ]) {
        assert_eq!(two.found(&[(name, of_ada)]).await, [ada], "{name}");
        assert_eq!(two.found(&[(name, of_bob)]).await, [bob], "{name}");
    }
    assert_eq!(two.found(&[("LastName", "Lovelace")]).await.len(), 2);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_user_must_match_every_given_criterion() {
    let two = Two::known().await;
    assert_eq!(two.found(&[("LastName", "Lovelace"), ("FirstName", "Bob")]).await, [two.bob.as_str()]);
    assert!(two.found(&[("FirstName", "Ada"), ("Phone", "+2")]).await.is_empty());
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn values_and_query_names_match_in_any_letter_case() {
    let two = Two::known().await;
    for (name, value) in [
        ("email", "ADA@example.com"),
        ("FIRSTNAME", "ada"),
        ("fullName", "ada LOVELACE"),
        ("devicetoken", &two.ada.to_uppercase()),
        ("ClientID", "c-1"),
    ] {
        assert_eq!(two.found(&[(name, value)]).await, [two.ada.as_str()], "{name}");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_unknown_user_is_an_empty_array() {
    let two = Two::known().await;
    for (name, value) in [("DeviceToken", NOBODY), ("DeviceToken", "nonsense"), ("Email", "ada"), ("FullName", "Ada")] {
        assert_eq!(two.ask(&[(name, value)]).await.result(), &json!([]), "{name}={value}");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_query_without_a_criterion_is_422() {
    let two = Two::known().await;
    for query in [&[][..], &[("IncludeAccountInfo", "true")], &[("Email", "")], &[("Email", " "), ("Shoe", "44")]] {
        two.ask(query).await.assert_failure(422);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_account_has_names_only_with_include_account_info() {
    let two = Two::known().await;
    let account = async |query: &[(&str, &str)]| two.ask(query).await.result()[0]["AccountInfo"].clone();
    let with = account(&[("FirstName", "Bob"), ("IncludeAccountInfo", "true")]).await;
    assert_eq!(with["InstanceName"], UBI.name);
    assert_eq!((&with["CompanyName"], &with["ApplicationName"]), (&json!("Demo Company"), &json!("Demo App")));
    for without in [&[("FirstName", "Bob")][..], &[("FirstName", "Bob"), ("IncludeAccountInfo", "False")]] {
        let without = account(without).await;
        assert_eq!(without["InstanceId"], UBI.id);
        assert_eq!(without["CompanyId"], with["CompanyId"]);
        for name in ["CompanyName", "ApplicationName", "InstanceName"] {
            assert_eq!(without[name], Value::Null);
        }
    }
    two.ask(&[("FirstName", "Bob"), ("IncludeAccountInfo", "maybe")]).await.assert_invalid("IncludeAccountInfo");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_answer_contains_the_whole_record() {
    let two = Two::known().await;
    let tokens = two.service.login(&two.ada).await.tokens();
    let own = two.service.profile(&tokens.access_token).await;
    assert_eq!(&two.ask(&[("DeviceToken", &two.ada)]).await.result()[0], own.result());
}
