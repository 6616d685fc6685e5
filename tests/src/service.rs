//! A service to ask.

use std::env;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use telematics_mock::service::Settings;
use telematics_mock::service::time::Timestamp;
use telematics_mock::{MockServer, MockServerBuilder};

use crate::{ADMIN_EMAIL, ADMIN_PASSWORD, Answer, DEMO, Instance, Multipart, Tokens};

/// A service to ask, and an instance of it to ask about.
#[derive(Debug)]
pub struct Service {
    http: Client,
    url: String,
    /// The id of the instance.
    pub instance_id: String,
    /// The key of the instance.
    pub instance_key: String,
    mock: Option<MockServer>,
}

/// A request on its way.
#[derive(Debug)]
#[must_use = "a request is sent by `answer`"]
pub struct Request(RequestBuilder);

/// `2026-01-01T00:00:00Z`, where the clock of a frozen service stands.
const NEW_YEAR: Timestamp = Timestamp::from_seconds(1_767_225_600);

impl Service {
    /// The service that the environment names, else a mock server of the test's own.
    ///
    /// # Panics
    ///
    /// The environment names half a service, or no server could be started.
    pub async fn start() -> Self {
        let Ok(url) = env::var("TELEMATICS_URL") else { return Self::mock(MockServer::builder()).await };
        let given = |name: &str| env::var(name).unwrap_or_else(|_| panic!("TELEMATICS_URL needs {name} beside it"));
        Self {
            http: Client::new(),
            url: url.trim_end_matches('/').to_owned(),
            instance_id: given("TELEMATICS_INSTANCE_ID"),
            instance_key: given("TELEMATICS_INSTANCE_KEY"),
            mock: None,
        }
    }

    /// A mock server of the test's own, whatever the environment says: for tests of what only a mock can do.
    ///
    /// # Panics
    ///
    /// No server could be started.
    pub async fn mock(builder: MockServerBuilder) -> Self {
        let mock = builder.start().await.expect("a free port");
        Self {
            http: Client::new(),
            url: mock.uri(),
            instance_id: DEMO.id.to_owned(),
            instance_key: DEMO.key.to_owned(),
            mock: Some(mock),
        }
    }

    /// A mock server of the test's own, as it comes.
    pub async fn fresh() -> Self {
        Self::mock(MockServer::builder()).await
    }

    /// A mock server of the test's own whose clock stands still at the start of 2026 until it is moved.
    pub async fn frozen() -> Self {
        Self::set(Settings::default()).await
    }

    /// A frozen mock server with other settings.
    pub async fn set(settings: Settings) -> Self {
        Self::mock(MockServer::builder().settings(settings).clock(NEW_YEAR)).await
    }

    /// Where the service is reached, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether time and tokens can be controlled; says so on standard error where they cannot.
    #[must_use]
    pub fn is_controlled(&self) -> bool {
        if self.mock.is_none() {
            eprintln!("passed over: needs the mock's control API");
        }
        self.mock.is_some()
    }

    /// A request with a method and a path.
    pub fn request(&self, method: &str, path: &str) -> Request {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        Request(self.http.request(method, format!("{}{path}", self.url)))
    }

