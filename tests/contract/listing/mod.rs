//! `POST /v1/Management/users/GetFilteredPage`: listing users page by page.

mod filters;
mod paging;
mod sorting;

use serde_json::{Value, json};
use telematics_contract_tests::{Answer, Service, UBI};

/// A service with registered users, and an admin who lists them.
struct List {
    service: Service,
    admin: String,
}

impl List {
    /// Registers users with these bodies in the instance without passwords, one per minute.
    async fn with(bodies: &[Value]) -> Self {
        let service = Service::mock().frozen().await;
        let admin = service.admin().await;
        for body in bodies {
            service.register(body).await;
            service.advance("60s").await;
        }
        Self { service, admin }
    }

    /// Registers another user in the instance with passwords.
    async fn and_in_ubi(self, body: &Value) -> Self {
        self.service.post("/v1/Registration/Create", body).with_instance(&UBI).answer().await.assert_success();
        self
    }

    async fn ask(&self, body: &Value) -> Answer {
        self.service.post("/v1/Management/users/GetFilteredPage", body).bearer(&self.admin).answer().await
    }

    /// The nicknames of the listed users, in their order.
    async fn nicknames(&self, body: &Value) -> Vec<String> {
        let answer = self.ask(body).await;
        let users = answer.result()["Users"].as_array().expect("users");
        users.iter().map(|user| user["UserProfile"]["Nickname"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn without_filters_the_first_page_of_all_users_is_listed() {
    let list = List::with(&[json!({ "Nickname": "a" }), json!({ "Nickname": "b" })]).await;
    let list = list.and_in_ubi(&json!({ "Nickname": "c", "Phone": "+1" })).await;
    assert_eq!(list.nicknames(&json!({})).await, ["a", "b", "c"]);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_page_contains_whole_records() {
    let list = List::with(&[]).await;
    let user = list.service.register(&json!({ "Nickname": "a" })).await;
    let mut own = list.service.profile(&user.access_token).await.result().clone();
    // Two fields differ in the vendor's sample of a page.
    (own["UserWallets"], own["MobileDevice"]["OsType"]) = (Value::Null, json!(""));
    let answer = list.ask(&json!({})).await;
    assert_eq!(answer.result()["Users"][0], own);
    let answer = list.ask(&json!({ "IncludeAccountInfo": true })).await;
    assert_eq!(answer.result()["Users"][0]["AccountInfo"]["InstanceName"], "Demo");
}
