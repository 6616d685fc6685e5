//! Calls of the control API, and an instance that belongs to one test.

use serde_json::{Value, json};
use telematics_contract_tests::{Answer, Service, Tokens};

/// Makes a control call that must succeed, and returns its JSON.
pub(crate) async fn control(service: &Service, method: &str, path: &str, body: &Value) -> Value {
    let answer = ask(service, method, path, body).await;
    assert!(answer.status.is_success(), "{method} {path}: {} {:?}", answer.status, answer.body);
    answer.body
}

/// Makes a control call.
pub(crate) async fn ask(service: &Service, method: &str, path: &str, body: &Value) -> Answer {
    service.request(method, &format!("/__mock{path}")).json(body).answer().await
}

/// Everything of a server that a control call can change, to check that a call has changed nothing.
pub(crate) async fn everything(service: &Service) -> Vec<Value> {
    let mut all = Vec::new();
    for path in ["/state", "/clock", "/faults", "/barriers", "/settings", "/requests", "/outbox"] {
        all.push(control(service, "GET", path, &Value::Null).await);
    }
    all
}

/// An instance that belongs to one test.
pub(crate) struct OwnInstance {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) invite_code: String,
    pub(crate) admin: Value,
}

impl OwnInstance {
    /// Creates the instance; `body` is the body of `POST /__mock/instances`.
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

    /// Makes a control call in the scope of this instance. It must succeed.
    pub(crate) async fn control(&self, service: &Service, method: &str, path: &str, body: &Value) -> Value {
        control(service, method, &self.path(path), body).await
    }

    /// Registers a user in this instance.
    pub(crate) async fn register(&self, service: &Service) -> Tokens {
        self.register_with(service, &json!({})).await.tokens()
    }

    /// Registers a user with this body in this instance.
    pub(crate) async fn register_with(&self, service: &Service, body: &Value) -> Answer {
        let request = service.post("/v1/Registration/Create", body);
        request.header("InstanceId", &self.id).header("InstanceKey", &self.key).answer().await
    }

    /// The number of requests to a path in the journal of this instance.
    pub(crate) async fn count(&self, service: &Service, path: &str) -> usize {
        let found = self.control(service, "GET", &format!("/requests?path={path}"), &Value::Null).await;
        found.as_array().unwrap().len()
    }
}