    /// A `GET`.
    pub fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    /// A `POST` with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Request {
        self.request("POST", path).json(body)
    }

    /// A `PUT` with a JSON body.
    pub fn put(&self, path: &str, body: &Value) -> Request {
        self.request("PUT", path).json(body)
    }

    /// A registration with the headers of the instance.
    pub fn registration(&self, body: &Value) -> Request {
        self.post("/v1/Registration/Create", body).instance(self)
    }

    /// Registers a user.
    pub async fn register(&self, body: &Value) -> Tokens {
        self.registration(body).answer().await.tokens()
    }

    /// Logs a user in by device token.
    pub async fn login(&self, device_token: &str) -> Answer {
        let body = json!({ "LoginFields": { "DeviceToken": device_token }, "Password": self.instance_key });
        self.post("/v1/Auth/Login", &body).header("InstanceId", &self.instance_id).answer().await
    }

    /// Asks for a login with these fields and that password, at an instance or at none.
    pub fn sign_in(&self, instance: Option<&Instance>, fields: &Value, password: &str) -> Request {
        let request = self.post("/v1/Auth/Login", &json!({ "LoginFields": fields, "Password": password }));
        match instance {
            Some(instance) => request.header("InstanceId", instance.id),
            None => request,
        }
    }

    /// The access token of the mock's well-known admin.
    pub async fn admin(&self) -> String {
        let answer = self.sign_in(None, &json!({ "Email": ADMIN_EMAIL }), ADMIN_PASSWORD).answer().await;
        answer.result()["AccessToken"]["Token"].as_str().expect("an admin's access token").to_owned()
    }

    /// Refreshes a pair of tokens.
    pub async fn refresh(&self, tokens: &Tokens) -> Answer {
        let body = json!({ "AccessToken": tokens.access_token, "RefreshToken": tokens.refresh_token });
        self.post("/v1/Auth/RefreshToken", &body).answer().await
    }

    /// Reads the user's own record.
    pub async fn profile(&self, access_token: &str) -> Answer {
        self.get("/v1/Management/users").bearer(access_token).answer().await
    }

    /// Changes the user's own record.
    pub async fn update(&self, access_token: &str, body: &Value) -> Answer {
        self.put("/v1/Management/users", body).bearer(access_token).answer().await
    }

    /// Changes any user's record as an admin.
    pub async fn manage(&self, admin: &str, device_token: &str, body: &Value) -> Answer {
        let request = self.put("/v1/Management/users", body).bearer(admin);
        request.header("UserDeviceToken", device_token).answer().await
    }

    /// The messages the mock "sent" to that address, the newest first.
    pub async fn outbox(&self, to: &str) -> Vec<Value> {
        let answer = self.get("/__mock/outbox").query(&[("to", to)]).answer().await;
        answer.body.as_array().expect("a list of messages").clone()
    }

    /// Moves the clock forward.
    pub async fn advance(&self, period: &str) -> Value {
        let answer = self.post("/__mock/clock", &json!({ "advance": period })).answer().await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        answer.body
    }

    /// Expires tokens of a user: `access`, `refresh` or `all`.
    pub async fn expire(&self, device_token: &str, which: &str) {
        let body = json!({ "deviceToken": device_token, "which": which });
        let answer = self.post("/__mock/tokens/expire", &body).answer().await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
    }
}

impl Request {
    /// With a header; bytes that are no text are fine.
    pub fn header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        Self(self.0.header(name, value.as_ref()))
    }

    /// With an access token.
    pub fn bearer(self, access_token: &str) -> Self {
        self.header("Authorization", format!("Bearer {access_token}"))
    }

    /// With the headers of an instance.
    pub fn of(self, instance: &Instance) -> Self {
        self.header("InstanceId", instance.id).header("InstanceKey", instance.key)
    }

    /// With the headers of the service's instance.
    pub fn instance(self, service: &Service) -> Self {
        self.header("InstanceId", &service.instance_id).header("InstanceKey", &service.instance_key)
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.text("application/json", body.to_string())
    }

    /// With a query.
    pub fn query(self, pairs: &[(&str, &str)]) -> Self {
        let query = pairs.iter().fold(String::new(), |query, (name, value)| {
            let separator = if query.is_empty() { '?' } else { '&' };
            format!("{query}{separator}{name}={}", percent_encoded(value))
        });
        let (http, request) = self.0.build_split();
        let mut request = request.expect("a request");
        request.url_mut().set_query(Some(query.trim_start_matches('?')));
        Self(RequestBuilder::from_parts(http, request))
    }

    /// With a multipart body.
    pub fn multipart(self, body: &Multipart) -> Self {
        self.text(&body.content_type(), body.bytes())
    }

    /// With any body.
    pub fn text(self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        Self(self.0.header("Content-Type", content_type).body(body))
    }

    /// Sends it.
    pub async fn answer(self) -> Answer {
        Answer::of(self.0.send().await.expect("an answer")).await
    }
}

/// Every byte but letters and digits, so that nobody has to know what a query may hold.
fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            format!("{encoded}{}", char::from(byte))
        } else {
            format!("{encoded}%{byte:02X}")
        }
    })
}
