//! Asking the control API, and an instance of a test's own.

use serde_json::{Value, json};
use telematics_contract_tests::{Answer, Service, Tokens};
use telematics_mock::MockServer;

/// A server of the test's own.
pub(crate) async fn server() -> Service {
    Service::mock(MockServer::builder()).await
}

/// A control call that must succeed.
pub(crate) async fn control(service: &Service, method: &str, path: &str, body: &Value) -> Value {
    let answer = ask(service, method, path, body).await;
    assert!(answer.status.is_success(), "{method} {path}: {} {:?}", answer.status, answer.body);
    answer.body
}

/// A control call.
pub(crate) async fn ask(service: &Service, method: &str, path: &str, body: &Value) -> Answer {
    service.request(method, &format!("/__mock{path}")).json(body).answer().await
}

/// An instance of the test's own, and the queries that are about it.
pub(crate) struct Own {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) invite_code: String,
    pub(crate) admin: Value,
}

impl Own {
    pub(crate) async fn create(service: &Service, body: &Value) -> Self {
        let created = control(service, "POST", "/instances", body).await;
        let text = |name: &str| created[name].as_str().unwrap().to_owned();
        Self {
            id: text("instanceId"),
            key: text("instanceKey"),
            invite_code: text("inviteCode"),
            admin: created["admin"].clone(),
        }
    }

    /// The path with this instance as its scope.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{path}{}instance={}", if path.contains('?') { '&' } else { '?' }, self.id)
    }

    pub(crate) async fn control(&self, service: &Service, method: &str, path: &str, body: &Value) -> Value {
        control(service, method, &self.path(path), body).await
    }

    pub(crate) async fn register(&self, service: &Service) -> Tokens {
        self.register_with(service, &json!({})).await.tokens()
    }

    pub(crate) async fn register_with(&self, service: &Service, body: &Value) -> Answer {
        let request = service.post("/v1/Registration/Create", body);
        request.header("InstanceId", &self.id).header("InstanceKey", &self.key).answer().await
    }

    /// How often a path of this instance was asked.
    pub(crate) async fn count(&self, service: &Service, path: &str) -> usize {
        let found = self.control(service, "GET", &format!("/requests?path={path}"), &Value::Null).await;
        found.as_array().unwrap().len()
    }
}
