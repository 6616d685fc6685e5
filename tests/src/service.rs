//! The service that a test calls.

use std::fmt::Debug;

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::answer::{Answer, Tokens};
use crate::known::{ADMIN_EMAIL, ADMIN_PASSWORD, Instance, InstanceCredentials};
use crate::request::Request;

/// A service, and the instance that it is tested with.
#[derive(Debug)]
pub struct Service {
    http: Client,
    url: String,
    /// The id of the instance.
    pub instance_id: String,
    /// The key of the instance.
    pub instance_key: String,
    /// The server of a service that a test started for itself; dropping it stops the server.
    _server: Option<Box<dyn RunningServer>>,
}

/// A server that runs until it is dropped.
pub(crate) trait RunningServer: Debug + Send + Sync {}

impl InstanceCredentials for Service {
    fn instance_id(&self) -> &str {
        &self.instance_id
    }

    fn instance_key(&self) -> &str {
        &self.instance_key
    }
}

impl Service {
    /// The service at a URL, tested with one of its instances.
    #[must_use]
    pub fn at(url: &str, instance_id: &str, instance_key: &str) -> Self {
        Self {
            http: Client::new(),
            url: url.trim_end_matches('/').to_owned(),
            instance_id: instance_id.to_owned(),
            instance_key: instance_key.to_owned(),
            _server: None,
        }
    }

    /// The same service, which keeps its server running.
    pub(crate) fn keeping(self, server: impl RunningServer + 'static) -> Self {
        Self { _server: Some(Box::new(server)), ..self }
    }

    /// The base URL, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A request with a method and a path below the base URL.
    ///
    /// # Panics
    ///
    /// The method is not valid.
    pub fn request(&self, method: &str, path: &str) -> Request {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        Request(self.http.request(method, format!("{}{path}", self.url)))
    }

    /// A `GET`.
    pub fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    /// A `GET` of a whole URL, for example of a picture.
    pub fn get_url(&self, url: &str) -> Request {
        Request(self.http.get(url))
    }

    /// A `POST` with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Request {
        self.request("POST", path).json(body)
    }

    /// A `PUT` with a JSON body.
    pub fn put(&self, path: &str, body: &Value) -> Request {
        self.request("PUT", path).json(body)
    }

    /// A registration in the instance of the service.
    pub fn registration(&self, body: &Value) -> Request {
        self.post("/v1/Registration/Create", body).with_instance(self)
    }

    /// Registers a user in the instance of the service.
    pub async fn register(&self, body: &Value) -> Tokens {
        self.registration(body).answer().await.tokens()
    }

    /// Logs a user in by device token.
    pub async fn login(&self, device_token: &str) -> Answer {
        let body = json!({ "LoginFields": { "Devicetoken": device_token }, "Password": self.instance_key });
        self.post("/v1/Auth/Login", &body).header("InstanceId", &self.instance_id).answer().await
    }

    /// A login with these fields and this password, with or without an `InstanceId`.
    pub fn sign_in(&self, instance: Option<&Instance>, fields: &Value, password: &str) -> Request {
        let request = self.post("/v1/Auth/Login", &json!({ "LoginFields": fields, "Password": password }));
        match instance {
            Some(instance) => request.header("InstanceId", instance.id),
            None => request,
        }
    }

    /// Logs in as the admin that every mock server has at the start, and returns the access token.
    ///
    /// # Panics
    ///
    /// The login fails.
    pub async fn admin(&self) -> String {
        let answer = self.sign_in(None, &json!({ "Email": ADMIN_EMAIL }), ADMIN_PASSWORD).answer().await;
        answer.result()["AccessToken"]["Token"].as_str().expect("an admin's access token").to_owned()
    }

    /// Refreshes a pair of tokens.
    pub async fn refresh(&self, tokens: &Tokens) -> Answer {
        let body = json!({ "AccessToken": tokens.access_token, "RefreshToken": tokens.refresh_token });
        self.post("/v1/Auth/RefreshToken", &body).answer().await
    }

    /// Reads the record of the user who owns the access token.
    pub async fn profile(&self, access_token: &str) -> Answer {
        self.get("/v1/Management/users").bearer(access_token).answer().await
    }

    /// Changes the record of the user who owns the access token.
    pub async fn update(&self, access_token: &str, body: &Value) -> Answer {
        self.put("/v1/Management/users", body).bearer(access_token).answer().await
    }

    /// Changes the record of a user with the access token of an admin.
    pub async fn manage(&self, admin: &str, device_token: &str, body: &Value) -> Answer {
        let request = self.put("/v1/Management/users", body).bearer(admin);
        request.header("UserDeviceToken", device_token).answer().await
    }

    /// The messages in the outbox of the mock for one address, the newest first.
    ///
    /// # Panics
    ///
    /// The service has no outbox.
    pub async fn outbox(&self, to: &str) -> Vec<Value> {
        let answer = self.get("/__mock/outbox").query(&[("to", to)]).answer().await;
        answer.body.as_array().expect("a list of messages").clone()
    }

    /// Moves the mock's clock forward, and returns the answer of the control API.
    ///
    /// # Panics
    ///
    /// The control API refuses.
    pub async fn advance(&self, period: &str) -> Value {
        let answer = self.post("/__mock/clock", &json!({ "advance": period })).answer().await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        answer.body
    }

    /// Expires tokens of a user through the mock's control API. `which` is `access`, `refresh` or `all`.
    ///
    /// # Panics
    ///
    /// The control API refuses.
    pub async fn expire(&self, device_token: &str, which: &str) {
        let body = json!({ "deviceToken": device_token, "which": which });
        let answer = self.post("/__mock/tokens/expire", &body).answer().await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
    }
}
